//! §7.1: a new passkey that is right, and what may be unusual in it.

mod cases;
mod steps;

use linekey::rules::webauthn::attestation::{AttestationKind, Policy};
use linekey::rules::webauthn::registration::{Registered, RegistrationResponse, Step, keepable, verify};
use linekey::rules::webauthn::{Algorithm, Challenge, UserVerification};
use sha2::{Digest, Sha256};

use super::{
    ATTESTED, BACKED_UP, CHALLENGE, ELIGIBLE, EXTENDED, PRESENT, VERIFIED, auth_data, cbor, client_data, cose_key,
    party, replace, secret, signed,
};

pub(super) const MODEL: [u8; 16] = *b"a good old model";

/// A new passkey with all that it is judged by. The attestation object is put together when it is judged.
pub(super) struct Creation {
    pub(super) verification: UserVerification,
    pub(super) offered: &'static [Algorithm],
    pub(super) policy: Policy<'static>,
    pub(super) client_data: Vec<u8>,
    pub(super) format: &'static str,
    /// CBOR; where there is none, it is made of what is to be signed.
    pub(super) statement: Option<Vec<u8>>,
    /// RP ID hash, flags, counter.
    pub(super) head: Vec<u8>,
    pub(super) aaguid: [u8; 16],
    pub(super) attested_id: Vec<u8>,
    pub(super) public_key: Vec<u8>,
    pub(super) extensions: Vec<u8>,
    /// What the browser says.
    pub(super) id: Vec<u8>,
    /// What the attestation object is turned into at last.
    pub(super) spoil: fn(&mut Vec<u8>),
    pub(super) claimed: bool,
    pub(super) discoverable: Option<bool>,
}

impl Creation {
    pub(super) fn right() -> Self {
        Self {
            verification: UserVerification::Required,
            offered: Algorithm::OFFERED,
            policy: Policy::Any,
            client_data: client_data("webauthn.create"),
            format: "packed",
            statement: None,
            head: auth_data(PRESENT | VERIFIED | ELIGIBLE | ATTESTED, 3),
            aaguid: MODEL,
            attested_id: b"new".to_vec(),
            public_key: cose_key(&secret(1)),
            extensions: Vec::new(),
            id: b"new".to_vec(),
            spoil: |_| {},
            claimed: false,
            discoverable: Some(true),
        }
    }

    pub(super) fn but(change: impl FnOnce(&mut Self)) -> Self {
        let mut made = Self::right();
        change(&mut made);
        made
    }

    pub(super) fn auth_data(&self) -> Vec<u8> {
        let length = u16::try_from(self.attested_id.len()).unwrap().to_be_bytes();
        [
            &self.head[..],
            &self.aaguid,
            &length,
            &self.attested_id,
            &self.public_key,
            &self.extensions,
        ]
        .concat()
    }

    pub(super) fn client_data_hash(&self) -> [u8; 32] {
        Sha256::digest(&self.client_data).into()
    }

    /// What the authenticator signs.
    pub(super) fn message(&self) -> Vec<u8> {
        [&self.auth_data()[..], &self.client_data_hash()].concat()
    }

    /// Self attestation: the passkey signs for itself.
    fn own_statement(&self) -> Vec<u8> {
        self_attested(&signed(&secret(1), &self.message()))
    }

    pub(super) fn judged(&self) -> Result<Registered, Step> {
        let statement = self.statement.clone().unwrap_or_else(|| self.own_statement());
        let mut attestation_object = [
            b"\xa3\x63fmt",
            &cbor(3, self.format.as_bytes())[..],
            b"\x67attStmt",
            &statement,
            b"\x68authData",
            &cbor(2, &self.auth_data()),
        ]
        .concat();
        (self.spoil)(&mut attestation_object);
        let response = RegistrationResponse {
            id: self.id.clone(),
            client_data_json: self.client_data.clone(),
            attestation_object,
            transports: vec!["usb".to_owned()],
            discoverable: self.discoverable,
        };
        let challenge = Challenge::new(&CHALLENGE);
        let made = verify(
            &party(),
            challenge,
            self.verification,
            self.offered,
            self.policy,
            &response,
        )?;
        keepable(&made, self.claimed)?;
        Ok(made)
    }

    fn say(&mut self, old: &str, new: &str) {
        replace(&mut self.client_data, old, new);
    }

