//! Apps that people set up by themselves: what spends a code, what is told of it, and what a code leaves behind.

use linekey::http::edge::message::Method;
use linekey::office::app_codes::{AppCode, AppCodes, Scan};
use linekey::rules::phones::device::DeviceId;
use linekey::rules::secret::TokenHash;
use linekey::rules::time::Date;
use serde_json::{Value, json};

use super::desks::{by_passkey, desks};
use super::{LAN, Phone, gone};
use crate::office::{Browser, MINUTE, Office};

fn code(person: &mut Browser<'_>, said: Value) -> (String, u64) {
    let added = person.post("/api/me/devices/app", said).expect(201).json;
    let link = added["link"].as_str().unwrap();
    let path = link[link.find("/provision/").unwrap()..].to_owned();
    (path, added["device"]["id"].as_u64().unwrap())
}

fn devices(person: &mut Browser<'_>) -> Vec<Value> {
    let shown = person.get("/api/me/devices").expect(200).json;
    shown["devices"].as_array().unwrap().clone()
}

/// The lines of the journal with that event, the newest first.
fn lines(administrator: &mut Browser<'_>, event: &str) -> Vec<Value> {
    let journal = administrator.get("/api/journal").expect(200).json;
    let lines = journal["lines"].as_array().unwrap().iter();
    lines.filter(|line| line["event"] == event).cloned().collect()
}

