//! Two boards from one card, in network namespaces on one bridge: each learns of the other. Takes root and ip.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::live::within;
use crate::wire::{Administrator, Wire};

const NAME: &str = "office.local";
/// D14: within a minute.
const TOLD: Duration = Duration::from_secs(60);

/// What Home says of another board.
fn twin(administrator: &mut Administrator<'_>) -> Value {
    administrator.ask("GET", "/api/settings", "")["twin"].clone()
}

/// How often the journal tells that one was met.
fn met(administrator: &mut Administrator<'_>) -> Vec<Value> {
    let journal = administrator.ask("GET", "/api/journal?limit=100", "");
    let lines = journal["lines"].as_array().expect("lines").iter();
    lines.filter(|line| line["event"] == "twin-met").cloned().collect()
}

fn copied(from: &str, to: &str) {
    fs::create_dir(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), Path::new(to).join(file.file_name())).unwrap();
    }
}

/// D14.
#[test]
fn two_boards_from_one_card_each_tell_of_the_other_until_one_is_gone() {
    let Some(wire) = Wire::new() else {
        return;
    };
    let hosts = [wire.host(1), wire.host(2), wire.host(3)];
    let [one, other, stranger] = &hosts;
    let data = |which: &str| format!("{}-{which}", wire.folder.data());
    let (card, clone) = (data("card"), data("clone"));
    let mut first = one.appliance(&card, &["--name", NAME], None);
    let mut owner = Administrator::sign_in(&wire, one, NAME, &first.printed_one_time());
    first.signal("TERM");
    assert!(first.ended().0.success());
    copied(&card, &clone);

    // Another office of the same name is no twin.
    let _neighbour = stranger.appliance(&data("neighbour"), &["--name", NAME], None);
    let _first = one.appliance(&card, &["--name", NAME], None);
    let second = other.appliance(&clone, &["--name", NAME], None);
    let mut newcomer = owner.also_at(&wire, other);
    for (administrator, address) in [(&mut owner, &other.address), (&mut newcomer, &one.address)] {
        within(TOLD, "the other board", || {
            twin(administrator)["address"] == address.as_str()
        });
        within(TOLD, "the line in the journal", || met(administrator).len() == 1);
        assert_eq!(met(administrator)[0]["about"], address.as_str());
    }
    let [of_first, of_second] = [twin(&mut owner), twin(&mut newcomer)].map(|twin| twin["started_later"].clone());
    assert_ne!(of_first, of_second, "one of the two is the later");
    // Both go on serving, and neither tells it again.
    assert_eq!(newcomer.ask("GET", "/api/me", "")["username"], "admin");

    second.signal("TERM");
    assert!(second.ended().0.success());
    within(TOLD, "that it is gone", || twin(&mut owner) == Value::Null);
    assert_eq!(met(&mut owner).len(), 1);
}

/// What a board hears of itself, and of its own run before, is no other board.
#[test]
fn a_board_that_starts_again_is_no_twin_of_its_own() {
    let Some(wire) = Wire::new() else {
        return;
    };
    let hosts = [wire.host(1), wire.host(2)];
    let [one, other] = &hosts;
    let data = wire.folder.data();
    let mut before = one.appliance(&data, &["--name", NAME], None);
    let mut owner = Administrator::sign_in(&wire, one, NAME, &before.printed_one_time());
    before.signal("KILL");
    assert!(!before.ended().0.success());
    let _again = one.appliance(&data, &["--name", NAME], None);
    // What comes later is heard, so the board had the time to hear itself.
    let clone = format!("{data}-clone");
    let mut again = owner.also_at(&wire, one);
    assert_eq!(twin(&mut again), Value::Null);
    copied(&data, &clone);
    let _second = other.appliance(&clone, &["--name", NAME], None);
    within(TOLD, "the other board", || twin(&mut owner) != Value::Null);
    assert_eq!(twin(&mut owner)["address"], other.address.as_str());
    assert_eq!(met(&mut owner).len(), 1);
}
