//! §7.2, step by step: the answer is right but for one thing, and refused at the step that looks at it.

use linekey::rules::webauthn::assertion::{Asked, AssertionResponse, Seen, Step, StoredPasskey, verify, verify_warm};
use linekey::rules::webauthn::es256::Table;
use linekey::rules::webauthn::public_key::Key;
use linekey::rules::webauthn::{Challenge, UserVerification};
use sha2::{Digest, Sha256};

use super::{
    BACKED_UP, CHALLENGE, ELIGIBLE, EXTENDED, PRESENT, VERIFIED, auth_data, client_data, cose_key, party, replace,
    secret, signed,
};

/// A sign-in's answer with all that it is judged by.
struct SignIn {
    verification: UserVerification,
    /// Whose passkeys were asked for; `None`: anybody's.
    allowed: Option<Vec<Vec<u8>>>,
    passkey: StoredPasskey,
    response: AssertionResponse,
    /// Made over the response as it is when it is judged, unless it is there already.
    signature: Option<Vec<u8>>,
}

impl SignIn {
    fn right() -> Self {
        Self {
            verification: UserVerification::Required,
            allowed: None,
            passkey: StoredPasskey {
                credential_id: b"passkey".to_vec(),
                public_key_cose: cose_key(&secret(1)),
                sign_count: 7,
                backup_eligible: true,
                user_handle: b"mira".to_vec(),
            },
            response: AssertionResponse {
                id: b"passkey".to_vec(),
                client_data_json: client_data("webauthn.get"),
                authenticator_data: auth_data(PRESENT | VERIFIED | ELIGIBLE | BACKED_UP, 8),
                signature: Vec::new(),
                user_handle: Some(b"mira".to_vec()),
            },
            signature: None,
        }
    }

    fn but(change: impl FnOnce(&mut Self)) -> Self {
        let mut said = Self::right();
        change(&mut said);
        said
    }

    fn message(&self) -> Vec<u8> {
        [
            self.response.authenticator_data.as_slice(),
            &Sha256::digest(&self.response.client_data_json),
        ]
        .concat()
    }

    /// The answer, which must be the same with a table of the key and with one of another.
    fn judged(mut self) -> Result<Seen, Step> {
        self.response.signature = self
            .signature
            .clone()
            .unwrap_or_else(|| signed(&secret(1), &self.message()));
        let asked = self
            .allowed
            .as_ref()
            .map_or(Asked::Anyone, |allowed| Asked::OneOf(allowed));
        let (party, challenge) = (party(), Challenge::new(&CHALLENGE));
        let answer = verify(
            &party,
            challenge,
            self.verification,
            &self.passkey,
            asked,
            &self.response,
        );
        for number in [1, 2] {
            let cose = cose_key(&secret(number));
            let table = Table::of(Key::parse(&cose).unwrap().es256().unwrap());
            let warm = verify_warm(
                &party,
                challenge,
                self.verification,
                &self.passkey,
                asked,
                &self.response,
                Some(&table),
            );
            assert_eq!(warm, answer, "with the table of key {number}");
        }
        answer
    }

    fn say(&mut self, old: &str, new: &str) {
        replace(&mut self.response.client_data_json, old, new);
    }

    fn flags(&mut self, flags: u8) {
        self.response.authenticator_data[32] = flags;
    }

    fn counts(&mut self, stored: u32, said: u32) {
        self.passkey.sign_count = stored;
        self.response.authenticator_data[33..37].copy_from_slice(&said.to_be_bytes());
    }
}

