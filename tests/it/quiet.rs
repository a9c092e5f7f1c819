//! Conditional create (WebAuthn L3 §5.1.3): a passkey that the password manager makes without asking anybody.

use linekey::rules::letters::letter::{Content, LetterKind};
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::links::{add_mira, content, with_mail};
use crate::office::{Browser, MINUTE, ORIGIN, Office, token_of};

const WORDS: &str = "a quiet river at night";
const RESCUE: &str = "another four words for one time";

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
    signed_in_by_password_again(office, &mut administrator, false)
}

/// The same for one who is there already.
fn signed_in_by_password_again<'a>(
    office: &'a Office,
    administrator: &mut Browser<'_>,
    in_public: bool,
) -> Browser<'a> {
    let password = json!({ "password": WORDS });
    administrator.post("/api/me/password", password).expect(204);
    let mut browser = office.browser();
    let said = json!({ "username": "admin", "password": WORDS, "public_computer": in_public });
    browser.post("/api/sign-in/password", said).expect(200);
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
    let Content::PasskeyAdded { name, passkey, .. } = content(&office, LetterKind::PasskeyAdded) else {
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

#[test]
fn only_whoever_has_just_come_in_by_password_may_be_asked_quietly() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    let quietly = |browser: &mut Browser<'_>| browser.post("/api/me/passkeys/begin", json!({ "conditional": true }));
    let mut by_passkey = office.browser();
    by_passkey.sign_in_by_passkey(&authenticator).expect(200);
    quietly(&mut by_passkey).refused(403, "not-allowed");
    let card = json!({ "extension": "101", "name": "Mira" });
    let added = administrator.post("/api/people", card).expect(201).json;
    let mut by_link = office.browser();
    by_link.sign_in_by_link(&token_of(&added["invite"])).expect(200);
    quietly(&mut by_link).refused(403, "not-allowed");
    office.arm("admin", RESCUE);
    let mut by_one_time = office.browser();
    by_one_time.sign_in_by_password("admin", RESCUE).expect(200);
    quietly(&mut by_one_time).refused(403, "not-allowed");

    let mut by_password = signed_in_by_password_again(&office, &mut administrator, false);
    quietly(&mut by_password).expect(200);
    let mut in_public = signed_in_by_password_again(&office, &mut administrator, true);
    quietly(&mut in_public).refused(403, "not-allowed");
    // A later proof makes the session fresh again, and the sign-in no younger.
    office.pass(10 * MINUTE);
    quietly(&mut by_password).refused(403, "prove-again");
    by_password.prove_by_passkey(&authenticator).expect(200);
    quietly(&mut by_password).refused(403, "not-allowed");
    by_password.post("/api/me/passkeys/begin", json!({})).expect(200);
}

#[test]
fn what_was_asked_quietly_is_not_answered_in_a_session_that_came_in_another_way() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let mut by_password = signed_in_by_password_again(&office, &mut administrator, false);
    let asked = begin(&mut by_password, json!({ "conditional": true }));
    let made = Authenticator::new(ORIGIN, 7).create_quietly(&asked["publicKey"]);
    finish(&mut administrator, &asked, made).refused(403, "not-allowed");
    assert_eq!(by_password.get("/api/me").expect(200).json["passkeys"], json!(1));
}

#[test]
fn where_models_are_attested_security_keys_are_hinted_at_and_nothing_is_made_quietly() {
    let office = Office::open();
    let mut browser = signed_in_by_password(&office);
    let root = rcgen::generate_simple_self_signed(["maker.example".to_owned()]).unwrap();
    let models = ["cb69481e-8ff7-4039-93ec-0a2729a154a8"];
    let attested = json!({ "required": true, "models": models, "roots": root.cert.pem() });
    browser
        .patch("/api/settings", json!({ "attestation": attested }))
        .expect(200);
    browser
        .post("/api/me/passkeys/begin", json!({ "conditional": true }))
        .refused(403, "not-allowed");
    let asked = begin(&mut browser, json!({}));
    assert_eq!(asked["publicKey"]["hints"], json!(["security-key"]));
}
