//! Every kind of key that a certificate may have, and every way in which it signs: statements, and other certificates.

use linekey::rules::webauthn::attestation::{AttestationKind, Policy};
use linekey::rules::webauthn::registration::Step;
use p256::ecdsa::Signature;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use ring::signature::{Ed25519KeyPair, KeyPair};
use sha2::{Digest, Sha384};

use super::attestation::{chain, statement};
use super::certificate::{Certificate, Sign, authority, der, name, sequence, subject_key};
use super::registration::Creation;
use super::{cbor, rsa, secret, signed};

/// A key that signs: as a certificate has it, the identifier of the way, its number in COSE, the signature.
struct Signer {
    why: &'static str,
    key: fn() -> Vec<u8>,
    scheme: &'static [u8],
    alg: &'static [u8],
    sign: Sign,
}

const SIGNERS: &[Signer] = &[
    Signer {
        why: "P-256 with SHA-256",
        key: || subject_key(&secret(3)),
        scheme: &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2],
        alg: &[0x26],
        sign: |message| signed(&secret(3), message),
    },
    Signer {
        why: "P-256 with SHA-384",
        key: || subject_key(&secret(3)),
        scheme: &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3],
        alg: &[0x38, 34],
        sign: |message| {
            let signature: Signature = secret(3).sign_prehash(&Sha384::digest(message)).unwrap();
            signature.to_der().as_bytes().to_vec()
        },
    },
    Signer {
        why: "Ed25519",
        key: ed25519_key,
        scheme: &[0x2b, 0x65, 0x70],
        alg: &[0x27],
        sign: |message| ed25519().sign(message).as_ref().to_vec(),
    },
    Signer {
        why: "RSA with SHA-256",
        key: rsa::subject_key,
        scheme: &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11],
        alg: &[0x39, 1, 0],
        sign: rsa::signed,
    },
    Signer {
        why: "RSA with SHA-384",
        key: rsa::subject_key,
        scheme: &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12],
        alg: &[0x39, 1, 1],
        sign: rsa::signed_with_sha384,
    },
    Signer {
        why: "RSA with SHA-512",
        key: rsa::subject_key,
        scheme: &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13],
        alg: &[0x39, 1, 2],
        sign: rsa::signed_with_sha512,
    },
];

fn ed25519() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap()
}

/// SubjectPublicKeyInfo.
pub(super) fn ed25519_key() -> Vec<u8> {
    let point = [&[0][..], ed25519().public_key().as_ref()].concat();
    sequence(&[&sequence(&[&der(6, &[0x2b, 0x65, 0x70])]), &der(3, &point)])
}

/// `{1: 1, 3: -8, -1: 6, -2: x}` of the same key.
pub(super) fn ed25519_cose() -> Vec<u8> {
    [
        &[0xa4, 1, 1, 3, 0x27, 0x20, 6, 0x21][..],
        &cbor(2, ed25519().public_key().as_ref()),
    ]
    .concat()
}

pub(super) fn ed25519_signed(message: &[u8]) -> Vec<u8> {
    ed25519().sign(message).as_ref().to_vec()
}

/// A packed statement by the first of these certificates.
fn packed(certificates: &[Vec<u8>], alg: &[u8], sign: Sign, policy: Policy<'static>) -> Result<AttestationKind, Step> {
    let mut made = Creation::right();
    made.policy = policy;
    made.statement = Some(statement(&[
        ("alg", alg.to_vec()),
        ("sig", cbor(2, &sign(&made.message()))),
        ("x5c", chain(certificates)),
    ]));
    made.judged().map(|made| made.attestation)
}

#[test]
fn a_statement_is_signed_by_every_kind_of_key_in_the_way_that_it_says_and_in_no_other() {
    for signer in SIGNERS {
        let leaf = Certificate::of(&secret(2), &secret(4)).but(|leaf| leaf.key = (signer.key)());
        for said in SIGNERS {
            let same = std::ptr::eq(said, signer);
            let expected = if same {
                Ok(AttestationKind::Unanchored)
            } else {
                Err(Step::Attestation)
            };
            let judged = packed(&[leaf.written()], said.alg, signer.sign, Policy::Any);
            assert_eq!(judged, expected, "{} said to be {}", signer.why, said.why);
        }
    }
}

