//! Time goes by, on a clock that the test sets. The CA stays in today: what it issues then ends no later than before.

use std::time::Duration;

use serde_json::Value;

use super::ca::{Ca, is_here};
use super::house::{House, doors};
use crate::live::{clock, has_faketime, within};
use crate::program::Folder;

#[test]
fn certificates_of_six_47_and_90_days_are_renewed_at_two_thirds_and_swapped_without_a_restart() {
    if !is_here() || !has_faketime() {
        return;
    }
    for days in [6, 47, 90] {
        let hours = days * 16;
        let (folder, doors) = (Folder::new(), doors());
        let file = folder.file("clock", "+0d");
        // As Let's Encrypt may, it refuses nonces that were good: here one in five.
        let ca = Ca::issuing_for(days, doors, 20);
        let mut house = House::open_with(&folder, doors, &clock(&file));
        house.choose(&ca, "tls-alpn-01", false).expect(200);
        let acme = house.settled();
        assert_eq!(acme["trouble"], Value::Null, "{days}");
        let due = acme["next"].as_u64().unwrap() - acme["tried"].as_u64().unwrap();
        assert!(due.abs_diff(hours * 3600) < 7200, "{days}: due in {due} s");
        let leaf = house.leaf();
        // Two hours early nothing is asked for, also at a start.
        std::fs::write(&file, format!("+{}h", hours - 2)).unwrap();
        house.kill_and_start();
        assert_eq!((house.leaf(), ca.orders()), (leaf.clone(), 1), "{days}");
        std::fs::write(&file, format!("+{}h", hours + 2)).unwrap();
        within(Duration::from_secs(60), "the renewed leaf", || house.leaf() != leaf);
        // The CA's clock did not go on, so the new one is as near its end: that is told, and brings no storm.
        house.sign_in();
        let acme = house.settled();
        assert!(
            acme["trouble"]["said"].as_str().unwrap().contains("clock"),
            "{days}: {acme}"
        );
        assert_eq!(ca.orders(), 2, "{days}");
    }
}

#[test]
fn a_ca_that_is_down_for_a_day_when_a_certificate_is_due_is_asked_again_and_the_last_good_one_stays() {
    if !is_here() || !has_faketime() {
        return;
    }
    let (folder, doors) = (Folder::new(), doors());
    let file = folder.file("clock", "+0d");
    let mut ca = Ca::issuing_for(90, doors, 0);
    let mut house = House::open_with(&folder, doors, &clock(&file));
    house.choose(&ca, "http-01", false).expect(200);
    assert_eq!(house.settled()["trouble"], Value::Null);
    let leaf = house.leaf();
    ca.down();
    std::fs::write(&file, "+61d").unwrap();
    within(Duration::from_secs(60), "a try at two thirds", || {
        house.sign_in();
        house.acme()["failures"] == 1
    });
    assert_eq!((house.leaf(), house.source().as_str()), (leaf.clone(), "acme"));
    ca.up();
    std::fs::write(&file, "+62d").unwrap();
    within(Duration::from_secs(60), "the renewed leaf", || house.leaf() != leaf);
    assert_eq!(ca.orders(), 2);
}

/// A board that wakes in 1970 does not know whether its certificate is due.
#[test]
fn nothing_is_ordered_while_the_date_is_not_known() {
    if !is_here() || !has_faketime() {
        return;
    }
    let (folder, doors) = (Folder::new(), doors());
    let file = folder.file("clock", "+0d");
    let ca = Ca::issuing_for(6, doors, 0);
    let mut house = House::open_with(&folder, doors, &clock(&file));
    house.choose(&ca, "http-01", false).expect(200);
    assert_eq!(house.settled()["trouble"], Value::Null);
    let leaf = house.leaf();
    std::fs::write(&file, "@1970-01-02 00:00:00").unwrap();
    house.kill_and_start();
    house.ask("POST", "/api/acme/order", Value::Null).expect(503);
    assert_eq!((house.leaf(), ca.orders()), (leaf.clone(), 1));
    // The date is known again, and it is late.
    std::fs::write(&file, "+5d").unwrap();
    within(Duration::from_secs(60), "the renewed leaf", || house.leaf() != leaf);
}

/// T14: whatever was tried before, a renewal is of the directory that was chosen last, with the account that is there.
#[test]
fn a_renewal_asks_the_directory_that_was_chosen_last_and_no_other() {
    if !is_here() || !has_faketime() {
        return;
    }
    let (folder, doors) = (Folder::new(), doors());
    let file = folder.file("clock", "+0d");
    let (staging, production) = (Ca::issuing_for(90, doors, 0), Ca::issuing_for(90, doors, 0));
    let mut house = House::open_with(&folder, doors, &clock(&file));
    house.choose(&staging, "tls-alpn-01", true).expect(200);
    assert_eq!(house.settled()["serves_test"], true);
    house.choose(&production, "tls-alpn-01", false).expect(200);
    within(Duration::from_secs(60), "the real certificate", || {
        house.source() == "acme"
    });
    let leaf = house.leaf();
    std::fs::write(&file, "+61d").unwrap();
    house.kill_and_start();
    within(Duration::from_secs(60), "the renewed leaf", || house.leaf() != leaf);
    assert_eq!((staging.orders(), production.orders()), (1, 2));
    assert_eq!((staging.accounts(), production.accounts()), (1, 1));
}
