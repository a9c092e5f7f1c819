//! `--date-is`: whoever holds the start-up flags says what the date is. A store that is ahead of it, because a clock
//! once ran ahead, is brought back; what that does is said first.

use super::clock;
use crate::appliance::cannot_start::CannotStart;
use crate::appliance::reset;
use crate::office::dates;
use crate::office::log;
use crate::rules::moment::{Moment, Reading};
use crate::rules::office::date::SLACK;
use crate::rules::office::journal::Actor;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;
use crate::store::Store;

/// Brings the store's date back, if it is ahead, after that was confirmed.
///
/// # Errors
/// The machine's own clock counts (`keeps`) and is ahead itself.
pub(in crate::appliance) fn carry_out(
    store: &Store,
    (date, keeps): (Date, bool),
    yes: bool,
    dice: &impl Fn() -> [u8; 32],
) -> Result<(), CannotStart> {
    if keeps && clock::machine() > date + SLACK {
        return Err("this machine's own clock is ahead of --date-is; set it first (date -s)".into());
    }
    let newest = store.read(|facts| facts.newest())?;
    if newest.is_none_or(|newest| newest <= date + SLACK) {
        return Ok(());
    }
    let (expected, _) = store.read(|facts| dates::brought_back(facts, date))?;
    let ahead = newest.unwrap_or(date).iso();
    reset::confirmed(
        &format!(
            "This brings the date of this appliance back from {ahead} to {}: {expected}. People, passkeys, passwords \
             and settings stay.",
            date.iso()
        ),
        yes,
    )?;
    let reading = Reading {
        date,
        known: true,
        running: date,
    };
    let turn = store.turn_now(Actor::APPLIANCE, Moment::new(reading, dice()), |facts, _| {
        let (done, changes) = dates::brought_back(facts, date)?;
        Ok(Verdict::yes(done, changes))
    })?;
    let done = turn.map_err(|_| "the date could not be brought back")?;
    log::notice(&format!(
        "the date was brought back from {ahead} to {}: {done}",
        date.iso()
    ));
    Ok(())
}
