//! A fresh proof before what matters.

use serde_json::json;

use crate::office::{MINUTE, ONE_TIME, Office};

#[test]
fn after_ten_minutes_a_change_asks_for_a_proof_and_a_passkey_gives_it() {
    let office = Office::open();
    let (mut browser, authenticator) = office.administrator();
    office.pass(10 * MINUTE - 1);
    browser.post("/api/me/passkeys/begin", json!({})).expect(200);
    office.pass(1);
    browser
        .post("/api/me/passkeys/begin", json!({}))
        .refused(403, "prove-again");
    browser
        .post("/api/people", json!({ "extension": "101", "name": "Mira" }))
        .refused(403, "prove-again");
    browser.get("/api/people").expect(200);
    let proved = browser.prove_by_passkey(&authenticator).expect(200);
    assert_eq!(proved.json, json!({ "proof_until": office.now() + 10 * MINUTE }));
    assert_eq!(
        browser.get("/api/me").json["session"]["proof_until"],
        office.now() + 10 * MINUTE
    );
    browser
        .post("/api/people", json!({ "extension": "101", "name": "Mira" }))
        .expect(201);
}

#[test]
fn a_password_gives_a_proof_too() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    browser
        .post("/api/me/password", json!({ "password": "a sentence of some length" }))
        .expect(204);
    office.pass(10 * MINUTE);
    browser
        .post("/api/me/proof/password", json!({ "password": "another sentence" }))
        .refused(401, "not-signed-in");
    browser
        .post("/api/people", json!({ "extension": "101", "name": "Mira" }))
        .refused(403, "prove-again");
    browser
        .post(
            "/api/me/proof/password",
            json!({ "password": "a sentence of some length" }),
        )
        .expect(200);
    browser
        .post("/api/people", json!({ "extension": "101", "name": "Mira" }))
        .expect(201);
}

#[test]
fn a_proof_in_one_browser_is_none_in_another() {
    let office = Office::open();
    let (mut here, authenticator) = office.administrator();
    let mut there = office.browser();
    there.sign_in_by_passkey(&authenticator).expect(200);
    office.pass(10 * MINUTE);
    here.prove_by_passkey(&authenticator).expect(200);
    here.post("/api/me/passkeys/begin", json!({})).expect(200);
    there
        .post("/api/me/passkeys/begin", json!({}))
        .refused(403, "prove-again");
    let asked = here.asked("/api/me/proof/passkey/begin");
    let body = json!({ "ticket": asked["ticket"], "credential": authenticator.get(&asked["publicKey"]) });
    there
        .post("/api/me/proof/passkey/finish", body)
        .refused(410, "ticket-spent");
}

#[test]
fn a_spent_one_time_password_is_no_proof() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    browser
        .post("/api/me/proof/password", json!({ "password": ONE_TIME }))
        .refused(401, "not-signed-in");
}

#[test]
fn a_proof_is_given_by_ones_own_passkey_alone() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    office.pass(10 * MINUTE);
    let asked = mira.asked("/api/me/proof/passkey/begin");
    let credential = authenticator.get_by(0, &asked["publicKey"]);
    let body = json!({ "ticket": asked["ticket"], "credential": credential });
    mira.post("/api/me/proof/passkey/finish", body)
        .refused(401, "not-signed-in");
    mira.post("/api/me/passkeys/begin", json!({}))
        .refused(403, "prove-again");
}
