//! Makes the backups that are due, for ever.

use std::time::Duration;

use crate::office::{Shared, backups, log};
use crate::rules::office::schedule::Trouble;
use crate::rules::time::{Date, Ttl};

/// How often it is looked whether one is due, or a stick is back. Looking writes nothing.
const A_LOOK: Duration = Duration::from_secs(60);
/// After a try that failed half-way the next one waits for so long: each writes a whole backup to flash.
const AGAIN: Ttl = Ttl::hours(1);

/// `pause` waits for so long.
pub(super) async fn keep<Pause: Future<Output = ()>>(office: Shared, pause: impl Fn(Duration) -> Pause) {
    let mut tried = None;
    loop {
        if let Some(set) = due(&office, tried) {
            tried = Some((set, office.stopwatch()));
            if let Err(fault) = backups::make_if_due(&office).await {
                log::error(&format!("what became of a backup cannot be written down: {fault}"));
            }
        }
        pause(A_LOOK).await;
    }
}

/// When that was set by which a backup is due now. `tried`: the same for the last try, and when that was.
fn due(office: &Shared, tried: Option<(Date, Date)>) -> Option<Date> {
    let read = office.store.read(|facts| Ok((facts.schedule()?, facts.outcomes()?)));
    let (schedule, outcomes) = read.ok()?;
    let (schedule, moment) = (schedule?, office.moment());
    // What is not there costs nothing to look for.
    let absent = |trouble: &Trouble| matches!(trouble, Trouble::Absent | Trouble::Missing);
    let cheap = outcomes.bad.is_some_and(|bad| absent(&bad.trouble));
    let rested = |(set, at): (Date, Date)| cheap || set != schedule.since || office.stopwatch() - at >= AGAIN;
    let is_due = moment.known && tried.is_none_or(rested) && schedule.is_due(outcomes.good.as_ref(), moment.now);
    is_due.then_some(schedule.since)
}
