//! One-time passwords for administrators: from the start-up flags, or made by the appliance when nobody can get in.

pub mod record;

use crate::rules::change::{Change, OfficeChange};
use crate::rules::id::AdminName;
use crate::rules::time::Date;
pub use record::*;

/// Arms a one-time password, unless the very same one is known already: then it stays as it is, waiting or spent,
/// however often the appliance starts with the same flags.
pub fn arm(slot: Slot, known: Option<&OneTime>, username: AdminName, marks: Marks, now: Date) -> Option<Change> {
    let same = known.is_some_and(|known| marks.are_of(known) && known.username == username);
    (!same).then_some(Change::Office(OfficeChange::OneTimeArmed(
        slot,
        OneTime {
            username,
            mark: marks.kept,
            armed: now,
            spent: false,
        },
    )))
}

/// Arms the flags' password although it is spent: nobody can administer the appliance, and whoever holds the flags has
/// no other way left to prove themselves (SPEC §1). One that still waits stays as it is.
pub fn arm_again(known: Option<&OneTime>, username: AdminName, marks: Marks, now: Date) -> Option<Change> {
    arm(Slot::Flags, known.filter(|known| !known.spent), username, marks, now)
}
