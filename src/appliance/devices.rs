//! What the log says of devices at the start.

use super::cannot_start::CannotStart;
use crate::office::{Office, log};
use crate::rules::phones::roster;

/// Says how many devices cannot register because their secrets were sealed under another key: the store was brought
/// here, or its key was lost. Everything else works, and administrators give them new secrets.
pub(super) fn note_unreadable(office: &Office) -> Result<(), CannotStart> {
    let devices = office.store.read(|facts| facts.devices())?;
    let unreadable = roster::unreadable(&devices, &office.key).count();
    if unreadable > 0 {
        log::error(&format!(
            "{unreadable} of {} devices cannot register: their secrets were sealed under another key than \
             this appliance's. Put back the key that belongs to the store, or give them new secrets on the page Phones",
            devices.len()
        ));
    }
    Ok(())
}
