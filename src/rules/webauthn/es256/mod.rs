//! ECDSA on P-256 with SHA-256 (SEC 1 §4.1.4): whether a signature in strict DER is a key's, over a digest made elsewhere.
//!
//! Everything that enters here is public, so the time it takes may depend on it. A key seen for the first time is checked
//! by [`verify`]; one that comes often has a [`Table`] of 8 KiB and is checked by [`verify_warm`] without most of the
//! doublings. The field, the scalars and the curve are p256's; ours are the order of the additions and the formulas
//! in `point.rs`, with p256's complete formulas behind them for the few sums that they cannot make.

mod bits;
mod cold;
mod comb;
mod point;
mod signature;
mod tables;
#[cfg(test)]
#[expect(clippy::as_conversions, reason = "a test's numbers are small, or meant to be cut")]
mod tests;

use std::sync::LazyLock;

use p256::elliptic_curve::PrimeField;
use p256::elliptic_curve::ops::{MulByGeneratorVartime, Reduce};
use p256::elliptic_curve::point::AffineCoordinates;
use p256::{AffinePoint, FieldBytes, ProjectivePoint, Scalar};

use comb::Comb;
use point::{Affine, Field, Sum};
use signature::Signature;
pub use tables::Tables;

/// The generator's tables: 96 KiB, made at the first check, in about a millisecond.
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

/// What makes checks for one key fast: its comb, of 8 KiB.
#[derive(Debug)]
pub struct Table {
    key: Key,
    comb: Comb<6, 4>,
}

impl Table {
    /// What a table takes in memory, in bytes.
    pub const BYTES: usize = size_of::<Self>() + Comb::<6, 4>::BYTES;

    /// The table of a key. This takes about as long as two thirds of a cold check.
    pub fn of(key: &Key) -> Self {
        Self {
            key: key.clone(),
            comb: Comb::of(&key.point),
        }
    }

    /// The key it was made of.
    pub fn key(&self) -> &Key {
        &self.key
    }
}

/// Whether `der_signature` is the key's signature of `digest`. The form is strict DER, r and s are in [1, n − 1]; a high s
/// is as good as a low one (SEC 1 §4.1.4).
pub fn verify(key: &Key, digest: &[u8; 32], der_signature: &[u8]) -> bool {
    check(key, digest, der_signature, |u1, u2| cold::sum(key, &GENERATOR, u1, u2))
}

/// The same answer as [`verify`] for the table's key.
pub fn verify_warm(table: &Table, digest: &[u8; 32], der_signature: &[u8]) -> bool {
    check(&table.key, digest, der_signature, |u1, u2| {
        comb::sum(&table.comb, u2, &*GENERATOR, u1)
    })
}

fn check(key: &Key, digest: &[u8; 32], der: &[u8], sum: impl FnOnce(&Scalar, &Scalar) -> Option<Sum>) -> bool {
    let Some(signature) = Signature::parse(der) else {
        return false;
    };
    let (u1, u2) = signature.weights(digest);
    let answer = sum(&u1, &u2).and_then(|sum| signature.is_x_of(&sum));
    answer.unwrap_or_else(|| key.decides(&signature, &u1, &u2))
}
