//! §7.1, step by step: the new passkey is right but for one thing, and refused at the step that looks at it.

use linekey::rules::webauthn::attestation::{Kind, Policy};
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
type Unusual = (&'static str, fn(&mut Creation), Kind);
type Case = (Step, &'static str, fn(&mut Creation));

/// Each wrong in one thing.
const CASES: &[Case] = &[
    (Step::Utf8, "a byte that is no text", |made| {
        made.client_data.splice(1..1, *b"\"\xff\":1,");
    }),
    (Step::Utf8, "4,097 bytes", |made| made.client_data.resize(4097, b' ')),
    (Step::Json, "half an object", |made| {
        made.client_data.pop();
    }),
    (Step::Json, "the challenge is a number", |made| {
        made.say(r#""dGhpcnR5LXR3byBieXRlcyBvZiB0aGUgZGVzaydzIC4""#, "1")
    }),
    (Step::Json, "topOrigin is null", |made| {
        made.say("{", r#"{"topOrigin":null,"#)
    }),
    (Step::Type, "of a sign-in", |made| {
        made.say("webauthn.create", "webauthn.get")
    }),
    (Step::Type, "not said", |made| made.say(r#""type""#, r#""kind""#)),
    (Step::Challenge, "another one", |made| made.say("dGhp", "dGhq")),
    (Step::Challenge, "not said", |made| {
        made.say(r#""challenge""#, r#""answer""#)
    }),
    (Step::Origin, "another site", |made| {
        made.say("pbx.example.org", "pbx.example.com")
    }),
    (Step::Origin, "not said", |made| made.say(r#""origin""#, r#""from""#)),
    (Step::CrossOrigin, "framed", |made| made.say("false", "true")),
    (Step::TopOrigin, "a page above it", |made| {
        made.say("{", r#"{"topOrigin":"https://pbx.example.org","#)
    }),
    (Step::Decoded, "empty", |made| made.spoil = Vec::clear),
    (Step::Decoded, "a byte left over", |made| {
        made.spoil = |object| object.push(0)
    }),
    (Step::Decoded, "cut short", |made| {
        made.spoil = |object| {
            object.pop();
        }
    }),
    (Step::Decoded, "32 KiB and a byte", |made| {
        made.spoil = |object| object.resize(32 * 1024 + 1, 0)
    }),
    (Step::Decoded, "a list", |made| {
        made.spoil = |object| *object = vec![0x80]
    }),
    (Step::Decoded, "a member more", |made| {
        made.spoil = |object| {
            object[0] = 0xa4;
            object.extend(*b"\x62no\x00");
        };
    }),
    (Step::Decoded, "no format", |made| {
        made.spoil = |object| object[2] = b'F'
    }),
    (Step::Decoded, "a statement that is no map", |made| {
        made.statement = Some(vec![0x80])
    }),
    (Step::Decoded, "authenticator data in text", |made| {
        made.spoil = |object| {
            let at = object.windows(8).position(|window| window == b"authData").unwrap() + 8;
            object.truncate(at);
            object.push(0x60);
        };
    }),
    (Step::Decoded, "authenticator data of 36 bytes", |made| {
        made.spoil = |object| {
            let at = object.windows(8).position(|window| window == b"authData").unwrap() + 8;
            object.truncate(at);
            object.extend([0x58, 36]);
            object.extend([0; 36]);
        };
    }),
    (Step::Decoded, "no passkey in it", |made| made.flags(PRESENT | VERIFIED)),
    (Step::Decoded, "no passkey in it, and nothing left over", |made| {
        made.spoil = |object| {
            let at = object.windows(8).position(|window| window == b"authData").unwrap() + 8;
            object.truncate(at);
            object.extend(cbor(2, &auth_data(PRESENT | VERIFIED, 3)));
        };
    }),
    (Step::Decoded, "extensions that were not announced", |made| {
        made.extensions = vec![0xa0]
    }),
    (Step::Decoded, "extensions that are no map", |made| {
        made.extensions = vec![0x80];
        made.head[32] |= EXTENDED;
    }),
    (Step::Decoded, "a public key that is no map", |made| {
        made.public_key = vec![0x80]
    }),
    (Step::Decoded, "a public key whose labels are in no order", |made| {
        made.public_key.splice(1..5, [3, 0x26, 1, 2]).for_each(drop)
    }),
    (Step::RpId, "its first bit", |made| made.head[0] ^= 0x80),
    (Step::Present, "nobody there", |made| {
        made.flags(VERIFIED | ELIGIBLE | ATTESTED)
    }),
    (Step::Verified, "anybody there", |made| {
        made.flags(PRESENT | ELIGIBLE | ATTESTED)
    }),
    (Step::Backup, "copied, though it cannot be", |made| {
        made.flags(PRESENT | VERIFIED | BACKED_UP | ATTESTED)
    }),
    (Step::Algorithm, "not offered", |made| {
        made.offered = &[Algorithm::EdDsa, Algorithm::Rs256]
    }),
    (Step::Algorithm, "a point beside the curve", |made| {
        *made.public_key.last_mut().unwrap() ^= 1
    }),
    (Step::Algorithm, "a parameter more", |made| {
        made.public_key[0] = 0xa6;
        made.public_key.extend([0x23, 0x41, 1]);
    }),
    (Step::Algorithm, "no algorithm", |made| {
        made.public_key[0] = 0xa4;
        made.public_key.drain(3..5);
    }),
    (Step::Format, "unknown", |made| made.format = "packet"),
    (Step::Format, "in capitals", |made| made.format = "Packed"),
    (Step::Attestation, "signed by another", |made| {
        made.statement = Some(self_attested(&signed(&secret(2), &made.message())));
    }),
    (Step::Attestation, "not signed", |made| {
        made.statement = Some(vec![0xa0])
    }),
    (Step::Attestation, "none, and yet something", |made| {
        made.format = "none"
    }),
    (Step::Trust, "no certificates, where they are demanded", |made| {
        made.policy = Policy::Attested {
            aaguids: &[MODEL],
            roots: &[],
        };
    }),
    (Step::Trust, "nothing, where certificates are demanded", |made| {
        (made.format, made.statement) = ("none", Some(vec![0xa0]));
        made.policy = Policy::Attested {
            aaguids: &[MODEL],
            roots: &[],
        };
    }),
    (Step::CredentialId, "empty", |made| made.named(b"")),
    (Step::CredentialId, "1,024 bytes", |made| made.named(&[7; 1024])),
    (Step::CredentialId, "not the one that the browser named", |made| {
        made.id = b"old".to_vec()
    }),
    (Step::Unclaimed, "somebody's", |made| made.claimed = true),
    (Step::Discoverable, "found by a name alone", |made| {
        made.discoverable = Some(false)
    }),
];

#[track_caller]
fn each_case_is_refused_at(step: Step) {
    let cases: Vec<_> = CASES.iter().filter(|(at, ..)| *at == step).collect();
    assert!(!cases.is_empty(), "no case for {step}");
    for (_, why, change) in cases {
        assert_eq!(Creation::but(change).judged().err(), Some(step), "{why}");
    }
}

#[test]
fn the_right_passkey_is_accepted_and_told_as_it_is() {
    let made = Creation::right().judged().unwrap();
    assert_eq!(
        (made.credential_id.as_slice(), made.public_key.cose()),
        (&b"new"[..], &cose_key(&secret(1))[..])
    );
    assert_eq!(
        (made.public_key.algorithm(), made.attestation),
        (Algorithm::Es256, Kind::SelfAttested)
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
            Kind::None,
        ),
        (
            "roots, of which it needs none",
            |made| made.policy = Policy::Anchored { roots: &[] },
            Kind::SelfAttested,
        ),
        (
            "extensions",
            |made| {
                made.extensions = b"\xa1\x6bcredProtect\x02".to_vec();
                made.head[32] |= EXTENDED;
            },
            Kind::SelfAttested,
        ),
        (
            "no owner verified, where none must be",
            |made| {
                made.verification = UserVerification::Preferred;
                made.flags(PRESENT | ATTESTED);
            },
            Kind::SelfAttested,
        ),
        (
            "copied already",
            |made| made.flags(PRESENT | VERIFIED | ELIGIBLE | BACKED_UP | ATTESTED),
            Kind::SelfAttested,
        ),
        (
            "an ID of 1,023 bytes",
            |made| made.named(&[7; 1023]),
            Kind::SelfAttested,
        ),
        ("an ID of one byte", |made| made.named(b"1"), Kind::SelfAttested),
        (
            "not told whether it can be found without a name",
            |made| made.discoverable = None,
            Kind::SelfAttested,
        ),
        (
            "members in another order",
            |made| {
                made.spoil = |object| {
                    let format = object.drain(1..12).collect::<Vec<_>>();
                    object.extend(format);
                };
            },
            Kind::SelfAttested,
        ),
    ];
    for (why, change, kind) in unusual {
        let made = Creation::but(change).judged();
        assert_eq!(made.map(|made| made.attestation), Ok(*kind), "{why}");
    }
}

#[test]
fn step_5_refuses_client_data_that_are_no_text_of_sensible_size() {
    each_case_is_refused_at(Step::Utf8);
}

#[test]
fn step_6_refuses_client_data_that_are_not_a_browsers_json() {
    each_case_is_refused_at(Step::Json);
}

#[test]
fn step_7_refuses_client_data_of_another_ceremony() {
    each_case_is_refused_at(Step::Type);
}

#[test]
fn step_8_refuses_a_challenge_that_we_did_not_give() {
    each_case_is_refused_at(Step::Challenge);
}

#[test]
fn step_9_refuses_an_origin_that_is_not_ours() {
    each_case_is_refused_at(Step::Origin);
}

#[test]
fn step_10_refuses_a_page_framed_by_another_origin() {
    each_case_is_refused_at(Step::CrossOrigin);
}

#[test]
fn step_11_refuses_a_page_that_names_one_above_it() {
    each_case_is_refused_at(Step::TopOrigin);
}

#[test]
fn step_13_refuses_a_malformed_attestation_object() {
    each_case_is_refused_at(Step::Decoded);
}

#[test]
fn step_14_refuses_a_passkey_bound_to_another_site() {
    each_case_is_refused_at(Step::RpId);
}

#[test]
fn step_15_refuses_a_passkey_made_while_nobody_was_present() {
    each_case_is_refused_at(Step::Present);
}

#[test]
fn step_16_refuses_an_unverified_owner_where_verification_is_required() {
    each_case_is_refused_at(Step::Verified);
}

#[test]
fn step_17_refuses_a_copy_of_what_cannot_be_copied() {
    each_case_is_refused_at(Step::Backup);
}

#[test]
fn step_20_refuses_a_key_that_is_not_whole_or_was_not_offered() {
    each_case_is_refused_at(Step::Algorithm);
}

#[test]
fn step_21_refuses_an_unknown_format() {
    each_case_is_refused_at(Step::Format);
}

#[test]
fn step_22_refuses_a_statement_that_is_not_true() {
    each_case_is_refused_at(Step::Attestation);
}

#[test]
fn step_24_refuses_what_the_office_does_not_trust() {
    each_case_is_refused_at(Step::Trust);
}

#[test]
fn step_25_refuses_an_id_of_a_wrong_length_or_another_name() {
    each_case_is_refused_at(Step::CredentialId);
}

#[test]
fn step_26_refuses_a_passkey_that_is_registered_already() {
    each_case_is_refused_at(Step::Unclaimed);
}

#[test]
fn step_28_refuses_a_passkey_that_cannot_be_found_without_a_name() {
    each_case_is_refused_at(Step::Discoverable);
}

#[test]
#[expect(clippy::as_conversions, reason = "a step's number is its value")]
fn every_step_of_a_registration_has_a_case_that_is_refused_there_and_of_two_faults_the_earlier_is_told() {
    assert!(
        Step::ALL.is_sorted_by(|one, next| one < next),
        "in the standard's order"
    );
    for step in Step::ALL {
        each_case_is_refused_at(*step);
        assert!(step.to_string().starts_with(&format!("§7.1 step {}: ", *step as u8)));
    }
    let both = Creation::but(|made| {
        made.flags(ATTESTED);
        made.format = "packet";
    });
    assert_eq!(both.judged().err(), Some(Step::Present));
}
