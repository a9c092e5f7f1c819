//! Whole ceremonies at `example.org`, the site of the standard's own test vectors. A byte of repairs in front puts
//! right what chance hardly ever would, a signature above all; whatever is accepted is judged again, from the
//! standard's text.

use data_encoding::BASE64URL_NOPAD;
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use super::parts::{ASSERTION, REGISTRATION, cbor, split};
use crate::webauthn::assertion::{self, AllowedPasskeys, AssertionResponse, PasskeyUse, StoredPasskey};
use crate::webauthn::attestation::{AttestationKind, Policy};
use crate::webauthn::es256::{Size, Table};
use crate::webauthn::public_key::Key;
use crate::webauthn::registration::{self, Registered, RegistrationResponse};
use crate::webauthn::{Algorithm, Challenge, RelyingParty, UserVerification};

const SITE: &str = "example.org";
const ORIGIN: &str = "https://example.org";

// Repairs. What is put right is what the step would refuse.
const RP_ID: u8 = 1;
const VERIFIED: u8 = 2;
const CLIENT_DATA: u8 = 4;
/// The key is ours, and so is the signature.
const SIGNED: u8 = 8;
const REQUIRED: u8 = 16;
/// The browser names the passkey that was attested.
const NAMED: u8 = 32;
/// The flags announce what follows, and nothing else.
const FLAGS: u8 = 64;

struct Repairs(u8);

impl Repairs {
    fn of(part: &[u8]) -> Self {
        Self(part.first().copied().unwrap_or_default())
    }

    fn has(&self, repair: u8) -> bool {
        self.0 & repair != 0
    }

    fn verification(&self) -> UserVerification {
        if self.has(REQUIRED) {
            UserVerification::Required
        } else {
            UserVerification::Preferred
        }
    }

    fn client_data(&self, given: &[u8], kind: &str, challenge: &[u8]) -> Vec<u8> {
        if !self.has(CLIENT_DATA) {
            return given.to_vec();
        }
        client_data(kind, challenge)
    }

    fn auth_data(&self, given: &[u8]) -> Vec<u8> {
        let mut data = given.to_vec();
        if self.has(RP_ID)
            && let Some(hash) = data.get_mut(..32)
        {
            hash.copy_from_slice(&Sha256::digest(SITE));
        }
        if self.has(VERIFIED)
            && let Some(flags) = data.get_mut(32)
        {
            *flags |= 0x05;
        }
        data
    }
}

/// Client data that are right.
pub(super) fn client_data(kind: &str, challenge: &[u8]) -> Vec<u8> {
    let challenge = BASE64URL_NOPAD.encode(challenge);
    format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{ORIGIN}","crossOrigin":false}}"#).into_bytes()
}

pub(super) fn party() -> RelyingParty {
    RelyingParty::new(SITE, vec![ORIGIN.to_owned()])
}

fn signing_key() -> SigningKey {
    SigningKey::from_slice(&[0x5a; 32]).expect("a secret")
}

/// `{1: 2, 3: -7, -1: 1, -2: x, -3: y}`.
pub(super) fn own_key() -> Vec<u8> {
    let point = signing_key().verifying_key().to_sec1_point(false);
    let (x, y) = point.as_bytes()[1..].split_at(32);
    [
        &[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..],
        x,
        &[0x22, 0x58, 32],
        y,
    ]
    .concat()
}

fn signature_of(message: &[u8]) -> Vec<u8> {
    let signature: Signature = signing_key().sign(message);
    signature.to_der().as_bytes().to_vec()
}

/// Authenticator data, then the client data's hash.
pub(super) fn message(auth_data: &[u8], client_data: &[u8]) -> Vec<u8> {
    [auth_data, &Sha256::digest(client_data)].concat()
}

