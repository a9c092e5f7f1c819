//! ECDSA on P-256 with SHA-256 (SEC 1 §4.1.4): whether a signature in strict DER is a key's, over a digest made
//! elsewhere.
//!
//! Everything that enters here is public, so the time it takes may depend on it. A key without a table is checked by
//! ring ([`verify`]). A key that comes often has a [`Table`] and is checked without most of the doublings
//! ([`verify_warm`]): the field, the scalars and the curve are p256's; ours are the order of the additions and the
//! formulas in `point.rs`, with p256's complete formulas behind them for the few sums that they cannot make. Both read
//! a signature by the same strict reader first, so ring only ever sees two numbers in range.

mod bits;
mod comb;
mod point;
mod signature;
#[cfg(test)]
#[expect(clippy::as_conversions, reason = "a test's numbers are small, or meant to be cut")]
mod tests;

use std::sync::LazyLock;

use p256::elliptic_curve::PrimeField;
use p256::elliptic_curve::ops::{MulByGeneratorVartime, Reduce};
use p256::elliptic_curve::point::AffineCoordinates;
use p256::{AffinePoint, FieldBytes, ProjectivePoint, Scalar};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use comb::Comb;
use point::{Affine, Field, Sum};
use signature::Signature;

/// The generator's tables: 96 KiB, made at the first check with a table, in about a millisecond.
type Generator = Comb<10, 3>;

static GENERATOR: LazyLock<Generator> = LazyLock::new(|| Generator::of(&Key::at(&AffinePoint::GENERATOR).point));

/// A public key: a point of the curve, not the point at infinity.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Key {
    point: Affine,
}

impl Key {
    /// The point with these big-endian coordinates; none where one is not below p, or the point is not on the curve.
    pub fn from_coordinates(x: &[u8; 32], y: &[u8; 32]) -> Option<Self> {
        AffinePoint::from_coordinates(&(*x).into(), &(*y).into())
            .into_option()
            .map(|point| Self::at(&point))
    }

    fn at(point: &AffinePoint) -> Self {
        let coordinate = |bytes: FieldBytes| Field::from_repr(bytes).unwrap_or(Field::ZERO);
        Self {
            point: Affine {
                x: coordinate(point.x()),
                y: coordinate(point.y()),
            },
        }
    }

    /// The big-endian coordinates, x and y.
    pub fn coordinates(&self) -> ([u8; 32], [u8; 32]) {
        (self.point.x.to_repr().into(), self.point.y.to_repr().into())
    }

    /// SEC 1 §2.3.3, uncompressed: 4, x, y.
    fn uncompressed(&self) -> [u8; 65] {
        let (x, y) = self.coordinates();
        let mut point = [4; 65];
        point
            .iter_mut()
            .skip(1)
            .zip(x.into_iter().chain(y))
            .for_each(|(to, from)| *to = from);
        point
    }

    /// The same check by p256's own arithmetic, whose formulas hold for all points.
    fn decides(&self, signature: &Signature, u1: &Scalar, u2: &Scalar) -> bool {
        let point = AffinePoint::from_coordinates(&self.point.x.to_repr(), &self.point.y.to_repr());
        let sum = point.into_option().map(|point| {
            ProjectivePoint::mul_by_generator_and_mul_add_vartime(u1, u2, &ProjectivePoint::from(point)).to_affine()
        });
        sum.is_some_and(|sum| {
            sum != AffinePoint::IDENTITY && Some(<Scalar as Reduce<FieldBytes>>::reduce(&sum.x())) == signature.r()
        })
    }
}

/// How large a table is. A larger one saves more of each check, and takes longer to make.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Size {
    /// 4 KiB.
    Small,
    /// 8 KiB.
    Medium,
    /// 32 KiB.
    Large,
}

impl Size {
    /// All of them, the largest first.
    pub const ALL: [Self; 3] = [Self::Large, Self::Medium, Self::Small];
}

/// What makes checks for one key fast: its comb.
#[derive(Debug)]
pub struct Table {
    key: Key,
    comb: KeyComb,
}

/// The comb of a key in each size.
#[derive(Debug)]
enum KeyComb {
    Small(Comb<6, 2>),
    Medium(Comb<6, 4>),
    Large(Comb<8, 4>),
}

impl Table {
    /// The table of a key. This takes as long as three checks by ring where it is small, and eight where it is large.
    pub fn of(key: &Key, size: Size) -> Self {
        let point = &key.point;
        Self {
            key: key.clone(),
            comb: match size {
                Size::Small => KeyComb::Small(Comb::of(point)),
                Size::Medium => KeyComb::Medium(Comb::of(point)),
                Size::Large => KeyComb::Large(Comb::of(point)),
            },
        }
    }

    /// What a table of this size takes in memory, in bytes.
    pub const fn bytes(size: Size) -> usize {
        let entries = match size {
            Size::Small => Comb::<6, 2>::BYTES,
            Size::Medium => Comb::<6, 4>::BYTES,
            Size::Large => Comb::<8, 4>::BYTES,
        };
        size_of::<Self>() + entries
    }

    /// The key it was made of.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// How large it is.
    pub fn size(&self) -> Size {
        match self.comb {
            KeyComb::Small(_) => Size::Small,
            KeyComb::Medium(_) => Size::Medium,
            KeyComb::Large(_) => Size::Large,
        }
    }

    /// u₁ G + u₂ Q, where the formulas hold.
    fn sum(&self, u1: &Scalar, u2: &Scalar) -> Option<Sum> {
        match &self.comb {
            KeyComb::Small(comb) => comb::sum(comb, u2, &*GENERATOR, u1),
            KeyComb::Medium(comb) => comb::sum(comb, u2, &*GENERATOR, u1),
            KeyComb::Large(comb) => comb::sum(comb, u2, &*GENERATOR, u1),
        }
    }
}

/// Whether `der_signature` is the key's signature of `message`. The form is strict DER, r and s are in [1, n − 1]; a
/// high s is as good as a low one (SEC 1 §4.1.4). ring hashes the message by itself.
pub fn verify(key: &Key, message: &[u8], der_signature: &[u8]) -> bool {
    let check = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.uncompressed());
    Signature::parse(der_signature).is_some_and(|signature| check.verify(message, &signature.fixed()).is_ok())
}

/// The same answer as [`verify`] for the table's key and a message with this SHA-256 digest.
pub fn verify_warm(table: &Table, digest: &[u8; 32], der_signature: &[u8]) -> bool {
    let Some(signature) = Signature::parse(der_signature) else {
        return false;
    };
    let (u1, u2) = signature.weights(digest);
    let answer = table.sum(&u1, &u2).and_then(|sum| signature.is_x_of(&sum));
    answer.unwrap_or_else(|| table.key.decides(&signature, &u1, &u2))
}
