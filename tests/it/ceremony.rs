//! Passkeys: made, used, named, deleted; every wrong answer refused.

use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::office::{Browser, HOUR, MINUTE, ORIGIN, Office};

/// Begins a sign-in and answers it with what `change` makes of the right answer.
pub fn answered(
    browser: &mut Browser<'_>,
    authenticator: &Authenticator,
    change: impl FnOnce(&mut Value),
) -> crate::office::Reply {
    let asked = browser.asked("/api/sign-in/passkey/begin");
    let mut body = json!({ "ticket": asked["ticket"], "credential": authenticator.get(&asked["publicKey"]) });
    change(&mut body);
    browser.post("/api/sign-in/passkey/finish", body)
}

fn passkey_ids(browser: &mut Browser<'_>) -> Vec<String> {
    let list = browser.get("/api/me/passkeys").expect(200).json;
    list["passkeys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|passkey| passkey["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_sign_in_asks_for_any_passkey_of_this_site_and_for_its_owners_verification() {
    let office = Office::open();
    let asked = office.browser().asked("/api/sign-in/passkey/begin");
    let options = &asked["publicKey"];
    assert_eq!(
        (&options["rpId"], &options["allowCredentials"]),
        (&json!("localhost"), &json!([]))
    );
    assert_eq!(options["userVerification"], "required");
    assert_eq!(options["challenge"].as_str().unwrap().len(), 43);
    assert_ne!(
        office.browser().asked("/api/sign-in/passkey/begin")["publicKey"]["challenge"],
        options["challenge"]
    );
}

#[test]
fn an_account_has_several_passkeys_and_each_signs_in() {
    let office = Office::open();
    let (mut browser, laptop) = office.administrator();
    let mut phone = Authenticator::new(ORIGIN, 9);
    browser.add_passkey(&mut phone).expect(201);
    assert_eq!(passkey_ids(&mut browser).len(), 2);
    office.browser().sign_in_by_passkey(&laptop).expect(200);
    office.browser().sign_in_by_passkey(&phone).expect(200);
}

#[test]
fn an_authenticator_is_told_which_passkeys_the_account_has_already() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    let asked = browser.asked("/api/me/passkeys/begin");
    let excluded: Vec<&str> = asked["publicKey"]["excludeCredentials"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(excluded, passkey_ids(&mut browser));
    // And which kinds are wanted, the likeliest first (§5.8.7).
    assert_eq!(asked["publicKey"]["hints"], json!(["client-device", "hybrid"]));
}

#[test]
fn a_passkey_that_somebody_has_cannot_be_registered_again() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    // The same seed makes the same credential ID.
    mira.add_passkey(&mut Authenticator::new(ORIGIN, 0))
        .refused(422, "passkey-refused");
    assert_eq!(passkey_ids(&mut mira).len(), 1);
}

#[test]
fn a_passkey_that_cannot_be_found_without_a_name_is_refused_and_told_so() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    let mut made = |results: Value| {
        let asked = browser.asked("/api/me/passkeys/begin");
        let mut credential = Authenticator::new(ORIGIN, 9).create(&asked["publicKey"]);
        credential["clientExtensionResults"] = results;
        let body = json!({ "ticket": asked["ticket"], "credential": credential });
        browser.post("/api/me/passkeys/finish", body)
    };
    let refused = made(json!({ "credProps": { "rk": false } }));
    let message = refused.refused(422, "not-discoverable").json["message"].clone();
    assert!(message.as_str().unwrap().contains("need your name"), "{message}");
    made(json!({ "credProps": {} })).expect(201);
    assert_eq!(passkey_ids(&mut browser).len(), 2);
}

#[test]
fn a_passkey_is_named_at_first_by_us_then_by_its_owner() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    let shown = browser.get("/api/me/passkeys").expect(200).json["passkeys"][0].clone();
    assert_eq!(shown["name"], "Firefox on Linux");
    assert_eq!((&shown["synced"], &shown["last_used"]), (&json!(true), &Value::Null));
    let path = format!("/api/me/passkeys/{}", shown["id"].as_str().unwrap());
    assert_eq!(
        browser
            .patch(&path, json!({ "name": " Key in the safe " }))
            .expect(200)
            .json["name"],
        "Key in the safe"
    );
    assert_eq!(
        browser
            .patch(&path, json!({ "name": " " }))
            .refused(422, "invalid")
            .json["field"],
        "name"
    );
    assert_eq!(
        browser.get("/api/me/passkeys").json["passkeys"][0]["name"],
        "Key in the safe"
    );
}

#[test]
fn a_passkeys_last_use_is_shown_with_address_and_browser() {
    let office = Office::open();
    let (mut browser, authenticator) = office.administrator();
    office.pass(HOUR);
    office
        .browser_at("192.0.2.7".parse().unwrap())
        .sign_in_by_passkey(&authenticator)
        .expect(200);
    let shown = browser.get("/api/me/passkeys").expect(200).json["passkeys"][0].clone();
    assert_eq!(shown["last_used"], office.now());
    assert_eq!(
        (&shown["address"], &shown["browser"]),
        (&json!("192.0.2.7"), &json!("Firefox on Linux"))
    );
}

