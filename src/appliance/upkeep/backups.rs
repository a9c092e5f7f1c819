//! Makes the backups that are due, for ever.

use std::time::Duration;

use smol::channel::Sender;

use crate::appliance::machine::Again;
use crate::appliance::spare::replaced;
use crate::office::backups::mark::Looked;
use crate::office::{Shared, backups, log};
use crate::rules::office::schedule::{BucketTrouble, Trouble};
use crate::rules::time::{Date, Ttl};

/// How often it is looked whether one is due, a stick is back, or another board took over. Looking writes nothing.
const A_LOOK: Duration = Duration::from_secs(20);
/// Of so many looks at who the board is, a bucket gets one.
const BUCKETS: u32 = 3;
/// After a try that failed half-way the next one waits for so long: each writes a whole backup to flash.
const AGAIN: Ttl = Ttl::hours(1);

/// `looked`: what came of looking who the board is, at the start. A board that was replaced begins anew, by `begin`.
/// `pause` waits for so long.
pub(in crate::appliance) async fn keep<Pause: Future<Output = ()>>(
    office: Shared,
    looked: Looked,
    begin: Sender<Again>,
    pause: impl Fn(Duration) -> Pause,
) {
    let (mut tried, mut round) = (None, u32::from(looked == Looked::Ours));
    loop {
        // Nobody else tells a board that runs.
        let is_folder = office
            .store
            .read(|facts| Ok(facts.bucket()?.is_none()))
            .unwrap_or(false);
        if round % BUCKETS == 0 || is_folder {
            // One that cannot be looked at now is looked at again; what is wrong there a backup tells.
            backups::look(&office).await.unwrap_or(Looked::Unknown);
        }
        round = round.wrapping_add(1);
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
    let half_way = |why: &BucketTrouble| {
        use BucketTrouble::{Busy, Cut, Expired, Full, Gone};
        matches!(why, Busy(_) | Cut | Expired | Full | Gone)
    };
    let absent = |trouble: &Trouble| {
        let refused = |why: &BucketTrouble| !half_way(why);
        matches!(trouble, Trouble::Absent | Trouble::Missing | Trouble::Silent)
            || matches!(trouble, Trouble::Bucket(why) if refused(why))
    };
    let cheap = outcomes.bad.is_some_and(|bad| absent(&bad.trouble));
    let rested = |(set, at): (Date, Date)| cheap || set != schedule.since || office.stopwatch() - at >= AGAIN;
    let is_due = moment.known && tried.is_none_or(rested) && schedule.is_due(outcomes.good.as_ref(), moment.now);
    is_due.then_some(schedule.since)
}
