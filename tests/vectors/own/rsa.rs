//! An RSA key of 2048 bits that signs. Anybody can factor it: its primes are the two largest below 2¹⁰²⁴ that are 2
//! more than a multiple of 3, so that e is 3.

use p256::elliptic_curve::bigint::modular::{FixedMontyForm, FixedMontyParams};
use p256::elliptic_curve::bigint::{NonZero, Odd, U1024, U2048};
use ring::digest::{self, Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512};

use super::cbor;
use super::certificate::{der, sequence};

const RSA_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
// DigestInfo before the digest itself (RFC 8017 §9.2, note 1).
const SHA1_INFO: &[u8] = &[0x30, 0x21, 0x30, 9, 6, 5, 0x2b, 14, 3, 2, 26, 5, 0, 4, 20];
const SHA256_INFO: &[u8] = &[
    0x30, 0x31, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 32,
];

const SHA384_INFO: &[u8] = &[
    0x30, 0x41, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2, 5, 0, 4, 48,
];
const SHA512_INFO: &[u8] = &[
    0x30, 0x51, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3, 5, 0, 4, 64,
];

fn primes() -> [U1024; 2] {
    [179_u16, 1397].map(|below| U1024::MAX - U1024::from_u16(below - 1))
}

fn modulus() -> U2048 {
    let [p, q] = primes();
    p.concatenating_mul(&q)
}

/// Big-endian.
fn modulus_bytes() -> Vec<u8> {
    modulus().to_be_bytes().to_vec()
}

/// `{1: 3, 3: -257, -1: n, -2: 3}`.
pub(super) fn cose_key() -> Vec<u8> {
    [
        &[0xa4, 1, 3, 3, 0x39, 0x01, 0x00, 0x20][..],
        &cbor(2, &modulus_bytes()),
        &[0x21, 0x41, 3],
    ]
    .concat()
}

/// SubjectPublicKeyInfo.
pub(super) fn subject_key() -> Vec<u8> {
    let numbers = sequence(&[&der(2, &[&[0][..], &modulus_bytes()].concat()), &der(2, &[3])]);
    sequence(&[
        &sequence(&[&der(6, RSA_KEY), &[5, 0]]),
        &der(3, &[&[0], numbers.as_slice()].concat()),
    ])
}

/// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.1) with SHA-256.
pub(super) fn signed(message: &[u8]) -> Vec<u8> {
    signed_with(&SHA256, SHA256_INFO, message)
}

/// The same with SHA-384.
pub(super) fn signed_with_sha384(message: &[u8]) -> Vec<u8> {
    signed_with(&SHA384, SHA384_INFO, message)
}

/// The same with SHA-512.
pub(super) fn signed_with_sha512(message: &[u8]) -> Vec<u8> {
    signed_with(&SHA512, SHA512_INFO, message)
}

/// The same with SHA-1.
pub(super) fn signed_with_sha1(message: &[u8]) -> Vec<u8> {
    signed_with(&SHA1_FOR_LEGACY_USE_ONLY, SHA1_INFO, message)
}

/// What that signs.
pub(super) fn sha1(message: &[u8]) -> Vec<u8> {
    digest::digest(&SHA1_FOR_LEGACY_USE_ONLY, message).as_ref().to_vec()
}

fn signed_with(hash: &'static Algorithm, info: &[u8], message: &[u8]) -> Vec<u8> {
    let digest = digest::digest(hash, message);
    let mut padded = vec![0xff; 256 - 1 - info.len() - digest.as_ref().len()];
    (padded[0], padded[1]) = (0, 1);
    padded.push(0);
    padded.extend([info, digest.as_ref()].concat());
    // φ is 1 more than a multiple of 3, so (2φ + 1) / 3 is the inverse of 3.
    let [p, q] = primes().map(|prime| prime - U1024::ONE);
    let phi: U2048 = p.concatenating_mul(&q);
    let third = (phi - U2048::ONE).div_rem(&NonZero::new(U2048::from_u8(3)).unwrap()).0;
    let parameters = FixedMontyParams::new_vartime(Odd::new(modulus()).unwrap());
    let signature = FixedMontyForm::new(&U2048::from_be_slice(&padded), &parameters).pow(&(phi - third));
    signature.retrieve().to_be_bytes().to_vec()
}
