//! What a restore does not bring back: sessions, links, one-time passwords and letters that were ended or spent since.

use std::io::Write;

use linekey::office::backup;
use linekey::rules::office::backup::Passphrase;
use linekey::rules::office::journal::Actor;
use linekey::rules::office::restored;
use linekey::rules::time::Date;
use linekey::store::backup::{mark_restored, mark_taken_over};
use serde_json::{Value, json};

use crate::disk::{Disk, Loss};
use crate::links::{letters, set_relay};
use crate::office::{Browser, HOUR, Office, token_of};
use crate::program::Folder;

const PASSPHRASE: &str = "four words on paper";

/// The store within a backup from the page, as a restore leaves it for the next start.
pub fn store_of(administrator: &mut Browser<'_>) -> Disk {
    let taken = administrator
        .post("/api/backup", json!({ "passphrase": PASSPHRASE }))
        .expect(200);
    let folder = Folder::new();
    let path = folder.path().join("linekey.redb");
    let mut store = std::fs::File::create(&path).unwrap();
    backup::open(taken.bytes.as_slice(), &Passphrase::typed(PASSPHRASE), |part, bytes| {
        if part == backup::STORE {
            store.write_all(bytes)?;
        }
        Ok(())
    })
    .unwrap();
    mark_restored(&path).unwrap();
    Disk::holding(std::fs::read(&path).unwrap())
}

/// The same, as a spare that takes over leaves it; `folder`: where it saw the backups.
pub fn taken_over(store: &Disk, folder: Option<String>) -> Disk {
    let aside = Folder::new();
    let path = aside.path().join("linekey.redb");
    std::fs::write(&path, store.after(Loss::All)).unwrap();
    let now = Date(1_795_420_800);
    mark_taken_over(&path, |tenure| tenure.take_over(None, [0xb0; 16], now, (true, folder))).unwrap();
    Disk::holding(std::fs::read(&path).unwrap())
}

/// What the start does before anything is served.
pub fn begin(office: &Office) {
    let state = &office.state;
    assert!(state.store.read(|facts| facts.is_restored()).unwrap());
    let turn = state.store.turn_now(Actor::APPLIANCE, state.moment(), |facts, moment| {
        Ok(restored::end(&facts.devices()?, facts.newest()?, moment.now))
    });
    turn.unwrap().unwrap();
    assert!(!state.store.read(|facts| facts.is_restored()).unwrap());
}

#[test]
fn a_restore_ends_sessions_links_one_time_passwords_and_letters_and_people_come_in_by_passkey() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    let (mut mira, of_mira) = office.person(&mut administrator, "101", 1);
    let card = json!({ "extension": "102", "name": "Jo" });
    let link = token_of(&administrator.post("/api/people", card).expect(201).json["invite"]);
    set_relay(&mut administrator);
    let card = json!({ "extension": "103", "name": "Ada", "email": "ada@example.org" });
    administrator.post("/api/people", card).expect(201);
    let desk = json!({ "kind": "desk", "label": "Hall" });
    let desk = administrator.post("/api/devices", desk).expect(201).json;
    let taken = format!("/api/desks/{}/take", desk["id"]);
    mira.sign_in_by_passkey(&of_mira).expect(200);
    mira.post(&taken, json!({})).expect(200);
    office.arm("admin", "another four for one time");
    assert!(!letters(&office).is_empty());
    let disk = store_of(&mut administrator);
    // Since then the link was used, Mira signed out, and the one-time password was spent.
    office.browser().sign_in_by_link(&link).expect(200);
    mira.post("/api/sign-out", Value::Null).expect(204);

    let board = Office::over(disk, 9);
    board.set_clock(office.now() + HOUR);
    begin(&board);
    let again = |browser: &Browser<'_>| Browser {
        cookie: browser.cookie.clone(),
        ..board.browser()
    };
    again(&mira).get("/api/me").refused(401, "signed-out");
    again(&administrator).get("/api/me").refused(401, "signed-out");
    board.browser().sign_in_by_link(&link).refused(410, "link-spent");
    let spent = board
        .browser()
        .sign_in_by_password("admin", "another four for one time");
    spent.refused(401, "not-signed-in");
    assert!(letters(&board).is_empty(), "what waited is not sent once more");
    let mut browser = board.browser();
    browser.sign_in_by_passkey(&of_mira).expect(200);
    let desk = browser.get(&format!("/api/desks/{}", desk["id"])).expect(200).json;
    assert!(!desk.to_string().contains("Person 101"), "the desk is free: {desk}");
    let mut browser = board.browser();
    browser.sign_in_by_passkey(&authenticator).expect(200);
    let lines = browser.get("/api/journal?limit=20").expect(200).json;
    let lines = lines["lines"].as_array().unwrap();
    assert!(lines.iter().any(|line| line["event"] == "restored"), "{lines:?}");
}
