//! A new person's link: one use, seven days, the newest alone.

use serde_json::json;

use crate::office::{Browser, DAY, Office, token_of};

/// The link of somebody new with that number.
pub fn link_for(administrator: &mut Browser<'_>, extension: &str) -> String {
    let card = json!({ "extension": extension, "name": "Somebody" });
    token_of(&administrator.post("/api/people", card).expect(201).json["invite"])
}

#[test]
fn a_link_works_once() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let token = link_for(&mut administrator, "101");
    office.browser().sign_in_by_link(&token).expect(200);
    office.browser().sign_in_by_link(&token).refused(410, "link-spent");
}

#[test]
fn a_newer_link_ends_the_older_one() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let older = link_for(&mut administrator, "101");
    let newer = administrator.post("/api/people/101/invite", json!({})).expect(201);
    office.browser().sign_in_by_link(&older).refused(410, "link-spent");
    office.browser().sign_in_by_link(&token_of(&newer.json)).expect(200);
}

#[test]
fn a_link_works_for_seven_days_and_not_a_second_longer() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (first, second) = (link_for(&mut administrator, "101"), link_for(&mut administrator, "102"));
    office.pass(7 * DAY - 1);
    office.browser().sign_in_by_link(&first).expect(200);
    office.pass(1);
    office.browser().sign_in_by_link(&second).refused(410, "link-spent");
}

#[test]
fn an_unknown_link_is_answered_as_a_spent_one_is() {
    let office = Office::open();
    for token in [
        "",
        "x",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "\u{0}",
        &"A".repeat(9000),
    ] {
        office.browser().sign_in_by_link(token).refused(410, "link-spent");
    }
}

#[test]
fn looking_at_a_link_does_not_use_it_up() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let token = link_for(&mut administrator, "101");
    for path in [
        "/join".to_owned(),
        format!("/join?token={token}"),
        format!("/api/sign-in/link?token={token}"),
    ] {
        assert!(office.browser().get(&path).field("set-cookie").is_none(), "{path}");
    }
    office.browser().sign_in_by_link(&token).expect(200);
}

#[test]
fn a_link_pressed_by_many_at_once_signs_in_one() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let token = link_for(&mut administrator, "101");
    let press = || office.browser().sign_in_by_link(&token).status;
    let mut told: Vec<u16> = std::thread::scope(|scope| {
        let presses: Vec<_> = (0..8).map(|_| scope.spawn(press)).collect();
        presses.into_iter().map(|press| press.join().unwrap()).collect()
    });
    told.sort_unstable();
    assert_eq!(told, [200, 410, 410, 410, 410, 410, 410, 410]);
}
