//! Power cuts in turns that change devices.

use linekey::http::edge::message::Method;
use serde_json::{Value, json};

use super::{Before, cut_everywhere_of, request};
use crate::disk::Loss;
use crate::office::Browser;

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
        (
            Method::PATCH,
            "/api/devices/1",
            json!({ "mac": "24:9a:d8:00:00:01", "other_mac": "24:9a:d8:00:00:02" }),
        ),
        (Method::DELETE, "/api/devices/1", Value::Null),
        (Method::POST, "/api/devices/1/secret", json!({})),
        (Method::POST, "/api/devices/1/secret", json!({ "rotate": true })),
        (Method::POST, "/api/devices/rotate", Value::Null),
        (
            Method::POST,
            "/api/devices/import",
            json!({ "csv": "24:9a:d8:00:00:01,101\n24:9a:d8:00:00:02,102", "commit": true }),
        ),
        // All files say another hour from now on.
        (
            Method::PATCH,
            "/api/settings",
            json!({ "time_zone": "Europe/Berlin", "time_server": "192.0.2.1" }),
        ),
    ];
    for (method, path, body) in turns {
        cut_everywhere_of(&before, |before, office| {
            request(&before.administrator(office), method.clone(), path, body.clone())
        });
    }
}

/// In which revision a phone fetched, and the way back that it was told, are kept together.
#[test]
fn a_phones_first_fetch_is_noted_whole_or_not_at_all() {
    let before = with_devices();
    let (disk, office) = before.opened();
    let mut administrator = before.administrator(&office);
    administrator
        .patch(
            "/api/devices/1",
            json!({ "mac": "24:9a:d8:00:00:01", "other_mac": "24:9a:d8:00:00:02" }),
        )
        .expect(200);
    administrator.post("/api/devices/1/window", json!({})).expect(200);
    administrator
        .patch("/api/settings", json!({ "phones": true }))
        .expect(200);
    let bytes = disk.after(Loss::All);
    let before = Before { bytes, ..before };
    for path in ["/provision/249ad8000001.cfg", "/provision/249ad8000002.cfg"] {
        cut_everywhere_of(&before, |_, office| {
            let browser = Browser {
                secure: true,
                ..office.browser()
            };
            request(&browser, Method::GET, path, Value::Null)
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
