//! Which phones of the LAN cannot connect by TLS, and why.

use serde::Serialize;

use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::rules::certificates::handshake::Cause;
use crate::rules::time::Date;

#[derive(Serialize)]
struct Handshakes {
    failed: Vec<FailedJson>,
}

#[derive(Serialize)]
struct FailedJson {
    address: String,
    why: &'static str,
    /// The newest.
    at: u64,
    /// Since one came about.
    count: u32,
}

/// The handshakes of the last hour that failed: one for each address, the newest first.
pub async fn failed(call: Call) -> Answer {
    let office = call.office();
    let now = office.now();
    let failed = office.trust.failed_handshakes();
    let shown = failed.into_iter().map(|failed| FailedJson {
        address: failed.from.to_string(),
        why: match failed.cause {
            Cause::OldTls => "old-tls",
            Cause::OtherKeys => "other-keys",
        },
        at: Date(now.0.saturating_sub(failed.ago.0)).0,
        count: failed.count,
    });
    Ok(reply::json(&Handshakes {
        failed: shown.collect(),
    }))
}
