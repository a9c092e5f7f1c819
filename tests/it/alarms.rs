//! Who is told that an account's password is being guessed, and when. An alarm is written beside the answer, so what it
//! does shows a moment later.

use linekey::rules::letters::letter::LetterKind;
use serde_json::json;

use crate::disk::Disk;
use crate::links::{letters, set_relay};
use crate::office::{MINUTE, Office};
use crate::wait::wait_for;

const PASSWORD: &str = "a sentence of some length";

/// Guesses at that account, from addresses of its own; the fourteenth sets off its alarm.
fn until_the_alarm(office: &Office, username: &str, addresses: u32, guesses: u32) -> Vec<u16> {
    let guess = |number: u32| {
        office.pass(4 * MINUTE);
        let from = std::net::Ipv4Addr::from_bits(addresses + number).into();
        let guessed = office
            .browser_at(from)
            .sign_in_by_password(username, "wrong wrong wrong");
        guessed.status
    };
    (0..guesses).map(guess).collect()
}

#[test]
fn who_remembers_at_last_raises_no_alarm() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    set_relay(&mut administrator);
    administrator
        .patch("/api/administrators/admin", json!({ "email": "owner@example.org" }))
        .expect(200);
    administrator
        .post("/api/me/password", json!({ "password": PASSWORD }))
        .expect(204);
    until_the_alarm(&office, "admin", 0xc000_0200, 13);
    office.browser().sign_in_by_password("admin", PASSWORD).expect(200);
    let alarms = || {
        letters(&office)
            .iter()
            .filter(|(_, letter)| letter.kind == LetterKind::LockedOut)
            .count()
    };
    assert_eq!(alarms(), 0);
    until_the_alarm(&office, "admin", 0xc633_6400, 1);
    wait_for("the alarm", || (alarms() == 1).then_some(()));
}

#[test]
fn an_alarm_is_in_the_journal_where_nobody_can_get_a_letter() {
    let office = Office::open();
    office.administrator();
    until_the_alarm(&office, "admin", 0xc000_0200, 14);
    let guessed = || {
        let lines = office
            .state
            .store
            .read(|facts| facts.journal(None, 100, |line| line.event == "password-guessed"));
        lines.unwrap()
    };
    wait_for("the alarm", || (!guessed().is_empty()).then_some(()));
    let lines = guessed();
    assert_eq!(lines.len(), 1, "once a day: {lines:?}");
    let line = &lines[0].1;
    assert!(
        line.who.is_empty() && line.about == "admin: from 192.0.2.13",
        "{line:?}"
    );
}

#[test]
fn an_alarm_that_cannot_be_written_changes_no_answer() {
    let disk = Disk::empty();
    let office = Office::over(disk.clone(), 1);
    let (mut administrator, _) = office.administrator();
    set_relay(&mut administrator);
    administrator
        .patch("/api/administrators/admin", json!({ "email": "owner@example.org" }))
        .expect(200);
    disk.cut_at_sync(1);
    let told = until_the_alarm(&office, "admin", 0xc000_0200, 14);
    assert_eq!(told, [401; 14]);
    wait_for("the power cut", || disk.is_dead().then_some(()));
}

#[test]
fn guesses_at_eight_accounts_hide_none_at_the_ninth() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    set_relay(&mut administrator);
    administrator
        .patch("/api/administrators/admin", json!({ "email": "owner@example.org" }))
        .expect(200);
    let people = (0..9_u32).map(|number| (number, (101 + number).to_string()));
    for (_, extension) in people.clone() {
        let card = json!({ "extension": extension, "name": "Somebody" });
        administrator.post("/api/people", card).expect(201);
    }
    for (number, extension) in people {
        until_the_alarm(&office, &extension, 0xc000_0200 + 256 * number, 14);
    }
    let alarms = || {
        letters(&office)
            .iter()
            .filter(|(_, letter)| letter.kind == LetterKind::LockedOut)
            .count()
    };
    wait_for("the alarms", || (alarms() == 9).then_some(()));
}
