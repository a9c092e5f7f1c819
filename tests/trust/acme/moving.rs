//! The two names of a move in one order, and one of them that fails.

use std::time::Duration;

use serde_json::{Value, json};

use super::ca::{Ca, is_here};
use super::house::{House, NAME, doors};
use crate::live::within;
use crate::program::Folder;

const NEW: &str = "tel.example.com";

#[test]
fn a_move_orders_both_names_at_once_and_its_end_the_new_one_alone() {
    if !is_here() {
        return;
    }
    for challenge in ["http-01", "tls-alpn-01"] {
        let (folder, doors) = (Folder::new(), doors());
        let ca = Ca::start(doors, 20);
        let mut house = House::open(&folder, doors);
        house.choose(&ca, challenge, false).expect(200);
        assert_eq!(house.settled()["trouble"], Value::Null);
        house.move_to(NEW);
        let acme = house.settled();
        assert_eq!(
            (&acme["trouble"], ca.orders()),
            (&Value::Null, 2),
            "{challenge}: {acme}"
        );
        for asked in [NAME, NEW] {
            let leaf = house.leaf_at(doors.secure, &["-servername", asked]);
            assert!(
                leaf.contains("Pebble")
                    && leaf.contains(&format!("DNS:{NAME}"))
                    && leaf.contains(&format!("DNS:{NEW}")),
                "{challenge} {asked}: {leaf}"
            );
        }
        house.ask("DELETE", "/api/name/move", Value::Null).expect(204);
        // Nothing is asked of the CA for less than there is.
        house.kill_and_start();
        assert!(house.leaf_at(doors.secure, &["-servername", NEW]).contains("Pebble"));
        assert_eq!(ca.orders(), 2, "{challenge}");
    }
}

/// The old name leads elsewhere by now: the appliance's own name has its certificate all the same.
#[test]
fn an_old_name_that_fails_is_named_and_the_new_one_gets_its_certificate_once() {
    if !is_here() {
        return;
    }
    for challenge in ["http-01", "tls-alpn-01"] {
        let (folder, doors) = (Folder::new(), doors());
        let ca = Ca::start(doors, 0);
        let mut house = House::open(&folder, doors);
        house.choose(&ca, challenge, false).expect(200);
        assert_eq!(house.settled()["trouble"], Value::Null);
        let before = house.leaf();
        // Nobody listens there.
        ca.give_ipv6(NAME, Some("::1"));
        house.move_to(NEW);
        let acme = house.settled();
        let said = acme["trouble"]["said"].as_str().unwrap().to_owned();
        println!("{challenge}: {said}");
        assert!(said.starts_with(&format!("{NAME}: ")) && said.contains("::1"), "{said}");
        assert_eq!(acme["trouble"]["hint"], "aaaa", "{acme}");
        let leaf = house.leaf_at(doors.secure, &["-servername", NEW]);
        assert!(
            leaf.contains("Pebble") && !leaf.contains(&format!("DNS:{NAME}")),
            "{leaf}"
        );
        assert_eq!(
            (ca.orders(), house.source().as_str()),
            (3, "acme"),
            "both, then the new one"
        );
        // The next try is for both, and brings no further certificate of the new name alone.
        house.order_again();
        let acme = house.settled();
        assert!(acme["trouble"]["said"].as_str().unwrap().starts_with(NAME), "{acme}");
        assert_eq!((ca.orders(), acme["failures"].as_u64()), (4, Some(2)));
        assert_eq!(house.leaf_at(doors.secure, &["-servername", NEW]), leaf);
        // Mended, it has both.
        ca.give_ipv6(NAME, None);
        house.order_again();
        assert_eq!(house.settled()["trouble"], Value::Null);
        let both = house.leaf();
        assert!(both.contains(NEW) && both != before, "{both}");
    }
}

/// The new name does not lead here yet: who comes by the old one meets its certificate as before.
#[test]
fn a_new_name_that_fails_is_named_and_the_old_one_keeps_its_certificate() {
    if !is_here() {
        return;
    }
    let (folder, doors) = (Folder::new(), doors());
    let ca = Ca::start(doors, 0);
    let mut house = House::open(&folder, doors);
    house.choose(&ca, "tls-alpn-01", false).expect(200);
    assert_eq!(house.settled()["trouble"], Value::Null);
    let before = house.leaf();
    ca.give_ipv6(NEW, Some("::1"));
    house.move_to(NEW);
    let acme = house.settled();
    assert!(acme["trouble"]["said"].as_str().unwrap().starts_with(NEW), "{acme}");
    assert_eq!((house.leaf(), ca.orders()), (before, 2));
    let leaf = house.leaf_at(doors.secure, &["-servername", NEW]);
    assert!(leaf.contains("Linekey office CA"), "{leaf}");
    // A visit in the clear is not led to a name that browsers do not trust.
    let page = house.ask("GET", "/", Value::Null);
    assert!(page.body.contains("Let this device trust Linekey"), "{}", page.head);
    ca.give_ipv6(NEW, None);
    house.order_again();
    assert_eq!(house.settled()["trouble"], Value::Null);
    within(Duration::from_secs(10), "the new certificate", || {
        house.leaf_at(doors.secure, &["-servername", NEW]).contains("Pebble")
    });
    assert_eq!(
        house.ask("PATCH", "/api/settings", json!({})).expect(200).json["name"],
        NEW
    );
}
