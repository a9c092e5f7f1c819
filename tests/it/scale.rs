//! An office of a thousand, each with three passkeys and two browsers.

use linekey::rules::id::{AccountId, DisplayName, Email, Extension};
use linekey::rules::journal::Actor;
use linekey::rules::moment::UnixTime;
use linekey::rules::people::account::{Account, Kind};
use linekey::rules::people::passkey::{CredentialId, Passkey};
use linekey::rules::people::session::{Session, Use};
use linekey::rules::people::sign_in::By;
use linekey::rules::secret::Token;
use linekey::rules::verdict::{Change, Verdict};
use serde_json::json;

use crate::disk::Disk;
use crate::office::Office;

/// So many people, added in one turn, as they would be after a year.
pub fn fill(office: &Office, people: u64) {
    let mut moment = office.state.moment();
    let now = moment.now;
    let mut changes = Vec::new();
    for number in 0..people {
        let extension = Extension::parse(&(10_000 + number).to_string()).unwrap();
        let name = DisplayName::parse(&format!("Somebody with a name {number}")).unwrap();
        let email = Email::parse(&format!("somebody.{number}@example.org")).unwrap();
        let account = Account::new(AccountId(1_000 + number), Kind::Person(extension), name, Some(email), &mut moment);
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
    let turn = office.state.store.turn_now(Actor::APPLIANCE, moment, |_, _| Ok(Verdict::yes((), changes)));
    turn.unwrap().unwrap();
}

#[test]
fn a_thousand_people_fit_into_four_mebibytes_and_every_list_comes_in_pages() {
    let disk = Disk::empty();
    let office = Office::over(disk.clone(), 1);
    let (mut administrator, _) = office.administrator();
    fill(&office, 1_000);
    let bytes = disk.length();
    let page = administrator.get("/api/people").expect(200).json;
    assert_eq!((page["people"].as_array().unwrap().len(), &page["next"]), (100, &json!("10099")));
    assert_eq!(administrator.get("/api/journal").expect(200).json["lines"].as_array().unwrap().len(), 100);
    assert!(bytes <= 4 << 20, "{bytes} bytes");
}
