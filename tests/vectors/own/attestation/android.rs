//! Android key attestation (§8.4): a statement that is true but for one thing.

use linekey::rules::webauthn::Algorithm;
use linekey::rules::webauthn::aaguid::ANDROID;
use linekey::rules::webauthn::attestation::{AttestationKind, Policy};
use linekey::rules::webauthn::registration::Step;

use super::super::certificate::{der, sequence, subject_key};
use super::super::registration::{Creation, MODEL};
use super::super::schemes::{ed25519_cose, ed25519_key, ed25519_signed};
use super::super::{cbor, rsa, secret};
use super::{Change, Made, accepted, refused};

const KEY_DESCRIPTION: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xd6, 0x79, 0x02, 0x01, 0x11];

/// A field of AuthorizationList, by its number, which takes one byte or two.
fn field(number: u16, value: &[u8]) -> Vec<u8> {
    let value = der(0, value).split_off(1);
    let head = match u8::try_from(number) {
        Ok(small @ ..31) => vec![0xa0 | small],
        Ok(number @ ..0x80) => vec![0xbf, number],
        _ => vec![
            0xbf,
            0x80 | u8::try_from(number >> 7).unwrap(),
            u8::try_from(number & 0x7f).unwrap(),
        ],
    };
    [head, value].concat()
}

impl Made {
    fn android(mut self, describe: impl FnOnce([u8; 32]) -> Vec<u8>) -> Creation {
        self.certificate.key = subject_key(&secret(self.signer));
        let hash = self.creation.client_data_hash();
        self.certificate.extend(KEY_DESCRIPTION, describe(hash));
        let signature = self.signature(&self.creation.message());
        self.android_by(signature)
    }

    fn android_by(self, signature: Vec<u8>) -> Creation {
        let members = vec![("alg", self.alg.clone()), ("sig", signature), ("x5c", self.x5c())];
        self.with("android-key", members)
    }
}

fn described(challenge: &[u8], software: &[u8], hardware: &[u8]) -> Vec<u8> {
    let head: &[u8] = &[2, 1, 3, 10, 1, 1, 2, 1, 4, 10, 1, 1];
    sequence(&[
        head,
        &der(4, challenge),
        &der(4, b""),
        &sequence(&[software]),
        &sequence(&[hardware]),
    ])
}

#[test]
fn androids_statements_are_as_8_4_asks() {
    let own: Change = |made| made.signer = 1;
    let sign = field(1, &der(0x31, &[2, 1, 2]));
    let generated = field(702, &[2, 1, 0]);
    let usual = [sign.clone(), field(503, &[5, 0]), generated.clone()].concat();
    accepted(
        "as it is",
        Made::right().but(own).android(|hash| described(&hash, &[], &usual)),
    );
    accepted(
        "kept by software",
        Made::right().but(own).android(|hash| described(&hash, &usual, &[])),
    );
    accepted(
        "silent, as §16's is",
        Made::right().but(own).android(|hash| described(&hash, &[], &[])),
    );
    accepted(
        "purpose and origin told apart",
        Made::right()
            .but(own)
            .android(|hash| described(&hash, &sign, &generated)),
    );
    for (why, list) in [
        ("silent on both", field(503, &[5, 0])),
        ("silent on its origin", sign.clone()),
        ("silent on its purpose", generated.clone()),
    ] {
        let made = Made::right().but(own);
        refused(why, made.android(|hash| described(&hash, &[], &list)));
    }
    for (why, list) in [
        ("for all applications", field(600, &[5, 0])),
        ("for another purpose", field(1, &der(0x31, &[2, 1, 3]))),
        ("for a second purpose", field(1, &der(0x31, &[2, 1, 2, 2, 1, 3]))),
        ("brought along", field(702, &[2, 1, 2])),
        ("a broken list", vec![0xa1]),
    ] {
        refused(
            why,
            Made::right()
                .but(own)
                .android(|hash| described(&hash, &[], &[usual.clone(), list.clone()].concat())),
        );
        refused(
            why,
            Made::right()
                .but(own)
                .android(|hash| described(&hash, &[list, usual.clone()].concat(), &[])),
        );
    }
    refused(
        "another challenge",
        Made::right().but(own).android(|_| described(&[0; 32], &[], &usual)),
    );
    refused(
        "something behind the lists",
        Made::right().but(own).android(|hash| {
            let mut whole = described(&hash, &[], &[]);
            whole[1] += 2;
            whole.extend([5, 0]);
            whole
        }),
    );
    refused(
        "another's key",
        Made::right().android(|hash| described(&hash, &[], &usual)),
    );
    let usual = |hash: [u8; 32]| described(&hash, &[], &usual);
    let member: Change = |made| (made.signer, made.more) = (1, vec![("zzzz", vec![0])]);
    refused("a member more", Made::right().but(member).android(usual));
    let algorithm: Change = |made| (made.signer, made.alg) = (1, vec![0x27]);
    refused("another algorithm", Made::right().but(algorithm).android(usual));
    let mut other = Made::right().but(own).android(usual);
    other.head[36] += 1;
    refused("signed before the counter moved", other);
}

