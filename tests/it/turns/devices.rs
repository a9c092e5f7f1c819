//! Power cuts in turns that change devices.

use linekey::http::edge::message::Method;
use serde_json::{Value, json};

use super::{Before, cut_everywhere_of, request};
use crate::disk::Loss;

/// An office where 101 has a phone and an app, and a shared desk is 101's.
fn with_devices() -> Before {
    let before = Before::new();
    let (disk, office) = before.opened();
    let mut administrator = before.administrator(&office);
    for kind in ["phone", "app", "desk"] {
        let device = json!({ "extension": "101", "kind": kind });
        administrator.post("/api/devices", device).expect(201);
    }
    let bytes = disk.after(Loss::All);
    Before { bytes, ..before }
}

#[test]
fn every_change_of_devices_is_all_or_nothing() {
    let before = with_devices();
    let turns = [
        (
            Method::POST,
            "/api/devices",
            json!({ "extension": "102", "mac": "80:5e:c0:12:34:56" }),
        ),
        (Method::PATCH, "/api/devices/1", json!({ "label": "Hall" })),
        (Method::PATCH, "/api/devices/1", json!({ "extension": "102" })),
        (Method::DELETE, "/api/devices/1", Value::Null),
        (Method::POST, "/api/devices/1/secret", json!({})),
        (Method::POST, "/api/devices/1/secret", json!({ "rotate": true })),
        (Method::POST, "/api/devices/rotate", Value::Null),
    ];
    for (method, path, body) in turns {
        cut_everywhere_of(&before, |before, office| {
            request(&before.administrator(office), method.clone(), path, body.clone())
        });
    }
}

#[test]
fn a_person_goes_or_is_renumbered_together_with_their_devices() {
    let before = with_devices();
    for (method, body) in [
        (Method::DELETE, Value::Null),
        (Method::PATCH, json!({ "extension": "103" })),
    ] {
        cut_everywhere_of(&before, |before, office| {
            request(
                &before.administrator(office),
                method.clone(),
                "/api/people/101",
                body.clone(),
            )
        });
    }
}
