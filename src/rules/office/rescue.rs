//! `--factory-reset=access`: nobody administers the appliance until somebody signs in by the one-time password that the
//! next start makes. People keep everything.

use crate::rules::change::{Change, OfficeChange, PeopleChange};
use crate::rules::people::account::Account;

/// Takes every way in, every session and every limit from each administrator, in one turn.
pub fn reset_access(administrators: &[Account]) -> Vec<Change> {
    let mut changes: Vec<Change> = administrators
        .iter()
        .map(|one| Change::People(PeopleChange::AccessErased(one.id)))
        .collect();
    changes.push(Change::Office(OfficeChange::OneTimesForgotten));
    changes
}
