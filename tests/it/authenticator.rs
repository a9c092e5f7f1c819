//! An authenticator in software, with the browser around it: answers creation and request options in the standard's
//! JSON forms as `navigator.credentials` would. ES256, attestation "none".

use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// User present, user verified, backup eligible, backed up (WebAuthn L3 §6.1): a passkey that a phone syncs.
const SYNCED: u8 = 0x01 | 0x04 | 0x08 | 0x10;
/// User present and verified.
const SEEN: u8 = 0x01 | 0x04;
/// Attested credential data follow (§6.1).
const ATTESTED: u8 = 0x40;

#[derive(Clone)]
pub struct Authenticator {
    /// Where the browser says that the page came from.
    pub origin: String,
    pub passkeys: Vec<Held>,
    seed: u8,
}

#[derive(Clone)]
pub struct Held {
    pub id: Vec<u8>,
    key: SigningKey,
    rp_id: String,
    user: Vec<u8>,
}

impl Authenticator {
    /// Two of different seeds never make the same passkey.
    pub fn new(origin: &str, seed: u8) -> Self {
        Self {
            origin: origin.to_owned(),
            passkeys: Vec::new(),
            seed,
        }
    }

    /// `navigator.credentials.create`: a new discoverable passkey, as `RegistrationResponseJSON`.
    pub fn create(&mut self, asked: &Value) -> Value {
        assert_eq!(
            asked["authenticatorSelection"]["userVerification"], "required",
            "{asked}"
        );
        self.make(asked, SYNCED)
    }

    /// The same with `mediation: "conditional"`: nobody is there to be seen or verified.
    pub fn create_quietly(&mut self, asked: &Value) -> Value {
        assert_eq!(
            asked["authenticatorSelection"]["userVerification"], "preferred",
            "{asked}"
        );
        self.make(asked, SYNCED & !SEEN)
    }

    fn make(&mut self, asked: &Value, flags: u8) -> Value {
        assert_eq!(asked["authenticatorSelection"]["residentKey"], "required", "{asked}");
        assert!(
            ["none", "direct"].iter().any(|word| asked["attestation"] == *word),
            "{asked}"
        );
        assert!(
            asked["pubKeyCredParams"]
                .as_array()
                .unwrap()
                .iter()
                .any(|parameter| parameter["alg"] == -7),
            "{asked}"
        );
        let excluded = asked["excludeCredentials"].as_array().unwrap();
        assert!(
            !self.passkeys.iter().any(|held| named_in(excluded, &held.id)),
            "InvalidStateError: registered already"
        );
        let number = u8::try_from(self.passkeys.len()).unwrap();
        let secret: [u8; 32] = Sha256::digest([b"key", [self.seed, number].as_slice()].concat()).into();
        let id: [u8; 32] = Sha256::digest([b"id", [self.seed, number].as_slice()].concat()).into();
        let held = Held {
            id: id.to_vec(),
            key: SigningKey::from_slice(&secret).unwrap(),
            rp_id: asked["rp"]["id"].as_str().unwrap().to_owned(),
            user: bytes(&asked["user"]["id"]),
        };
        let mut auth_data = authenticator_data(&held.rp_id, flags | ATTESTED);
        auth_data.extend([0; 16]);
        auth_data.extend(u16::try_from(held.id.len()).unwrap().to_be_bytes());
        auth_data.extend(&held.id);
        auth_data.extend(cose_key(&held.key));
        let credential = json!({
            "id": text(&held.id),
            "rawId": text(&held.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": { "credProps": { "rk": true } },
            "response": {
                "clientDataJSON": text(&self.client_data("webauthn.create", asked)),
                "attestationObject": text(&attestation_object(&auth_data)),
                "transports": ["internal", "hybrid"],
                "authenticatorData": text(&auth_data),
                "publicKeyAlgorithm": -7,
            },
        });
        self.passkeys.push(held);
        credential
    }

    /// `navigator.credentials.get`: by the newest passkey that is allowed, as `AuthenticationResponseJSON`.
    pub fn get(&self, asked: &Value) -> Value {
        let allowed = asked["allowCredentials"].as_array().unwrap();
        let held = self.passkeys.iter().rposition(|held| {
            held.rp_id == asked["rpId"].as_str().unwrap() && (allowed.is_empty() || named_in(allowed, &held.id))
        });
        self.get_by(held.expect("NotAllowedError: no passkey for this page"), asked)
    }

    /// The same by one certain passkey, allowed or not.
    pub fn get_by(&self, number: usize, asked: &Value) -> Value {
        assert_eq!(asked["userVerification"], "required", "{asked}");
        let held = &self.passkeys[number];
        let client_data = self.client_data("webauthn.get", asked);
        let auth_data = authenticator_data(&held.rp_id, SYNCED);
        let signed = [auth_data.as_slice(), Sha256::digest(&client_data).as_slice()].concat();
        let signature: Signature = held.key.sign(&signed);
        json!({
            "id": text(&held.id),
            "rawId": text(&held.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": text(&client_data),
                "authenticatorData": text(&auth_data),
                "signature": text(signature.to_der().as_bytes()),
                "userHandle": text(&held.user),
            },
        })
    }

    /// In the order of §5.8.1.1, as browsers write it.
    fn client_data(&self, kind: &str, asked: &Value) -> Vec<u8> {
        let challenge = asked["challenge"].as_str().unwrap();
        let origin = &self.origin;
        format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}","crossOrigin":false}}"#).into_bytes()
    }
}

/// RP ID hash, flags, and a counter of zero, as synced passkeys have (§6.1.1).
fn authenticator_data(rp_id: &str, flags: u8) -> Vec<u8> {
    [Sha256::digest(rp_id.as_bytes()).as_slice(), &[flags], &[0; 4]].concat()
}

/// `{1: 2, 3: -7, -1: 1, -2: x, -3: y}`, canonical (RFC 9053 §7.1.1).
fn cose_key(key: &SigningKey) -> Vec<u8> {
    let point = key.verifying_key().to_sec1_point(false);
    let (x, y) = point.as_bytes()[1..].split_at(32);
    [
        &[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20],
        x,
        &[0x22, 0x58, 0x20],
        y,
    ]
    .concat()
}

/// `{"fmt": "none", "attStmt": {}, "authData": …}` (§8.7).
fn attestation_object(auth_data: &[u8]) -> Vec<u8> {
    let length = u8::try_from(auth_data.len()).unwrap();
    [
        b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".as_slice(),
        &[length],
        auth_data,
    ]
    .concat()
}

fn named_in(list: &[Value], id: &[u8]) -> bool {
    list.iter().any(|one| bytes(&one["id"]) == id)
}

fn bytes(value: &Value) -> Vec<u8> {
    BASE64URL_NOPAD.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}