#[test]
fn androids_certificate_is_of_the_passkeys_own_key_whatever_its_kind() {
    let by_ed25519 = |cose: Vec<u8>| {
        let mut made = Made::right();
        made.creation.offered = Algorithm::ALL;
        (made.certificate.key, made.alg) = (ed25519_key(), vec![0x27]);
        made.creation.public_key = cose;
        let hash = made.creation.client_data_hash();
        made.certificate.extend(KEY_DESCRIPTION, described(&hash, &[], &[]));
        let signature = cbor(2, &ed25519_signed(&made.creation.message()));
        made.android_by(signature)
    };
    accepted("Ed25519", by_ed25519(ed25519_cose()));
    // The base point of edwards25519.
    let mut other = ed25519_cose();
    let x = other.len() - 32;
    other[x..].copy_from_slice(&[[0x58].as_slice(), &[0x66; 31]].concat());
    refused("another's key of Ed25519", by_ed25519(other));
    let by_rsa = |exponent: u8| {
        let mut made = Made::right();
        made.creation.offered = Algorithm::ALL;
        (made.certificate.key, made.alg) = (rsa::subject_key(), vec![0x39, 1, 0]);
        made.creation.public_key = rsa::cose_key();
        *made.creation.public_key.last_mut().unwrap() = exponent;
        let hash = made.creation.client_data_hash();
        made.certificate.extend(KEY_DESCRIPTION, described(&hash, &[], &[]));
        let signature = cbor(2, &rsa::signed(&made.creation.message()));
        made.android_by(signature)
    };
    accepted("RSA", by_rsa(3));
    refused("RSA of another exponent", by_rsa(5));
}

/// The keystore's certificates vouch for its keys; what the platform writes around them could name any model.
#[test]
fn android_vouches_for_no_model_but_its_own() {
    let judged = |claimed: [u8; 16]| {
        let mut made = Made::right().but(|made| made.signer = 1);
        made.creation.aaguid = claimed;
        made.certificate.key = subject_key(&secret(1));
        let hash = made.creation.client_data_hash();
        made.certificate.extend(KEY_DESCRIPTION, described(&hash, &[], &[]));
        let roots = vec![made.certificate.written()].leak();
        made.creation.policy = Policy::Attested {
            aaguids: &[ANDROID, MODEL],
            roots,
        };
        let signature = made.signature(&made.creation.message());
        made.android_by(signature).judged().map(|made| made.attestation)
    };
    assert_eq!(judged(ANDROID), Ok(AttestationKind::Anchored));
    assert_eq!(judged(MODEL), Err(Step::Trust));
}

/// RS1 is for TPMs (see `tpm`); RS256 of the same key is taken.
#[test]
fn packed_and_android_statements_are_not_signed_with_sha1() {
    type Sign = fn(&[u8]) -> Vec<u8>;
    let cases: [(Vec<u8>, Sign, Option<Step>); 2] = [
        (vec![0x39, 0x01, 0x00], rsa::signed, None),
        (vec![0x39, 0xff, 0xfe], rsa::signed_with_sha1, Some(Step::Attestation)),
    ];
    for (alg, sign, refused) in cases {
        let by_rsa = || {
            let mut made = Made::right();
            made.certificate.key = rsa::subject_key();
            made.creation.public_key = rsa::cose_key();
            made.alg = alg.clone();
            made
        };
        let packed = by_rsa();
        let signature = cbor(2, &sign(&packed.creation.message()));
        assert_eq!(packed.packed_by(signature.clone()).judged().err(), refused);
        let mut android = by_rsa();
        let hash = android.creation.client_data_hash();
        android.certificate.extend(KEY_DESCRIPTION, described(&hash, &[], &[]));
        assert_eq!(android.android_by(signature).judged().err(), refused);
    }
}