#[test]
fn a_deleted_passkey_is_unknown() {
    let office = Office::open();
    let (mut browser, laptop) = office.administrator();
    browser.add_passkey(&mut Authenticator::new(ORIGIN, 9)).expect(201);
    let first = passkey_ids(&mut browser)[0].clone();
    browser.delete(&format!("/api/me/passkeys/{first}")).expect(204);
    browser
        .delete(&format!("/api/me/passkeys/{first}"))
        .refused(404, "not-found");
    office
        .browser()
        .sign_in_by_passkey(&laptop)
        .refused(401, "unknown-passkey");
}

#[test]
fn a_page_of_another_origin_does_not_sign_in() {
    let office = Office::open();
    let (_, mut authenticator) = office.administrator();
    for origin in [
        "http://localhost:8081",
        "http://localhost",
        "https://localhost:8080",
        "http://localhost:8080.example",
    ] {
        authenticator.origin = origin.to_owned();
        office
            .browser()
            .sign_in_by_passkey(&authenticator)
            .refused(401, "not-signed-in");
    }
}

#[test]
fn an_answer_that_was_changed_on_its_way_does_not_sign_in() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    let handle_of_mira = mira.get("/api/me").json["id"].clone();
    let mut browser = office.browser();
    answered(&mut browser, &authenticator, |body| {
        body["credential"]["response"]["userHandle"] = handle_of_mira
    })
    .refused(401, "not-signed-in");
    // Flags without user verification: the signature is over other bytes, too.
    answered(&mut browser, &authenticator, |body| {
        let text = body["credential"]["response"]["authenticatorData"].as_str().unwrap();
        let mut bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
        bytes[32] &= !0x04;
        body["credential"]["response"]["authenticatorData"] = json!(data_encoding::BASE64URL_NOPAD.encode(&bytes));
    })
    .refused(401, "not-signed-in");
    answered(&mut browser, &authenticator, |body| {
        body["credential"]["rawId"] = json!("AAAA")
    })
    .refused(401, "not-signed-in");
    assert!(browser.cookie.is_none());
}

#[test]
fn a_registration_answers_the_question_that_was_put_to_this_account() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    let asked = administrator.asked("/api/me/passkeys/begin");
    let credential = Authenticator::new(ORIGIN, 9).create(&asked["publicKey"]);
    let body = json!({ "ticket": asked["ticket"], "credential": credential });
    mira.post("/api/me/passkeys/finish", body).refused(410, "ticket-spent");
    assert_eq!(passkey_ids(&mut mira).len(), 1);
}

#[test]
fn an_account_keeps_sixteen_passkeys() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    for seed in 1..15 {
        browser
            .add_passkey(&mut Authenticator::new(ORIGIN, 100 + seed))
            .expect(201);
    }
    // Two prompts that were open at once fill the account no further than one.
    let (one, other) = (
        browser.asked("/api/me/passkeys/begin"),
        browser.asked("/api/me/passkeys/begin"),
    );
    let mut answer = |asked: &Value, seed| {
        let credential = Authenticator::new(ORIGIN, seed).create(&asked["publicKey"]);
        let body = json!({ "ticket": asked["ticket"], "credential": credential });
        browser.post("/api/me/passkeys/finish", body)
    };
    answer(&one, 115).expect(201);
    answer(&other, 116).refused(409, "too-many");
    // Before the device makes one that would not be kept.
    browser
        .post("/api/me/passkeys/begin", json!({}))
        .refused(409, "too-many");
    assert_eq!(passkey_ids(&mut browser).len(), 16);
}

#[test]
fn all_of_ones_own_passkeys_can_be_deleted_but_for_the_last_way_in() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    let (mut mira, phone) = office.person(&mut administrator, "101", 1);
    mira.add_passkey(&mut Authenticator::new(ORIGIN, 7)).expect(201);
    office.pass(11 * MINUTE);
    mira.delete("/api/me/passkeys").refused(403, "prove-again");
    mira.prove_by_passkey(&phone).expect(200);
    mira.delete("/api/me/passkeys").expect(204);
    assert_eq!(mira.get("/api/me/passkeys").expect(200).json["passkeys"], json!([]));
    mira.delete("/api/me/passkeys").refused(404, "not-found");
    office
        .browser()
        .sign_in_by_passkey(&phone)
        .refused(401, "unknown-passkey");

    administrator.prove_by_passkey(&authenticator).expect(200);
    administrator
        .add_passkey(&mut Authenticator::new(ORIGIN, 8))
        .expect(201);
    administrator.delete("/api/me/passkeys").refused(409, "last-way-in");
    office.browser().sign_in_by_passkey(&authenticator).expect(200);
    let password = json!({ "password": "a sentence of some length" });
    administrator.post("/api/me/password", password).expect(204);
    administrator.delete("/api/me/passkeys").expect(204);
    assert_eq!(administrator.get("/api/me").expect(200).json["passkeys"], json!(0));
}
