//! What the appliance notes of itself: its name, what its board takes, when things were used.

use super::named::Named;
use crate::rules::change::{Change, OfficeChange, PeopleChange};
use crate::rules::id::HostName;
use crate::rules::people::account::Effort;
use crate::rules::people::session::{Use, Used};
use crate::rules::secret::Mark;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;

/// Remembers since when the appliance has had its name: passkeys of an earlier one are no way in.
pub fn named(name: &HostName, before: Option<&Named>, now: Date) -> Verdict<()> {
    if before.is_some_and(|named| named.name == *name) {
        return Verdict::yes((), Vec::new());
    }
    let named = Named {
        name: name.clone(),
        since: before.map_or(Date(0), |_| now),
    };
    Verdict::yes((), vec![OfficeChange::Named(named).into()])
}

/// Remembers what takes this board the time that a password check should take.
pub fn tuned(effort: Effort) -> Verdict<()> {
    Verdict::yes((), vec![OfficeChange::Tuned(effort).into()])
}

/// Writes down when and where things were last used, gathered over some minutes.
pub fn used(uses: Vec<(Used, Use)>) -> Vec<Change> {
    vec![PeopleChange::Used(uses).into()]
}

/// Remembers by what the key is recognised that the store belongs to.
pub fn key_noted(check: Mark) -> Verdict<()> {
    Verdict::yes((), vec![OfficeChange::KeyNoted(check).into()])
}
