//! What a store that came out of a backup does not bring back.

use crate::rules::change::{Change, OfficeChange};
use crate::rules::phones::desk;
use crate::rules::phones::device::Device;
use crate::rules::phones::roster;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;

/// Ends every session, link, one-time password and waiting letter, and frees every shared desk: some were ended or
/// spent since the backup was taken, and nothing in it says which. Passkeys, passwords and programs' secrets stay as
/// they were then. Phones' files count as another revision, newer than any that was served since: a phone that has one
/// of those takes no older one, and whoever fetched before the backup is told. `newest`: the newest time that the store
/// knows.
pub fn end(devices: &[Device], newest: Option<Date>, now: Date) -> Verdict<()> {
    let mut changes: Vec<Change> = vec![OfficeChange::Restored(newest).into()];
    for device in devices {
        if let Some(left) = desk::over(device, Date(u64::MAX)) {
            changes.push(left.into());
        }
    }
    // The store may know a later time than the clock.
    let now = newest.map_or(now, |newest| newest.max(now));
    changes.extend(roster::all_revised(devices, now).into_iter().map(Into::into));
    Verdict::yes((), changes)
}
