//! The signature of a TPM's statement, bare and in the structure that §8.3 names.

use std::sync::LazyLock;

use linekey::rules::webauthn::attestation::AttestationKind;
use linekey::rules::webauthn::registration::Step;

use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use sha2::{Digest, Sha384};

use super::super::certificate::{EC_KEY, der, sequence};
use super::super::{rsa, secret, signed};
use super::{Case, Sign, Tpm, sized};

/// TPMT_SIGNATURE (Part 2, 11.3.4): the scheme's and the hash's number, then the scheme's own numbers.
fn wrapped(scheme: u8, hash: u8, numbers: &[&[u8]]) -> Vec<u8> {
    let head = vec![0, scheme, 0, hash];
    numbers
        .iter()
        .fold(head, |whole, number| [whole, sized(number)].concat())
}

const RSASSA: u8 = 0x14;
const ECDSA: u8 = 0x18;
const SHA_1: u8 = 4;
const SHA_256: u8 = 0x0b;
const SHA_384: u8 = 0x0c;

/// r and s of the key 2.
fn numbers(info: &[u8]) -> ([u8; 32], [u8; 32]) {
    let signature = p256::ecdsa::Signature::from_der(&signed(&secret(2), info)).unwrap();
    let (r, s) = signature.split_bytes();
    (r.into(), s.into())
}

fn ecdsa(hash: u8, info: &[u8]) -> Vec<u8> {
    let (r, s) = numbers(info);
    wrapped(ECDSA, hash, &[&r, &s])
}

/// A key of P-384; another one in every run.
static P384: LazyLock<EcdsaKeyPair> = LazyLock::new(|| {
    let (dice, algorithm) = (SystemRandom::new(), &ECDSA_P384_SHA384_FIXED_SIGNING);
    let kept = EcdsaKeyPair::generate_pkcs8(algorithm, &dice).unwrap();
    EcdsaKeyPair::from_pkcs8(algorithm, kept.as_ref(), &dice).unwrap()
});

impl Tpm {
    /// The AIK is a key of P-384, and its signature ES384's.
    fn signed_by_p384(&mut self) {
        let algorithm = sequence(&[&der(6, EC_KEY), &der(6, &[0x2b, 0x81, 0x04, 0x00, 0x22])]);
        let point = [&[0], P384.public_key().as_ref()].concat();
        self.alg = vec![0x38, 0x22];
        self.certificate.key = sequence(&[&algorithm, &der(3, &point)]);
        self.extra_data = Some(Sha384::digest(self.creation.message()).to_vec());
        self.signature = Some(|info| {
            let signature = P384.sign(&SystemRandom::new(), info).unwrap();
            let (r, s) = signature.as_ref().split_at(48);
            wrapped(ECDSA, SHA_384, &[r, s])
        });
    }

    /// The AIK is an RSA key, and its signature RS256's.
    fn signed_by_rsa(&mut self, made: Sign) {
        self.alg = vec![0x39, 0x01, 0x00];
        self.certificate.key = rsa::subject_key();
        self.signature = Some(made);
    }

    /// RS1's.
    fn signed_by_rsa_with_sha1(&mut self, made: Sign) {
        self.signed_by_rsa(made);
        self.alg = vec![0x39, 0xff, 0xfe];
        self.extra_data = Some(rsa::sha1(&self.creation.message()));
    }
}

#[test]
fn a_tpms_signature_may_be_bare_or_wrapped_as_the_standard_names_it() {
    // Numbers with their highest bit set and without, and one that begins with 0x80: DER writes them differently.
    for count in 0..=255 {
        let made = Tpm::but(|made| {
            made.creation.head[36] = count;
            made.signature = Some(|info| ecdsa(SHA_256, info));
        });
        assert_eq!(made.judged(), Ok(AttestationKind::Unanchored), "{count}");
        assert_eq!(Tpm::but(Tpm::signed_by_p384).judged(), Ok(AttestationKind::Unanchored));
    }
    let right: &[Case] = &[
        ("RSA's, bare", |made| made.signed_by_rsa(rsa::signed)),
        ("RSA's, wrapped", |made| {
            made.signed_by_rsa(|info| wrapped(RSASSA, SHA_256, &[&rsa::signed(info)]))
        }),
        ("RSA's with SHA-1, bare", |made| {
            made.signed_by_rsa_with_sha1(rsa::signed_with_sha1)
        }),
        ("RSA's with SHA-1, wrapped", |made| {
            made.signed_by_rsa_with_sha1(|info| wrapped(RSASSA, SHA_1, &[&rsa::signed_with_sha1(info)]))
        }),
    ];
    for (why, change) in right {
        assert_eq!(Tpm::but(change).judged(), Ok(AttestationKind::Unanchored), "{why}");
    }
}

#[test]
fn a_tpms_signature_wrapped_as_another_than_it_is_is_refused() {
    let wrong: &[Case] = &[
        ("ECDSA's as RSA's", |made| {
            made.signature = Some(|info| wrapped(RSASSA, SHA_256, &[&signed(&secret(2), info)]));
        }),
        ("ECDSA's in DER as ECDSA's", |made| {
            made.signature = Some(|info| wrapped(ECDSA, SHA_256, &[&signed(&secret(2), info)]));
        }),
        ("ECDSA's with another hash", |made| {
            made.signature = Some(|info| ecdsa(SHA_384, info))
        }),
        ("ECDSA's, one number alone", |made| {
            made.signature = Some(|info| wrapped(ECDSA, SHA_256, &[&numbers(info).0]));
        }),
        ("ECDSA's, no numbers in it", |made| {
            made.signature = Some(|_| wrapped(ECDSA, SHA_256, &[b"", b""]))
        }),
        ("ECDSA's, a number of 49 bytes", |made| {
            made.signature = Some(|info| wrapped(ECDSA, SHA_256, &[&[0x7f; 49], &numbers(info).1]));
        }),
        ("ECDSA's, and something behind it", |made| {
            made.signature = Some(|info| [ecdsa(SHA_256, info), vec![0]].concat());
        }),
        ("ECDSA's, under another scheme's number", |made| {
            made.signature = Some(|info| {
                let (r, s) = numbers(info);
                wrapped(0x1b, SHA_256, &[&r, &s])
            });
        }),
        ("RSA's as ECDSA's", |made| {
            made.signed_by_rsa(|info| wrapped(ECDSA, SHA_256, &[&rsa::signed(info)]))
        }),
        ("RSA's as RSASSA-PSS", |made| {
            made.signed_by_rsa(|info| wrapped(0x16, SHA_256, &[&rsa::signed(info)]))
        }),
        ("RSA's with another hash", |made| {
            made.signed_by_rsa(|info| wrapped(RSASSA, SHA_1, &[&rsa::signed(info)]))
        }),
        ("RSA's with SHA-1, said to be RS256's", |made| {
            made.signed_by_rsa(|info| wrapped(RSASSA, SHA_1, &[&rsa::signed_with_sha1(info)]))
        }),
        ("RSA's, and something behind it", |made| {
            made.signed_by_rsa(|info| [wrapped(RSASSA, SHA_256, &[&rsa::signed(info)]), vec![0]].concat());
        }),
    ];
    for (why, change) in wrong {
        assert_eq!(Tpm::but(change).judged(), Err(Step::Attestation), "{why}");
    }
}
