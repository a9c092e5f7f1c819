//! Links and letters: what is queued with what, who can spend a link, and who is told of what.

use linekey::rules::letters::letter::{Content, Letter, LetterKind};
use serde_json::{Value, json};

use crate::office::{Browser, DAY, HOUR, MINUTE, Office, token_of};
use crate::wait::wait_for;

/// An office that could send letters, with Mira (101) in it, who has an e-mail address and has never signed in.
pub fn with_mail(office: &Office) -> Browser<'_> {
    let (mut administrator, _) = office.administrator();
    set_relay(&mut administrator);
    administrator
}

pub fn set_relay(administrator: &mut Browser<'_>) {
    let relay = json!({ "server": "127.0.0.1", "port": 25, "security": "none", "sender": "pbx@example.org" });
    administrator
        .send(administrator.request(linekey::http::edge::message::Method::PUT, "/api/mail", &relay))
        .expect(200);
}

pub fn add_mira(administrator: &mut Browser<'_>) -> Value {
    let card = json!({ "extension": "101", "name": "Mira", "email": "mira@example.org" });
    administrator.post("/api/people", card).expect(201).json
}

pub fn add_to(administrator: &mut Browser<'_>, extension: &str) {
    let card = json!({ "extension": extension, "name": "Somebody", "email": format!("{extension}@example.org") });
    administrator.post("/api/people", card).expect(201);
}

pub fn letters(office: &Office) -> Vec<(u64, Letter)> {
    office.state.store.read(|facts| facts.letters()).unwrap()
}

/// The content of the only letter of that kind.
pub fn content(office: &Office, kind: LetterKind) -> Content {
    let mut of_kind: Vec<Letter> = letters(office).into_iter().map(|(_, letter)| letter).collect();
    of_kind.retain(|letter| letter.kind == kind);
    assert_eq!(of_kind.len(), 1, "{of_kind:?}");
    of_kind[0].open(&office.state.key).expect("the letter opens")
}

/// Asks for a link and waits until the office has thought about it: it answers first.
pub fn ask(browser: &mut Browser<'_>, username: &str) {
    browser
        .post("/api/sign-in/recover", json!({ "username": username }))
        .expect(202);
    wait_for("the recovery's end", || {
        let free: Vec<_> = (0..16)
            .map_while(|_| browser.office.state.recovering.try_acquire())
            .collect();
        (free.len() == 16).then_some(())
    });
}

pub fn reset_of(office: &Office) -> (String, String) {
    let reset = content(office, LetterKind::Reset);
    let Content::Reset {
        token,
        code: Some(code),
        ..
    } = reset
    else {
        panic!("{reset:?}")
    };
    (token, code)
}

#[test]
fn a_new_person_gets_the_link_by_letter_and_nobody_else_sees_it() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    let added = add_mira(&mut administrator);
    assert_eq!(added["invite"]["link"], Value::Null);
    assert_eq!(added["invite"]["mailed_to"], json!("mira@example.org"));
    let Content::Invite { token, .. } = content(&office, LetterKind::Invite) else {
        panic!()
    };
    let row = format!("{:?}", letters(&office));
    assert!(!row.contains(&token), "the link lies in the store in the clear");
    office.browser().sign_in_by_link(&token).expect(200);
    assert!(
        letters(&office).is_empty(),
        "the letter of a spent link is not sent any more"
    );
}

#[test]
fn the_link_can_be_handed_over_all_the_same_and_that_withdraws_the_letter() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    add_mira(&mut administrator);
    let Content::Invite { token, .. } = content(&office, LetterKind::Invite) else {
        panic!()
    };
    let link = administrator
        .post("/api/people/101/invite", json!({ "hand_over": true }))
        .expect(201);
    assert!(letters(&office).is_empty());
    office.browser().sign_in_by_link(&token).refused(410, "link-spent");
    office.browser().sign_in_by_link(&token_of(&link.json)).expect(200);
}

#[test]
fn opening_a_link_any_number_of_times_spends_nothing() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let added = add_mira(&mut administrator);
    for _ in 0..5 {
        office.browser().get("/join").expect(200);
    }
    office
        .browser()
        .sign_in_by_link(&token_of(&added["invite"]))
        .expect(200);
    office
        .browser()
        .sign_in_by_link(&token_of(&added["invite"]))
        .refused(410, "link-spent");
}

#[test]
fn a_link_can_be_revoked_and_lives_as_long_as_the_office_sets() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    administrator
        .patch("/api/settings", json!({ "invite_hours": 2 }))
        .expect(200);
    let added = add_mira(&mut administrator);
    assert_eq!(added["invite"]["until"], json!(office.now() + 2 * HOUR));
    administrator.delete("/api/people/101/invite").expect(204);
    administrator.delete("/api/people/101/invite").refused(404, "not-found");
    office
        .browser()
        .sign_in_by_link(&token_of(&added["invite"]))
        .refused(410, "link-spent");
    let again = administrator.post("/api/people/101/invite", json!({})).expect(201);
    office.pass(2 * HOUR);
    office
        .browser()
        .sign_in_by_link(&token_of(&again.json))
        .refused(410, "link-spent");
    administrator.prove_by_passkey(&authenticator).expect(200);
    for (field, value) in [
        ("invite_hours", 0),
        ("invite_hours", 721),
        ("reset_minutes", 9),
        ("reset_minutes", 1441),
    ] {
        let refused = administrator
            .patch("/api/settings", json!({ field: value }))
            .refused(422, "invalid");
        assert_eq!(refused.json["field"], json!(field));
    }
}

