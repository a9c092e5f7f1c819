//! Whose files say something else once the office's people change.

use super::roster::{add, moment, phone_of, shared_desk};
use crate::rules::change::{Change, PeopleChange};
use crate::rules::id::{AccountId, AdminName, DisplayName, Extension};
use crate::rules::office::difference::Difference;
use crate::rules::people::account::{Account, AccountKind};
use crate::rules::phones::change::PhoneChange;
use crate::rules::phones::colleagues::revised;
use crate::rules::phones::device::{Device, Role, Sitting};
use crate::rules::time::Date;

fn person(number: u64, name: &str) -> Account {
    let kind = AccountKind::Person(Extension::parse(&(100 + number).to_string()).unwrap());
    let name = DisplayName::parse(name).unwrap();
    Account::new(AccountId(number), kind, name, None, &mut moment(1))
}

fn people(count: u64) -> Vec<Account> {
    (1..=count).map(|number| person(number, "Somebody")).collect()
}

fn changed(account: Account) -> Change {
    PeopleChange::AccountChanged(account, Difference::default()).into()
}

/// The numbers of the devices that are revised, each to a higher revision.
fn told(before: &[Account], change: Change, devices: &[Device]) -> Vec<u64> {
    let revised = revised(before, &[change], devices, Date(1));
    let number = |change: &PhoneChange| {
        let PhoneChange::ProvisioningChanged(id, provisioning) = change else {
            panic!("{change:?}")
        };
        let device = devices.iter().find(|device| device.id == *id).unwrap();
        assert!(provisioning.revision > device.provisioning.revision);
        id.0
    };
    revised.iter().map(number).collect()
}

/// A Yealink of 101, a Fanvil of 126, a Snom of 126, an app without a box of 102, and a shared desk where 103 sits.
fn devices() -> Vec<Device> {
    let mut all: Vec<Device> = Vec::new();
    for (account, mac) in [
        (1, Some("249ad8000001")),
        (26, Some("0c383e000001")),
        (26, Some("000413aabbcc")),
        (2, None),
    ] {
        all.push(add(phone_of(account, mac), &all).unwrap().device);
    }
    let mut desk = shared_desk();
    desk.id.0 = 5;
    desk.role = Role::Desk {
        home: None,
        sitting: Some(Sitting {
            who: AccountId(3),
            until: Date(u64::MAX),
        }),
    };
    all.push(desk);
    all
}

#[test]
fn a_colleague_who_comes_goes_or_is_renamed_revises_the_files_that_name_them_and_no_others() {
    let (before, devices) = (people(30), devices());
    // 124 has the 24th key of those whose own number is below, and the Snom's file has the whole book.
    assert_eq!(told(&before, changed(person(24, "Ben")), &devices), [1, 2, 3, 4, 5]);
    // 127 has no key of anybody: their name is in the phone book that lies in the Snom's settings.
    assert_eq!(told(&before, changed(person(27, "Ben")), &devices), [3]);
    // Oneself, beyond all keys.
    assert_eq!(told(&before, changed(person(26, "Ben")), &devices), [2, 3]);
    let renumbered = Account {
        kind: AccountKind::Person(Extension::parse("99").unwrap()),
        ..person(27, "Somebody")
    };
    assert_eq!(told(&before, changed(renumbered), &devices), [1, 2, 3, 4, 5]);
    let gone = PeopleChange::AccountDeleted(person(10, "Somebody")).into();
    assert_eq!(told(&before, gone, &devices), [1, 2, 3, 4, 5]);
    let come = PeopleChange::AccountAdded(person(31, "Somebody")).into();
    assert_eq!(told(&before, come, &devices), [3]);
    let come = PeopleChange::AccountAdded(person(4, "Somebody")).into();
    assert_eq!(told(&people(3), come, &devices), [1, 2, 3, 4, 5]);
}

#[test]
fn an_administrator_or_the_same_name_again_revises_nothing() {
    let (before, devices) = (people(30), devices());
    let kind = AccountKind::Administrator(AdminName::parse("mira").unwrap());
    let administrator = Account {
        kind,
        ..person(40, "Mira")
    };
    let none: Vec<u64> = Vec::new();
    assert_eq!(
        told(&before, PeopleChange::AccountAdded(administrator).into(), &devices),
        none
    );
    assert_eq!(told(&before, changed(person(3, "Somebody")), &devices), none);
}
