//! What phones' files say of the office's people, and whose files say something else once these change.

use std::collections::BTreeMap;

use super::change::PhoneChange;
use super::device::Device;
use super::provisioning::{self, handout};
use crate::rules::change::{Change, PeopleChange};
use crate::rules::id::AccountId;
use crate::rules::people::account::{Account, AccountKind};
use crate::rules::time::Date;

/// Somebody as files name them: the extension and the name.
type Entry<'a> = (AccountId, &'a str, &'a str);

/// What becomes of devices when the office's people change: those whose files show somebody who came, went, or has
/// another number or name, say something else. `before`: all people, in any order.
pub fn revised(before: &[Account], changes: &[Change], devices: &[Device], now: Date) -> Vec<PhoneChange> {
    let mut after: BTreeMap<AccountId, &Account> = before.iter().map(|account| (account.id, account)).collect();
    for change in changes {
        match change {
            Change::People(PeopleChange::AccountAdded(account) | PeopleChange::AccountChanged(account, _)) => {
                after.insert(account.id, account);
            }
            Change::People(PeopleChange::AccountDeleted(account)) => {
                after.remove(&account.id);
            }
            _ => {}
        }
    }
    let (before, after) = (listed(before.iter()), listed(after.into_values()));
    if before == after {
        return Vec::new();
    }
    let is_other_book = book(&before) != book(&after);
    let is_told = |device: &&Device| {
        let reads_book = provisioning::made(&device.hardware).is_some_and(|make| make.book_with_settings);
        let own = device.rings_for(now);
        (is_other_book && reads_book) || says(own, &before) != says(own, &after)
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
        AccountKind::Person(extension) => Some((account.id, extension.as_str(), account.name.as_str())),
        AccountKind::Administrator(_) => None,
    };
    let mut people: Vec<Entry<'a>> = accounts.filter_map(entry).collect();
    people.sort_by_key(|(_, extension, _)| (extension.len(), *extension));
    people
}

fn book<'a>(people: &[Entry<'a>]) -> Vec<(&'a str, &'a str)> {
    people.iter().take(handout::BOOK).map(written).collect()
}

fn written<'a>((_, extension, name): &Entry<'a>) -> (&'a str, &'a str) {
    (extension, name)
}

/// Whom a device's file names: whoever it rings for, and the colleagues of its keys.
fn says<'a>(own: Option<AccountId>, people: &[Entry<'a>]) -> (Option<(&'a str, &'a str)>, Vec<(&'a str, &'a str)>) {
    let is_own = |entry: &&Entry<'a>| Some(entry.0) == own;
    let keys = people.iter().filter(|entry| !is_own(entry)).take(handout::KEYS);
    (people.iter().find(is_own).map(written), keys.map(written).collect())
}
