//! The two numbers of a signature, and what the check makes of them.

use p256::elliptic_curve::PrimeField;
use p256::elliptic_curve::ops::Reduce;
use p256::{FieldBytes, Scalar};

use super::super::der::{Reader, SEQUENCE};
use super::point::{Field, Sum};

/// r and s of a signature, both in [1, n − 1].
pub(super) struct Signature {
    r: [u8; 32],
    s: Scalar,
}

impl Signature {
    /// `SEQUENCE { r INTEGER, s INTEGER }` in DER, nothing after it.
    pub(super) fn parse(der: &[u8]) -> Option<Self> {
        let mut numbers = Reader::new(der).only(SEQUENCE).ok()?;
        let (r, _) = in_range(numbers.positive().ok()?)?;
        let (_, s) = in_range(numbers.positive().ok()?)?;
        numbers.end().ok()?;
        Some(Self { r, s })
    }

    /// r and s, 32 bytes each, big-endian (IEEE 1363).
    pub(super) fn fixed(&self) -> [u8; 64] {
        let mut fixed = [0; 64];
        fixed
            .iter_mut()
            .zip(self.r.into_iter().chain(self.s.to_bytes()))
            .for_each(|(to, from)| *to = from);
        fixed
    }

    /// u₁ = z / s and u₂ = r / s (SEC 1 §4.1.4, step 4).
    pub(super) fn weights(&self, digest: &[u8; 32]) -> (Scalar, Scalar) {
        let inverse = self.s.invert_vartime().unwrap_or(Scalar::ZERO);
        let reduced = |bytes: [u8; 32]| <Scalar as Reduce<FieldBytes>>::reduce(&bytes.into());
        (reduced(*digest) * inverse, reduced(self.r) * inverse)
    }

    /// Whether the sum's x coordinate, reduced modulo n, is r (step 8): x is below p, so it is r or, where that is
    /// below p too, r + n. Nothing where the sum cannot say.
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

/// A number in [1, n − 1], by its digits and as a scalar.
fn in_range(digits: &[u8]) -> Option<([u8; 32], Scalar)> {
    let mut number = [0; 32];
    number
        .get_mut(32_usize.checked_sub(digits.len())?..)?
        .copy_from_slice(digits);
    let scalar = Scalar::from_repr(number.into()).into_option()?;
    (scalar != Scalar::ZERO).then_some((number, scalar))
}
