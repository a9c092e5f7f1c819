//! What goes wrong, and what is said of it.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use serde_json::Value;

use super::ca::{Ca, Sayer, is_here};
use super::house::{House, NAME, choice, doors};
use crate::left_out::left_out;
use crate::live::within;
use crate::program::Folder;
use crate::wait::let_pass;

/// T13, second and third: another server answers there, and one that never does. The program ends at once meanwhile.
#[test]
fn a_wrong_aaaa_that_leads_to_another_server_or_to_silence_is_told_as_what_it_may_be() {
    if !is_here() {
        return;
    }
    let (folder, doors) = (Folder::new(), doors());
    let Ok(other) = TcpListener::bind(("::1", doors.plain)) else {
        left_out("this machine has no IPv6 on loopback");
        return;
    };
    let ca = Ca::start(doors, 0);
    ca.give_ipv6(NAME, Some("::1"));
    let mut house = House::open(&folder, doors);
    let answers = other.try_clone().unwrap();
    let one = std::thread::spawn(move || {
        let (mut line, _) = answers.accept().unwrap();
        assert!(line.read(&mut [0; 2048]).unwrap() > 0);
        line.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
    });
    house.choose(&ca, "http-01", false).expect(200);
    let acme = house.settled();
    one.join().unwrap();
    let trouble = &acme["trouble"];
    println!("another server: {trouble}");
    assert!(["reach", "aaaa"].map(Value::from).contains(&trouble["hint"]), "{acme}");
    assert!(trouble["said"].as_str().unwrap().contains("404"), "{trouble}");
    // From here on nobody takes the line up.
    house.order_again();
    let acme = house.settled();
    println!("silence: {}", acme["trouble"]);
    assert!(
        ["reach", "aaaa"].map(Value::from).contains(&acme["trouble"]["hint"]),
        "{acme}"
    );
    assert_eq!((acme["failures"].as_u64(), ca.orders()), (Some(2), 2));
    house.ask("POST", "/api/acme/order", Value::Null).expect(200);
    within(Duration::from_secs(60), "an order under way", || {
        house.acme()["under_way"] == true
    });
    // Who presses or chooses again is told what it waits for.
    let again = [
        house.ask("POST", "/api/acme/order", Value::Null),
        house.choose(&ca, "http-01", false),
    ];
    for told in again {
        let told = told.expect(409).json;
        assert_eq!(told["error"], "order-under-way", "{told}");
        assert!(
            told["message"]
                .as_str()
                .is_some_and(|text| text.contains("being ordered")),
            "{told}"
        );
    }
    assert!(house.stop() < Duration::from_secs(2));
    drop(other);
}

