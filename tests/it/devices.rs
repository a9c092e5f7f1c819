//! Devices through the interface: added, changed, given secrets, deleted with their owner, exported, and live.

mod asterisk;
mod foreign_key;
mod live;
mod owners;

use serde_json::{Value, json};

use crate::office::{Browser, MINUTE, Office};

/// An office with an administrator and the people 101 and 102.
fn office() -> Office {
    Office::open()
}

fn staffed(office: &Office) -> Browser<'_> {
    let (mut administrator, _) = office.administrator();
    for extension in ["101", "102"] {
        let card = json!({ "extension": extension, "name": format!("Person {extension}") });
        administrator.post("/api/people", card).expect(201);
    }
    administrator
}

fn add(administrator: &mut Browser<'_>, device: Value) -> Value {
    administrator.post("/api/devices", device).expect(201).json
}

fn secret_of(administrator: &mut Browser<'_>, device: &Value) -> String {
    let path = format!("/api/devices/{}/secret", device["id"]);
    let shown = administrator.post(&path, json!({})).expect(200).json;
    assert_eq!(
        (&shown["username"], &shown["realm"]),
        (&device["username"], &json!("localhost"))
    );
    shown["secret"].as_str().unwrap().to_owned()
}

fn events(administrator: &mut Browser<'_>) -> Vec<(String, String)> {
    let journal = administrator.get("/api/journal").expect(200).json;
    let lines = journal["lines"].as_array().unwrap().iter();
    let text = |line: &Value, field: &str| line[field].as_str().unwrap().to_owned();
    lines.map(|line| (text(line, "event"), text(line, "about"))).collect()
}

#[test]
fn a_device_is_added_shown_listed_renamed_and_deleted() {
    let office = office();
    let mut administrator = staffed(&office);
    let added = add(
        &mut administrator,
        json!({ "extension": "101", "label": "Hall", "kind": "phone", "mac": "80:5E:C0:12:34:56", "make": "yealink",
                "model": "T46U", "algorithm": "SHA-256" }),
    );
    let username = added["username"].as_str().unwrap();
    assert!(username.starts_with("101-") && username.len() == 10, "{username}");
    let wanted = json!({
        "id": 1, "tag": added["tag"], "extension": "101", "name": "Person 101", "kind": "phone", "label": "Hall",
        "username": username,
        "algorithm": "SHA-256", "mac": "805ec0123456", "other_mac": null, "make": "yealink", "make_by_mac": "yealink",
        "model": "T46U", "created": office.now(),
        "loses": null,
        "open_until": office.now() + 24 * 3600, "fetched": null, "fetched_from": null, "not_fetched": false,
        "sealed_elsewhere": false, "sitting": null,
        "state": { "registered": false, "bindings": [], "busy": false, "failing": null },
    });
    assert_eq!(added, wanted);
    assert_eq!(administrator.get("/api/devices/1").expect(200).json, wanted);
    let list = json!({ "devices": [wanted], "next": null, "calls": [] });
    assert_eq!(administrator.get("/api/devices").expect(200).json, list);
    let of_person = administrator.get("/api/people/101/devices").expect(200).json;
    assert_eq!(of_person, json!({ "devices": list["devices"] }));
    let none = administrator.get("/api/people/102/devices").expect(200).json;
    assert_eq!(none, json!({ "devices": [] }));

    let renamed = administrator.patch(
        "/api/devices/1",
        json!({ "label": "Kitchen", "mac": "", "algorithm": "MD5" }),
    );
    let renamed = renamed.expect(200).json;
    assert_eq!(
        (&renamed["label"], &renamed["mac"], &renamed["algorithm"]),
        (&json!("Kitchen"), &json!(null), &json!("MD5"))
    );
    assert_eq!(
        (&renamed["make"], &renamed["username"]),
        (&json!("yealink"), &added["username"]),
        "what is left out stays"
    );
    administrator.delete("/api/devices/1").expect(204);
    administrator.get("/api/devices/1").refused(404, "not-found");
    administrator.delete("/api/devices/1").refused(404, "not-found");
    administrator
        .patch("/api/devices/1", json!({ "label": "x" }))
        .refused(404, "not-found");
    let next = add(&mut administrator, json!({ "extension": "101" }));
    assert_eq!(
        (&next["id"], &next["label"], &next["kind"], &next["algorithm"]),
        (&json!(2), &json!("Phone"), &json!("phone"), &json!("MD5")),
        "no number is used twice"
    );
    let told = events(&mut administrator);
    let about = |label: &str| format!("101 (Person 101): {label} ({username})");
    let what = " (label Hall → Kitchen; algorithm; mac and make)";
    for (event, words) in [
        ("device-added", about("Hall")),
        ("device-changed", about("Kitchen") + what),
        ("device-deleted", about("Kitchen")),
    ] {
        assert!(told.contains(&(event.to_owned(), words)), "{event} of {told:?}");
    }
}

