//! What is done every few minutes, and once more at the end: writing down what was used, sweeping what is over, and
//! looking for a renewed certificate.

use std::time::Duration;

use crate::net::certificates::Certificates;
use crate::office::{Office, Shared, log};

/// "Last used" is exact to within these minutes, and costs one commit in them at most.
const BATCH: Duration = Duration::from_secs(5 * 60);
/// Rounds from one sweep to the next: a day.
const A_DAY: u32 = 288;

/// Keeps house, for ever; `pause` waits for so long. The disk is met on the blocking pool: whoever is being answered
/// does not wait for it.
pub async fn keep_up<Pause: Future<Output = ()>>(
    office: Shared,
    certificates: Option<Certificates>,
    pause: impl Fn(Duration) -> Pause,
) {
    for round in 0_u32.. {
        pause(BATCH).await;
        let here = office.clone();
        let kept = smol::unblock(move || {
            let swept = if round.is_multiple_of(A_DAY) {
                here.sweep()
            } else {
                Ok(())
            };
            [here.write_down(), here.tell_of_strangers(), here.free_desks(), swept]
        });
        for fault in kept.await.into_iter().filter_map(Result::err) {
            log::error(&fault.to_string());
        }
        if let Some(certificates) = &certificates {
            match certificates.reload() {
                // What expires while nothing changes is told once a day.
                Ok(another) if another || round.is_multiple_of(A_DAY) => doubt(certificates, &office),
                Ok(_) => {}
                Err(error) => log::error(&format!("the certificate in use stays in use: {error}")),
            }
        }
    }
}

/// Writes what browsers will not like of the certificate into the log.
pub fn doubt(certificates: &Certificates, office: &Office) {
    for sentence in certificates.doubts(office.site.name.as_str(), (office.world.clock)()) {
        log::warning(&sentence);
    }
}
