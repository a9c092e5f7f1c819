//! One name in many spellings: whoever types another one than was written down is the same person.

use std::path::Path;

use linekey::http::edge::message::Method;
use linekey::rules::change::{Change, PeopleChange};
use linekey::rules::id::AccountId;
use linekey::rules::id::Username;
use linekey::rules::moment::{Moment, Reading};
use linekey::rules::office::journal::Actor;
use linekey::rules::people::account::Account;
use linekey::rules::people::roster::Card;
use linekey::rules::time::Date;
use linekey::rules::verdict::Verdict;
use linekey::store::Store;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use serde_json::json;

use crate::links::letters;
use crate::mailbox::{Mailbox, field, read};
use crate::office::Office;
use crate::postman::{round, set_mailbox};
use crate::program::Folder;

const WORDS: &str = "a quiet river at night";

#[test]
fn an_umlaut_domain_signs_in_in_every_spelling_and_is_shown_as_people_write_it() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let card = json!({ "extension": "101", "name": "Mira", "email": "Mira@XN--BCHER-KVA.example" });
    let added = administrator.post("/api/people", card).expect(201).json;
    assert_eq!(added["person"]["email"], "mira@bücher.example");
    administrator
        .post("/api/people/101/password", json!({ "password": WORDS }))
        .expect(204);
    for typed in [
        "mira@bücher.example",
        "MIRA@BÜCHER.EXAMPLE",
        "mira@bu\u{308}cher.example",
        "mira@xn--bcher-kva.example",
        "\u{200e}mira@bücher.example\u{feff}",
    ] {
        office.browser().sign_in_by_password(typed, WORDS).expect(200);
        let twin = json!({ "extension": "102", "name": "Twin", "email": typed });
        administrator.post("/api/people", twin).refused(409, "taken");
    }
}

#[test]
fn mail_servers_are_told_the_name_that_the_network_knows() {
    let (office, mailbox) = (Office::open(), Mailbox::friendly());
    set_mailbox(&office, &mailbox);
    let (mut administrator, _) = office.administrator();
    let card = json!({ "extension": "101", "name": "Mira", "email": "mira@bücher.example" });
    administrator.post("/api/people", card).expect(201);
    round(&office);
    assert_eq!(mailbox.heard("RCPT TO:<mira@xn--bcher-kva.example>"), 1);
    let letter = mailbox.letters().pop().unwrap();
    assert!(
        field(read(&letter).0, "To").contains("<mira@xn--bcher-kva.example>"),
        "{letter}"
    );
}

#[test]
fn other_letters_before_the_at_sign_go_to_a_server_that_knows_them_and_to_no_other() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let plain = Mailbox::friendly();
    set_mailbox(&office, &plain);
    let card = json!({ "extension": "101", "name": "Jörg", "email": "jörg@bücher.example" });
    administrator.post("/api/people", card).expect(201);
    round(&office);
    assert_eq!((plain.heard("MAIL"), plain.letters().len()), (0, 0));
    let (_, letter) = letters(&office).pop().unwrap();
    assert!(letter.given_up && letter.said.unwrap().contains("SMTPUTF8"));
    // Another server gets it.
    let able = Mailbox::answering(|line| {
        line.starts_with("EHLO")
            .then(|| "250-mail.example.org\r\n250-8BITMIME\r\n250 SMTPUTF8".to_owned())
    });
    set_mailbox(&office, &able);
    round(&office);
    assert_eq!(able.heard("MAIL FROM:<pbx@example.org> SMTPUTF8 BODY=8BITMIME"), 1);
    assert_eq!(able.heard("RCPT TO:<jörg@xn--bcher-kva.example>"), 1);
    assert_eq!(able.letters().len(), 1);
}

fn turn(store: &Store, change: Change) {
    let reading = Reading {
        date: Date(1_795_420_800),
        known: true,
        running: Date(0),
    };
    let turn = store.turn_now(Actor::APPLIANCE, Moment::new(reading, [1; 32]), |_, _| {
        Ok(Verdict::yes((), vec![change]))
    });
    turn.unwrap().unwrap();
}

const USERNAMES: TableDefinition<'_, &str, u64> = TableDefinition::new("usernames");
const ACCOUNTS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("accounts");

