//! Digest: published vectors, real phones' answers, and each way in which an answer is refused.

use crate::rules::moment::Fresh;
use crate::rules::phones::device::{Algorithm, DeviceSecret};
use crate::rules::phones::digest::{self, Credentials, Guard, Holder, Outcome, Protection, Request};
use crate::rules::phones::limits;
use crate::rules::phones::nonce::Used;
use crate::rules::time::{Tick, Ttl};

pub(super) const REALM: &str = "office.example";
const REGISTER: Request<'_> = Request {
    method: "REGISTER",
    uri: "sip:office.example",
};

pub(super) fn answer(algorithm: Algorithm, said: &Credentials<'_>, method: &str, secret: &str) -> String {
    let secret = DeviceSecret::known(secret);
    let ha1 = digest::ha1(algorithm, said.username, said.realm, &secret);
    let protection = Protection::of(said).unwrap();
    digest::response(algorithm, &ha1, said, &protection, method).to_string()
}

#[test]
fn rfc_7616_section_3_9_1_is_answered_as_printed() {
    let said = Credentials {
        username: "Mufasa",
        realm: "http-auth@example.org",
        nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        uri: "/dir/index.html",
        qop: Some("auth"),
        nc: Some("00000001"),
        cnonce: Some("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"),
        ..Credentials::default()
    };
    assert_eq!(
        answer(Algorithm::Md5, &said, "GET", "Circle of Life"),
        "8ca523f5e9506fed4657c9700eebdbec"
    );
    assert_eq!(
        answer(Algorithm::Sha256, &said, "GET", "Circle of Life"),
        "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    );
}

#[test]
fn rfc_2617_section_3_5_is_answered_as_printed_and_as_rfc_2069_without_qop() {
    let said = Credentials {
        username: "Mufasa",
        realm: "testrealm@host.com",
        nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
        uri: "/dir/index.html",
        qop: Some("auth"),
        nc: Some("00000001"),
        cnonce: Some("0a4f113b"),
        ..Credentials::default()
    };
    assert_eq!(
        answer(Algorithm::Md5, &said, "GET", "Circle Of Life"),
        "6629fae49393a05397450978507c4ef1"
    );
    // The erratum of RFC 2069 §2.4 has this answer to the same nonce with the secret CircleOfLife.
    let bare = Credentials { qop: None, ..said };
    assert_eq!(
        answer(Algorithm::Md5, &bare, "GET", "CircleOfLife"),
        "1949323746fe6a43ef61f9606e7febea"
    );
}

/// A guard at a time, a device of it, and what a client would answer.
pub(super) struct Door {
    pub(super) guard: Guard,
    fresh: Fresh,
    pub(super) secret: DeviceSecret,
    algorithm: Algorithm,
    pub(super) now: Tick,
}

impl Door {
    pub(super) fn of(algorithm: Algorithm) -> Self {
        let mut fresh = Fresh::seeded([3; 32]);
        Self {
            guard: Guard::new(REALM.to_owned(), &mut fresh),
            fresh,
            secret: DeviceSecret::known("corpus-secret"),
            algorithm,
            now: Tick(5_000),
        }
    }

    pub(super) fn nonce(&mut self) -> String {
        let challenge = self.guard.challenge(self.algorithm, false, self.now, &mut self.fresh);
        let (_, rest) = challenge.split_once("nonce=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    fn check(&self, said: &Credentials<'_>, used: Used) -> Outcome {
        let response = answer(self.algorithm, said, "REGISTER", "corpus-secret");
        let said = Credentials {
            response: &response,
            ..*said
        };
        self.judge(&said, used)
    }

    fn judge(&self, said: &Credentials<'_>, used: Used) -> Outcome {
        let holder = Holder {
            secret: &self.secret,
            algorithm: self.algorithm,
        };
        self.guard.check(said, &REGISTER, Some(holder), used, self.now)
    }
}

pub(super) fn auth<'a>(nonce: &'a str, nc: &'a str) -> Credentials<'a> {
    Credentials {
        username: "101-kfmqrt",
        realm: REALM,
        nonce,
        uri: "sip:office.example",
        qop: Some("auth"),
        nc: Some(nc),
        cnonce: Some("0a4f113b"),
        ..Credentials::default()
    }
}

pub(super) fn count_of(outcome: Outcome) -> Option<u32> {
    match outcome {
        Outcome::Right { count, .. } => Some(count),
        Outcome::Foreign | Outcome::Stale | Outcome::Wrong => None,
    }
}

#[test]
fn a_right_answer_is_taken_with_either_hash_and_its_count_is_handed_on() {
    for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
        let mut door = Door::of(algorithm);
        let nonce = door.nonce();
        let said = Credentials {
            algorithm: Some(algorithm.as_str()),
            ..auth(&nonce, "00000d1b")
        };
        assert_eq!(count_of(door.check(&said, Used::Never)), Some(0xd1b));
    }
}

#[test]
fn b13_stale_is_said_exactly_where_the_digest_was_right_and_the_nonce_old() {
    let mut door = Door::of(Algorithm::Md5);
    let nonce = door.nonce();
    let said = auth(&nonce, "00000001");
    let young = door.now;
    door.now = young + Ttl(limits::NONCE_S);
    assert_eq!(door.check(&said, Used::Never), Outcome::Stale);
    let wrong = Credentials {
        response: "0123456789abcdef0123456789abcdef",
        ..said
    };
    assert_eq!(door.judge(&wrong, Used::Never), Outcome::Wrong);
    assert_eq!(
        door.guard.check(&wrong, &REGISTER, None, Used::Never, door.now),
        Outcome::Wrong
    );
    door.now = Tick((young + Ttl(limits::NONCE_S)).0 - 1);
    assert_eq!(count_of(door.check(&said, Used::Never)), Some(1));
}

#[test]
fn b15_a_nonce_of_before_the_restart_is_stale_for_whoever_knows_the_secret() {
    let old = Door::of(Algorithm::Md5).nonce();
    let mut door = Door::of(Algorithm::Md5);
    door.guard = Guard::new(REALM.to_owned(), &mut Fresh::seeded([4; 32]));
    assert_eq!(door.check(&auth(&old, "00000009"), Used::Never), Outcome::Stale);
}

#[test]
fn a_count_may_leap_but_never_stand_or_fall() {
    let mut door = Door::of(Algorithm::Md5);
    let nonce = door.nonce();
    for (nc, used, right) in [
        ("00000002", Used::UpTo(1), true),
        ("0000000f", Used::UpTo(1), true),
        ("00000001", Used::UpTo(1), false),
        ("00000001", Used::UpTo(7), false),
        ("00000001", Used::Forgotten, false),
        ("0000000A", Used::UpTo(9), true),
        ("1", Used::Never, true),
    ] {
        let outcome = door.check(&auth(&nonce, nc), used);
        assert_eq!(count_of(outcome).is_some(), right, "{nc} after {used:?}");
        assert!(right || outcome == Outcome::Stale, "{nc} after {used:?}");
    }
}

#[test]
fn without_qop_a_nonce_serves_once() {
    let mut door = Door::of(Algorithm::Md5);
    let nonce = door.nonce();
    let said = Credentials {
        qop: None,
        nc: None,
        cnonce: None,
        ..auth(&nonce, "")
    };
    let count = count_of(door.check(&said, Used::Never)).unwrap();
    assert_eq!(door.check(&said, Used::UpTo(count)), Outcome::Stale);
}

#[test]
fn b17_a_device_sees_one_challenge_and_answers_with_its_hash_alone() {
    let mut door = Door::of(Algorithm::Sha256);
    let challenge = door.guard.challenge(Algorithm::Sha256, true, door.now, &mut door.fresh);
    assert_eq!(challenge.matches("Digest").count(), 1);
    assert!(
        challenge.contains("algorithm=SHA-256, ") && challenge.ends_with(", stale=true"),
        "{challenge}"
    );
    let nonce = door.nonce();
    let downgraded = Credentials {
        algorithm: Some("MD5"),
        ..auth(&nonce, "00000001")
    };
    assert_eq!(door.check(&downgraded, Used::Never), Outcome::Foreign);
    assert_eq!(door.check(&auth(&nonce, "00000001"), Used::Never), Outcome::Foreign);
    assert!(door.guard.nonce(&downgraded, Algorithm::Md5).is_none());
}

#[test]
fn b18_a_name_may_carry_a_scheme_a_domain_and_a_port() {
    for (username, name) in [
        ("101", "101"),
        ("101@office.example", "101"),
        ("101@192.0.2.10", "101"),
        ("sip:117@office.example:5060", "117"),
        ("SIP:117", "117"),
        ("", ""),
        ("@", ""),
    ] {
        let said = Credentials {
            username,
            ..Credentials::default()
        };
        assert_eq!(said.device_name(), name);
        let mut door = Door::of(Algorithm::Md5);
        let nonce = door.nonce();
        assert!(
            count_of(door.check(
                &Credentials {
                    username,
                    ..auth(&nonce, "00000001")
                },
                Used::Never
            ))
            .is_some()
        );
    }
}

#[test]
fn the_uri_may_differ_in_parameters_and_default_port_and_in_nothing_else() {
    for (uri, right) in [
        ("sip:office.example", true),
        ("sip:office.example:5060", true),
        ("sip:OFFICE.example;transport=udp", true),
        ("sips:office.example:5061", true),
        ("sip:sip:office.example", true),
        ("SIP:sip:office.example:5060", true),
        ("sip:sip:sip:office.example", false),
        ("sip:sip:elsewhere.example", false),
        ("sip:101@office.example", false),
        ("sip:elsewhere.example", false),
        ("sip:", false),
        ("tel:101", false),
        ("", false),
    ] {
        let mut door = Door::of(Algorithm::Md5);
        let nonce = door.nonce();
        let outcome = door.check(
            &Credentials {
                uri,
                ..auth(&nonce, "00000001")
            },
            Used::Never,
        );
        assert_eq!(count_of(outcome).is_some(), right, "{uri}");
        assert!(right || outcome == Outcome::Wrong, "{uri}");
    }
    let ported = Request {
        method: "REGISTER",
        uri: "sip:office.example:5060",
    };
    let mut door = Door::of(Algorithm::Md5);
    let nonce = door.nonce();
    let said = Credentials {
        uri: "sip:office.example:5070",
        ..auth(&nonce, "00000001")
    };
    let response = answer(Algorithm::Md5, &said, "REGISTER", "corpus-secret");
    let said = Credentials {
        response: &response,
        ..said
    };
    let holder = Holder {
        secret: &door.secret,
        algorithm: Algorithm::Md5,
    };
    assert_eq!(
        door.guard.check(&said, &ported, Some(holder), Used::Never, door.now),
        Outcome::Wrong
    );
}

#[test]
fn what_answers_no_challenge_of_ours_is_foreign() {
    let mut door = Door::of(Algorithm::Md5);
    let nonce = door.nonce();
    let said = Credentials {
        response: "",
        ..auth(&nonce, "00000001")
    };
    for foreign in [
        Credentials {
            realm: "asterisk",
            ..said
        },
        Credentials {
            algorithm: Some("MD5-sess"),
            ..said
        },
        Credentials {
            qop: Some("auth-int"),
            ..said
        },
        Credentials { nc: None, ..said },
        Credentials { cnonce: None, ..said },
        Credentials { nc: Some("+1"), ..said },
        Credentials {
            nc: Some("000000001"),
            ..said
        },
    ] {
        assert_eq!(door.judge(&foreign, Used::Never), Outcome::Foreign, "{foreign:?}");
    }
    assert_eq!(
        door.judge(
            &Credentials {
                algorithm: Some("md5"),
                ..said
            },
            Used::Never
        ),
        Outcome::Wrong
    );
}

#[test]
fn a_nonce_that_somebody_changed_is_not_ours() {
    let mut door = Door::of(Algorithm::Md5);
    let nonce = door.nonce();
    assert!(door.guard.nonce(&auth(&nonce, "1"), Algorithm::Md5).is_some());
    for place in 0..nonce.len() {
        let mut changed = nonce.clone().into_bytes();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(
            door.guard.nonce(&auth(&changed, "1"), Algorithm::Md5).is_none(),
            "{changed}"
        );
    }
    assert_ne!(nonce, door.nonce());
}
