//! Conditional create (WebAuthn L3 §5.1.3): a passkey that the password manager makes without asking anybody.

use linekey::rules::people::letter::{Content, Kind};
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::links::{add_mira, content, with_mail};
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
fn its_owner_is_told_of_a_passkey_that_was_made_without_anybody_there() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    add_mira(&mut administrator);
    let words = json!({ "password": WORDS });
    administrator.post("/api/people/101/password", words).expect(204);
    let mut mira = office.browser();
    mira.sign_in_by_password("101", WORDS).expect(200);
    let mut manager = Authenticator::new(ORIGIN, 7);
    let asked = begin(&mut mira, json!({ "conditional": true }));
    let made = manager.create_quietly(&asked["publicKey"]);
    let kept = finish(&mut mira, &asked, made).expect(201).json;
    let Content::PasskeyAdded { name, passkey, .. } = content(&office, Kind::PasskeyAdded) else {
        panic!()
    };
    assert_eq!((json!(passkey), name.as_str()), (kept["name"].clone(), "Mira"));
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
