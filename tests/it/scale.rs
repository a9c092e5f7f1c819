//! An office of a thousand, each with three passkeys and two browsers.

use linekey::rules::id::{AccountId, DisplayName, Email, Extension};
use linekey::rules::journal::Actor;
use linekey::rules::limits;
use linekey::rules::moment::UnixTime;
use linekey::rules::people::account::{Account, Kind};
use linekey::rules::people::letter::Scribe;
use linekey::rules::people::passkey::{CredentialId, Passkey};
use linekey::rules::people::session::{Session, Use};
use linekey::rules::people::sign_in::By;
use linekey::rules::secret::Token;
use linekey::rules::verdict::{Change, Verdict};

use crate::office::Office;

/// So many people, ten in a turn.
pub fn fill(office: &Office, people: u64) {
    let mut moment = office.state.moment();
    let now = moment.now;
    let mut changes = Vec::new();
    for number in 0..people {
        if number.is_multiple_of(10) {
            write(office, std::mem::take(&mut changes));
        }
        let extension = Extension::parse(&(10_000 + number).to_string()).unwrap();
        let name = DisplayName::parse(&format!("Somebody with a name {number}")).unwrap();
        let email = Email::parse(&format!("somebody.{number}@example.org")).unwrap();
        let account = Account::new(
            AccountId(1_000 + number),
            Kind::Person(extension),
            name,
            Some(email),
            &mut moment,
        );
        let seen = Use {
            at: now,
            address: "192.0.2.1".parse().unwrap(),
            browser: "Firefox on Windows".to_owned(),
        };
        let id = account.id;
        changes.push(Change::AccountAdded(account));
        for _ in 0..3 {
            changes.push(Change::PasskeyAdded(Passkey {
                credential: CredentialId(moment.fresh.bytes::<32>().to_vec()),
                account: id,
                public_key: moment.fresh.bytes::<77>().to_vec(),
                sign_count: 0,
                backup_eligible: true,
                backed_up: true,
                aaguid: moment.fresh.bytes(),
                transports: vec!["hybrid".to_owned(), "internal".to_owned()],
                name: DisplayName::parse("Apple Passwords").unwrap(),
                created: now,
                last_used: Some(seen.clone()),
            }));
        }
        for _ in 0..2 {
            changes.push(Change::SessionOpened(Session {
                hash: Token::fresh(&mut moment.fresh).hash(),
                account: id,
                by: By::Passkey,
                opened: now,
                proved: now,
                until: UnixTime(now.0 + 30 * 86_400),
                public_computer: false,
                last_used: seen.clone(),
            }));
        }
    }
    write(office, changes);
}

/// An outbox with so many letters as it takes.
pub fn fill_outbox(office: &Office) {
    let mut moment = office.state.moment();
    let email = Some(Email::parse("somebody@example.org").unwrap());
    let name = DisplayName::parse("Somebody").unwrap();
    let whom = Account::new(
        AccountId(999),
        Kind::Person(Extension::parse("999").unwrap()),
        name,
        email,
        &mut moment,
    );
    let scribe = Scribe::new(&office.state.key, limits::LETTERS);
    let (token, until) = (Token::fresh(&mut moment.fresh), UnixTime(moment.now.0 + 86_400));
    let letters = std::iter::from_fn(|| scribe.invite(&whom, &token, until, &mut moment));
    write(office, letters.collect());
}

fn write(office: &Office, changes: Vec<Change>) {
    let moment = office.state.moment();
    let turn = office
        .state
        .store
        .turn_now(Actor::APPLIANCE, moment, |_, _| Ok(Verdict::yes((), changes)));
    turn.unwrap().unwrap();
}

#[test]
fn a_thousand_people_fit_into_four_mebibytes_and_every_list_comes_in_pages() {
    use serde_json::json;

    use crate::disk::Disk;

    let disk = Disk::empty();
    let office = Office::over(disk.clone(), 1);
    let (mut administrator, _) = office.administrator();
    fill(&office, 1_000);
    let page = administrator.get("/api/people").expect(200).json;
    assert_eq!(
        (page["people"].as_array().unwrap().len(), &page["next"]),
        (100, &json!("10099"))
    );
    assert_eq!(
        administrator.get("/api/journal").expect(200).json["lines"]
            .as_array()
            .unwrap()
            .len(),
        100
    );
    // While it is open, redb keeps the file at up to twice of what it holds.
    drop(administrator);
    drop(office);
    assert!(disk.length() <= 4 << 20, "{} bytes when it is closed", disk.length());
}

#[test]
fn the_journal_keeps_its_newest_ten_thousand_lines() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    write(&office, vec![Change::RelayRemoved; 10_050]);
    administrator
        .post("/api/people", serde_json::json!({ "extension": "101", "name": "Mira" }))
        .expect(201);
    let kept = office
        .state
        .store
        .read(|facts| facts.journal(None, usize::MAX, |_| true));
    let kept = kept.unwrap();
    assert_eq!(kept.len(), 10_000);
    let (newest, oldest) = (&kept[0], &kept[9_999]);
    assert_eq!((newest.1.event.as_str(), newest.0 - oldest.0), ("link-made", 9_999));
    assert_eq!(oldest.1.event, "mail-changed", "those of the first day went");
    let last = administrator
        .get(&format!("/api/journal?before={}", oldest.0 + 1))
        .expect(200)
        .json;
    assert_eq!(
        (last["lines"].as_array().unwrap().len(), &last["next"]),
        (1, &serde_json::Value::Null)
    );
}
