//! The two numbers of a signature, and what the check makes of them.

use p256::elliptic_curve::PrimeField;
use p256::elliptic_curve::ops::Reduce;
use p256::{FieldBytes, Scalar};

use super::point::{Field, Sum};

/// r and s of a signature, both in [1, n − 1].
pub(super) struct Signature {
    r: [u8; 32],
    s: Scalar,
}

impl Signature {
    /// `SEQUENCE { r INTEGER, s INTEGER }` in DER, nothing after it. X.690 §8.3.2 and §10.1: lengths in their short form,
    /// integers without a superfluous octet.
    pub(super) fn parse(der: &[u8]) -> Option<Self> {
        let ([0x30, length], body) = der.split_first_chunk()? else {
            return None;
        };
        if usize::from(*length) != body.len() || *length >= 0x80 {
            return None;
        }
        let (r, body) = integer(body)?;
        let (s, rest) = integer(body)?;
        let in_range = |number: [u8; 32]| {
            Scalar::from_repr(number.into())
                .into_option()
                .filter(|number| *number != Scalar::ZERO)
        };
        in_range(r)?;
        Some(Self { r, s: in_range(s)? }).filter(|_| rest.is_empty())
    }

    /// u₁ = z / s and u₂ = r / s (SEC 1 §4.1.4, step 4).
    pub(super) fn weights(&self, digest: &[u8; 32]) -> (Scalar, Scalar) {
        let inverse = self.s.invert_vartime().unwrap_or(Scalar::ZERO);
        let reduced = |bytes: [u8; 32]| <Scalar as Reduce<FieldBytes>>::reduce(&bytes.into());
        (reduced(*digest) * inverse, reduced(self.r) * inverse)
    }

    /// Whether the sum's x coordinate, reduced modulo n, is r (step 8): x is below p, so it is r or, where that is below
    /// p too, r + n. Nothing where the sum cannot say.
    pub(super) fn is_x_of(&self, sum: &Sum) -> Option<bool> {
        let r = Field::from_repr(self.r.into()).into_option()?;
        Some(sum.x_is(&r)? || (self.r < above_order() && sum.x_is(&(r + ORDER))?))
    }

    /// r, as the number that x must be congruent to.
    pub(super) fn r(&self) -> Option<Scalar> {
        Scalar::from_repr(self.r.into()).into_option()
    }
}

/// n as an element of the field.
const ORDER: Field = Field::from_hex_vartime(<Scalar as PrimeField>::MODULUS);

/// p − n: so many numbers from n on are below p.
pub(super) fn above_order() -> [u8; 32] {
    (-ORDER).to_repr().into()
}

/// One positive INTEGER of at most 256 bits, and what follows.
fn integer(der: &[u8]) -> Option<([u8; 32], &[u8])> {
    let ([0x02, length], body) = der.split_first_chunk()? else {
        return None;
    };
    let (number, rest) = body.split_at_checked(usize::from(*length))?;
    let number = match number {
        [0, tail @ ..] if tail.first().is_some_and(|first| *first >= 0x80) => tail,
        [1..=0x7f, ..] => number,
        _ => return None,
    };
    let mut padded = [0; 32];
    padded
        .get_mut(32_usize.checked_sub(number.len())?..)?
        .copy_from_slice(number);
    Some((padded, rest))
}
