//! What a store that came out of a backup does not bring back.

use crate::rules::change::{Change, OfficeChange};
use crate::rules::phones::desk;
use crate::rules::phones::device::Device;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;

/// Ends every session, link, one-time password and waiting letter, and frees every shared desk: some were ended or
/// spent since the backup was taken, and nothing in it says which. Passkeys, passwords and programs' secrets stay as
/// they were then. `newest`: the newest time that the store knows.
pub fn end(devices: &[Device], newest: Option<Date>, now: Date) -> Verdict<()> {
    let mut changes: Vec<Change> = vec![OfficeChange::Restored(newest).into()];
    for device in devices {
        if let Some(left) = desk::over(device, Date(u64::MAX)) {
            changes.push(left.into());
            changes.push(desk::revised(device, now).into());
        }
    }
    Verdict::yes((), changes)
}