#[test]
fn lists_come_page_by_page_where_somebody_asks() {
    let office = office();
    let mut administrator = staffed(&office);
    for _ in 0..3 {
        administrator
            .post("/api/people/102/devices", json!({ "kind": "app" }))
            .expect(201);
    }
    let ids = |page: &Value| -> Vec<u64> {
        let devices = page["devices"].as_array().unwrap().iter();
        devices.map(|device| device["id"].as_u64().unwrap()).collect()
    };
    let first = administrator.get("/api/devices?limit=2").expect(200).json;
    assert_eq!((ids(&first), &first["next"]), (vec![1, 2], &json!(2)));
    let second = administrator.get("/api/devices?limit=2&after=2").expect(200).json;
    assert_eq!((ids(&second), &second["next"]), (vec![3], &json!(null)));
    assert_eq!(ids(&administrator.get("/api/devices").expect(200).json), [1, 2, 3]);
    administrator.get("/api/devices?limit=few").refused(400, "unreadable");
}

#[test]
fn what_does_not_hold_is_said_with_its_field() {
    let office = office();
    let mut administrator = staffed(&office);
    add(&mut administrator, json!({ "extension": "101", "mac": "805ec0123456" }));
    for (device, field) in [
        (json!({ "extension": "999" }), "extension"),
        (json!({ "extension": "abc" }), "extension"),
        (json!({ "kind": "app" }), "extension"),
        (json!({ "extension": "101", "label": "two\nlines" }), "label"),
        (json!({ "extension": "101", "mac": "01:00:5e:00:00:01" }), "mac"),
        (json!({ "extension": "102", "mac": "80-5E-C0-12-34-56" }), "mac"),
        (json!({ "extension": "101", "model": "x".repeat(65) }), "model"),
    ] {
        let refused = administrator
            .post("/api/devices", device.clone())
            .refused(422, "invalid");
        // A device's label is a name as any other.
        let field = if field == "label" { "name" } else { field };
        assert_eq!(refused.json["field"], field, "{device}");
    }
    for (device, field) in [
        (json!({ "extension": "101", "kind": "fax" }), "kind"),
        (json!({ "extension": "101", "algorithm": "SHA-1" }), "algorithm"),
        (json!({ "extension": "101", "make": "acme", "label": "Two" }), "make"),
    ] {
        let refused = administrator.post("/api/devices", device).refused(422, "invalid");
        assert_eq!(refused.json["field"], field);
    }
    let changed = administrator.patch("/api/devices/1", json!({ "algorithm": "SHA-1" }));
    assert_eq!(changed.refused(422, "invalid").json["field"], "algorithm");
    let shared = json!({ "extension": "102", "mac": "805ec0123456", "shares_mac": true });
    assert_eq!(add(&mut administrator, shared)["mac"], "805ec0123456");
    let moved = administrator.patch("/api/devices/1", json!({ "extension": "999" }));
    assert_eq!(moved.refused(422, "invalid").json["field"], "extension");
    let count = administrator.get("/api/devices").expect(200).json["devices"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(count, 2, "what was refused is not there");
}

#[test]
fn a_person_can_have_eight_devices() {
    let office = office();
    let mut administrator = staffed(&office);
    for _ in 0..8 {
        add(&mut administrator, json!({ "extension": "101" }));
    }
    administrator
        .post("/api/devices", json!({ "extension": "101" }))
        .refused(409, "too-many");
    let other = add(&mut administrator, json!({ "extension": "102" }));
    let path = format!("/api/devices/{}", other["id"]);
    administrator
        .patch(&path, json!({ "extension": "101" }))
        .refused(409, "too-many");
    administrator.delete("/api/devices/1").expect(204);
    administrator.patch(&path, json!({ "extension": "101" })).expect(200);
}

#[test]
fn a_secret_is_shown_to_administrators_who_just_proved_it_and_nowhere_else() {
    let office = office();
    let mut administrator = staffed(&office);
    let device = add(&mut administrator, json!({ "extension": "101" }));
    let secret = secret_of(&mut administrator, &device);
    assert!(
        secret.len() == 26 && secret.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "{secret}"
    );
    assert_eq!(
        secret,
        secret_of(&mut administrator, &device),
        "showing it does not change it"
    );
    let rotated = administrator
        .post("/api/devices/1/secret", json!({ "rotate": true }))
        .expect(200)
        .json;
    assert_ne!(rotated["secret"], secret.as_str());
    assert_eq!(rotated["username"], device["username"], "its name stays");
    let secret = secret_of(&mut administrator, &device);
    assert_eq!(rotated["secret"], secret.as_str());
    for path in [
        "/api/devices",
        "/api/devices/1",
        "/api/people/101/devices",
        "/api/journal",
        "/api/journal.csv",
    ] {
        let shown = administrator.get(path).expect(200);
        assert!(!String::from_utf8_lossy(&shown.bytes).contains(&secret), "{path}");
    }
    let told = events(&mut administrator);
    let count = |event: &str| told.iter().filter(|(found, _)| found == event).count();
    assert_eq!((count("device-secret-shown"), count("device-secret-changed")), (3, 1));
    administrator
        .post("/api/devices/9/secret", json!({}))
        .refused(404, "not-found");
    office.pass(11 * MINUTE);
    for path in ["/api/devices/1/secret", "/api/devices/rotate"] {
        administrator.post(path, json!({})).refused(403, "prove-again");
    }
    administrator
        .get("/api/devices/pjsip_wizard.conf")
        .refused(403, "prove-again");
    administrator.get("/api/devices").expect(200);
}

#[test]
fn all_secrets_are_made_anew_at_once() {
    let office = office();
    let mut administrator = staffed(&office);
    let devices: Vec<Value> = ["101", "102"]
        .map(|extension| add(&mut administrator, json!({ "extension": extension })))
        .into();
    let secrets = |administrator: &mut Browser<'_>| -> Vec<String> {
        devices.iter().map(|device| secret_of(administrator, device)).collect()
    };
    let before = secrets(&mut administrator);
    let rotated = administrator.post("/api/devices/rotate", Value::Null).expect(200);
    assert_eq!(rotated.json, json!({ "rotated": 2 }));
    let after = secrets(&mut administrator);
    assert!(
        before
            .iter()
            .chain(&after)
            .collect::<std::collections::BTreeSet<_>>()
            .len()
            == 4
    );
}

#[test]
fn the_phones_settings_are_shown_and_changed() {
    let office = office();
    let mut administrator = staffed(&office);
    let before = administrator.get("/api/settings").expect(200).json;
    for name in [
        "phones",
        "tls_only",
        "decline_silences_all",
        "hide_names",
        "phones_from_anywhere",
        "plain_provisioning",
    ] {
        assert_eq!(before[name], false, "{name}");
        let after = administrator
            .patch("/api/settings", json!({ name: true }))
            .expect(200)
            .json;
        assert_eq!(after[name], true, "{name}");
    }
    let after = administrator
        .patch("/api/settings", json!({ "phones": false, "emergency": ["112"] }))
        .expect(200)
        .json;
    assert_eq!(
        (&after["phones"], &after["tls_only"], &after["emergency"]),
        (&json!(false), &json!(true), &json!(["112"]))
    );
    let refused = administrator
        .patch("/api/settings", json!({ "emergency": ["nine"] }))
        .refused(422, "invalid");
    assert_eq!(refused.json["field"], "emergency");
}