/// Why it is unusual, the change.
type Unusual = (&'static str, fn(&mut SignIn));
type Case = (Step, &'static str, fn(&mut SignIn));

/// Each wrong in one thing.
const CASES: &[Case] = &[
    (Step::Allowed, "another passkey was asked for", |said| {
        said.allowed = Some(vec![b"other".to_vec()])
    }),
    (Step::Allowed, "no passkey was allowed", |said| {
        said.allowed = Some(Vec::new())
    }),
    (Step::Owner, "another account's handle", |said| {
        said.response.user_handle = Some(b"otto".to_vec())
    }),
    (
        Step::Owner,
        "another account's handle, where it was known who it is",
        |said| {
            said.allowed = Some(vec![b"passkey".to_vec()]);
            said.response.user_handle = Some(b"otto".to_vec());
        },
    ),
    (Step::Owner, "no handle, though nobody was named before", |said| {
        said.response.user_handle = None
    }),
    (Step::Owner, "the record is of another passkey", |said| {
        said.passkey.credential_id = b"other".to_vec()
    }),
    (Step::Response, "36 bytes", |said| {
        said.response.authenticator_data.truncate(36)
    }),
    (Step::Response, "a byte left over", |said| {
        said.response.authenticator_data.push(0)
    }),
    (Step::Response, "extensions announced, none there", |said| {
        said.response.authenticator_data[32] |= EXTENDED
    }),
    (Step::Response, "4,097 bytes", |said| extend(said, 4097)),
    (Step::Response, "a signature of 513 bytes", |said| {
        said.signature = Some(vec![0x30; 513])
    }),
    (Step::Utf8, "a byte that is no text", |said| {
        let end = said.response.client_data_json.len() - 1;
        said.response.client_data_json.splice(end..end, *b",\"\xff\":1");
    }),
    (Step::Utf8, "4,097 bytes", |said| {
        said.response.client_data_json.resize(4097, b' ')
    }),
    (Step::Json, "half an object", |said| {
        said.response.client_data_json.pop();
    }),
    (Step::Json, "an array", |said| {
        said.response.client_data_json = b"[]".to_vec()
    }),
    (Step::Json, "something behind it", |said| {
        said.response.client_data_json.push(b'}')
    }),
    (Step::Json, "a member twice", |said| {
        said.say("{", r#"{"type":"webauthn.get","#)
    }),
    (Step::Json, "crossOrigin is text", |said| {
        said.say("false", r#""false""#)
    }),
    (Step::Type, "of a registration", |said| {
        said.say("webauthn.get", "webauthn.create")
    }),
    (Step::Type, "in capitals", |said| {
        said.say("webauthn.get", "WebAuthn.get")
    }),
    (Step::Type, "not said", |said| said.say(r#""type""#, r#""kind""#)),
    (Step::Challenge, "another one", |said| said.say("dGhp", "dGhq")),
    (Step::Challenge, "one bit at its end", |said| said.say("IC4", "IC5")),
    (Step::Challenge, "with padding", |said| said.say("IC4", "IC4=")),
    (Step::Challenge, "its beginning", |said| said.say("IC4", "")),
    (Step::Challenge, "not said", |said| {
        said.say(r#""challenge""#, r#""answer""#)
    }),
    (Step::Origin, "without TLS", |said| said.say("https", "http")),
    (Step::Origin, "another port", |said| {
        said.say("example.org", "example.org:444")
    }),
    (Step::Origin, "a name below ours", |said| said.say("//", "//www.")),
    (Step::Origin, "a slash behind it", |said| {
        said.say("example.org", "example.org/")
    }),
    (Step::Origin, "not said", |said| said.say(r#""origin""#, r#""from""#)),
    (Step::CrossOrigin, "framed", |said| said.say("false", "true")),
    (Step::TopOrigin, "a page above it", |said| {
        said.say("{", r#"{"topOrigin":"https://pbx.example.org","#)
    }),
    (Step::RpId, "its first bit", |said| {
        said.response.authenticator_data[0] ^= 0x80
    }),
    (Step::RpId, "its last bit", |said| {
        said.response.authenticator_data[31] ^= 1
    }),
    (Step::Present, "nobody there", |said| {
        said.flags(VERIFIED | ELIGIBLE | BACKED_UP)
    }),
    (Step::Verified, "anybody there", |said| {
        said.flags(PRESENT | ELIGIBLE | BACKED_UP)
    }),
    (Step::Backup, "copied, though it cannot be", |said| {
        said.flags(PRESENT | VERIFIED | BACKED_UP)
    }),
    (Step::Eligible, "cannot be copied any more", |said| {
        said.flags(PRESENT | VERIFIED)
    }),
    (Step::Eligible, "can be copied from now on", |said| {
        said.passkey.backup_eligible = false
    }),
    (Step::Signature, "another key's", |said| {
        said.signature = Some(signed(&secret(2), &said.message()))
    }),
    (Step::Signature, "of the authenticator data alone", |said| {
        said.signature = Some(signed(&secret(1), &said.response.authenticator_data));
    }),
    (Step::Signature, "of a lower counter", |said| {
        said.signature = Some(signed(&secret(1), &said.message()));
        said.counts(7, 9);
    }),
    (Step::Signature, "of other client data", |said| {
        said.signature = Some(signed(&secret(1), &said.message()));
        said.response.client_data_json.push(b' ');
    }),
    (Step::Signature, "none", |said| said.signature = Some(Vec::new())),
    (Step::Signature, "the record's key is no key", |said| {
        said.passkey.public_key_cose = vec![0xa0]
    }),
    (Step::Counter, "went back", |said| said.counts(7, 6)),
    (Step::Counter, "stood still", |said| said.counts(7, 7)),
    (Step::Counter, "vanished", |said| said.counts(7, 0)),
    (Step::Counter, "went round", |said| said.counts(u32::MAX, 0)),
];

/// A map with one long byte string as extensions, to make authenticator data of this length.
fn extend(said: &mut SignIn, length: usize) {
    let data = &mut said.response.authenticator_data;
    data[32] |= EXTENDED;
    data.extend([0xa1, 0x61, b'x', 0x59]);
    let rest = length - data.len() - 2;
    data.extend(u16::try_from(rest).unwrap().to_be_bytes());
    data.resize(length, 0);
}

#[track_caller]
fn each_case_is_refused_at(step: Step) {
    let cases: Vec<_> = CASES.iter().filter(|(at, ..)| *at == step).collect();
    assert!(!cases.is_empty(), "no case for {step}");
    for (_, why, change) in cases {
        assert_eq!(SignIn::but(change).judged(), Err(step), "{why}");
    }
}

#[test]
fn the_right_answer_is_accepted() {
    let seen = Seen {
        sign_count: 8,
        backed_up: true,
        user_verified: true,
    };
    assert_eq!(SignIn::right().judged(), Ok(seen));
}

#[test]
fn what_is_unusual_but_right_is_accepted() {
    let unusual: &[Unusual] = &[
        ("the account was known and is not named", |said| {
            said.allowed = Some(vec![b"other".to_vec(), b"passkey".to_vec()]);
            said.response.user_handle = None;
        }),
        ("the account was known and is named", |said| {
            said.allowed = Some(vec![b"passkey".to_vec()])
        }),
        ("our other origin", |said| said.say("example.org", "example.org:8443")),
        ("a byte order mark", |said| {
            drop(said.response.client_data_json.splice(0..0, *b"\xef\xbb\xbf"))
        }),
        ("escapes", |said| said.say("webauthn.get", "\\u0077ebauthn\\u002eget")),
        ("blanks", |said| said.say("{", " {\n\t")),
        ("crossOrigin not said", |said| said.say(r#","crossOrigin":false"#, "")),
        ("client data of 4,096 bytes", |said| {
            said.response.client_data_json.resize(4096, b' ')
        }),
        ("authenticator data of 4,096 bytes", |said| extend(said, 4096)),
        ("no counter at all", |said| said.counts(0, 0)),
        ("the first count", |said| said.counts(0, 1)),
        ("a leap", |said| said.counts(7, u32::MAX)),
        ("reserved flags", |said| {
            said.flags(PRESENT | VERIFIED | ELIGIBLE | 0x22)
        }),
        ("not copied yet", |said| said.flags(PRESENT | VERIFIED | ELIGIBLE)),
        ("bound to one device", |said| {
            said.passkey.backup_eligible = false;
            said.flags(PRESENT | VERIFIED);
        }),
    ];
    for (why, change) in unusual {
        assert!(SignIn::but(change).judged().is_ok(), "{why}");
    }
}

#[test]
fn verification_that_is_not_required_is_only_told() {
    let seen = SignIn::but(|said| {
        said.verification = UserVerification::Preferred;
        said.flags(PRESENT | ELIGIBLE);
    });
    assert_eq!(
        seen.judged(),
        Ok(Seen {
            sign_count: 8,
            backed_up: false,
            user_verified: false
        })
    );
}

#[test]
fn step_5_refuses_a_passkey_that_was_not_asked_for() {
    each_case_is_refused_at(Step::Allowed);
}

#[test]
fn step_6_refuses_a_passkey_of_another_account() {
    each_case_is_refused_at(Step::Owner);
}

#[test]
fn step_7_refuses_malformed_authenticator_data_and_oversized_signatures() {
    each_case_is_refused_at(Step::Response);
}

#[test]
fn step_8_refuses_client_data_that_are_no_text_of_sensible_size() {
    each_case_is_refused_at(Step::Utf8);
}

#[test]
fn step_9_refuses_client_data_that_are_not_a_browsers_json() {
    each_case_is_refused_at(Step::Json);
}

#[test]
fn step_10_refuses_client_data_of_another_ceremony() {
    each_case_is_refused_at(Step::Type);
}

#[test]
fn step_11_refuses_a_challenge_that_we_did_not_give() {
    each_case_is_refused_at(Step::Challenge);
}

#[test]
fn step_12_refuses_an_origin_that_is_not_ours_byte_for_byte() {
    each_case_is_refused_at(Step::Origin);
}

#[test]
fn step_13_refuses_a_page_framed_by_another_origin() {
    each_case_is_refused_at(Step::CrossOrigin);
}

#[test]
fn step_14_refuses_a_page_that_names_one_above_it() {
    each_case_is_refused_at(Step::TopOrigin);
}

#[test]
fn step_15_refuses_an_answer_for_another_site() {
    each_case_is_refused_at(Step::RpId);
}

#[test]
fn step_16_refuses_an_answer_while_nobody_was_present() {
    each_case_is_refused_at(Step::Present);
}

#[test]
fn step_17_refuses_an_unverified_owner_where_verification_is_required() {
    each_case_is_refused_at(Step::Verified);
}

#[test]
fn step_18_refuses_a_copy_of_what_cannot_be_copied() {
    each_case_is_refused_at(Step::Backup);
}

#[test]
fn step_19_refuses_a_passkey_whose_kind_has_changed() {
    each_case_is_refused_at(Step::Eligible);
}

#[test]
fn step_21_refuses_a_signature_that_is_not_the_passkeys() {
    each_case_is_refused_at(Step::Signature);
}

#[test]
fn step_22_refuses_a_counter_that_did_not_move_forward() {
    each_case_is_refused_at(Step::Counter);
}

#[test]
#[expect(clippy::as_conversions, reason = "a step's number is its value")]
fn every_step_of_a_sign_in_has_a_case_that_is_refused_there_and_of_two_faults_the_earlier_is_told() {
    assert!(
        Step::ALL.is_sorted_by(|one, next| one < next),
        "in the standard's order"
    );
    for step in Step::ALL {
        each_case_is_refused_at(*step);
        assert!(step.to_string().starts_with(&format!("§7.2 step {}: ", *step as u8)));
    }
    // Both client data and authenticator data wrong: the standard looks at the former first, but for its shape.
    let both = SignIn::but(|said| {
        said.say("https", "http");
        said.flags(0);
    });
    assert_eq!(both.judged(), Err(Step::Origin));
}
