//! Letters in the language of whoever reads them.

use linekey::http::edge::message::Method;
use linekey::rules::id::{AccountId, Username};
use linekey::rules::letters::language::Language;
use linekey::rules::secret::Token;
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::commits::cost;
use crate::disk::Disk;
use crate::links::{add_mira, ask};
use crate::mailbox::{Mailbox, field, read};
use crate::office::{Browser, ORIGIN, Office};
use crate::postman::{round, set_mailbox};

const GERMAN: Option<&str> = Some("de-AT,de;q=0.9,en;q=0.5");
const FRENCH: Option<&str> = Some("it, fr-CH;q=0.7");

fn kept(office: &Office, name: &str) -> Option<Language> {
    let id = office
        .state
        .store
        .read(|facts| facts.owner_of(&Username::from_typed(name)));
    let id = id.unwrap().unwrap_or(AccountId(0));
    office.state.store.read(|facts| facts.language(id)).unwrap()
}

fn token_in(letter: &str) -> String {
    let (_, body) = read(letter);
    let token: String = body.split("/join#").nth(1).unwrap().chars().take(43).collect();
    assert!(Token::parse(&token).is_some(), "{body}");
    token
}

/// The newest letter: its language as the head and the HTML say, its subject, and its body.
fn newest(office: &Office, mailbox: &Mailbox) -> (String, String, String) {
    let before = mailbox.letters().len();
    round(office);
    let letters = mailbox.letters();
    assert_eq!(letters.len(), before + 1);
    let (head, body) = read(&letters[before]);
    let tag = field(head, "Content-Language").to_owned();
    assert!(body.contains(&format!("<html lang=\"{tag}\">")), "{body}");
    (tag, field(head, "Subject").to_owned(), body)
}

#[test]
fn a_new_person_reads_the_administrators_language_and_then_that_of_their_own_browser() {
    let (office, mailbox) = (Office::open(), Mailbox::friendly());
    set_mailbox(&office, &mailbox);
    let (mut administrator, _) = office.administrator();
    administrator.language = GERMAN;
    add_mira(&mut administrator);
    let (tag, _, body) = newest(&office, &mailbox);
    assert_eq!(tag, "de");
    assert!(
        body.contains("Guten Tag Mira,") && body.contains("bis zum 30. November 2026 um 08:00 Uhr (UTC)"),
        "{body}"
    );
    // She reads French, and has passkeys from then on.
    let mut mira = office.browser();
    mira.language = FRENCH;
    mira.sign_in_by_link(&token_in(&mailbox.letters()[0])).expect(200);
    assert_eq!(kept(&office, "101"), Some(Language::French));
    let mut phone = Authenticator::new(ORIGIN, 1);
    mira.add_passkey(&mut phone).expect(201);
    let (tag, subject, body) = newest(&office, &mailbox);
    assert_eq!(tag, "fr");
    assert!(subject.starts_with("=?utf-8?"), "{subject}");
    assert!(
        body.contains("Bonjour Mira,") && body.contains("le 23 novembre 2026 à 08:00 (UTC) depuis 127.0.0.1"),
        "{body}"
    );
    // A browser that does not say changes nothing, nor one that says what letters cannot be written in.
    for silent in [None, Some("it"), Some("*"), Some("")] {
        let mut browser = office.browser();
        browser.language = silent;
        browser.sign_in_by_passkey(&phone).expect(200);
        assert_eq!(kept(&office, "101"), Some(Language::French));
    }
    // English is one like the others; and whoever asks for a letter is not who reads it.
    let mut browser = office.browser();
    browser.language = Some("en-GB,de;q=0.3");
    browser.sign_in_by_passkey(&phone).expect(200);
    let mut stranger = office.browser();
    stranger.language = GERMAN;
    ask(&mut stranger, "101");
    let (tag, subject, _) = newest(&office, &mailbox);
    assert_eq!((tag.as_str(), subject.as_str()), ("en", "Your link to sign in"));
    administrator.delete("/api/people/101").expect(204);
    assert_eq!(
        office.state.store.read(|facts| facts.language(AccountId(2))).unwrap(),
        None
    );
}

#[test]
fn a_letter_that_waits_is_written_in_the_language_of_the_day_it_is_sent() {
    let (office, mailbox) = (Office::open(), Mailbox::friendly());
    set_mailbox(&office, &mailbox);
    let (mut administrator, key) = office.administrator();
    let own = json!({ "email": "owner@example.org" });
    administrator.patch("/api/administrators/admin", own).expect(200);
    let mut another = Authenticator::new(ORIGIN, 5);
    administrator.add_passkey(&mut another).expect(201);
    let mut browser = office.browser();
    browser.language = Some("es");
    browser.sign_in_by_passkey(&key).expect(200);
    let (tag, _, body) = newest(&office, &mailbox);
    assert_eq!(tag, "es");
    assert!(
        body.contains("el 23 de noviembre de 2026 a las 08:00 (UTC) desde 127.0.0.1"),
        "{body}"
    );
}

#[test]
fn a_language_that_is_news_costs_no_commit_of_its_own() {
    let disk = Disk::empty();
    let office = Office::over(disk.clone(), 1);
    let (_, key) = office.administrator();
    for (language, learnt) in [
        (GERMAN, Language::German),
        (GERMAN, Language::German),
        (FRENCH, Language::French),
    ] {
        let mut browser = office.browser();
        browser.language = language;
        let asked = browser.asked("/api/sign-in/passkey/begin");
        let said = json!({ "ticket": asked["ticket"], "credential": key.get(&asked["publicKey"]) });
        let spent = cost(&disk, || {
            drop(browser.post("/api/sign-in/passkey/finish", said).expect(200))
        });
        assert_eq!((spent.0, kept(&office, "admin")), (1, Some(learnt)));
    }
    // Whoever is refused teaches nothing.
    let mut stranger = office.browser();
    stranger.language = Some("es");
    stranger
        .sign_in_by_password("admin", "wrong wrong wrong")
        .refused(401, "not-signed-in");
    assert_eq!(kept(&office, "admin"), Some(Language::French));
}

#[test]
fn people_who_are_imported_or_added_by_a_program_read_what_their_administrator_reads() {
    let office = Office::open();
    let (mut administrator, key) = office.administrator();
    let mut browser = office.browser();
    browser.language = Some("es-MX");
    browser.sign_in_by_passkey(&key).expect(200);
    // This browser does not say, so it is what is kept of the one before.
    let import = json!({ "csv": "21,Pia,pia@example.org\n", "commit": true });
    administrator.post("/api/people/import", import).expect(200);
    assert_eq!(kept(&office, "21"), Some(Language::Spanish));
    administrator.language = GERMAN;
    let import = json!({ "csv": "22,Kim,kim@example.org\n", "commit": true });
    administrator.post("/api/people/import", import).expect(200);
    assert_eq!(kept(&office, "22"), Some(Language::German));
    let opened = administrator
        .post("/api/administrators/admin/api", Value::Null)
        .expect(201)
        .json;
    let credentials = format!("admin:{}", opened["secret"].as_str().unwrap());
    let mut program = Browser {
        secure: true,
        // What its library says by itself.
        language: Some("fr"),
        ..office.browser()
    };
    let card = json!({ "extension": "23", "name": "Ole" });
    let mut request = program.request(Method::POST, "/api/people", &card);
    let basic = format!("Basic {}", data_encoding::BASE64.encode(credentials.as_bytes()));
    request.set_field("Authorization", basic);
    program.send(request).expect(201);
    assert_eq!(kept(&office, "23"), Some(Language::Spanish));
}