#[test]
fn an_authority_signs_by_every_kind_of_key_in_the_way_that_it_says_and_in_no_other() {
    for signer in SIGNERS {
        let root = Certificate::of(&secret(3), &secret(3)).but(|root| {
            (root.key, root.subject) = ((signer.key)(), name(&[(3, "Authority")]));
            root.extensions = vec![authority(None)];
        });
        for said in SIGNERS {
            let leaf = Certificate::of(&secret(2), &secret(4)).but(|leaf| {
                (leaf.sign, leaf.schemes) = (Some(signer.sign), [said.scheme; 2]);
            });
            let same = std::ptr::eq(said, signer);
            let expected = if same {
                Ok(AttestationKind::Anchored)
            } else {
                Err(Step::Trust)
            };
            let roots = vec![root.written()].leak();
            let by_the_leaf: Sign = |message| signed(&secret(2), message);
            let judged = packed(&[leaf.written()], &[0x26], by_the_leaf, Policy::Anchored { roots });
            assert_eq!(judged, expected, "{} said to be {}", signer.why, said.why);
        }
    }
}

/// A key of P-384, which signed once, by OpenSSL 3.0: here nothing signs with it.
const P384_KEY: &str = "3076301006072a8648ce3d020106052b8104002203620004d77aed3ff1d1f739edefe80712f891cb4fbf8c\
    8cdd108616d08f284172308beedcfc34d60d9dc92d3085080f44bccf65242e55779e3855e4d9bf4e57658c67fc4e7802346599d990e0c6\
    a39567a5ff3e27989f3495686b9f0f61a56cc243bba9";
const P384_SHA256: &str = "3065023100aa8d5027946d12d00ceba7e96f1f41a4a4e9f5d14769300b7949cd79be7434d8ce4c152bc\
    2f34774b7f04e656f52ab25023038dece55136bf62a8fc943846f353eb25f411ed31f0c9f12dcc7ed28441735aeef2c861c764bf8f9d5b\
    2417a80892d84";
const P384_SHA384: &str = "3065023100dab4bac0baad351d6be2410ac01b167f6a9e4d4a84275b3855401f80b7fef070f1aec093a\
    cc0b4b541599de8c492a776023075b2096253d4af80ae79b2be55b6fb4e56467ffaf2b10e8feca88e3883c0f98b3fc9f8adeb15bb58018\
    5d8752a63a56f";
/// Of what a U2F key would have signed.
pub(super) const P384_U2F: &str = "3066023100c8cb6d56ff4a1d5af020f017adba1af4e46d09945083cd400dfcd93cb1fa8eb93\
    cda6118228a478b18a520fc16d4ca7e023100fd3b6e8d7ab02694a0f9a8e547e6c76ede0383a7fae1c0ee39e50575499537372d249a931\
    669ed9e07bc78ced2fbfc5c";

pub(super) fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
}

pub(super) fn p384_key() -> Vec<u8> {
    hex(P384_KEY)
}

#[test]
fn a_key_of_p384_signs_with_either_hash() {
    let leaf = Certificate::of(&secret(2), &secret(4)).but(|leaf| leaf.key = p384_key());
    let [with_sha256, with_sha384]: [Sign; 2] = [|_| hex(P384_SHA256), |_| hex(P384_SHA384)];
    let judged = |alg: &[u8], sign| packed(&[leaf.written()], alg, sign, Policy::Any);
    let (es256, es384): (&[u8], &[u8]) = (&[0x26], &[0x38, 34]);
    assert_eq!(judged(es256, with_sha256), Ok(AttestationKind::Unanchored));
    assert_eq!(judged(es384, with_sha384), Ok(AttestationKind::Unanchored));
    assert_eq!(judged(es256, with_sha384), Err(Step::Attestation));
    assert_eq!(judged(es384, with_sha256), Err(Step::Attestation));
}
