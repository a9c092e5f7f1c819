//! Authenticators in software: P-256 passkeys, attestation `none`, with the browser around them.
//!
//! A passkey's keys come from its number. Its signatures share one nonce, so that signing is a multiplication and the
//! load generator keeps up with servers. Two such signatures give the private key away, which here guards nothing; they
//! are as much work to verify as any.

use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::Signature;
use p256::elliptic_curve::ops::Reduce;
use p256::elliptic_curve::point::AffineCoordinates;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{FieldBytes, ProjectivePoint, PublicKey, Scalar};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// User present, user verified, backup eligible, backed up (WebAuthn L3 §6.1): a passkey that a phone syncs.
const SYNCED: u8 = 0x01 | 0x04 | 0x08 | 0x10;
/// Attested credential data follow (§6.1).
const ATTESTED: u8 = 0x40;
const RP_ID: &[u8] = b"localhost";

pub struct Passkey {
    pub number: u64,
    /// The user handle, base64url.
    pub user: String,
    id: [u8; 32],
    secret: Scalar,
    /// The signatures' `r`, and the inverse of their nonce.
    r: Scalar,
    inverse: Scalar,
    origin: String,
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

impl Passkey {
    /// The same number is the same passkey.
    pub fn new(number: u64, user: &str, origin: &str) -> Self {
        let derived = |what: &str| Sha256::digest([what.as_bytes(), &number.to_be_bytes()].concat());
        let scalar = |what: &str| Scalar::reduce(&FieldBytes::from(<[u8; 32]>::from(derived(what))));
        let nonce = scalar("nonce");
        Self {
            number,
            user: user.to_owned(),
            id: derived("id").into(),
            secret: scalar("key"),
            r: Scalar::reduce(&(ProjectivePoint::GENERATOR * nonce).to_affine().x()),
            inverse: Option::from(nonce.invert()).expect("a nonce that is not zero"),
            origin: origin.to_owned(),
        }
    }

    /// `navigator.credentials.create`, as `RegistrationResponseJSON`.
    pub fn create(&self, asked: &Value) -> Value {
        let mut data = authenticator_data(SYNCED | ATTESTED);
        data.extend([0; 16]);
        data.extend([0, 32]);
        data.extend(self.id);
        data.extend(self.cose_key());
        let length = u8::try_from(data.len()).expect("a short one");
        // {"fmt": "none", "attStmt": {}, "authData": …} (§8.7)
        let object = [
            b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".as_slice(),
            &[length],
            data.as_slice(),
        ]
        .concat();
        self.credential(json!({
            "clientDataJSON": text(&self.client_data("webauthn.create", asked)),
            "attestationObject": text(&object),
            "transports": ["internal", "hybrid"],
            "authenticatorData": text(&data),
            "publicKeyAlgorithm": -7,
        }))
    }

    /// `navigator.credentials.get`, as `AuthenticationResponseJSON`.
    pub fn get(&self, asked: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", asked);
        let data = authenticator_data(SYNCED);
        let signed = [data.as_slice(), Sha256::digest(&client_data).as_slice()].concat();
        self.credential(json!({
            "clientDataJSON": text(&client_data),
            "authenticatorData": text(&data),
            "signature": text(self.sign(&signed).to_der().as_bytes()),
            "userHandle": self.user,
        }))
    }

    fn credential(&self, response: Value) -> Value {
        json!({
            "id": text(&self.id),
            "rawId": text(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        })
    }

    fn sign(&self, message: &[u8]) -> Signature {
        let digest = Scalar::reduce(&FieldBytes::from(<[u8; 32]>::from(Sha256::digest(message))));
        let s = self.inverse * (digest + self.r * self.secret);
        Signature::from_scalars(self.r, s).expect("scalars that are not zero")
    }

    /// In the order of §5.8.1.1, as browsers write it.
    fn client_data(&self, kind: &str, asked: &Value) -> Vec<u8> {
        let challenge = asked["challenge"].as_str().expect("a challenge");
        let origin = &self.origin;
        format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false}}"#).into_bytes()
    }

    /// `{1: 2, 3: -7, -1: 1, -2: x, -3: y}`, canonical (RFC 9053 §7.1.1).
    fn cose_key(&self) -> Vec<u8> {
        let point = (ProjectivePoint::GENERATOR * self.secret).to_affine();
        let point = PublicKey::from_affine(point)
            .expect("a point on the curve")
            .to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        [
            &[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20],
            x,
            &[0x22, 0x58, 0x20],
            y,
        ]
        .concat()
    }
}

/// RP ID hash, flags, and a counter of zero, as synced passkeys have (§6.1.1).
fn authenticator_data(flags: u8) -> Vec<u8> {
    [Sha256::digest(RP_ID).as_slice(), &[flags], &[0; 4]].concat()
}
