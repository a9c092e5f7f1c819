//! A mail server in every bad mood, and whoever signs in meanwhile: they notice nothing.

use std::time::{Duration, Instant};

use rcgen::generate_simple_self_signed;
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::house::{House, ask, wait_for};
use crate::letters::{MailServer, add_mira, outbox, set, test_letter, tried};
use crate::program::Visitor;

/// Sign-ins of one measurement.
const TIMES: usize = 15;

/// Signs in as often, and answers with the median of how long each took.
#[expect(clippy::disallowed_methods, reason = "how long it takes is what is asked")]
fn sign_ins(house: &House, phone: &Authenticator) -> Duration {
    let port = house.program.port();
    let mut took: Vec<_> = (0..TIMES)
        .map(|_| {
            let mut browser = house.visitor();
            let began = Instant::now();
            let begun = ask(port, &mut browser, "POST", "/api/sign-in/passkey/begin", json!({})).expect(200);
            let said = json!({ "ticket": begun.json["ticket"], "credential": phone.get(&begun.json["publicKey"]) });
            ask(port, &mut browser, "POST", "/api/sign-in/passkey/finish", said).expect(200);
            began.elapsed()
        })
        .collect();
    took.sort_unstable();
    took[TIMES / 2]
}

/// Somebody with a passkey.
pub fn with_passkey(house: &mut House) -> Authenticator {
    let added = house.ask("POST", "/api/people", json!({ "extension": "120", "name": "Ole" }));
    let link = added.expect(201).json["invite"]["link"].as_str().unwrap().to_owned();
    let token = link.split_once("/join#").unwrap().1;
    let mut ole: Visitor = house.visitor();
    let port = house.program.port();
    ask(port, &mut ole, "POST", "/api/sign-in/link", json!({ "token": token })).expect(200);
    let begun = ask(port, &mut ole, "POST", "/api/me/passkeys/begin", json!({})).expect(200);
    let mut phone = Authenticator::new(&ole.origin, 3);
    let made = json!({ "ticket": begun.json["ticket"], "credential": phone.create(&begun.json["publicKey"]) });
    ask(port, &mut ole, "POST", "/api/me/passkeys/finish", made).expect(201);
    phone
}

#[test]
fn no_mood_of_a_mail_server_slows_a_sign_in() {
    let mut house = House::open(&[]);
    let phone = with_passkey(&mut house);
    add_mira(&mut house);
    // The line, the mood, whether it leaves us waiting, and what is said where it does not.
    let moods = [
        ("none", "deaf", None),
        ("none", "mute", None),
        ("starttls", "mute", None),
        ("tls", "drip", None),
        ("none", "drip", None),
        ("none", "hang", None),
        ("none", "drop", Some("broke off")),
        ("tls", "ok", Some("TLS: ")),
        ("none", "refuse-sender", Some("450 4.7.1 who are you")),
        ("none", "refuse-later", Some("451 4.3.2 come back later, please")),
    ];
    for (security, mood, said) in moods {
        let alone = sign_ins(&house, &phone);
        let mut server = MailServer::start(&house.folder, security, mood, None);
        let mut relay = server.relay(security);
        if said == Some("TLS: ") {
            let another = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
            relay["roots"] = json!(another.cert.pem());
        }
        set(&mut house, relay);
        house.ask("POST", "/api/people/101/invite", json!({})).expect(201);
        match (mood, said) {
            (_, Some(_)) => drop(tried(&mut house)),
            ("deaf", None) => {}
            // It says so when somebody came, or when it hangs.
            (_, None) => drop(server.server.line()),
        }
        let beside = sign_ins(&house, &phone);
        assert!(
            beside <= 2 * alone + Duration::from_millis(25),
            "{security} {mood}: {beside:?} against {alone:?} without mail"
        );
        let letter = outbox(&mut house).pop().unwrap();
        match said {
            Some(said) => assert!(letter["said"].as_str().unwrap().contains(said), "{mood}: {letter}"),
            None => assert_eq!((&letter["tries"], &letter["said"]), (&json!(0), &Value::Null), "{mood}"),
        }
        assert_eq!(letter["given_up"], json!(false), "{mood}");
        house.ask("DELETE", "/api/mail", Value::Null).expect(204);
    }
}

#[test]
fn a_mail_server_that_is_set_after_one_that_hangs_gets_the_letter_within_seconds() {
    let mut house = House::open(&[]);
    let mut mute = MailServer::start(&house.folder, "starttls", "mute", None);
    set(&mut house, mute.relay("starttls"));
    add_mira(&mut house);
    assert_eq!(mute.server.line(), "somebody is here");
    let mut fine = MailServer::start(&house.folder, "none", "ok", None);
    set(&mut house, fine.relay("none"));
    assert_eq!(fine.letter()["to"], json!(["mira@example.org"]));
    wait_for("an empty outbox", || outbox(&mut house).is_empty().then_some(()));
}

/// HTTP leaves a request after a minute.
#[test]
fn a_test_letter_to_a_server_that_says_nothing_is_answered_with_a_sentence() {
    let mut house = House::open(&[]);
    let mute = MailServer::start(&house.folder, "none", "mute", None);
    set(&mut house, mute.relay("none"));
    let (accepted, said) = test_letter(&mut house);
    assert!(!accepted && said.contains("within 40 seconds"), "{said}");
}

#[test]
fn a_board_without_certificates_sends_letters_in_the_clear_all_the_same() {
    let nowhere = [("SSL_CERT_FILE", "/nonexistent"), ("SSL_CERT_DIR", "/nonexistent")];
    let mut house = House::open_with(&[], &nowhere);
    let mut server = MailServer::start(&house.folder, "none", "ok", None);
    let mut relay = server.relay("none");
    relay["roots"] = Value::Null;
    set(&mut house, relay.clone());
    add_mira(&mut house);
    assert_eq!(server.letter()["to"], json!(["mira@example.org"]));
    relay["security"] = json!("tls");
    set(&mut house, relay);
    let (accepted, said) = test_letter(&mut house);
    assert!(!accepted && said.contains("no list of trusted certificates"), "{said}");
}
