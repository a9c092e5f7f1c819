//! A certificate, by either challenge, and what becomes of it.

use std::time::Duration;

use serde_json::{Value, json};

use super::ca::{Ca, is_here};
use super::house::{House, NAME, choice, doors};
use crate::live::within;
use crate::program::Folder;
use crate::world::{run, said};

/// By both challenges, with every second good nonce rejected, and without a restart.
#[test]
fn a_press_brings_a_certificate_by_either_challenge_and_it_is_served_at_once() {
    if !is_here() {
        return;
    }
    for challenge in ["http-01", "tls-alpn-01"] {
        let (folder, doors) = (Folder::new(), doors());
        let ca = Ca::start(doors, 50);
        let mut house = House::open(&folder, doors);
        assert!(house.leaf().contains("Linekey office CA"), "{}", house.leaf());
        house.choose(&ca, challenge, false).expect(200);
        let acme = house.settled();
        assert_eq!(acme["trouble"], Value::Null, "{challenge}");
        let leaf = house.leaf();
        assert!(leaf.contains("Pebble") && leaf.contains(NAME), "{challenge}: {leaf}");
        assert_eq!((house.source().as_str(), ca.orders()), ("acme", 1), "{challenge}");
        house.kill_and_start();
        assert_eq!(house.leaf(), leaf, "{challenge}: after a restart");
        // Whoever comes in the clear is led to the name that browsers trust now.
        let page = house.ask("GET", "/healthz", Value::Null).expect(200);
        assert!(page.field("strict-transport-security").is_none());
        house.ask("DELETE", "/api/acme", Value::Null).expect(204);
        within(Duration::from_secs(10), "the office CA's leaf", || {
            house.leaf().contains("Linekey office CA")
        });
    }
}

/// The SIP port serves it too; who comes by address, as phones do, gets the leaf that names addresses.
#[test]
fn phones_get_it_too_by_name_and_by_address_the_office_cas_leaf() {
    if !is_here() {
        return;
    }
    let (folder, doors) = (Folder::new(), doors());
    let ca = Ca::start(doors, 0);
    let mut house = House::open(&folder, doors);
    house
        .ask("PATCH", "/api/settings", json!({ "phones": true }))
        .expect(200);
    let by_name = ["-servername", NAME];
    within(Duration::from_secs(10), "the phones' port", || {
        house.leaf_at(doors.phones, &by_name).contains("Linekey office CA")
    });
    house.choose(&ca, "tls-alpn-01", false).expect(200);
    assert_eq!(house.settled()["trouble"], Value::Null);
    for port in [doors.phones, doors.secure] {
        assert!(house.leaf_at(port, &by_name).contains("Pebble"), "{port}");
        for other in [&["-noservername"][..], &["-servername", "linekey.local"]] {
            assert!(
                house.leaf_at(port, other).contains("Linekey office CA"),
                "{port} {other:?}"
            );
        }
    }
}

/// T07: a choice, never with includeSubDomains, and taken back.
#[test]
fn strict_transport_security_is_sent_by_choice_with_a_real_certificate_and_taken_back_after_it() {
    if !is_here() {
        return;
    }
    let (folder, doors) = (Folder::new(), doors());
    let ca = Ca::start(doors, 0);
    let mut house = House::open(&folder, doors);
    let strict = |said: Option<&str>| {
        let resolve = format!("{NAME}:{}:127.0.0.1", doors.secure);
        let url = format!("https://{NAME}:{}/", doors.secure);
        within(Duration::from_secs(60), &format!("{said:?}"), || {
            let head = said_by("curl", &["-skD-", "-o", "/dev/null", "--resolve", &resolve, &url]);
            assert!(head.starts_with("HTTP/1.1"), "{head}");
            let field = head
                .lines()
                .find_map(|line| line.strip_prefix("strict-transport-security: "));
            field == said
        });
    };
    strict(None);
    let mut choice = choice(&ca.directory(), &ca.root, "http-01", false);
    house.ask("PUT", "/api/acme", choice.clone()).expect(200);
    assert_eq!(house.settled()["trouble"], Value::Null);
    strict(None);
    choice["is_strict"] = json!(true);
    house.ask("PUT", "/api/acme", choice.clone()).expect(200);
    strict(Some("max-age=15552000"));
    choice["is_test"] = json!(true);
    within(Duration::from_secs(60), "no order under way", || {
        house.acme()["under_way"] == false
    });
    house.ask("PUT", "/api/acme", choice).expect(200);
    strict(Some("max-age=0"));
    house.ask("DELETE", "/api/acme", Value::Null).expect(204);
    strict(Some("max-age=0"));
    house.kill_and_start();
    strict(Some("max-age=0"));
}

fn said_by(program: &str, arguments: &[&str]) -> String {
    run(program, arguments).map(|output| said(&output)).unwrap_or_default()
}

/// RFC 8737 §3.
#[test]
fn handshakes_that_ask_for_acme_alone_get_nothing_while_no_order_is_under_way() {
    if !is_here() {
        return;
    }
    let (folder, doors) = (Folder::new(), doors());
    let mut house = House::open(&folder, doors);
    let address = format!("127.0.0.1:{}", doors.secure);
    let alpn = |list: &str| {
        let arguments = ["s_client", "-connect", &address, "-servername", NAME, "-alpn", list];
        said_by("openssl", &arguments)
    };
    assert!(!alpn("acme-tls/1").contains("BEGIN CERTIFICATE"));
    let both = alpn("acme-tls/1,http/1.1");
    assert!(
        both.contains("BEGIN CERTIFICATE") && both.contains("ALPN protocol: http/1.1"),
        "{both}"
    );
    house
        .ask("GET", "/.well-known/acme-challenge/nothing", Value::Null)
        .expect(404);
}

#[test]
fn terms_a_directory_and_a_public_name_are_asked_for() {
    let (folder, doors) = (Folder::new(), doors());
    let mut house = House::open(&folder, doors);
    let typed = json!({
        "directory": "https://ca.example.com/dir", "is_test": false, "challenge": "http-01", "is_strict": false,
        "terms_accepted": true,
    });
    for (field, value) in [
        ("terms_accepted", json!(false)),
        ("directory", json!("http://ca.example.com/dir")),
    ] {
        let mut wrong = typed.clone();
        wrong[field] = value;
        let refused = house.ask("PUT", "/api/acme", wrong).expect(422);
        assert_eq!(refused.json["field"], field, "{}", refused.body);
    }
    house.ask("POST", "/api/acme/order", Value::Null).expect(404);
    house.ask("DELETE", "/api/acme", Value::Null).expect(404);
}
