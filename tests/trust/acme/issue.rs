//! A certificate, by either challenge, and what becomes of it.

use serde_json::{Value, json};

use super::ca::{Ca, is_here};
use super::house::{House, NAME, doors};
use crate::program::Folder;

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
        crate::live::within(std::time::Duration::from_secs(10), "the office CA's leaf", || {
            house.leaf().contains("Linekey office CA")
        });
    }
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
        crate::world::said(&crate::world::run("openssl", &arguments).unwrap())
    };
    assert!(!alpn("acme-tls/1").contains("BEGIN CERTIFICATE"));
    let both = alpn("acme-tls/1,http/1.1");
    assert!(both.contains("BEGIN CERTIFICATE") && both.contains("ALPN protocol: http/1.1"), "{both}");
    house.ask("GET", "/.well-known/acme-challenge/nothing", Value::Null).expect(404);
}

#[test]
fn terms_a_directory_and_a_public_name_are_asked_for() {
    let (folder, doors) = (Folder::new(), doors());
    let mut house = House::open(&folder, doors);
    let typed = json!({
        "directory": "https://ca.example.com/dir", "is_test": false, "challenge": "http-01", "is_strict": false,
        "terms_accepted": true,
    });
    for (field, value) in [("terms_accepted", json!(false)), ("directory", json!("http://ca.example.com/dir"))] {
        let mut wrong = typed.clone();
        wrong[field] = value;
        let refused = house.ask("PUT", "/api/acme", wrong).expect(422);
        assert_eq!(refused.json["field"], field, "{}", refused.body);
    }
    house.ask("POST", "/api/acme/order", Value::Null).expect(404);
    house.ask("DELETE", "/api/acme", Value::Null).expect(404);
}
