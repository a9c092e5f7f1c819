//! Shared desks that become somebody's by passkey, and apps that are set up by a code.

use linekey::http::edge::message::Method;
use linekey::rules::phones::provisioning::make::Answer;
use serde_json::{Value, json};

use super::{LAN, Phone, gone};
use crate::authenticator::Authenticator;
use crate::office::{Browser, HOUR, MINUTE, Office, Reply};
use crate::reader;

/// An office with two shared desks, and a person who signed in by passkey.
pub(super) fn desks(office: &Office) -> Browser<'_> {
    let (mut administrator, _) = office.administrator();
    for _ in 0..2 {
        let desk = json!({ "kind": "desk", "label": "Window" });
        administrator.post("/api/devices", desk).expect(201);
    }
    administrator
        .patch("/api/settings", json!({ "phones": true }))
        .expect(200);
    administrator
}

pub(super) fn by_passkey<'a>(
    office: &'a Office,
    administrator: &mut Browser<'_>,
    extension: &str,
    seed: u8,
) -> (Browser<'a>, Authenticator) {
    let (_, authenticator) = office.person(administrator, extension, seed);
    let mut browser = office.browser();
    browser.sign_in_by_passkey(&authenticator).expect(200);
    (browser, authenticator)
}

fn rings_for(browser: &mut Browser<'_>, desk: u64) -> Value {
    browser.get(&format!("/api/desks/{desk}")).expect(200).json["sitting"]["extension"].clone()
}

#[test]
fn p24_a_desk_is_taken_by_passkey_the_one_before_is_put_out_and_nobody_sits_at_two() {
    let office = Office::open();
    let mut administrator = desks(&office);
    let (mut ada, ada_key) = by_passkey(&office, &mut administrator, "101", 1);
    let (mut ben, _) = by_passkey(&office, &mut administrator, "102", 2);
    ada.post("/api/desks/1/take", json!({})).expect(200);
    assert_eq!(rings_for(&mut ben, 1), "101");
    let taken = ben.post("/api/desks/1/take", json!({ "until": office.now() + 2 * HOUR }));
    assert_eq!(
        taken.expect(200).json["sitting"],
        json!({ "extension": "102", "name": "Person 102", "until": office.now() + 2 * HOUR, "mine": true })
    );
    ada.post("/api/desks/1/leave", json!({})).refused(404, "not-found");
    ben.post("/api/desks/2/take", json!({})).expect(200);
    assert_eq!(
        (rings_for(&mut ada, 1), rings_for(&mut ada, 2)),
        (json!(null), json!("102"))
    );
    ben.post("/api/desks/2/leave", json!({})).expect(200);
    assert_eq!(rings_for(&mut ada, 2), json!(null));
    // A proof that is stale, more than a day, and a desk that is none.
    let late = json!({ "until": office.now() + 25 * HOUR });
    ada.post("/api/desks/1/take", late).refused(422, "invalid");
    ada.post("/api/desks/9/take", json!({})).refused(404, "not-found");
    office.pass(11 * MINUTE);
    ada.post("/api/desks/1/take", json!({})).refused(403, "prove-again");
    ada.prove_by_passkey(&ada_key).expect(200);
    ada.post("/api/desks/1/take", json!({})).expect(200);
    // Its evening comes: free for everybody, and swept.
    office.pass(8 * HOUR);
    assert_eq!(rings_for(&mut ada, 1), json!(null));
    office.state.free_desks().unwrap();
    let device = office
        .state
        .store
        .read(|facts| facts.device(linekey::rules::phones::device::DeviceId(1)));
    assert!(format!("{:?}", device.unwrap().unwrap().role).contains("sitting: None"));
    office
        .browser()
        .post("/api/desks/1/take", json!({}))
        .refused(401, "signed-out");
}

#[test]
fn a_session_by_link_takes_no_desk_until_a_passkey_is_shown() {
    let office = Office::open();
    let mut administrator = desks(&office);
    let card = json!({ "extension": "103", "name": "Cleo" });
    let added = administrator.post("/api/people", card).expect(201);
    let mut cleo = office.browser();
    cleo.sign_in_by_link(&crate::office::token_of(&added.json["invite"]))
        .expect(200);
    cleo.post("/api/desks/1/take", json!({})).refused(403, "passkey-needed");
    let mut key = Authenticator::new(&office.state.site.origin, 7);
    cleo.add_passkey(&mut key).expect(201);
    cleo.post("/api/desks/1/take", json!({})).refused(403, "passkey-needed");
    cleo.prove_by_passkey(&key).expect(200);
    cleo.post("/api/desks/1/take", json!({})).expect(200);
    assert_eq!(rings_for(&mut cleo, 1), "103");
}

