//! What phones' files say of the office's people, and whose files say something else once these change.

use std::collections::BTreeMap;

use super::change::PhoneChange;
use super::device::Device;
use super::provisioning::{self, handout};
use crate::rules::change::{Change, PeopleChange};
use crate::rules::id::AccountId;
use crate::rules::people::account::{Account, AccountKind};
use crate::rules::time::Date;

/// Somebody as files name them.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Entry<'a> {
    account: AccountId,
    extension: &'a str,
    name: &'a str,
}

/// Whom a device's file names: whoever it rings for, and the colleagues of its keys.
#[derive(PartialEq, Eq)]
struct Named<'a> {
    own: Option<Entry<'a>>,
    keys: Vec<Entry<'a>>,
}

/// What becomes of devices when the office's people change: those whose files show somebody who came, went, or has
/// another number or name, say something else. `before`: all people, in any order.
pub fn revised(before: &[Account], changes: &[Change], devices: &[Device], now: Date) -> Vec<PhoneChange> {
    let mut after: BTreeMap<AccountId, &Account> = before.iter().map(|account| (account.id, account)).collect();
    for change in changes {
        if let Change::People(PeopleChange::AccountAdded(account) | PeopleChange::AccountChanged(account, _)) = change {
            after.insert(account.id, account);
        }
        if let Change::People(PeopleChange::AccountDeleted(account)) = change {
            after.remove(&account.id);
        }
    }
    let (before, after) = (listed(before.iter()), listed(after.into_values()));
    if before == after {
        return Vec::new();
    }
    let is_other_book = !before.iter().take(handout::BOOK).eq(after.iter().take(handout::BOOK));
    let is_told = |device: &&Device| {
        let reads_book = provisioning::made(&device.hardware).is_some_and(|make| make.book_with_settings);
        let own = device.rings_for(now);
        (is_other_book && reads_book) || named(own, &before) != named(own, &after)
    };
    devices
        .iter()
        .filter(is_told)
        .map(|device| PhoneChange::ProvisioningChanged(device.id, device.provisioning.revised(now)))
        .collect()
}

/// What becomes of devices when the language of whoever they ring for is another one.
pub fn in_other_language(account: AccountId, devices: &[Device], now: Date) -> Vec<PhoneChange> {
    let theirs = devices.iter().filter(|device| device.rings_for(now) == Some(account));
    theirs
        .map(|device| PhoneChange::ProvisioningChanged(device.id, device.provisioning.revised(now)))
        .collect()
}

/// People in the order of their numbers.
fn listed<'a>(accounts: impl Iterator<Item = &'a Account>) -> Vec<Entry<'a>> {
    let entry = |account: &'a Account| match &account.kind {
        AccountKind::Person(extension) => Some(Entry {
            account: account.id,
            extension: extension.as_str(),
            name: account.name.as_str(),
        }),
        AccountKind::Administrator(_) => None,
    };
    let mut people: Vec<Entry<'a>> = accounts.filter_map(entry).collect();
    people.sort_by_key(|entry| (entry.extension.len(), entry.extension));
    people
}

fn named<'a>(own: Option<AccountId>, people: &[Entry<'a>]) -> Named<'a> {
    let is_own = |entry: &&Entry<'a>| Some(entry.account) == own;
    let others = people.iter().filter(|entry| !is_own(entry));
    Named {
        own: people.iter().find(is_own).copied(),
        keys: others.take(handout::KEYS).copied().collect(),
    }
}
