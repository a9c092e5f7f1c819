//! Accounts: added, changed, listed, deleted; their passwords, settings, and the last way in.

use serde_json::json;

use crate::authenticator::Authenticator;
use crate::first_links::link_for;
use crate::office::{DAY, HOUR, ONE_TIME, ORIGIN, Office, token_of};

#[test]
fn a_person_comes_in_by_link_and_comes_back_by_passkey() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let card = json!({ "extension": "101", "name": "Mira Lindt", "email": "Mira@Example.org" });
    let added = administrator.post("/api/people", card).expect(201).json;
    assert_eq!(added["person"]["extension"], "101");
    assert_eq!(added["invite"]["until"], office.now() + 7 * DAY);
    assert!(
        added["invite"]["link"]
            .as_str()
            .unwrap()
            .starts_with("http://localhost:8080/join#"),
        "{added}"
    );
    assert!(
        added["invite"]["qr"]["path"].as_str().unwrap().starts_with("M0 0"),
        "{added}"
    );
    let mut mira = office.browser();
    assert_eq!(
        mira.sign_in_by_link(&token_of(&added["invite"])).expect(200).json,
        json!({ "next": "/welcome" })
    );
    let me = mira.get("/api/me").expect(200).json;
    assert_eq!(
        (&me["kind"], &me["extension"], &me["rights"]),
        (&json!("person"), &json!("101"), &json!([]))
    );
    let mut authenticator = Authenticator::new(ORIGIN, 1);
    mira.add_passkey(&mut authenticator).expect(201);
    mira.post("/api/sign-out", json!(null)).expect(204);
    mira.sign_in_by_passkey(&authenticator).expect(200);
    assert_eq!(mira.get("/api/me").expect(200).json["name"], "Mira Lindt");
}

#[test]
fn a_deleted_person_is_out_at_once() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, authenticator) = office.person(&mut administrator, "101", 1);
    let invite = administrator.post("/api/people/101/invite", json!({})).expect(201);
    administrator.delete("/api/people/101").expect(204);
    mira.get("/api/me").refused(401, "signed-out");
    office
        .browser()
        .sign_in_by_passkey(&authenticator)
        .refused(401, "unknown-passkey");
    office
        .browser()
        .sign_in_by_link(&token_of(&invite.json))
        .refused(410, "link-spent");
    administrator.get("/api/people/101").refused(404, "not-found");
}

#[test]
fn an_extension_or_address_belongs_to_one_person() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let mira = json!({ "extension": "101", "name": "Mira", "email": "mira@example.org" });
    administrator.post("/api/people", mira).expect(201);
    let same_number = administrator.post("/api/people", json!({ "extension": "101", "name": "Other" }));
    assert_eq!(same_number.refused(409, "taken").json["field"], "extension");
    let same_address = json!({ "extension": "102", "name": "Other", "email": "MIRA@example.org" });
    assert_eq!(
        administrator
            .post("/api/people", same_address)
            .refused(409, "taken")
            .json["field"],
        "email"
    );
    administrator
        .post("/api/people", json!({ "extension": "102", "name": "Jonas" }))
        .expect(201);
    let moved = administrator.patch("/api/people/102", json!({ "extension": "101" }));
    assert_eq!(moved.refused(409, "taken").json["field"], "extension");
    administrator.delete("/api/people/101").expect(204);
    administrator
        .patch("/api/people/102", json!({ "extension": "101" }))
        .expect(200);
}

#[test]
fn a_card_that_does_not_hold_names_its_field() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let cards = [
        (json!({ "extension": "", "name": "Mira" }), "extension"),
        (json!({ "extension": "10a", "name": "Mira" }), "extension"),
        (json!({ "extension": "1".repeat(40), "name": "Mira" }), "extension"),
        (json!({ "extension": "101", "name": "  " }), "name"),
        (json!({ "extension": "101", "name": "x".repeat(500) }), "name"),
        (
            json!({ "extension": "101", "name": "Mira", "email": "nobody" }),
            "email",
        ),
    ];
    for (card, field) in cards {
        let reply = administrator.post("/api/people", card.clone()).refused(422, "invalid");
        assert_eq!(reply.json["field"], field, "{card}");
    }
    assert_eq!(administrator.get("/api/people").expect(200).json["people"], json!([]));
}

