//! `--factory-reset=access`: nobody administers the appliance until somebody signs in by the one-time password that the
//! next start makes. People keep everything.

use crate::rules::people::account::Account;
use crate::rules::verdict::Change;

/// Takes every way in, every session and every limit from each administrator, in one turn.
pub fn reset_access(administrators: &[Account]) -> Vec<Change> {
    let mut changes: Vec<Change> = administrators.iter().map(|one| Change::AccessErased(one.id)).collect();
    changes.push(Change::OneTimesForgotten);
    changes
}
