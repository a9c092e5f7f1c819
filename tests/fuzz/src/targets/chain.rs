//! Certificates and the walk to a root: three TBSCertificates (RFC 5280 §4.1.2), which fixed keys sign whatever is in
//! them, so that the walk is reached. The leaf's key signs a packed statement that is true.

use std::sync::LazyLock;

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};

use super::ceremonies::{client_data, message, own_key, party};
use super::parts::{CHAIN, cbor, der, split};
use crate::webauthn::attestation::{AttestationKind, Policy};
use crate::webauthn::registration::{self, RegistrationResponse, Step};
use crate::webauthn::{Algorithm, Challenge, UserVerification};

// The leaf's own key, the lower authority's and the root's. The seeds' certificates name them.
const LEAF: u8 = 0x5b;
const LOWER: u8 = 0x5c;
const ROOT: u8 = 0x5d;

// How the chain is made.
/// The root signs the leaf.
const DIRECT: u8 = 1;
/// The root is sent too.
const WHOLE: u8 = 2;
/// Another key signs the lower authority, and the leaf that the root would have signed.
const FORGED: u8 = 4;

const CHALLENGE: [u8; 32] = [0xa5; 32];

static KEYS: LazyLock<[SigningKey; 3]> =
    LazyLock::new(|| [LEAF, LOWER, ROOT].map(|key| SigningKey::from_slice(&[key; 32]).expect("a secret")));

fn signature_of(key: u8, message: &[u8]) -> Vec<u8> {
    let signature: Signature = KEYS[usize::from(key - LEAF)].sign(message);
    signature.to_der().as_bytes().to_vec()
}

/// What every registration here has in common: its client data, its authenticator data and the statement's signature.
static MADE: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| {
    let said = client_data("webauthn.create", &CHALLENGE);
    let head = [&party().rp_id_hash[..], &[0x45, 0, 0, 0, 0], &[7; 16], &[0, 1, b'i']].concat();
    let data = [head, own_key()].concat();
    let signature = signature_of(LEAF, &message(&data, &said));
    [said, data, signature]
});

/// `SEQUENCE { tbs, ecdsa-with-SHA256, signature }`.
fn certificate(tbs: &[u8], key: u8) -> Vec<u8> {
    const ECDSA_SHA256: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    let signature = der(3, &[&[0][..], &signature_of(key, tbs)].concat());
    der(0x30, &[tbs, ECDSA_SHA256, &signature].concat())
}

/// Parts: how the chain is made, then the TBSCertificates of leaf, lower authority and root.
pub fn chain(bytes: &[u8]) {
    is_anchored(bytes);
}

/// Whether that chain leads to the root.
pub fn is_anchored(bytes: &[u8]) -> bool {
    let [how, leaf, lower, root] = split::<{ CHAIN.parts }>(bytes);
    if bytes.len() > 8192 {
        return false;
    }
    let has = |way: u8| how.first().is_some_and(|how| how & way != 0);
    let by_root = if has(FORGED) { LEAF } else { ROOT };
    let (leaf, lower) = if has(DIRECT) {
        (certificate(leaf, by_root), None)
    } else {
        (certificate(leaf, LOWER), Some(certificate(lower, by_root)))
    };
    let roots = [certificate(root, ROOT)];
    let mut sent = vec![leaf];
    sent.extend(lower);
    sent.extend(roots.iter().filter(|_| has(WHOLE)).cloned());

    match verify(&sent, Policy::Anchored { roots: &roots }) {
        Ok(kind) => assert_eq!(kind, AttestationKind::Anchored),
        Err(step) => {
            let expected = if step == Step::Trust {
                Ok(AttestationKind::Unanchored)
            } else {
                Err(step)
            };
            assert_eq!(verify(&sent, Policy::Any), expected);
            return false;
        }
    }
    assert_eq!(verify(&sent, Policy::Any), Ok(AttestationKind::Unanchored));
    assert_eq!(verify(&sent, Policy::Anchored { roots: &[] }), Err(Step::Trust));
    // A root that was given another of our keys has signed what that key signs.
    if ![LEAF, LOWER].into_iter().any(|key| holds(root, &x_of(key))) {
        assert!(!has(FORGED), "a forged chain is trusted");
        if !has(DIRECT) {
            assert!(holds(&sent[1], &[1, 1, 0xff]), "no word of an authority");
            assert_eq!(verify(&sent[..1], Policy::Anchored { roots: &roots }), Err(Step::Trust));
        }
    }
    true
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// A key's x: two keys of one x are the same but for a sign.
fn x_of(key: u8) -> Vec<u8> {
    let point = KEYS[usize::from(key - LEAF)].verifying_key().to_sec1_point(false);
    point.as_bytes()[1..33].to_vec()
}

/// A registration whose packed statement is signed by the leaf's key.
fn verify(certificates: &[Vec<u8>], policy: Policy<'_>) -> Result<AttestationKind, Step> {
    let [said, data, signature] = &*MADE;
    let mut chain = vec![0x80 | certificates.len() as u8];
    chain.extend(certificates.iter().flat_map(|certificate| cbor(2, certificate)));
    let members = [
        &b"\xa3\x63fmt\x66packed\x67attStmt\xa3\x63alg\x26\x63sig"[..],
        &cbor(2, signature),
        b"\x63x5c",
        &chain,
        b"\x68authData",
        &cbor(2, data),
    ];
    let response = RegistrationResponse {
        id: b"i".to_vec(),
        client_data_json: said.clone(),
        attestation_object: members.concat(),
        transports: Vec::new(),
        discoverable: None,
    };
    let challenge = Challenge::new(&CHALLENGE);
    registration::verify(
        &party(),
        challenge,
        UserVerification::Required,
        Algorithm::ALL,
        policy,
        &response,
    )
    .map(|made| made.attestation)
}
