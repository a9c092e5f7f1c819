//! What is done every few minutes, and once more at the end: writing down what was used, sweeping what is over, and looking
//! for a renewed certificate.

use std::time::Duration;

use crate::http::office::Shared;
use crate::http::tls::Tls;

/// "Last used" is exact to within these minutes, and costs one commit in them at most.
const BATCH: Duration = Duration::from_secs(5 * 60);
/// Rounds from one sweep to the next: a day.
const A_DAY: u32 = 288;

/// Keeps house, for ever.
pub(super) async fn keep_up(office: Shared, tls: Option<Tls>) {
    for round in 0_u32.. {
        smol::Timer::after(BATCH).await;
        let written = office.write_down();
        let swept = if round.is_multiple_of(A_DAY) {
            office.sweep()
        } else {
            Ok(())
        };
        for fault in [written, swept].into_iter().filter_map(Result::err) {
            eprintln!("linekey: {fault}");
        }
        if let Some(Err(error)) = tls.as_ref().map(Tls::reload) {
            eprintln!("linekey: the certificate in use stays in use: {error}");
        }
    }
}
