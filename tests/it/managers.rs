//! What password managers and security keys of the world send, and the failures that owners of other systems reported.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL_NOPAD};
use linekey::rules::webauthn::RelyingParty;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::authenticator::Authenticator;
use crate::ceremony::answered;
use crate::office::{Browser, ORIGIN, Office, Reply};

/// Makes a passkey whose answer `change` has its way with.
fn registered(browser: &mut Browser<'_>, seed: u8, change: impl FnOnce(&mut Value)) -> (Reply, Authenticator) {
    let asked = browser.asked("/api/me/passkeys/begin");
    let mut authenticator = Authenticator::new(ORIGIN, seed);
    let mut credential = authenticator.create(&asked["publicKey"]);
    change(&mut credential);
    let body = json!({ "ticket": asked["ticket"], "credential": credential });
    (browser.post("/api/me/passkeys/finish", body), authenticator)
}

fn bytes(member: &Value) -> Vec<u8> {
    BASE64URL_NOPAD.decode(member.as_str().unwrap().as_bytes()).unwrap()
}

/// Every member that holds bytes, written as `write` does.
fn rewritten(credential: &mut Value, write: fn(&[u8]) -> String) {
    for place in [
        "/id",
        "/rawId",
        "/response/clientDataJSON",
        "/response/attestationObject",
        "/response/authenticatorData",
        "/response/signature",
        "/response/userHandle",
    ] {
        if let Some(member) = credential.pointer_mut(place) {
            *member = json!(write(&bytes(member)));
        }
    }
}

/// Changes the flags of the authenticator data (§6.1) in that member.
fn with_flags(member: &mut Value, change: fn(u8) -> u8) {
    let mut data = bytes(member);
    let hash = Sha256::digest(b"localhost");
    let at = data.windows(32).position(|window| window == hash.as_slice()).unwrap() + 32;
    data[at] = change(data[at]);
    *member = json!(BASE64URL_NOPAD.encode(&data));
}

/// The words of the newest refused line in the journal, with whom it is about.
fn newest_refused(browser: &mut Browser<'_>) -> (String, String) {
    let journal = browser.get("/api/journal?event=refused").expect(200).json;
    let line = &journal["lines"][0];
    let text = |name: &str| line[name].as_str().unwrap().to_owned();
    (text("who"), text("about"))
}

#[test]
fn a_password_manager_that_writes_the_other_base64_registers_and_signs_in() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    let forms: [fn(&[u8]) -> String; 3] = [
        |bytes| BASE64.encode(bytes),
        |bytes| BASE64_NOPAD.encode(bytes),
        |bytes| data_encoding::BASE64URL.encode(bytes),
    ];
    for (seed, write) in (20..).zip(forms) {
        let (made, authenticator) = registered(&mut browser, seed, |credential| rewritten(credential, write));
        made.expect(201);
        answered(&mut office.browser(), &authenticator, |body| {
            rewritten(&mut body["credential"], write);
        })
        .expect(200);
        // As some write it: in one member alone.
        answered(&mut office.browser(), &authenticator, |body| {
            body["credential"]["id"] = json!(write(&bytes(&body["credential"]["rawId"])));
        })
        .expect(200);
    }
}

#[test]
fn a_passkey_in_a_form_of_its_own_is_told_so_in_a_sentence_and_noted() {
    let office = Office::open();
    let (mut browser, authenticator) = office.administrator();
    for change in [
        |credential: &mut Value| credential["rawId"] = json!({ "0": 1 }),
        |credential: &mut Value| credential["response"]["clientDataJSON"] = json!("no base64!"),
        |credential: &mut Value| *credential = json!("a string"),
        |credential: &mut Value| *credential = json!({ "id": "AA", "type": "public-key" }),
    ] {
        let (made, _) = registered(&mut browser, 30, change);
        let made = made.refused(400, "passkey-unreadable");
        let sentence = made.json["message"].as_str().unwrap();
        assert!(!sentence.contains("column") && !sentence.contains("line"), "{sentence}");
        assert_eq!(
            newest_refused(&mut browser),
            ("admin".to_owned(), "passkey-unreadable".to_owned())
        );
        answered(&mut office.browser(), &authenticator, |body| {
            change(&mut body["credential"])
        })
        .refused(400, "passkey-unreadable");
    }
}