#[test]
fn people_are_listed_in_the_order_of_their_numbers_page_by_page() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    for extension in ["1000", "20", "101", "3"] {
        administrator
            .post("/api/people", json!({ "extension": extension, "name": "Somebody" }))
            .expect(201);
    }
    let mut seen = Vec::new();
    let mut page = administrator.get("/api/people?limit=3").expect(200).json;
    loop {
        seen.extend(
            page["people"]
                .as_array()
                .unwrap()
                .iter()
                .map(|person| person["extension"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        page = administrator
            .get(&format!("/api/people?limit=3&after={next}"))
            .expect(200)
            .json;
    }
    assert_eq!(seen, ["3", "20", "101", "1000"]);
}

#[test]
fn an_administrator_sees_and_ends_what_a_person_has() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, authenticator) = office.person(&mut administrator, "101", 1);
    let shown = administrator.get("/api/people/101").expect(200).json;
    assert_eq!(
        (
            shown["passkey_list"].as_array().unwrap().len(),
            shown["session_list"].as_array().unwrap().len()
        ),
        (1, 1)
    );
    let session = shown["session_list"][0]["id"].as_str().unwrap();
    let passkey = shown["passkey_list"][0]["id"].as_str().unwrap();
    administrator
        .delete(&format!("/api/people/101/sessions/{session}"))
        .expect(204);
    mira.get("/api/me").refused(401, "signed-out");
    administrator
        .delete(&format!("/api/people/101/passkeys/{passkey}"))
        .expect(204);
    mira.sign_in_by_passkey(&authenticator).refused(401, "unknown-passkey");
}

#[test]
fn one_persons_path_does_not_reach_anothers_passkeys_or_sessions() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    office.person(&mut administrator, "102", 2);
    let passkey = mira.get("/api/me/passkeys").json["passkeys"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let session = mira.get("/api/me").json["session"]["id"].as_str().unwrap().to_owned();
    administrator
        .delete(&format!("/api/people/102/passkeys/{passkey}"))
        .refused(404, "not-found");
    administrator
        .delete(&format!("/api/people/102/sessions/{session}"))
        .refused(404, "not-found");
    administrator.get("/api/people/admin").refused(404, "not-found");
    assert_eq!(mira.get("/api/me").expect(200).json["passkeys"], 1);
}

#[test]
fn an_administrator_with_a_password_signs_in_with_it() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    administrator
        .post("/api/me/password", json!({ "password": "a sentence of some length" }))
        .expect(204);
    let mut other = office.browser();
    other
        .sign_in_by_password("ADMIN", "a sentence of some length")
        .expect(200);
    assert_eq!(other.get("/api/me").json["session"]["by"], "password");
    administrator.delete("/api/me/password").expect(204);
    office
        .browser()
        .sign_in_by_password("admin", "a sentence of some length")
        .refused(401, "not-signed-in");
}

#[test]
fn a_password_is_long_and_not_a_name() {
    let office = Office::open();
    office.arm("administrator", ONE_TIME);
    let mut browser = office.browser();
    browser.sign_in_by_password("administrator", ONE_TIME).expect(200);
    for bad in [
        "",
        "elevenchars",
        "aaaaaaaaaaaaaaaa",
        "Administrator",
        &"long ".repeat(200),
    ] {
        let reply = browser
            .post("/api/me/password", json!({ "password": bad }))
            .refused(422, "invalid");
        assert_eq!(reply.json["field"], "password", "{bad:?}");
    }
}

#[test]
fn people_may_not_set_a_password() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    mira.post("/api/me/password", json!({ "password": "a sentence of some length" }))
        .refused(403, "not-allowed");
    assert_eq!(mira.get("/api/me").json["may_set_password"], false);
}

