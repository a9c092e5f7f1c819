//! The outbox: what becomes of a letter between the turn that queued it and the postman's word on it.

use linekey::http::edge::message::Method;
use linekey::rules::change::{Change, LettersChange};
use linekey::rules::letters::letter::Content;
use linekey::rules::limits;
use linekey::rules::office::difference::Difference;
use serde_json::json;

use crate::authenticator::Authenticator;
use crate::links::{letters, set_relay};
use crate::noted::note;
use crate::office::{Browser, DAY, ORIGIN, Office};

/// An office that could send letters, with Mira (101) in it.
fn with_mira(office: &Office) -> Browser<'_> {
    let (mut administrator, _) = office.administrator();
    set_relay(&mut administrator);
    let card = json!({ "extension": "101", "name": "Mira", "email": "mira@example.org" });
    administrator.post("/api/people", card).expect(201);
    administrator
}

#[test]
fn a_letter_never_gets_the_number_of_one_that_the_postman_still_holds() {
    let office = Office::open();
    let mut administrator = with_mira(&office);
    let held = letters(&office).remove(0);
    // A newer link withdraws the letter with the older one, while that is on its way.
    administrator.post("/api/people/101/invite", json!({})).expect(201);
    let newer = letters(&office).remove(0);
    assert_ne!(newer.0, held.0);
    note(&office, Change::Letters(LettersChange::LetterSent(held.0, held.1)));
    assert_eq!(letters(&office).as_slice(), std::slice::from_ref(&newer));
    note(
        &office,
        Change::Letters(LettersChange::LetterSent(newer.0, newer.1.clone())),
    );
    administrator.post("/api/people/101/invite", json!({})).expect(201);
    assert!(letters(&office)[0].0 > newer.0, "not even after the outbox was empty");
}

#[test]
fn a_corrected_address_ends_the_link_that_went_to_the_wrong_one() {
    let office = Office::open();
    let mut administrator = with_mira(&office);
    let Some(Content::Invite { token, .. }) = letters(&office)[0].1.open(&office.state.key) else {
        panic!("an invitation")
    };
    let changed = json!({ "email": "mira.o@example.org" });
    administrator.patch("/api/people/101", changed).expect(200);
    assert_eq!(letters(&office), []);
    office.browser().sign_in_by_link(&token).refused(410, "link-spent");
    // A link that was handed over stays where it is.
    administrator
        .post("/api/people/101/invite", json!({ "hand_over": true }))
        .expect(201);
    administrator
        .patch("/api/people/101", json!({ "name": "Mira O." }))
        .expect(200);
    assert_ne!(
        administrator.get("/api/people/101").expect(200).json["invited_until"],
        json!(null)
    );
}

#[test]
fn a_corrected_address_withdraws_all_news_to_the_wrong_one_and_no_others() {
    let office = Office::open();
    let mut administrator = with_mira(&office);
    let Some(Content::Invite { token, .. }) = letters(&office)[0].1.open(&office.state.key) else {
        panic!("an invitation")
    };
    let mut mira = office.browser();
    mira.sign_in_by_link(&token).expect(200);
    mira.add_passkey(&mut Authenticator::new(ORIGIN, 1)).expect(201);
    let card = json!({ "extension": "102", "name": "Ole", "email": "ole@example.org" });
    administrator.post("/api/people", card).expect(201);
    let to = || letters(&office).into_iter().map(|(_, letter)| letter.to.to_string());
    assert_eq!(to().collect::<Vec<_>>(), ["mira@example.org", "ole@example.org"]);
    let renamed = json!({ "name": "Mira O." });
    administrator.patch("/api/people/101", renamed).expect(200);
    assert_eq!(to().count(), 2, "it is the same address");
    let changed = json!({ "email": "mira.o@example.org" });
    administrator.patch("/api/people/101", changed).expect(200);
    assert_eq!(to().collect::<Vec<_>>(), ["ole@example.org"]);
    let none = json!({ "email": "" });
    administrator.patch("/api/people/102", none).expect(200);
    assert_eq!(to().count(), 0);
}

#[test]
fn another_mail_server_gets_what_was_given_up_lately() {
    let office = Office::open();
    with_mira(&office);
    let relay = office.state.store.read(|facts| facts.relay()).unwrap().unwrap();
    let (id, letter) = letters(&office).remove(0);
    let failed = letter.failed("550 no such user", true, letter.queued);
    assert!(failed.given_up);
    note(
        &office,
        Change::Letters(LettersChange::LetterGivenUp(id, failed.clone())),
    );
    office.pass(DAY);
    note(
        &office,
        Change::Letters(LettersChange::RelaySet(relay.clone(), Difference::default())),
    );
    let revived = letters(&office).remove(0).1;
    assert!(!revived.given_up && revived.due(office.state.now()));
    note(&office, Change::Letters(LettersChange::LetterGivenUp(id, failed)));
    office.pass(2 * DAY);
    note(
        &office,
        Change::Letters(LettersChange::RelaySet(relay, Difference::default())),
    );
    let old = letters(&office).remove(0).1;
    assert!(old.given_up, "two days are enough: {old:?}");
}