/// P35: no account stays beside the new one.
#[test]
fn p35_a_second_code_takes_an_apps_place_once_it_is_used_and_the_old_secret_is_worth_nothing_then() {
    let office = Office::open();
    let mut administrator = desks(&office);
    let (mut mira, _) = by_passkey(&office, &mut administrator, "110", 1);
    let (mut ben, _) = by_passkey(&office, &mut administrator, "111", 2);
    let app = Phone::at(&office, LAN);
    let path = |added: &Value| {
        let link = added["link"].as_str().unwrap();
        link[link.find("/provision/").unwrap()..].to_owned()
    };
    let ha1 = |reply: Reply| {
        let read = reader::read(&Answer {
            media_type: "application/xml; charset=utf-8",
            bytes: reply.bytes,
        });
        read.iter()
            .find(|(key, _)| key.ends_with("entry[ha1]"))
            .unwrap()
            .1
            .clone()
    };
    let first = mira.post("/api/me/devices/app", json!({})).expect(201).json;
    let old = ha1(app.get(&path(&first)).expect(200));
    let id = first["device"]["id"].clone();
    let secret = |administrator: &mut Browser<'_>| {
        let shown = administrator.post(&format!("/api/devices/{id}/secret"), json!({}));
        shown.expect(200).json["secret"].clone()
    };
    let before = secret(&mut administrator);
    let again = mira
        .post("/api/me/devices/app", json!({ "again": id }))
        .expect(201)
        .json;
    assert_eq!(again["device"]["id"], id);
    // Until it is used the app that is there goes on, also where a preview looks at the link.
    app.asks(Method::HEAD, &path(&again)).expect(200);
    assert_eq!(secret(&mut administrator), before);
    let new = ha1(app.get(&path(&again)).expect(200));
    assert_ne!(new, old);
    assert_ne!(secret(&mut administrator), before);
    gone(&app.get(&path(&again)));
    let devices = mira.get("/api/me/devices").expect(200).json;
    assert_eq!(devices["devices"].as_array().unwrap().len(), 1, "{devices}");
    // Nobody takes another's place, nor that of what is no app.
    let refused = |browser: &mut Browser<'_>, id: &Value| {
        let refused = browser.post("/api/me/devices/app", json!({ "again": id }));
        refused.refused(404, "not-found");
    };
    refused(&mut ben, &id);
    refused(&mut mira, &json!(1));
    refused(&mut mira, &json!(77));
}

#[test]
fn a_code_sets_up_one_app_once_and_for_a_quarter_of_an_hour() {
    let office = Office::open();
    let mut administrator = desks(&office);
    let (mut mira, _) = by_passkey(&office, &mut administrator, "110", 1);
    let added = mira.post("/api/me/devices/app", json!({})).expect(201).json;
    let link = added["link"].as_str().unwrap();
    assert!(added["qr"]["size"].as_i64().unwrap() <= 57, "P37");
    let path = &link[link.find("/provision/").unwrap()..];
    let app = Phone::at(&office, LAN);
    let mut plain = Phone::at(&office, LAN);
    plain.secure = false;
    gone(&plain.get(path));
    app.asks(Method::HEAD, path).expect(200);
    let reply = app.get(path).expect(200);
    let read = reader::read(&Answer {
        media_type: "application/xml; charset=utf-8",
        bytes: reply.bytes,
    });
    let userid = read.iter().find(|(key, _)| key.ends_with("entry[userid]")).unwrap().1;
    assert_eq!(userid, added["device"]["username"].as_str().unwrap());
    gone(&app.get(path));
    assert_eq!(
        mira.get("/api/me/devices").expect(200).json["devices"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let late = mira.post("/api/me/devices/app", json!({})).expect(201).json;
    office.pass(15 * MINUTE);
    let link = late["link"].as_str().unwrap();
    gone(&app.get(&link[link.find("/provision/").unwrap()..]));
}