/// What both ceremonies demand of client and authenticator data, read by others' means.
fn is_ours(client_data: &[u8], kind: &str, challenge: &[u8], auth_data: &[u8], repairs: &Repairs) {
    let text = client_data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(client_data);
    let said: serde_json::Map<String, serde_json::Value> = match serde_json::from_slice(text) {
        Ok(said) => said,
        // A number that is no `f64`, in a member that nobody reads.
        Err(why) if why.to_string().starts_with("number out of range") => return,
        Err(why) => panic!("accepted though not JSON: {why}"),
    };
    assert_eq!((&said["type"], &said["origin"]), (&kind.into(), &ORIGIN.into()));
    assert_eq!(said["challenge"], BASE64URL_NOPAD.encode(challenge));
    assert!(said.get("crossOrigin").is_none_or(|framed| *framed == false) && said.get("topOrigin").is_none());
    assert_eq!(auth_data[..32], *Sha256::digest(SITE));
    let flags = auth_data[32];
    assert!(flags & 0x01 != 0 && (flags & 0x04 != 0 || !repairs.has(REQUIRED)) && flags & 0x18 != 0x10);
    assert_eq!(flags & 0x40 != 0, kind == "webauthn.create");
}

/// Parts: repairs, challenge, client data, authenticator data, signature, COSE key, stored counter and backup
/// eligibility, user handle.
pub fn assertion(bytes: &[u8]) {
    let [repairs, challenge, said, data, signature, cose, stored, handle] = split::<{ ASSERTION.parts }>(bytes);
    let repairs = Repairs::of(repairs);
    let Some(asked) = Challenge::of_another(challenge) else {
        return;
    };
    let client_data_json = repairs.client_data(said, "webauthn.get", challenge);
    let authenticator_data = repairs.auth_data(data);
    let (mut signature, mut cose) = (signature.to_vec(), cose.to_vec());
    let message = message(&authenticator_data, &client_data_json);
    if repairs.has(SIGNED) {
        (signature, cose) = (signature_of(&message), own_key());
    }
    let stored = stored.first_chunk::<5>().copied().unwrap_or_default();
    let passkey = StoredPasskey {
        credential_id: b"a passkey".to_vec(),
        public_key_cose: cose,
        sign_count: u32::from_be_bytes([stored[0], stored[1], stored[2], stored[3]]),
        backup_eligible: stored[4] != 0,
        user_handle: b"a person".to_vec(),
    };
    let response = AssertionResponse {
        id: b"a passkey".to_vec(),
        client_data_json,
        authenticator_data,
        signature,
        user_handle: Some(handle.to_vec()).filter(|handle| !handle.is_empty()),
    };
    let allowed = [passkey.credential_id.clone()];
    let whose = if response.user_handle.is_some() {
        AllowedPasskeys::Anyone
    } else {
        AllowedPasskeys::OneOf(&allowed)
    };
    let verification = repairs.verification();
    let answer = assertion::verify(&party(), asked, verification, &passkey, whose, &response);

    let key = Key::parse(&passkey.public_key_cose).ok();
    let reached = matches!(
        answer,
        Ok(_) | Err(assertion::Step::Signature | assertion::Step::Counter)
    );
    if let Some(key) = key.as_ref().and_then(Key::es256).filter(|_| reached) {
        let table = Table::of(key, Size::Medium);
        let warm = assertion::verify_warm(&party(), asked, verification, &passkey, whose, &response, Some(&table));
        assert_eq!(warm, answer);
    }
    if repairs.has(SIGNED) {
        assert_ne!(answer, Err(assertion::Step::Signature));
    }
    let Ok(seen) = answer else { return };
    let data = &response.authenticator_data;
    is_ours(&response.client_data_json, "webauthn.get", challenge, data, &repairs);
    let sign_count = u32::from_be_bytes(data[33..37].try_into().expect("four bytes"));
    assert_eq!(
        seen,
        PasskeyUse {
            sign_count,
            backed_up: data[32] & 0x10 != 0,
            user_verified: data[32] & 0x04 != 0
        }
    );
    assert!(sign_count > passkey.sign_count || (sign_count, passkey.sign_count) == (0, 0));
    assert_eq!(passkey.backup_eligible, data[32] & 0x08 != 0);
    assert!(handle.is_empty() || handle == passkey.user_handle);
    is_signed(&passkey.public_key_cose, &message, &response.signature);
}