#[test]
fn a_refused_registration_has_its_line_in_the_journal_with_the_step() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    let (made, _) = registered(&mut mira, 31, |credential| {
        with_flags(&mut credential["response"]["attestationObject"], |flags| flags & !0x04);
    });
    let made = made.refused(422, "passkey-refused");
    assert!(
        made.json["message"].as_str().unwrap().contains("PIN"),
        "{:?}",
        made.json
    );
    let (who, about) = newest_refused(&mut administrator);
    assert_eq!(who, "101 (Person 101)");
    assert_eq!(about, "new passkey: §7.1 step 16: the owner was not verified");
}

/// A password manager that vouches in a form of its own, where the office asks nobody to vouch.
#[test]
fn an_unknown_attestation_is_not_told_that_the_office_takes_certain_models_alone() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    let (made, _) = registered(&mut mira, 32, |credential| {
        let object = &mut credential["response"]["attestationObject"];
        let mut data = bytes(object);
        let at = data.windows(4).position(|window| window == b"none").unwrap();
        data[at..at + 4].copy_from_slice(b"some");
        *object = json!(BASE64URL_NOPAD.encode(&data));
    });
    let made = made.refused(422, "passkey-refused").json;
    let message = made["message"].as_str().unwrap();
    assert!(
        message.contains("step 21") && !message.contains("certain models"),
        "{message}"
    );
}

#[test]
fn an_origin_whose_end_equals_ours_is_not_ours() {
    let office = Office::open();
    let (mut browser, authenticator) = office.administrator();
    for origin in [
        "http://badlocalhost:8080",
        "http://localhost:80800",
        "http://localhost:8080.example.org",
    ] {
        let mut elsewhere = authenticator.clone();
        elsewhere.origin = origin.to_owned();
        office
            .browser()
            .sign_in_by_passkey(&elsewhere)
            .refused(401, "not-signed-in");
        let (_, about) = newest_refused(&mut browser);
        assert_eq!(about, "passkey: §7.2 step 12: the origin is not ours");
    }
    let party = RelyingParty::new("example.org", vec!["https://example.org".to_owned()]);
    assert!(party.expects("https://example.org"));
    for origin in [
        "https://badexample.org",
        "https://www.example.org",
        "https://example.org.evil.org",
        "http://example.org",
    ] {
        assert!(!party.expects(origin), "{origin}");
    }
}

#[test]
fn the_user_handle_is_random_and_never_the_login_name() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, authenticator) = office.person(&mut administrator, "101", 1);
    let user = mira.asked("/api/me/passkeys/begin")["publicKey"]["user"].clone();
    assert_eq!(user["name"], "101");
    assert_eq!(bytes(&user["id"]).len(), 16);
    answered(&mut office.browser(), &authenticator, |body| {
        body["credential"]["response"]["userHandle"] = json!(BASE64URL_NOPAD.encode(b"101"));
    })
    .refused(401, "not-signed-in");
}

#[test]
fn verification_is_required_and_an_answer_without_it_signs_nobody_in() {
    let office = Office::open();
    let (mut browser, authenticator) = office.administrator();
    answered(&mut office.browser(), &authenticator, |body| {
        with_flags(&mut body["credential"]["response"]["authenticatorData"], |flags| {
            flags & !0x04
        });
    })
    .refused(401, "not-signed-in");
    let (who, about) = newest_refused(&mut browser);
    assert_eq!(
        (who.as_str(), about.as_str()),
        ("admin", "passkey: §7.2 step 17: the owner was not verified")
    );
}

#[test]
fn a_passkey_that_has_changed_is_told_so_and_how_to_go_on() {
    let office = Office::open();
    let (mut browser, authenticator) = office.administrator();
    // Backup eligible when it was made; now neither eligible nor backed up.
    let refused = answered(&mut office.browser(), &authenticator, |body| {
        with_flags(&mut body["credential"]["response"]["authenticatorData"], |flags| {
            flags & !0x18
        });
    });
    let refused = refused.refused(401, "passkey-changed");
    assert!(refused.json["message"].as_str().unwrap().contains("make a new one"));
    let (_, about) = newest_refused(&mut browser);
    assert!(about.contains("step 19"), "{about}");
}