/// Writes the account's address in another spelling, as a release did that kept what was typed.
fn respell(path: &Path, now: &str, then: &str) {
    let database = Database::open(path).unwrap();
    let turn = database.begin_write().unwrap();
    {
        let mut names = turn.open_table(USERNAMES).unwrap();
        let owner = names.remove(now).unwrap().unwrap().value();
        names.insert(then, owner).unwrap();
        let mut accounts = turn.open_table(ACCOUNTS).unwrap();
        let row = accounts.get(owner).unwrap().unwrap().value().to_vec();
        // Postcard: the length in one byte, then the text.
        let field = |text: &str| [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat();
        let (old, new) = (field(now), field(then));
        let place = row.windows(old.len()).position(|part| part == old).unwrap();
        let row = [&row[..place], &new, &row[place + old.len()..]].concat();
        accounts.insert(owner, row.as_slice()).unwrap();
    }
    turn.commit().unwrap();
}

fn names(path: &Path) -> Vec<String> {
    let database = Database::open(path).unwrap();
    let table = database.begin_read().unwrap().open_table(USERNAMES).unwrap();
    table
        .iter()
        .unwrap()
        .map(|row| row.unwrap().0.value().to_owned())
        .collect()
}

#[test]
fn an_account_that_an_older_release_wrote_in_another_spelling_is_found_changed_and_deleted() {
    for then in [
        "jörg@xn--bcher-kva.example",
        "jo\u{308}rg@bu\u{308}cher.example",
        "jörg@bücher.example",
    ] {
        let folder = Folder::new();
        let path = folder.path().join("linekey.redb");
        let now = "jörg@bücher.example";
        let card = Card::person("101", "Jörg", Some(now)).unwrap();
        let reading = Reading {
            date: Date(1_795_420_800),
            known: true,
            running: Date(0),
        };
        let mut moment = Moment::new(reading, [2; 32]);
        let account = Account::new(AccountId(1), card.kind, card.name, card.email, &mut moment);
        turn(
            &Store::open(&path).unwrap(),
            Change::People(PeopleChange::AccountAdded(account.clone())),
        );
        respell(&path, now, then);
        let store = Store::open(&path).unwrap();
        for typed in [now, "jörg@xn--bcher-kva.example", "JO\u{308}RG@bu\u{308}cher.example"] {
            let found = store.read(|facts| facts.account_by_username(&Username::from_typed(typed)));
            assert_eq!(
                found.unwrap().map(|account| account.id),
                Some(AccountId(1)),
                "{typed} for {then}"
            );
        }
        turn(
            &store,
            Change::People(PeopleChange::AccountChanged(account.clone(), Default::default())),
        );
        drop(store);
        assert_eq!(names(&path), ["101", now], "saved anew, it is in the form of today");
        respell(&path, now, then);
        let store = Store::open(&path).unwrap();
        turn(&store, Change::People(PeopleChange::AccountDeleted(account)));
        drop(store);
        assert_eq!(names(&path), Vec::<String>::new());
    }
}

/// IDNA 2008: `strasse.de` is somebody else's.
#[test]
fn a_domain_with_a_sharp_s_is_itself_in_accounts_sign_ins_mail_and_as_a_server() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let mailbox = Mailbox::friendly();
    set_mailbox(&office, &mailbox);
    for (extension, email) in [("101", "mira@straße.de"), ("102", "mira@strasse.de")] {
        let card = json!({ "extension": extension, "name": "Mira", "email": email });
        administrator.post("/api/people", card).expect(201);
        let password = format!("a sentence for {extension}");
        let path = format!("/api/people/{extension}/password");
        administrator.post(&path, json!({ "password": password })).expect(204);
    }
    let taken = json!({ "extension": "103", "name": "Mira", "email": "mira@XN--STRAE-OQA.de" });
    administrator.post("/api/people", taken).refused(409, "taken");
    for (typed, extension) in [
        ("mira@straße.de", "101"),
        ("MIRA@STRAẞE.DE", "101"),
        ("mira@xn--strae-oqa.de", "101"),
        ("mira@strasse.de", "102"),
    ] {
        let mut browser = office.browser();
        let reply = browser.sign_in_by_password(typed, &format!("a sentence for {extension}"));
        assert_eq!(reply.status, 200, "{typed}");
        assert_eq!(
            browser.get("/api/me").expect(200).json["extension"],
            json!(extension),
            "{typed}"
        );
    }
    round(&office);
    assert_eq!(mailbox.heard("RCPT TO:<mira@xn--strae-oqa.de>"), 1);
    assert_eq!(mailbox.heard("RCPT TO:<mira@strasse.de>"), 1);
    let relay = json!({ "server": "mail.straße.de", "port": 25, "security": "none", "sender": "pbx@straße.de" });
    let set = administrator
        .send(administrator.request(Method::PUT, "/api/mail", &relay))
        .expect(200)
        .json;
    assert_eq!(
        (&set["relay"]["server"], &set["relay"]["sender"]),
        (&json!("mail.straße.de"), &json!("pbx@straße.de"))
    );
    let relay = office.state.store.read(|facts| facts.relay()).unwrap().unwrap();
    assert_eq!(relay.server, "mail.xn--strae-oqa.de");
}