#[test]
fn a_preview_a_prefetch_and_a_browser_are_told_what_the_link_is_for_and_spend_nothing() {
    let office = Office::open();
    let mut administrator = desks(&office);
    let (mut mira, _) = by_passkey(&office, &mut administrator, "110", 1);
    let (path, _) = code(&mut mira, json!({}));
    let looking: [&[(&'static str, &str)]; 7] = [
        &[(
            "user-agent",
            "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        )],
        &[("user-agent", "WhatsApp/2.23.20.0")],
        &[("user-agent", "TelegramBot (like TwitterBot)"), ("accept", "*/*")],
        &[("user-agent", "facebookexternalhit/1.1")],
        &[("accept", "text/html,application/xhtml+xml")],
        &[("sec-purpose", "prefetch"), ("user-agent", "Unknown")],
        &[("sec-fetch-mode", "navigate")],
    ];
    let mut sentences = Vec::new();
    for fields in looking {
        for path in [&path, "/provision/app/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            let looker = fields.iter().fold(Phone::at(&office, LAN), |phone, (field, value)| {
                phone.with(field, *value)
            });
            let reply = looker.get(path).expect(404);
            assert_eq!(reply.field("content-type"), Some("text/plain; charset=utf-8"));
            sentences.push(String::from_utf8(reply.bytes).unwrap());
        }
    }
    assert!(sentences[0].contains("Linphone"), "{sentences:?}");
    assert!(
        sentences.windows(2).all(|two| two[0] == two[1]),
        "nobody learns which code is good"
    );
    assert_eq!(devices(&mut mira)[0]["fetched"], Value::Null);
    assert!(lines(&mut administrator, "app-set-up").is_empty());
    Phone::at(&office, LAN)
        .with("user-agent", "Unknown")
        .get(&path)
        .expect(200);
    // Its owner sees on their page that it was fetched, and the journal says from where.
    assert_eq!(devices(&mut mira)[0]["fetched"], office.now());
    let told = lines(&mut administrator, "app-set-up");
    assert!(told[0].to_string().contains(LAN), "{told:?}");
}

#[test]
fn a_browser_that_looks_at_a_phones_first_file_gets_nothing_and_does_not_take_the_phones_place() {
    let office = Office::open();
    let mut administrator = super::staffed(&office);
    super::add(&mut administrator, "249ad8000001");
    for field in ["sec-fetch-mode", "sec-purpose", "purpose"] {
        let browser = Phone::at(&office, "192.168.1.66").with(field, "navigate");
        gone(&browser.first("249ad8000001.cfg"));
    }
    Phone::at(&office, LAN).first("249ad8000001.cfg").expect(200);
}

#[test]
fn a_second_scan_gets_nothing_and_is_told_on_its_owners_page_and_once_in_the_journal() {
    let office = Office::open();
    let mut administrator = desks(&office);
    let (mut mira, _) = by_passkey(&office, &mut administrator, "110", 1);
    let (mut ben, _) = by_passkey(&office, &mut administrator, "111", 2);
    let (path, _) = code(&mut mira, json!({}));
    Phone::at(&office, LAN).get(&path).expect(200);
    let told = |person: &mut Browser<'_>| person.get("/api/me/devices").expect(200).json["code_again"].clone();
    assert_eq!(told(&mut mira), Value::Null);
    for _ in 0..3 {
        gone(&Phone::at(&office, "192.168.1.77").get(&path));
    }
    assert_eq!(
        told(&mut mira),
        json!({ "label": "Linphone", "address": "192.168.1.77", "at": office.now() })
    );
    assert_eq!(told(&mut ben), Value::Null);
    let noted = lines(&mut administrator, "app-code-again");
    assert_eq!(noted.len(), 1, "{noted:?}");
    assert!(noted[0].to_string().contains("192.168.1.77"), "{noted:?}");
    // What is removed is nobody's danger any more.
    let id = devices(&mut mira)[0]["id"].clone();
    mira.delete(&format!("/api/me/devices/{id}")).expect(204);
    assert_eq!(told(&mut mira), Value::Null);
}

#[test]
fn a_code_that_nobody_uses_leaves_no_app_behind_and_the_administrators_phone_has_room() {
    let office = Office::open();
    let mut administrator = desks(&office);
    let (mut mira, _) = by_passkey(&office, &mut administrator, "110", 1);
    // However often somebody asks: one app waits, and the newest code is the one.
    let codes: Vec<(String, u64)> = (0..12).map(|_| code(&mut mira, json!({}))).collect();
    assert_eq!(devices(&mut mira).len(), 1);
    let app = Phone::at(&office, LAN);
    gone(&app.get(&codes[0].0));
    app.get(&codes[11].0).expect(200);
    // Those that are used are apps of their own, up to a number that leaves the administrator room.
    for _ in 0..4 {
        let (path, _) = code(&mut mira, json!({}));
        app.get(&path).expect(200);
    }
    assert_eq!(devices(&mut mira).len(), 5);
    mira.post("/api/me/devices/app", json!({})).refused(409, "too-many");
    for mac in ["249ad8000001", "249ad8000002", "249ad8000003"] {
        let card = json!({ "extension": "110", "mac": mac });
        administrator.post("/api/devices", card).expect(201);
    }
    // One that nobody fetched is swept once its code is over; one that was fetched, or registered, stays.
    let (mut ben, key) = by_passkey(&office, &mut administrator, "111", 2);
    // An administrator who types an app's secret in by hand needs no code: the app stays.
    let (mut cleo, _) = by_passkey(&office, &mut administrator, "112", 3);
    let (_, by_hand) = code(&mut cleo, json!({}));
    let shown = administrator.post(&format!("/api/devices/{by_hand}/secret"), json!({}));
    shown.expect(200);
    let (_, unused) = code(&mut ben, json!({}));
    office.state.sweep_apps().unwrap();
    assert_eq!(devices(&mut ben).len(), 1, "its code is good still");
    office.pass(15 * MINUTE);
    office.state.sweep_apps().unwrap();
    assert!(devices(&mut ben).is_empty());
    assert_eq!(devices(&mut mira).len(), 8);
    let gone = lines(&mut administrator, "device-deleted");
    assert_eq!(gone.len(), 1, "{unused}: {gone:?}");
    assert_eq!(devices(&mut cleo).len(), 1);
    ben.prove_by_passkey(&key).expect(200);
    assert_ne!(code(&mut ben, json!({})).1, unused);
}

#[test]
fn settings_for_another_app_are_shown_once_behind_a_fresh_proof_in_words_and_as_a_code_that_old_cameras_read() {
    let office = Office::open();
    let mut administrator = desks(&office);
    office
        .state
        .hardware
        .serve_sip("0.0.0.0:5060".parse().ok(), "0.0.0.0:5061".parse().ok());
    let (mut mira, key) = by_passkey(&office, &mut administrator, "110", 1);
    let (path, id) = code(&mut mira, json!({}));
    let shown = mira
        .post("/api/me/devices/app/by-hand", json!({ "again": id }))
        .expect(201)
        .json;
    let of_device = administrator.post(&format!("/api/devices/{id}/secret"), json!({}));
    let of_device = of_device.expect(200).json;
    for part in ["username", "secret"] {
        assert_eq!(shown[part], of_device[part]);
    }
    assert_eq!(
        (&shown["server"], &shown["extension"], &shown["encrypted"]),
        (&of_device["realm"], &json!("110"), &json!(false))
    );
    let way = |transport: &str, port: u16| json!({ "transport": transport, "port": port });
    assert_eq!(
        shown["ways"],
        json!([way("tls", 5061), way("tcp", 5060), way("udp", 5060)])
    );
    assert!(shown["qr"]["size"].as_i64().unwrap() <= 57, "P37");
    administrator
        .post("/api/me/devices/app/by-hand", json!({}))
        .refused(404, "not-found");
    administrator
        .patch("/api/settings", json!({ "tls_only": true }))
        .expect(200);
    // The code of the same app is worth nothing any more, and the app stays though it never fetches.
    gone(&Phone::at(&office, LAN).get(&path));
    office.pass(15 * MINUTE);
    office.state.sweep_apps().unwrap();
    assert_eq!(devices(&mut mira).len(), 1);
    mira.post("/api/me/devices/app/by-hand", json!({}))
        .refused(403, "prove-again");
    mira.prove_by_passkey(&key).expect(200);
    // Shown again means another password: the one before may have been seen.
    let again = mira.post("/api/me/devices/app/by-hand", json!({ "again": id }));
    assert_ne!(again.expect(201).json["secret"], shown["secret"]);
    mira.post("/api/me/devices/app/by-hand", json!({ "again": 1 }))
        .refused(404, "not-found");
    assert!(!lines(&mut administrator, "device-secret-shown").is_empty());
    let secured = mira.post("/api/me/devices/app/by-hand", json!({})).expect(201).json;
    assert_eq!(
        (&secured["ways"], &secured["encrypted"]),
        (&json!([way("tls", 5061)]), &json!(true))
    );
}

#[test]
fn looking_at_a_link_by_head_is_answered_and_spends_nothing() {
    let office = Office::open();
    let mut administrator = desks(&office);
    let (mut mira, _) = by_passkey(&office, &mut administrator, "110", 1);
    let (path, _) = code(&mut mira, json!({}));
    let app = Phone::at(&office, LAN);
    for _ in 0..3 {
        app.asks(Method::HEAD, &path).expect(200);
    }
    app.get(&path).expect(200);
    gone(&app.asks(Method::HEAD, &path));
}

#[test]
fn an_answer_that_breaks_off_spends_no_code_but_not_for_ever_and_nobody_else_gets_it_meanwhile() {
    let (code, sets_up) = (
        TokenHash([7; 32]),
        AppCode {
            device: DeviceId(3),
            again: false,
        },
    );
    let spent = |first| Scan::Spent { set_up: sets_up, first };
    let mut codes = AppCodes::default();
    codes.give(code, sets_up, Date(0), Date(900));
    for _ in 0..5 {
        assert_eq!(codes.scan(code, Date(1)), Scan::Open(sets_up));
        assert_eq!(codes.scan(code, Date(1)), Scan::Lent);
        codes.answered(code, false);
    }
    assert_eq!(
        (codes.scan(code, Date(1)), codes.scan(code, Date(1))),
        (spent(true), spent(false))
    );
    assert_eq!(codes.scan(code, Date(900)), Scan::Nothing);
    codes.give(code, sets_up, Date(0), Date(900));
    assert_eq!(codes.scan(code, Date(1)), Scan::Open(sets_up));
    codes.answered(code, true);
    assert_eq!(codes.scan(code, Date(1)), spent(true));
}
