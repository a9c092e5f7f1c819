//! P14: a file that says something else is newer than all before it, and whoever fetched an older one is told.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{LAN, Phone, add, path_of, settings, staff, staffed};
use crate::disk::Disk;
use crate::office::{Browser, HOUR, Office, Reply};
use crate::restored::{begin, store_of};

const NAME: &str = "0c383e000001.cfg";
const BACK: &str = "sysConf/ap/FlashServerIP";

fn version(reply: &Reply) -> String {
    settings(reply)["sysConf/Version"].clone()
}

/// A Fanvil of 101 that fetched its file by its own address; that one.
fn fanvil(office: &Office, administrator: &mut Browser<'_>) -> String {
    add(administrator, "0c383e000001");
    let phone = Phone::at(office, LAN);
    let first = phone.first(NAME).expect(200);
    let own = format!("{}{NAME}", path_of(&settings(&first)[BACK]));
    assert_eq!(phone.get(&own).expect(200).bytes, first.bytes);
    own
}

fn is_behind(administrator: &mut Browser<'_>) -> bool {
    administrator.get("/api/devices/1").expect(200).json["not_fetched"] == true
}

#[test]
fn p14_colleagues_who_come_go_or_are_renamed_make_a_newer_file_and_the_phone_is_told() {
    type Change = fn(&mut Browser<'_>);
    let changes: [(&str, Change); 6] = [
        ("renamed", |office| {
            office.patch("/api/people/102", json!({ "name": "Ben" })).expect(200);
        }),
        ("added", |office| {
            let card = json!({ "extension": "103", "name": "Cleo" });
            office.post("/api/people", card).expect(201);
        }),
        ("renumbered", |office| {
            office
                .patch("/api/people/103", json!({ "extension": "104" }))
                .expect(200);
        }),
        ("deleted", |office| {
            office.delete("/api/people/104").expect(204);
        }),
        ("imported", |office| {
            let table = json!({ "csv": "105,Dora,\n106,Emil,\n", "commit": true });
            office.post("/api/people/import", table).expect(200);
        }),
        ("renamed themselves", |office| {
            office.patch("/api/people/101", json!({ "name": "Ada" })).expect(200);
        }),
    ];
    let office = Office::open();
    let mut administrator = staffed(&office);
    let own = fanvil(&office, &mut administrator);
    let phone = Phone::at(&office, LAN);
    for (what, change) in changes {
        let before = phone.get(&own).expect(200);
        assert!(!is_behind(&mut administrator), "{what}");
        change(&mut administrator);
        assert!(is_behind(&mut administrator), "{what}");
        let after = phone.get(&own).expect(200);
        assert_ne!(after.bytes, before.bytes, "{what}");
        assert!(version(&after) > version(&before), "{what}");
    }
    // Their e-mail address stands in no file.
    let before = phone.get(&own).expect(200);
    administrator
        .patch("/api/people/102", json!({ "email": "ben@example.org" }))
        .expect(200);
    assert!(!is_behind(&mut administrator));
    assert_eq!(phone.get(&own).expect(200).bytes, before.bytes);
}

#[test]
fn p14_a_restore_of_an_older_backup_makes_a_file_that_is_newer_than_any_before() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    staff(&mut administrator);
    let own = fanvil(&office, &mut administrator);
    let disk = store_of(&mut administrator);
    office.pass(HOUR / 2);
    administrator.prove_by_passkey(&authenticator).expect(200);
    for label in ["one", "two", "three"] {
        administrator
            .patch("/api/devices/1", json!({ "label": label }))
            .expect(200);
    }
    let newest = version(&Phone::at(&office, LAN).get(&own).expect(200));

    let board = Office::over(disk, 9);
    board.set_clock(office.now() + HOUR);
    begin(&board);
    let mut administrator = board.browser();
    administrator.sign_in_by_passkey(&authenticator).expect(200);
    assert!(is_behind(&mut administrator), "it is told");
    let phone = Phone::at(&board, LAN);
    assert!(version(&phone.get(&own).expect(200)) > newest);
    assert!(!is_behind(&mut administrator));
}

#[test]
fn p14_a_fanvils_first_file_in_the_clear_is_older_than_the_whole_one_and_one_of_a_new_window_is_newer() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    staff(&mut administrator);
    administrator
        .patch("/api/settings", json!({ "plain_provisioning": true }))
        .expect(200);
    add(&mut administrator, "0c383e000001");
    let phone = Phone::at(&office, LAN);
    let mut in_the_clear = Phone::at(&office, LAN);
    in_the_clear.secure = false;
    let trust = in_the_clear.first(NAME).expect(200);
    let whole = phone.first(NAME).expect(200);
    assert!(
        version(&whole) > version(&trust),
        "a phone takes nothing that is not newer"
    );
    let own = format!("{}{NAME}", path_of(&settings(&whole)[BACK]));
    phone.get(&own).expect(200);
    administrator.prove_by_passkey(&authenticator).expect(200);
    office.pass(60);
    administrator.post("/api/devices/1/window", Value::Null).expect(200);
    assert!(!is_behind(&mut administrator), "its settings are the same");
    let again = phone.first(NAME).expect(200);
    assert_ne!(settings(&again)[BACK], settings(&whole)[BACK], "another address");
    assert!(version(&again) > version(&whole));
    let own = format!("{}{NAME}", path_of(&settings(&again)[BACK]));
    assert_eq!(phone.get(&own).expect(200).bytes, again.bytes);
}

#[test]
fn another_address_of_the_appliance_makes_newer_files_once_it_lasts() {
    let disk = Disk::empty();
    let office = Office::over(disk.clone(), 3);
    let look = || office.state.look_around().unwrap();
    let ports = |plain| {
        office
            .state
            .hardware
            .serve_sip(Some(SocketAddr::from(([127, 0, 0, 1], plain))), None)
    };
    // What is true as phones come on is what later looks are held against.
    ports(5060);
    let mut administrator = staffed(&office);
    let own = fanvil(&office, &mut administrator);
    let phone = Phone::at(&office, LAN);
    let before = phone.get(&own).expect(200);
    let quiet = disk.syncs();
    look();
    look();
    assert_eq!(disk.syncs(), quiet, "nothing changes, nothing is written");
    assert_eq!(phone.get(&own).expect(200).bytes, before.bytes, "nothing changed");
    assert!(!is_behind(&mut administrator));
    ports(5070);
    look();
    ports(5060);
    look();
    look();
    assert_eq!(disk.syncs(), quiet, "it went and came back");
    ports(5070);
    look();
    assert_eq!(disk.syncs(), quiet, "one look may be chance");
    assert!(!is_behind(&mut administrator));
    look();
    assert!(is_behind(&mut administrator), "the page says so, and the phone is told");
    let after = phone.get(&own).expect(200);
    assert!(version(&after) > version(&before));
    assert!(!is_behind(&mut administrator));
}
