//! Time goes by, on a clock that the test sets.

use std::time::Duration;

use serde_json::Value;

use super::ca::{Ca, is_here};
use super::house::{House, doors};
use crate::live::{clock, has_faketime, within};
use crate::program::Folder;

/// pebble's certificates live for five years. The CA's own certificate, which does not, is the real world's.
#[test]
fn a_certificate_is_renewed_at_two_thirds_on_a_known_clock_and_swapped_without_a_restart() {
    if !is_here() || !has_faketime() {
        return;
    }
    let (folder, doors) = (Folder::new(), doors());
    let file = folder.file("clock", "+0d");
    let mut ca = Ca::start(doors, 0);
    let mut house = House::open_with(&folder, doors, &clock(&file));
    house.choose(&ca, "tls-alpn-01", false).expect(200);
    let acme = house.settled();
    assert_eq!(acme["trouble"], Value::Null);
    let (leaf, renews) = (house.leaf(), acme["next"].as_u64().unwrap());
    let days = (renews - acme["tried"].as_u64().unwrap()) / 86_400;
    // Two days before it is due nothing is asked for, with the CA down a failure is, and the leaf stays.
    std::fs::write(&file, format!("+{}d", days - 2)).unwrap();
    house.kill_and_start();
    assert_eq!((house.leaf(), ca.orders()), (leaf.clone(), 1));
    ca.down();
    std::fs::write(&file, format!("+{}d", days + 2)).unwrap();
    within(Duration::from_secs(60), "a try at two thirds", || {
        house.sign_in();
        house.acme()["failures"] == 1
    });
    assert_eq!((house.leaf(), house.source().as_str()), (leaf.clone(), "acme"), "the last good one stays in use");
    // A day later the CA is back, and the appliance comes by itself.
    ca.up();
    std::fs::write(&file, format!("+{}d", days + 3)).unwrap();
    within(Duration::from_secs(60), "the renewed leaf", || house.leaf() != leaf);
    assert_eq!(ca.orders(), 2);
}