#[test]
fn a_rate_limit_is_told_in_the_cas_words_and_its_wish_for_a_later_try_is_followed() {
    let (folder, doors) = (Folder::new(), doors());
    let sayer = Sayer::start(
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7200\r\nContent-Type: application/problem+json\r\n\
         Connection: close\r\n\r\n{\"type\":\"urn:ietf:params:acme:error:rateLimited\",\
         \"detail\":\"too many of this week\"}",
    );
    let mut house = House::open(&folder, doors);
    let typed = choice(&sayer.directory(), &sayer.root, "http-01", false);
    house.ask("PUT", "/api/acme", typed).expect(200);
    let acme = house.settled();
    assert_eq!(acme["trouble"]["said"], "too many of this week");
    assert_eq!(acme["trouble"]["hint"], "rate-limited");
    assert!(
        acme["next"].as_u64().unwrap() >= acme["tried"].as_u64().unwrap() + 7200,
        "{acme}"
    );
}

/// T13: a forgotten AAAA leads to a closed port.
#[test]
fn a_wrong_aaaa_is_named_with_the_address_that_the_ca_used_and_one_press_is_one_order() {
    if !is_here() {
        return;
    }
    let (folder, doors) = (Folder::new(), doors());
    // Whoever is here is no Linekey: it takes the line and says nothing.
    let Ok(silent) = TcpListener::bind(("::1", doors.plain)) else {
        left_out("this machine has no IPv6 on loopback");
        return;
    };
    let ca = Ca::start(doors, 0);
    ca.give_ipv6(NAME, Some("::1"));
    let mut house = House::open(&folder, doors);
    drop(silent);
    house.choose(&ca, "http-01", false).expect(200);
    let acme = house.settled();
    let trouble = &acme["trouble"];
    println!("closed port: {trouble}");
    assert_eq!(
        (&trouble["hint"], &trouble["address"]),
        (&"aaaa".into(), &"::1".into()),
        "{acme}"
    );
    assert!(trouble["said"].as_str().unwrap().contains("refused"), "{trouble}");
    assert_eq!((acme["failures"].as_u64(), ca.orders()), (Some(1), 1));
    assert_eq!(house.source(), "office", "what was good stays in use");
    // It waits by itself, a start does not shorten it, and another press is one more order.
    house.kill_and_start();
    assert_eq!(house.acme()["next"], acme["next"]);
    ca.give_ipv6(NAME, None);
    house.ask("POST", "/api/acme/order", Value::Null).expect(200);
    within(Duration::from_secs(60), "a certificate", || house.source() == "acme");
    let acme = house.settled();
    assert_eq!((&acme["trouble"], acme["failures"].as_u64()), (&Value::Null, Some(0)));
    assert_eq!(ca.orders(), 2);
}

#[test]
fn a_ca_that_is_down_is_told_and_a_press_after_its_return_brings_the_certificate() {
    if !is_here() {
        return;
    }
    let (folder, doors) = (Folder::new(), doors());
    let mut ca = Ca::start(doors, 0);
    let mut house = House::open(&folder, doors);
    ca.down();
    house.choose(&ca, "tls-alpn-01", false).expect(200);
    let acme = house.settled();
    assert!(acme["trouble"]["said"].as_str().unwrap().contains("refused"), "{acme}");
    assert_eq!(acme["trouble"]["kind"], Value::Null);
    // Five minutes (RFC 8555 leaves it to the client).
    assert_eq!(acme["next"].as_u64().unwrap() - acme["tried"].as_u64().unwrap(), 300);
    ca.up();
    // A restart does not shorten the wait, though the CA would answer by now.
    house.kill_and_start();
    let kept = house.acme();
    for part in ["next", "tried", "failures", "trouble"] {
        assert_eq!(kept[part], acme[part], "{part}");
    }
    house.ask("POST", "/api/acme/order", Value::Null).expect(200);
    within(Duration::from_secs(60), "a certificate", || house.source() == "acme");
    assert_eq!(ca.orders(), 1, "the one that was pressed for");
}

/// T14: the CA knows the account no more.
#[test]
fn a_ca_that_forgot_the_account_gets_one_new_one_and_then_the_order() {
    if !is_here() {
        return;
    }
    let (folder, doors) = (Folder::new(), doors());
    let mut ca = Ca::start(doors, 0);
    let mut house = House::open(&folder, doors);
    house.choose(&ca, "http-01", false).expect(200);
    let first = house.settled();
    assert_eq!(first["trouble"], Value::Null);
    let leaf = house.leaf();
    for (orders, works) in [(2, true), (2, false)] {
        ca.down();
        ca.up();
        house.order_again();
        let acme = house.settled();
        assert_eq!(acme["trouble"].is_null(), works, "{acme}");
        assert_eq!(ca.orders(), orders);
    }
    assert_ne!(house.leaf(), leaf);
    // The first, and one after the CA forgot it; a third one in a week is not asked for.
    assert_eq!(ca.accounts(), 2);
    let said = house.acme()["trouble"]["said"].as_str().unwrap().to_owned();
    assert!(said.contains("twice within a week"), "{said}");
}

/// T14: an account is the directory's, whoever the CA may write to.
#[test]
fn another_contact_is_told_to_the_same_account_and_orders_nothing_by_itself() {
    if !is_here() {
        return;
    }
    let (folder, doors) = (Folder::new(), doors());
    let ca = Ca::start(doors, 0);
    let mut house = House::open(&folder, doors);
    house.choose(&ca, "http-01", false).expect(200);
    let first = house.settled();
    let mut typed = choice(&ca.directory(), &ca.root, "http-01", false);
    typed["contact"] = Value::from("other@example.com");
    house.ask("PUT", "/api/acme", typed).expect(200);
    assert_eq!(house.acme()["next"], first["next"], "the renewal, and no order");
    house.order_again();
    assert_eq!(house.settled()["trouble"], Value::Null);
    assert_eq!((ca.accounts(), ca.orders()), (1, 2));
}

/// T14: two pebbles, one of them for trying.
#[test]
fn a_test_certificate_is_told_and_production_orders_at_once_with_its_own_account() {
    if !is_here() {
        return;
    }
    let (folder, doors) = (Folder::new(), doors());
    let (staging, production) = (Ca::start(doors, 0), Ca::start(doors, 0));
    let mut house = House::open(&folder, doors);
    house.choose(&staging, "tls-alpn-01", true).expect(200);
    let acme = house.settled();
    assert_eq!(
        (&acme["serves_test"], house.source().as_str()),
        (&true.into(), "acme-test"),
        "{acme}"
    );
    // Under it the page that helps stays in the clear.
    let page = house.ask("GET", "/", Value::Null);
    assert!(page.body.contains("Let this device trust Linekey"), "{}", page.head);
    house.choose(&production, "tls-alpn-01", false).expect(200);
    within(Duration::from_secs(60), "the real certificate", || {
        house.source() == "acme"
    });
    assert_eq!(house.acme()["serves_test"], false);
    assert_eq!((staging.orders(), production.orders()), (1, 1));
    assert_eq!((staging.accounts(), production.accounts()), (1, 1));
    let page = house.ask("GET", "/", Value::Null);
    assert!(!page.body.contains("Let this device trust Linekey"), "{}", page.head);
    // No browser keeps the way to HTTPS: the office CA may be back tomorrow.
    assert!(page.head.starts_with("HTTP/1.1 303"), "{}", page.head);
    assert_eq!(page.field("cache-control"), Some("no-store"));
}

#[test]
fn a_program_that_is_killed_in_an_order_has_one_account_and_a_certificate_in_the_end() {
    if !is_here() {
        return;
    }
    let (folder, doors) = (Folder::new(), doors());
    // Nonces that are refused make an order long enough to be killed in at many places.
    let ca = Ca::start(doors, 60);
    let mut house = House::open(&folder, doors);
    house.choose(&ca, "http-01", false).expect(200);
    for milliseconds in [0, 30, 60, 120, 240, 400, 700] {
        let_pass(Duration::from_millis(milliseconds));
        house.kill_and_start();
        let acme = house.acme();
        if acme["next"].as_u64().is_some() && house.source() != "acme" {
            house.ask("POST", "/api/acme/order", Value::Null);
        }
    }
    within(Duration::from_secs(90), "a certificate", || {
        if house.acme()["under_way"] == false && house.source() != "acme" {
            house.ask("POST", "/api/acme/order", Value::Null);
        }
        house.source() == "acme"
    });
    assert_eq!(ca.accounts(), 1);
}
