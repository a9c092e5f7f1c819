//! What the appliance notes of itself: its name, what its board takes, when things were used.

use super::named::{EarlierNames, Named};
use crate::rules::change::{Change, OfficeChange, PeopleChange};
use crate::rules::id::HostName;
use crate::rules::people::account::Effort;
use crate::rules::people::session::{Use, Used};
use crate::rules::secret::Mark;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;

/// Remembers since when the appliance has had its name, and the one of before with its passkeys, of which the newest
/// was made at `newest`: they are no way in under this one.
pub fn named(
    name: &HostName,
    before: Option<Named>,
    earlier: EarlierNames,
    newest: Option<Date>,
    now: Date,
) -> Verdict<()> {
    if before.as_ref().is_some_and(|named| named.name == *name) {
        return Verdict::yes((), Vec::new());
    }
    let named = Named {
        name: name.clone(),
        since: before.as_ref().map_or(Date(0), |_| now),
    };
    let noted = before
        .zip(newest)
        .map(|(before, newest)| earlier.and(before.name, newest));
    let noted = noted.map(|names| OfficeChange::NamesNoted(names).into());
    let changes = [OfficeChange::Named(named).into()].into_iter().chain(noted);
    Verdict::yes((), changes.collect())
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
