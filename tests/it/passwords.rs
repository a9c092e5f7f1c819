//! The 10,000 commonest passwords: all of them are refused, and hardly anything else. One form on every keyboard.

use linekey::rules::change::{Change, OfficeChange};
use linekey::rules::id::{AccountId, AdminName, DisplayName, Extension, Username};
use linekey::rules::limits::PASSWORD_MIN_CHARS;
use linekey::rules::office::journal::Actor;
use linekey::rules::people::account::{Account, AccountKind};
use linekey::rules::people::common_passwords::is_common;
use linekey::rules::people::one_time::{OneTime, Slot};
use linekey::rules::people::password::{self, Typed, judge};
use linekey::rules::time::Date;
use linekey::rules::verdict::Verdict;
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

/// RFC 8265: a Mac's keyboard composes otherwise than Windows', and a phone's types U+00A0.
#[test]
fn a_password_is_one_on_every_keyboard() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    office.person(&mut administrator, "101", 1);
    let forms = ["caf\u{e9} au lait, deux", "cafe\u{301}\u{a0}au\u{2003}lait, deux"];
    for set in forms {
        let set = administrator.post("/api/people/101/password", json!({ "password": set }));
        set.expect(204);
        for typed in forms {
            let mut browser = office.browser();
            browser.sign_in_by_password("101", typed).expect(200);
            browser
                .post("/api/me/proof/password", json!({ "password": typed }))
                .expect(200);
        }
        for other in [
            "cafe au lait, deux",
            "caf\u{e9}  au lait, deux",
            "Caf\u{e9} au lait, deux",
        ] {
            office
                .browser()
                .sign_in_by_password("101", other)
                .refused(401, "not-signed-in");
        }
    }
}

#[test]
fn a_password_that_an_older_release_hashed_as_it_was_typed_works_and_is_hashed_anew_in_the_one_form() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    office.person(&mut administrator, "101", 1);
    let (typed, form) = ("cafe\u{301}\u{a0}au lait, deux", "caf\u{e9} au lait, deux");
    let account = || {
        let read = office
            .state
            .store
            .read(|facts| facts.account_by_username(&Username::from_typed("101")));
        read.unwrap().unwrap()
    };
    let mut moment = office.state.moment();
    let hash = smol::block_on(office.state.passwords.hash(typed, &mut moment.fresh)).unwrap();
    let owner = account();
    let turn = office.state.store.turn_now(Actor::APPLIANCE, moment, move |_, _| {
        Ok(Verdict::yes((), password::set(&owner, hash)))
    });
    turn.unwrap().unwrap();
    let before = account().password;
    office
        .browser()
        .sign_in_by_password("101", form)
        .refused(401, "not-signed-in");
    office.browser().sign_in_by_password("101", typed).expect(200);
    assert_ne!(account().password, before);
    for typed in [form, typed] {
        let now = account().password;
        office.browser().sign_in_by_password("101", typed).expect(200);
        assert_eq!(account().password, now, "once is enough");
    }
}

/// What decides how often is hashed is what was typed, not whose it is.
#[test]
fn how_many_forms_are_tried_follows_from_what_was_typed_alone() {
    let forms = |text: &str| {
        let typed = Typed::new(text.to_owned());
        typed.forms().map(|forms| 1 + usize::from(forms.older.is_some()))
    };
    assert_eq!(forms("a sentence of some length"), Some(1));
    assert_eq!(forms("caf\u{e9} au lait"), Some(1));
    assert_eq!(forms("cafe\u{301} au lait"), Some(2));
    assert_eq!(forms(&"x".repeat(513)), None);
}

#[test]
fn a_one_time_password_is_one_on_every_keyboard_and_stays_spent() {
    let office = Office::open();
    let (given, typed) = ("cafe\u{301}\u{a0}au lait, deux", "caf\u{e9} au lait, deux");
    office.arm("admin", given);
    office
        .browser()
        .sign_in_by_password("admin", &format!("\u{200b}{typed}"))
        .expect(200);
    for armed in [typed, given] {
        office.arm("admin", armed);
        office
            .browser()
            .sign_in_by_password("admin", typed)
            .refused(401, "not-signed-in");
    }
}

/// Its mark was that of what was given, as it was.
#[test]
fn a_one_time_password_that_an_older_release_armed_works_once_and_stays_spent() {
    let office = Office::open();
    let given = "cafe\u{301}\u{a0}au lait, deux";
    let key = &office.state.key;
    let armed = OneTime {
        username: AdminName::parse("admin").unwrap(),
        mark: key.mark("one-time password", &format!("admin\n{given}")),
        armed: Date(office.now()),
        spent: false,
    };
    let change: Change = OfficeChange::OneTimeArmed(Slot::Flags, armed).into();
    let turn = office
        .state
        .store
        .turn_now(Actor::APPLIANCE, office.state.moment(), move |_, _| {
            Ok(Verdict::yes((), vec![change]))
        });
    turn.unwrap().unwrap();
    office.arm("admin", given);
    office.browser().sign_in_by_password("admin", given).expect(200);
    office.arm("admin", given);
    office
        .browser()
        .sign_in_by_password("admin", given)
        .refused(401, "not-signed-in");
}
