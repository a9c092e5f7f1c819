//! ECDSA on P-256 with SHA-256: a signature in strict DER, over a digest that was made elsewhere.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};

use super::der;

/// A point of the curve, not the point at infinity.
#[derive(Clone, Debug)]
pub struct Key(VerifyingKey);

impl Key {
    /// The point with these big-endian coordinates; none where they are not below p or the point is not on the curve.
    pub fn from_coordinates(x: &[u8; 32], y: &[u8; 32]) -> Option<Self> {
        let mut point = [4; 65];
        let (_, coordinates) = point.split_at_mut(1);
        coordinates
            .iter_mut()
            .zip(x.iter().chain(y))
            .for_each(|(to, from)| *to = *from);
        VerifyingKey::from_sec1_bytes(&point).ok().map(Self)
    }
}

/// Whether `der_signature` is the key's signature of `digest`. The form is strict DER, r and s are in [1, n − 1]; a high s
/// is as good as a low one (SEC 1 §4.1.4).
pub fn verify(key: &Key, digest: &[u8; 32], der_signature: &[u8]) -> bool {
    let Some((r, s)) = scalars(der_signature) else {
        return false;
    };
    Signature::from_scalars(r, s).is_ok_and(|signature| key.0.verify_prehash(digest, &signature).is_ok())
}

/// `SEQUENCE { r INTEGER, s INTEGER }`, each of at most 32 bytes and not negative.
fn scalars(der_signature: &[u8]) -> Option<([u8; 32], [u8; 32])> {
    let mut both = der::Reader::new(der_signature).only(der::SEQUENCE).ok()?;
    let r = padded(both.positive().ok()?)?;
    let s = padded(both.positive().ok()?)?;
    both.end().ok()?;
    Some((r, s))
}

fn padded(number: &[u8]) -> Option<[u8; 32]> {
    let mut padded = [0; 32];
    padded
        .get_mut(32_usize.checked_sub(number.len())?..)?
        .copy_from_slice(number);
    Some(padded)
}