#[test]
fn the_kept_mail_password_goes_to_no_other_server_than_it_was_typed_for() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let relay = json!({ "server": "mail.example.org", "port": 587, "security": "starttls", "username": "pbx",
        "password": "hunter2 hunter2", "sender": "pbx@example.org" });
    let mut put = |body| administrator.send(administrator.request(Method::PUT, "/api/mail", &body));
    put(relay.clone()).expect(200);
    let mut without = relay;
    without.as_object_mut().unwrap().remove("password");
    for (member, other) in [
        ("server", json!("mail.example.com")),
        ("port", json!(465)),
        ("security", json!("none")),
        ("username", json!("pbx2")),
    ] {
        let mut changed = without.clone();
        changed[member] = other;
        assert_eq!(
            put(changed).refused(422, "invalid").json["field"],
            json!("password"),
            "{member}"
        );
    }
    without["sender"] = json!("office@example.org");
    put(without).expect(200);
    let kept = office.state.store.read(|facts| facts.relay()).unwrap().unwrap();
    assert_eq!(
        kept.login.unwrap().password(&office.state.key).unwrap().as_str(),
        "hunter2 hunter2"
    );
}

#[test]
fn a_full_outbox_takes_no_letter_and_every_link_is_handed_over() {
    let office = Office::open();
    let mut administrator = with_mira(&office);
    let (first, _) = letters(&office).remove(0);
    crate::scale::fill_outbox(&office);
    // Page by page it is the same outbox.
    let (mut seen, mut path) = (Vec::new(), "/api/mail/outbox".to_owned());
    loop {
        let page = administrator.get(&path).expect(200).json;
        assert_eq!(page["full"], json!(true));
        let rows = page["letters"].as_array().unwrap();
        assert!(rows.len() <= limits::PAGE_ROWS);
        seen.extend(rows.iter().map(|row| row["id"].as_u64().unwrap()));
        let Some(next) = page["next"].as_u64() else { break };
        path = format!("/api/mail/outbox?after={next}");
    }
    assert_eq!(seen, letters(&office).iter().map(|(id, _)| *id).collect::<Vec<_>>());
    assert_eq!(seen.len(), limits::LETTERS);
    administrator.get("/api/mail/outbox?after=x").refused(400, "unreadable");
    // Somebody new gets a link that works.
    let card = json!({ "extension": "102", "name": "Ole", "email": "ole@example.org" });
    let added = administrator.post("/api/people", card).expect(201).json;
    assert_eq!(added["invite"]["mailed_to"], json!(null));
    assert!(added["invite"]["link"].is_string(), "{added}");
    // Of a table some get letters: as many as there is room for.
    administrator.delete(&format!("/api/mail/outbox/{first}")).expect(204);
    let rows = "21,Pia,pia@example.org\n22,Kim,kim@example.org\n";
    let import = json!({ "csv": rows, "commit": true, "invite": true });
    let done = administrator.post("/api/people/import", import).expect(200).json;
    assert_eq!((&done["mailed"], &done["unmailed"]), (&json!(1), &json!(1)));
    let to: Vec<_> = letters(&office)
        .iter()
        .map(|(_, letter)| letter.to.to_string())
        .collect();
    assert_eq!(to.len(), limits::LETTERS);
    assert!(to.contains(&"pia@example.org".to_owned()) && !to.contains(&"kim@example.org".to_owned()));
    // Nobody is left with a link that no one can see.
    let people = administrator.get("/api/people").expect(200).json;
    let invited = |name| {
        let mut all = people["people"].as_array().unwrap().iter();
        all.find(|person| person["name"] == json!(name)).unwrap()["invited_until"].is_u64()
    };
    assert!(invited("Pia") && !invited("Kim"));
    // What was given up makes room.
    let (id, kept) = letters(&office).remove(0);
    note(
        &office,
        Change::Letters(LettersChange::LetterGivenUp(
            id,
            kept.failed("550 no", true, kept.queued),
        )),
    );
    assert_eq!(
        administrator.get("/api/mail/outbox").expect(200).json["full"],
        json!(false)
    );
    administrator.post("/api/people/22/invite", json!({})).expect(201);
    assert!(!letters(&office).iter().any(|(other, _)| *other == id));
}

#[test]
fn the_journal_says_what_changed_of_the_mail_server_and_never_its_password() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let mail = |server: &str, port: u16, password: &str| {
        json!({
            "server": server, "port": port, "security": "tls", "username": "office", "password": password,
            "sender": "pbx@example.org",
        })
    };
    for relay in [
        mail("a.example", 465, "one"),
        mail("a.example", 587, "other"),
        mail("b.example", 587, "other"),
    ] {
        administrator
            .send(administrator.request(Method::PUT, "/api/mail", &relay))
            .expect(200);
    }
    administrator.delete("/api/mail").expect(204);
    let journal = administrator.get("/api/journal").expect(200).json;
    let lines = journal["lines"].as_array().unwrap().iter();
    let told: Vec<&str> = lines
        .filter(|line| line["event"] == "mail-changed")
        .map(|line| line["about"].as_str().unwrap())
        .collect();
    assert_eq!(
        told,
        [
            "removed",
            "b.example: server a.example → b.example; password",
            "a.example: port 465 → 587; password",
            "a.example",
        ]
    );
}