/// By p256's word, where the key is of P-256.
fn is_signed(cose: &[u8], message: &[u8], signature: &[u8]) {
    let ([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32, x @ ..], y) = cose.split_at(cose.len().min(42)) else {
        return;
    };
    let point = [&[4], x, &y[3..]].concat();
    let key = VerifyingKey::from_sec1_bytes(&point).expect("p256's key");
    key.verify(message, &Signature::from_der(signature).expect("DER"))
        .expect("p256's verdict");
}

/// Parts: repairs, challenge, client data, the browser's credential ID, format, statement, the 37 bytes at the head of
/// the authenticator data, AAGUID, credential ID, COSE key, extensions.
pub fn registration(bytes: &[u8]) {
    let [
        repairs,
        challenge,
        said,
        id,
        format,
        statement,
        head,
        aaguid,
        attested,
        cose,
        extensions,
    ] = split::<{ REGISTRATION.parts }>(bytes);
    let repairs = Repairs::of(repairs);
    let Some(asked) = Challenge::of_another(challenge) else {
        return;
    };
    let client_data_json = repairs.client_data(said, "webauthn.create", challenge);
    let own = own_key();
    let cose = if repairs.has(SIGNED) { own.as_slice() } else { cose };
    let mut data = repairs.auth_data(head);
    if let Some(flags) = data.get_mut(32).filter(|_| repairs.has(FLAGS)) {
        *flags = *flags & 0x3f | 0x40 | u8::from(!extensions.is_empty()) << 7;
    }
    let length = u16::try_from(attested.len())
        .expect("two bytes of length")
        .to_be_bytes();
    data.extend([aaguid, &length, attested, cose, extensions].concat());
    let (mut format, mut statement) = (format, statement.to_vec());
    if repairs.has(SIGNED) {
        let signature = cbor(2, &signature_of(&message(&data, &client_data_json)));
        (format, statement) = (b"packed", [b"\xa2\x63alg\x26\x63sig", signature.as_slice()].concat());
    }
    let members = [
        &[0xa3][..],
        b"\x63fmt",
        &cbor(3, format),
        b"\x67attStmt",
        &statement,
        b"\x68authData",
        &cbor(2, &data),
    ];
    let response = RegistrationResponse {
        id: if repairs.has(NAMED) { attested } else { id }.to_vec(),
        client_data_json,
        attestation_object: members.concat(),
        transports: Vec::new(),
        discoverable: None,
    };
    let verify = |policy| {
        registration::verify(
            &party(),
            asked,
            repairs.verification(),
            Algorithm::ALL,
            policy,
            &response,
        )
    };
    let Ok(made) = verify(Policy::Any) else { return };
    let (client_data, verdict) = (&response.client_data_json, &made);
    is_ours(client_data, "webauthn.create", challenge, &data, &repairs);
    assert!((1..=1023).contains(&made.credential_id.len()) && made.credential_id == response.id);
    assert!(
        data.windows(made.public_key.cose().len())
            .any(|window| window == made.public_key.cose())
    );
    assert!(is_as_written(verdict, &data));
    match made.attestation {
        AttestationKind::None => assert_eq!((format, statement.as_slice()), (&b"none"[..], &[0xa0][..])),
        AttestationKind::SelfAttested => assert_eq!(format, b"packed"),
        AttestationKind::Unanchored => assert_ne!(format, b"none"),
        AttestationKind::Anchored => panic!("no roots were given"),
    }
    let models = [made.aaguid];
    assert_eq!(
        verify(Policy::Attested {
            aaguids: &models,
            roots: &[]
        }),
        Err(registration::Step::Trust)
    );
    assert_eq!(
        verify(Policy::Anchored { roots: &[] }).is_ok(),
        made.attestation != AttestationKind::Unanchored
    );
}

fn is_as_written(made: &Registered, data: &[u8]) -> bool {
    let flags = data[32];
    made.sign_count.to_be_bytes() == data[33..37]
        && made.aaguid == data[37..53]
        && (made.backup_eligible, made.backed_up) == (flags & 0x08 != 0, flags & 0x10 != 0)
        && made.user_verified == (flags & 0x04 != 0)
}
