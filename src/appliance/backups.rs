//! Makes the backups that are due, for ever.

use std::time::Duration;

use smol::channel::Sender;

use super::machine::Again;
use super::replaced;
use crate::office::backups::mark::Looked;
use crate::office::{Shared, backups, log};
use crate::rules::office::schedule::{BucketTrouble, Trouble};
use crate::rules::time::{Date, Ttl};

/// How often it is looked whether one is due, or a stick is back. Looking writes nothing.
const A_LOOK: Duration = Duration::from_secs(60);
/// After a try that failed half-way the next one waits for so long: each writes a whole backup to flash.
const AGAIN: Ttl = Ttl::hours(1);

/// `looked`: what came of looking who the board is, at the start; it is looked again until that is known. A board that
/// was replaced begins anew, by `begin`. `pause` waits for so long.
pub(super) async fn keep<Pause: Future<Output = ()>>(
    office: Shared,
    looked: Looked,
    begin: Sender<Again>,
    pause: impl Fn(Duration) -> Pause,
) {
    let (mut tried, mut looked) = (None, looked);
    loop {
        if looked != Looked::Ours {
            let here = office.clone();
            let again = smol::unblock(move || here.look_for_the_board()).await;
            looked = again.unwrap_or(Looked::Unknown);
        }
        if let Some(set) = due(&office, tried) {
            tried = Some((set, office.stopwatch()));
            if let Err(fault) = backups::make_if_due(&office).await {
                log::error(&format!("what became of a backup cannot be written down: {fault}"));
            }
        }
        replaced::begin_anew(&office, &begin);
        pause(A_LOOK).await;
    }
}

/// When that was set by which a backup is due now. `tried`: the same for the last try, and when that was.
fn due(office: &Shared, tried: Option<(Date, Date)>) -> Option<Date> {
    let read = office.store.read(|facts| Ok((facts.schedule()?, facts.outcomes()?)));
    let (schedule, outcomes) = read.ok()?;
    let (schedule, moment) = (schedule?, office.moment());
    // What is not there costs nothing to look for.
    let half_way = [BucketTrouble::Cut, BucketTrouble::Expired, BucketTrouble::Gone];
    let absent = |trouble: &Trouble| {
        let refused = |why: &BucketTrouble| !half_way.contains(why);
        matches!(trouble, Trouble::Absent | Trouble::Missing) || matches!(trouble, Trouble::Bucket(why) if refused(why))
    };
    let cheap = outcomes.bad.is_some_and(|bad| absent(&bad.trouble));
    let rested = |(set, at): (Date, Date)| cheap || set != schedule.since || office.stopwatch() - at >= AGAIN;
    let is_due = moment.known && tried.is_none_or(rested) && schedule.is_due(outcomes.good.as_ref(), moment.now);
    is_due.then_some(schedule.since)
}
