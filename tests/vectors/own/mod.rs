//! Our own cases: an authenticator in a test's hand, wrong in one thing at a time.

mod assertion;
mod attestation;
mod certificate;
mod chain;
mod encoding;
mod key;
mod registration;
mod rsa;
mod schemes;
mod tpm;
mod wire;

use linekey::rules::webauthn::RelyingParty;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest, Sha256};

const SITE: &str = "pbx.example.org";
const CHALLENGE: [u8; 32] = *b"thirty-two bytes of the desk's .";
/// [`CHALLENGE`] as browsers send it.
const CHALLENGE_TEXT: &str = "dGhpcnR5LXR3byBieXRlcyBvZiB0aGUgZGVzaydzIC4";

// Flags (§6.1).
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const ATTESTED: u8 = 0x40;
const EXTENDED: u8 = 0x80;

fn party() -> RelyingParty {
    RelyingParty::new(
        SITE,
        vec![
            "https://pbx.example.org".to_owned(),
            "https://pbx.example.org:8443".to_owned(),
        ],
    )
}

fn client_data(kind: &str) -> Vec<u8> {
    format!(
        r#"{{"type":"{kind}","challenge":"{CHALLENGE_TEXT}","origin":"https://pbx.example.org","crossOrigin":false}}"#
    )
    .into_bytes()
}

/// RP ID hash, flags, counter.
fn auth_data(flags: u8, count: u32) -> Vec<u8> {
    [&Sha256::digest(SITE)[..], &[flags], &count.to_be_bytes()].concat()
}

fn secret(number: u8) -> SigningKey {
    SigningKey::from_slice(&[number; 32]).unwrap()
}

/// x and y.
fn coordinates(key: &SigningKey) -> ([u8; 32], [u8; 32]) {
    let point = key.verifying_key().to_sec1_point(false);
    let (x, y) = point.as_bytes()[1..].split_at(32);
    (x.try_into().unwrap(), y.try_into().unwrap())
}

/// `{1: 2, 3: -7, -1: 1, -2: x, -3: y}`.
fn cose_key(key: &SigningKey) -> Vec<u8> {
    let (x, y) = coordinates(key);
    [
        &[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..],
        &x,
        &[0x22, 0x58, 32],
        &y,
    ]
    .concat()
}

/// DER.
fn signed(key: &SigningKey, message: &[u8]) -> Vec<u8> {
    let signature: Signature = key.sign(message);
    signature.to_der().as_bytes().to_vec()
}

/// Puts `new` in the place of `old`, which must be there.
fn replace(bytes: &mut Vec<u8>, old: &str, new: &str) {
    let at = bytes.windows(old.len()).position(|window| window == old.as_bytes());
    let at = at.unwrap_or_else(|| panic!("{old} is not there"));
    bytes.splice(at..at + old.len(), new.bytes());
}

/// A CBOR head in its shortest form, for lengths below 65,536, and what it announces.
fn cbor(major: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
    let head = match length {
        [0, length @ ..24] => vec![major << 5 | length],
        [0, length] => vec![major << 5 | 24, length],
        [high, low] => vec![major << 5 | 25, high, low],
    };
    [head.as_slice(), contents].concat()
}
