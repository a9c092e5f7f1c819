//! Conditional create (WebAuthn L3 §5.1.3): a passkey that the password manager makes without asking anybody.

use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::office::{Browser, ORIGIN, Office};

const WORDS: &str = "a quiet river at night";

fn begin(browser: &mut Browser<'_>, said: Value) -> Value {
    browser.post("/api/me/passkeys/begin", said).expect(200).json
}

fn finish(browser: &mut Browser<'_>, asked: &Value, credential: Value) -> crate::office::Reply {
    let said = json!({ "ticket": asked["ticket"], "credential": credential });
    browser.post("/api/me/passkeys/finish", said)
}

/// An administrator who has a password and signed in with it.
fn signed_in_by_password(office: &Office) -> Browser<'_> {
    let (mut administrator, _) = office.administrator();
    administrator
        .post("/api/me/password", json!({ "password": WORDS }))
        .expect(204);
    let mut browser = office.browser();
    browser.sign_in_by_password("admin", WORDS).expect(200);
    browser
}

#[test]
fn a_passkey_made_without_anybody_there_is_kept_and_signs_in() {
    let office = Office::open();
    let mut browser = signed_in_by_password(&office);
    let mut manager = Authenticator::new(ORIGIN, 7);
    let asked = begin(&mut browser, json!({ "conditional": true }));
    assert_eq!(asked["publicKey"]["excludeCredentials"].as_array().unwrap().len(), 1);
    let made = manager.create_quietly(&asked["publicKey"]);
    finish(&mut browser, &asked, made).expect(201);
    // To sign in, its owner has to be there as for every other.
    office.browser().sign_in_by_passkey(&manager).expect(200);
}

#[test]
fn nobody_there_is_enough_only_where_it_was_asked_for_quietly() {
    let office = Office::open();
    let mut browser = signed_in_by_password(&office);
    let mut manager = Authenticator::new(ORIGIN, 7);
    let mut asked = begin(&mut browser, json!({}));
    asked["publicKey"]["authenticatorSelection"]["userVerification"] = json!("preferred");
    let made = manager.create_quietly(&asked["publicKey"]);
    finish(&mut browser, &asked, made).refused(422, "passkey-refused");
    assert_eq!(browser.get("/api/me").expect(200).json["passkeys"], json!(1));
}
