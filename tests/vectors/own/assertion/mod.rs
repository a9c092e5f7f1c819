//! §7.2: a sign-in's answer that is right, and what may be unusual in it.

mod cases;
mod steps;

use linekey::rules::webauthn::assertion::{
    AllowedPasskeys, AssertionResponse, PasskeyUse, Step, StoredPasskey, verify, verify_warm,
};
use linekey::rules::webauthn::es256::{Size, Table};
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
    fn judged(mut self) -> Result<PasskeyUse, Step> {
        self.response.signature = self
            .signature
            .clone()
            .unwrap_or_else(|| signed(&secret(1), &self.message()));
        let asked = self
            .allowed
            .as_ref()
            .map_or(AllowedPasskeys::Anyone, |allowed| AllowedPasskeys::OneOf(allowed));
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
            let table = Table::of(Key::parse(&cose).unwrap().es256().unwrap(), Size::Medium);
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

/// A map with one long byte string as extensions, to make authenticator data of this length.
fn extend(said: &mut SignIn, length: usize) {
    let data = &mut said.response.authenticator_data;
    data[32] |= EXTENDED;
    data.extend([0xa1, 0x61, b'x', 0x59]);
    let rest = length - data.len() - 2;
    data.extend(u16::try_from(rest).unwrap().to_be_bytes());
    data.resize(length, 0);
}

/// Why it is unusual, the change.
type Unusual = (&'static str, fn(&mut SignIn));
#[test]
fn the_right_answer_is_accepted() {
    let seen = PasskeyUse {
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
        Ok(PasskeyUse {
            sign_count: 8,
            backed_up: false,
            user_verified: false
        })
    );
}

/// Quiet is a way of making passkeys, not of using them.
#[test]
fn a_sign_in_needs_somebody_present_even_where_it_is_said_to_be_quiet() {
    let with = |flags| {
        let said = SignIn::but(|said| {
            said.verification = UserVerification::Quiet;
            said.flags(flags);
        });
        said.judged().map(|seen| seen.user_verified)
    };
    assert_eq!(with(ELIGIBLE), Err(Step::Present));
    assert_eq!(with(ELIGIBLE | PRESENT), Ok(false));
}