#[test]
fn people_are_told_of_their_new_and_deleted_passkeys() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    add_mira(&mut administrator);
    let Content::Invite { token, .. } = content(&office, LetterKind::Invite) else {
        panic!()
    };
    let mut mira = office.browser();
    mira.sign_in_by_link(&token).expect(200);
    let mut phone = crate::authenticator::Authenticator::new(crate::office::ORIGIN, 1);
    let made = mira.add_passkey(&mut phone).expect(201);
    let Content::PasskeyAdded { passkey, address, .. } = content(&office, LetterKind::PasskeyAdded) else {
        panic!()
    };
    assert_eq!(
        (json!(passkey), address),
        (made.json["name"].clone(), Some(mira.address))
    );
    administrator.delete("/api/people/101/passkeys").expect(204);
    assert!(matches!(
        content(&office, LetterKind::PasskeyDeleted),
        Content::PasskeyDeleted { .. }
    ));
    administrator.delete("/api/people/101").expect(204);
    assert!(letters(&office).is_empty(), "nobody is there any more to be told");
}

#[test]
fn administrators_are_told_once_a_day_that_a_password_is_guessed_at() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    administrator
        .patch("/api/administrators/admin", json!({ "email": "owner@example.org" }))
        .expect(200);
    add_mira(&mut administrator);
    administrator
        .post(
            "/api/people/101/password",
            json!({ "password": "a quiet river at night" }),
        )
        .expect(204);
    let guess = |number: u64| {
        office.pass(20 * MINUTE);
        let from = std::net::Ipv4Addr::from_bits(0xc000_0200 + u32::try_from(number).unwrap());
        let username = if number.is_multiple_of(2) {
            "101"
        } else {
            "mira@example.org"
        };
        office
            .browser_at(from.into())
            .sign_in_by_password(username, "wrong wrong wrong")
            .refused(401, "not-signed-in");
    };
    let told = || {
        let letters = letters(&office).into_iter();
        letters
            .filter(|(_, letter)| letter.kind == LetterKind::LockedOut)
            .count()
    };
    (0..30).for_each(guess);
    wait_for("the letter", || (told() == 1).then_some(()));
    let Content::LockedOut { username, .. } = content(&office, LetterKind::LockedOut) else {
        panic!()
    };
    assert_eq!(username, "101", "by number and by address it is the same account");
    office.pass(DAY);
    (30..60).for_each(guess);
    wait_for("the letter", || (told() == 2).then_some(()));
}

#[test]
fn the_mail_servers_password_is_kept_sealed_and_shown_to_nobody() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let relay = json!({ "server": "Mail.Example.org", "port": 587, "security": "starttls", "username": "pbx",
        "password": "hunter2 hunter2", "sender": "pbx@example.org" });
    let put = |administrator: &mut Browser<'_>, body: &Value| {
        administrator.send(administrator.request(linekey::http::edge::message::Method::PUT, "/api/mail", body))
    };
    let shown = put(&mut administrator, &relay).expect(200);
    assert_eq!(shown.json["relay"]["has_password"], json!(true));
    assert_eq!(shown.json["relay"]["server"], json!("mail.example.org"));
    let kept = office.state.store.read(|facts| facts.relay()).unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&shown.bytes).contains("hunter2") && !format!("{kept:?}").contains("hunter2"));
    assert_eq!(
        kept.login.unwrap().password(&office.state.key).unwrap().as_str(),
        "hunter2 hunter2"
    );
    let mut without = relay.clone();
    without.as_object_mut().unwrap().remove("password");
    put(&mut administrator, &without).expect(200);
    let kept = office.state.store.read(|facts| facts.relay()).unwrap().unwrap();
    assert_eq!(
        kept.login.unwrap().password(&office.state.key).unwrap().as_str(),
        "hunter2 hunter2"
    );
    for (field, bad) in [
        ("server", json!("not a host")),
        ("port", json!(0)),
        ("sender", json!("nobody")),
        ("roots", json!("PEM?")),
    ] {
        let mut broken = relay.clone();
        broken[field] = bad;
        assert_eq!(
            put(&mut administrator, &broken).refused(422, "invalid").json["field"],
            json!(field)
        );
    }
    administrator.delete("/api/mail").expect(204);
    administrator
        .post("/api/mail/test", json!({ "to": "a@example.org" }))
        .refused(422, "invalid");
}

#[test]
fn a_letter_that_nobody_takes_is_tried_ever_more_seldom_and_given_up_after_two_days() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    add_mira(&mut administrator);
    let (_, mut letter) = letters(&office).remove(0);
    let queued = letter.queued;
    let mut waits = Vec::new();
    while !letter.given_up {
        let now = letter.next;
        letter = letter.failed("451 later", false, now);
        waits.push((letter.next - now).0);
    }
    assert_eq!(waits[..4], [60, 120, 240, 480]);
    // The last wait is what is left of the two days, and after the last try there is none.
    let (tries, last) = (waits.len(), waits.split_off(waits.len() - 2));
    assert!(
        waits.is_sorted() && waits.iter().chain(&last).all(|wait| *wait <= 4 * HOUR),
        "{waits:?}"
    );
    assert_eq!((letter.next - queued).0, 2 * DAY);
    assert_eq!(last[1], 0);
    assert_eq!(
        (letter.tries, letter.said.as_deref()),
        (u32::try_from(tries).unwrap(), Some("451 later"))
    );
    assert!(
        letters(&office)[0].1.failed("550 no", true, queued).given_up,
        "a lasting no is taken for one"
    );
}
