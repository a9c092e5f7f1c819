//! P41: a phone that asks by two MAC addresses, one for its wire and one for Wi-Fi.

use serde_json::{Value, json};

use super::{LAN, Phone, add, gone, path_of, settings, staffed};
use crate::office::Office;

const WIFI: &str = "192.168.1.77";

#[test]
fn p41_a_second_address_is_joined_to_the_phone_which_then_fetches_by_either() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    let card = json!({ "extension": "101", "mac": "020000000001", "make": "yealink" });
    let added = administrator.post("/api/devices", card).expect(201).json;
    let wired = Phone::at(&office, LAN);
    let wireless = Phone::at(&office, WIFI);
    let by_wire = wired.first("020000000001.cfg").expect(200);
    for _ in 0..3 {
        gone(&wireless.first("020000000002.cfg"));
    }
    let asking = administrator.get("/api/devices/asking").expect(200).json;
    assert_eq!(asking["asking"].as_array().unwrap().len(), 1, "{asking}");
    let joined = administrator
        .patch("/api/devices/1", json!({ "other_mac": "02-00-00-00-00-02" }))
        .expect(200)
        .json;
    assert_eq!(joined["other_mac"], "020000000002");
    for part in ["username", "mac", "make", "open_until", "not_fetched"] {
        assert_eq!(joined[part], added[part], "{part}");
    }
    let none = administrator.get("/api/devices/asking").expect(200).json;
    assert_eq!(none, json!({ "asking": [] }));
    // In the same window, from the other IP address: the same file, with the same secret and the same way back.
    let by_air = wireless.first("020000000002.cfg").expect(200);
    assert_eq!(by_air.bytes, by_wire.bytes);
    assert_eq!(wired.first("020000000001.cfg").expect(200).bytes, by_wire.bytes);
    // Each address is one IP address's from its first fetch on.
    gone(&Phone::at(&office, "192.168.1.78").first("020000000002.cfg"));
    gone(&wireless.first("020000000001.cfg"));
    // It comes back to its own address under either name, and both doors are shut.
    let back = path_of(&settings(&by_air)["static.auto_provision.server.url"]);
    for name in ["020000000002.cfg", "020000000001.cfg"] {
        assert_eq!(wireless.get(&format!("{back}{name}")).expect(200).bytes, by_wire.bytes);
    }
    gone(&wireless.get(&format!("{back}020000000003.cfg")));
    gone(&wireless.first("020000000002.cfg"));
    gone(&wired.first("020000000001.cfg"));
}

#[test]
fn p41_what_is_joined_outlives_other_changes_and_is_taken_away_by_an_empty_text() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    add(&mut administrator, "249ad8000001");
    let mut other = |said: Value| administrator.patch("/api/devices/1", said).expect(200).json["other_mac"].clone();
    assert_eq!(other(json!({ "other_mac": "249ad8000002" })), "249ad8000002");
    assert_eq!(other(json!({ "label": "Hall" })), "249ad8000002");
    assert_eq!(other(json!({ "extension": "102" })), "249ad8000002");
    assert_eq!(other(json!({ "other_mac": "" })), Value::Null);
    assert_eq!(other(json!({ "other_mac": "249ad8000002" })), "249ad8000002");
    // A box without an address has no other one either.
    assert_eq!(other(json!({ "mac": "" })), Value::Null);
    let refused = administrator.patch("/api/devices/1", json!({ "other_mac": "249ad8000002" }));
    assert_eq!(refused.expect(422).json["field"], "mac");
    add(&mut administrator, "249ad8000005");
    for mac in ["249ad8000005", "not a MAC"] {
        let said = json!({ "mac": "249ad8000001", "other_mac": mac });
        let refused = administrator.patch("/api/devices/1", said).expect(422).json;
        assert_eq!(refused["field"], "other_mac", "{refused}");
    }
}