#[test]
fn the_last_way_in_cannot_be_closed() {
    let office = Office::open();
    let (mut administrator, mut authenticator) = office.administrator();
    let id = administrator.get("/api/me/passkeys").json["passkeys"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    administrator
        .delete(&format!("/api/me/passkeys/{id}"))
        .refused(409, "last-way-in");
    administrator
        .post("/api/me/password", json!({ "password": "a sentence of some length" }))
        .expect(204);
    administrator.delete(&format!("/api/me/passkeys/{id}")).expect(204);
    administrator.delete("/api/me/password").refused(409, "last-way-in");
    administrator.add_passkey(&mut authenticator).expect(201);
    administrator.delete("/api/me/password").expect(204);
}

#[test]
fn an_extension_given_out_by_many_at_once_is_given_once() {
    let office = Office::open();
    let (administrator, _) = office.administrator();
    let add = || {
        administrator
            .clone()
            .post("/api/people", json!({ "extension": "101", "name": "Mira" }))
            .status
    };
    let mut told: Vec<u16> = std::thread::scope(|scope| {
        let adds: Vec<_> = (0..8).map(|_| scope.spawn(add)).collect();
        adds.into_iter().map(|add| add.join().unwrap()).collect()
    });
    told.sort_unstable();
    assert_eq!(told, [201, 409, 409, 409, 409, 409, 409, 409]);
}

#[test]
fn settings_decide_how_long_a_session_lives() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    let shown = administrator.get("/api/settings").expect(200).json;
    assert_eq!(
        (&shown["session_hours"], &shown["name"]),
        (&json!(720), &json!("localhost"))
    );
    for hours in [0, 8761] {
        let reply = administrator
            .patch("/api/settings", json!({ "session_hours": hours }))
            .refused(422, "invalid");
        assert_eq!(reply.json["field"], "session_hours");
    }
    administrator
        .patch("/api/settings", json!({ "session_hours": 1 }))
        .expect(200);
    let mut browser = office.browser();
    let reply = browser.sign_in_by_passkey(&authenticator).expect(200);
    assert!(reply.field("set-cookie").unwrap().contains("Max-Age=3600"));
    office.pass(HOUR - 1);
    browser.get("/api/me").expect(200);
    office.pass(1);
    browser.get("/api/me").refused(401, "signed-out");
}

#[test]
fn the_journal_tells_what_happened_and_no_secret() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let token = link_for(&mut administrator, "101");
    office.browser().sign_in_by_link(&token).expect(200);
    let lines = office
        .state
        .store
        .read(|facts| facts.journal(None, 100, |_| true))
        .unwrap();
    let lines: Vec<_> = lines.into_iter().map(|(_, line)| line).collect();
    let events: Vec<&str> = lines.iter().rev().map(|line| line.event.as_str()).collect();
    assert!(events.len() >= 5, "{events:?}");
    assert!(
        lines
            .iter()
            .any(|line| line.who.starts_with("101 (") && line.address.is_some()),
        "{lines:?}"
    );
    let all = format!("{lines:?}");
    let cookie = administrator.cookie.unwrap();
    for secret in [ONE_TIME, &token, cookie.split_once('=').unwrap().1] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

#[test]
fn a_corrected_address_ends_the_link_that_went_to_the_old_one_and_says_so() {
    let office = Office::open();
    let mut administrator = crate::links::with_mail(&office);
    crate::links::add_mira(&mut administrator);
    let mut change = |card| administrator.patch("/api/people/101", card).expect(200).json;
    let same = change(json!({ "name": "Mira Lindt", "email": "MIRA@example.org" }));
    assert_eq!(
        (&same["link_ended"], same["invited_until"].is_u64()),
        (&json!(false), true)
    );
    let other = change(json!({ "email": "mira.lindt@example.org" }));
    assert_eq!(
        (&other["link_ended"], &other["invited_until"]),
        (&json!(true), &json!(null))
    );
    let again = change(json!({ "email": "mira@example.org" }));
    assert_eq!(again["link_ended"], json!(false), "no link was out");
}
