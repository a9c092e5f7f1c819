//! ES256 signatures against p256's own check.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::ops::Reduce;
use p256::elliptic_curve::point::DecompressPoint;
use p256::elliptic_curve::{Group, PrimeField};
use p256::{AffinePoint, FieldBytes, ProjectivePoint, Scalar};
use sha2::{Digest, Sha256};

use crate::webauthn::es256::{Key, Size, Table, verify, verify_warm};

#[path = "../../../../src/rules/webauthn/es256/tests/cases.rs"]
#[allow(dead_code, reason = "the unit tests and the bench take more of it")]
pub mod cases;

use cases::{Case, der, point};

/// Weights, keys and signatures of the fuzzer's choice: a byte says what the numbers after it are, three of 32 bytes.
pub fn es256(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    let mut numbers = rest.chunks(32).map(|chunk| {
        let mut number = [0; 32];
        number[32 - chunk.len()..].copy_from_slice(chunk);
        number
    });
    let [secret, one, two] = [(); 3].map(|()| numbers.next().unwrap_or_default());
    let secret = Some(reduced(secret))
        .filter(|secret| *secret != Scalar::ZERO)
        .unwrap_or(Scalar::ONE);
    let case = match kind % 3 {
        // The check meets this weight of the generator and this sum, for a message.
        0 if *kind >= 0x80 => Case::of_message("message", one, &secret, &reduced(two)),
        // The check meets just these weights, and the signature is good.
        0 => Case::solved("weights", &secret, &reduced(one), &reduced(two)),
        // Numbers of its own choice, hardly ever good.
        1 => Some(Case {
            kind: "numbers",
            key: point(&secret),
            message: Some(one),
            digest: Sha256::digest(one).into(),
            der: der(&two, &numbers.next().unwrap_or(one)),
        }),
        // The halves of the sum meet, or are opposite.
        _ => {
            let u1 = reduced(two) * secret;
            Case::solved(
                "halves",
                &secret,
                &if one[31] & 1 == 0 { u1 } else { -u1 },
                &reduced(two),
            )
        }
    };
    let Some(case) = case else { return };
    let (x, y) = case.coordinates();
    let key = Key::from_coordinates(&x, &y).expect("our key");
    let expected = case.oracle();
    if let Some(message) = &case.message {
        assert_eq!(verify(&key, message, &case.der), expected);
    }
    for size in Size::ALL {
        assert_eq!(
            verify_warm(&Table::of(&key, size), &case.digest, &case.der),
            expected,
            "{size:?}"
        );
    }
    assert!(expected || kind % 3 == 1, "a signature that was made to be good");
}

/// Whatever a lax reader takes for r and s, under the key for which they are a good signature: we say yes where p256's
/// strict reader takes the form for DER.
pub fn der_signature(bytes: &[u8]) {
    let message = [0x5a; 32];
    let digest = Sha256::digest(message).into();
    let strict = Signature::from_der(bytes).ok();
    let lax = laxly_read(bytes).and_then(|(r, s)| Signature::from_scalars(r, s).ok());
    if let Some(strict) = strict {
        assert_eq!(lax, Some(strict), "the lax reader is not lax enough");
    }
    let key = lax
        .and_then(|signature| signed_by(&signature, &digest))
        .unwrap_or(AffinePoint::GENERATOR);
    let theirs = VerifyingKey::from_affine(key).expect("a key");
    let case = Case {
        kind: "form",
        key,
        message: Some(message),
        digest,
        der: Vec::new(),
    };
    let (x, y) = case.coordinates();
    let expected = strict.is_some_and(|signature| theirs.verify_prehash(&digest, &signature).is_ok());
    assert_eq!(
        verify(&Key::from_coordinates(&x, &y).expect("our key"), &message, bytes),
        expected
    );
}

/// The key for which (r, s) is a good signature: (s R − z G) / r, where r is an x coordinate.
fn signed_by(signature: &Signature, digest: &[u8; 32]) -> Option<AffinePoint> {
    let (r, s) = signature.split_scalars();
    let point = AffinePoint::decompress(&r.to_repr(), 0.into()).into_option()?;
    let key = (ProjectivePoint::from(point) * *s - ProjectivePoint::GENERATOR * reduced(*digest))
        * r.invert_vartime().into_option()?;
    (!bool::from(key.is_identity())).then(|| key.to_affine())
}

/// r and s out of anything that looks like two integers in a sequence: lengths in any form and never checked against
/// what encloses them, any number of zeros in front, anything behind.
fn laxly_read(bytes: &[u8]) -> Option<(FieldBytes, FieldBytes)> {
    let (_, rest) = header(bytes)?;
    let (length, rest) = header(rest)?;
    let (r, rest) = rest.split_at_checked(length)?;
    let (length, rest) = header(rest)?;
    let s = &rest[..length.min(rest.len())];
    Some((number(r)?, number(s)?))
}

fn header(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&[_tag, first], rest) = bytes.split_first_chunk::<2>()?;
    let (length, rest) = rest
        .split_at_checked(usize::from(first & 0x7f))
        .filter(|_| first > 0x80)
        .unwrap_or((&[], rest));
    let long = length
        .iter()
        .fold(0_usize, |long, byte| long.wrapping_shl(8) | usize::from(*byte));
    Some((if first > 0x80 { long } else { first.into() }, rest))
}

fn number(bytes: &[u8]) -> Option<FieldBytes> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let mut number = [0; 32];
    let digits = &bytes[zeros..];
    number
        .get_mut(32_usize.checked_sub(digits.len())?..)?
        .copy_from_slice(digits);
    Some(number.into())
}

fn reduced(bytes: [u8; 32]) -> Scalar {
    <Scalar as Reduce<FieldBytes>>::reduce(&bytes.into())
}
