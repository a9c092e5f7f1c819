//! The 10,000 commonest passwords: all of them are refused, and hardly anything else.

use linekey::rules::id::{AccountId, DisplayName, Extension};
use linekey::rules::limits::PASSWORD_MIN_CHARS;
use linekey::rules::people::account::{Account, AccountKind};
use linekey::rules::people::common_passwords::is_common;
use linekey::rules::people::password::{Typed, judge};
use serde_json::json;

use crate::office::Office;

/// Commonest first, without its two lines on where it comes from.
fn listed() -> impl Iterator<Item = &'static str> {
    let list = include_str!("../../src/rules/people/common_passwords.txt");
    list.lines().filter(|line| !line.starts_with("# "))
}

fn long_enough() -> impl Iterator<Item = &'static str> {
    listed().filter(|line| line.chars().count() >= PASSWORD_MIN_CHARS)
}

#[test]
fn each_of_the_ten_thousand_is_known_in_any_case_and_twice_over() {
    assert_eq!(listed().count(), 10_000);
    for password in listed() {
        for typed in [password.to_owned(), password.to_uppercase(), password.repeat(2)] {
            assert!(is_common(&typed), "{typed}");
        }
    }
}

#[test]
fn each_that_is_long_enough_is_refused_when_it_is_set() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let card = json!({ "extension": "101", "name": "Mira" });
    administrator.post("/api/people", card).expect(201);
    let mut refused = 0;
    for password in long_enough() {
        let reply = administrator.post("/api/people/101/password", json!({ "password": password }));
        assert_eq!(reply.status, 422, "{password}");
        let sentence = reply.refused(422, "invalid").json["message"].clone();
        assert!(
            sentence.as_str().unwrap().contains("anybody tries"),
            "{password}: {sentence}"
        );
        refused += 1;
    }
    assert!(refused > 80, "{refused}");
}

/// The filter keeps 32 bits of each password's hash, so it takes one in 430,000 others for one of them at each of the
/// few looks that a password gets. With a bit less it would be double, with one byte of four left out 256 times as
/// many.
#[test]
fn of_passwords_that_nobody_has_had_hardly_any_is_refused() {
    let mut moment = Office::open().state.moment();
    let mira = Account::new(
        AccountId(1),
        AccountKind::Person(Extension::parse("101").unwrap()),
        DisplayName::parse("Mira").unwrap(),
        None,
        &mut moment,
    );
    let tries = 200_000;
    let refused = (0..tries).filter(|_| {
        let letters = moment.fresh.bytes::<14>().map(|byte| char::from(b'a' + byte % 26));
        judge(&Typed::new(letters.iter().collect()), &mira).is_err()
    });
    let refused = refused.count();
    assert!(refused <= 8, "{refused} of {tries}");
}
