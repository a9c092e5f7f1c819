//! An office of a thousand, each with three passkeys and two browsers, for tests and benchmarks.

use linekey::rules::change::{Change, PeopleChange};
use linekey::rules::id::{AccountId, DisplayName, Email, Extension};
use linekey::rules::letters::writer::LetterWriter;
use linekey::rules::limits;
use linekey::rules::office::journal::Actor;
use linekey::rules::people::account::{Account, AccountKind};
use linekey::rules::people::passkey::{CredentialId, Passkey};
use linekey::rules::people::session::By;
use linekey::rules::people::session::{Session, Use};
use linekey::rules::secret::Token;
use linekey::rules::time::Date;
use linekey::rules::verdict::Verdict;

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
            AccountKind::Person(extension),
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
        changes.push(Change::People(PeopleChange::AccountAdded(account)));
        for _ in 0..3 {
            changes.push(Change::People(PeopleChange::PasskeyAdded(Passkey {
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
            })));
        }
        for _ in 0..2 {
            changes.push(Change::People(PeopleChange::SessionOpened(Session {
                hash: Token::fresh(&mut moment.fresh).hash(),
                account: id,
                by: By::Passkey,
                opened: now,
                proved: now,
                proved_by: By::Passkey,
                passkey: None,
                until: Date(now.0 + 30 * 86_400),
                public_computer: false,
                last_used: seen.clone(),
            })));
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
        AccountKind::Person(Extension::parse("999").unwrap()),
        name,
        email,
        &mut moment,
    );
    let writer = LetterWriter::new(&office.state.key, limits::LETTERS);
    let (token, until) = (Token::fresh(&mut moment.fresh), Date(moment.now.0 + 86_400));
    let letters = std::iter::from_fn(|| writer.invite(&whom, &token, until, &mut moment));
    write(office, letters.collect());
}

pub fn write(office: &Office, changes: Vec<Change>) {
    let moment = office.state.moment();
    let turn = office
        .state
        .store
        .turn_now(Actor::APPLIANCE, moment, |_, _| Ok(Verdict::yes((), changes)));
    turn.unwrap().unwrap();
}
