//! What is done every few minutes, and once more at the end: writing down when sessions were last used.

use std::time::Duration;

use crate::http::office::Shared;
use crate::rules::journal::Actor;
use crate::rules::verdict::{Change, Verdict};
use crate::store::Fault;

/// "Last used" is exact to within these minutes, and costs one commit in them at most.
const BATCH: Duration = Duration::from_secs(5 * 60);

/// Writes down what the desk gathered, for ever.
pub(super) async fn keep_up(office: Shared) {
    loop {
        smol::Timer::after(BATCH).await;
        if let Err(fault) = write_down(&office) {
            eprintln!("linekey: {fault}");
        }
    }
}

/// Writes down what the desk gathered, if anything.
pub(super) fn write_down(office: &Shared) -> Result<(), Fault> {
    let uses = office.desk.uses().take_all();
    if uses.is_empty() {
        return Ok(());
    }
    let changes = vec![Change::SessionsUsed(uses)];
    office
        .store
        .turn_now(Actor::APPLIANCE, office.moment(), move |_, _| {
            Ok(Verdict::yes((), changes))
        })
        .map(drop)
}