    pub(super) fn flags(&mut self, flags: u8) {
        self.head[32] = flags;
    }

    fn named(&mut self, id: &[u8]) {
        (self.id, self.attested_id) = (id.to_vec(), id.to_vec());
    }
}

/// `{"alg": -7, "sig": …}`.
fn self_attested(signature: &[u8]) -> Vec<u8> {
    [b"\xa2\x63alg\x26\x63sig", &cbor(2, signature)[..]].concat()
}

/// Why it is unusual, the change, and what the attestation is worth.
type Unusual = (&'static str, fn(&mut Creation), AttestationKind);
#[test]
fn the_right_passkey_is_accepted_and_told_as_it_is() {
    let made = Creation::right().judged().unwrap();
    assert_eq!(
        (made.credential_id.as_slice(), made.public_key.cose()),
        (&b"new"[..], &cose_key(&secret(1))[..])
    );
    assert_eq!(
        (made.public_key.algorithm(), made.attestation),
        (Algorithm::Es256, AttestationKind::SelfAttested)
    );
    assert_eq!((made.sign_count, made.aaguid), (3, MODEL));
    assert_eq!(
        (made.backup_eligible, made.backed_up, made.user_verified),
        (true, false, true)
    );
    assert_eq!(
        (made.transports, made.discoverable),
        (vec!["usb".to_owned()], Some(true))
    );
}

#[test]
fn what_is_unusual_but_right_is_accepted() {
    let unusual: &[Unusual] = &[
        (
            "unattested",
            |made| (made.format, made.statement) = ("none", Some(vec![0xa0])),
            AttestationKind::None,
        ),
        (
            "roots, of which it needs none",
            |made| made.policy = Policy::Anchored { roots: &[] },
            AttestationKind::SelfAttested,
        ),
        (
            "extensions",
            |made| {
                made.extensions = b"\xa1\x6bcredProtect\x02".to_vec();
                made.head[32] |= EXTENDED;
            },
            AttestationKind::SelfAttested,
        ),
        (
            "no owner verified, where none must be",
            |made| {
                made.verification = UserVerification::Preferred;
                made.flags(PRESENT | ATTESTED);
            },
            AttestationKind::SelfAttested,
        ),
        (
            "copied already",
            |made| made.flags(PRESENT | VERIFIED | ELIGIBLE | BACKED_UP | ATTESTED),
            AttestationKind::SelfAttested,
        ),
        (
            "an ID of 1,023 bytes",
            |made| made.named(&[7; 1023]),
            AttestationKind::SelfAttested,
        ),
        (
            "an ID of one byte",
            |made| made.named(b"1"),
            AttestationKind::SelfAttested,
        ),
        (
            "not told whether it can be found without a name",
            |made| made.discoverable = None,
            AttestationKind::SelfAttested,
        ),
        (
            "members in another order",
            |made| {
                made.spoil = |object| {
                    let format = object.drain(1..12).collect::<Vec<_>>();
                    object.extend(format);
                };
            },
            AttestationKind::SelfAttested,
        ),
    ];
    for (why, change, kind) in unusual {
        let made = Creation::but(change).judged();
        assert_eq!(made.map(|made| made.attestation), Ok(*kind), "{why}");
    }
}

#[test]
fn only_a_quiet_registration_needs_nobody_to_be_present_or_verified() {
    use UserVerification::{Preferred, Quiet, Required};
    let nobody = ELIGIBLE | ATTESTED;
    for (verification, flags, expected) in [
        (Quiet, nobody, Ok(false)),
        (Quiet, nobody | PRESENT, Ok(false)),
        (Quiet, nobody | PRESENT | VERIFIED, Ok(true)),
        (Quiet, ATTESTED | BACKED_UP, Err(Step::Backup)),
        (Preferred, nobody, Err(Step::Present)),
        (Preferred, nobody | VERIFIED, Err(Step::Present)),
        (Required, nobody, Err(Step::Present)),
        (Required, nobody | PRESENT, Err(Step::Verified)),
    ] {
        let made = Creation::but(|made| {
            made.verification = verification;
            made.flags(flags);
        });
        let judged = made.judged().map(|made| made.user_verified);
        assert_eq!(judged, expected, "{verification:?}, flags {flags:#04x}");
    }
}
