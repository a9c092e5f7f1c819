//! What is done every few minutes, and once more at the end: writing down what was used, and sweeping what is over.

use std::time::Duration;

use crate::office::{Shared, log};

/// How often it is looked at what is over. Looking writes nothing.
const ROUND: Duration = Duration::from_secs(5 * 60);
/// Rounds from one batch of uses to the next, an hour: "last used" on the disk is exact to within it, and an office
/// whose people only look at pages costs its flash one commit in it. Pages show the newest use all the same.
const BATCH: u32 = 12;
/// Rounds from one sweep to the next: a day.
const A_DAY: u32 = 288;

/// Keeps house, for ever; `pause` waits for so long. The disk is met on the blocking pool: whoever is being answered
/// does not wait for it.
pub async fn keep_up<Pause: Future<Output = ()>>(office: Shared, pause: impl Fn(Duration) -> Pause) {
    for round in 0_u32.. {
        pause(ROUND).await;
        let here = office.clone();
        let kept = smol::unblock(move || {
            let swept = if round.is_multiple_of(A_DAY) {
                here.sweep()
            } else {
                Ok(())
            };
            let written = if (round + 1).is_multiple_of(BATCH) {
                here.write_down()
            } else {
                Ok(())
            };
            [
                written,
                here.tell_of_strangers(),
                here.free_desks(),
                here.sweep_apps(),
                here.look_around(),
                swept,
            ]
        });
        for fault in kept.await.into_iter().filter_map(Result::err) {
            log::error(&fault.to_string());
        }
    }
}
