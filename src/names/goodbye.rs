//! How a service leaves the LAN.

use std::time::Duration;

use mdns_sd::ServiceDaemon;
use smol::Timer;
use smol::future::FutureExt;

/// How long it may take.
const LONGEST: Duration = Duration::from_secs(1);

/// Takes the service of that full name back (records with a lifetime of 0, RFC 6762 §10.1), and ends the daemon. Takes
/// at most a second.
pub(super) async fn goodbye(daemon: &ServiceDaemon, fullname: &str) {
    let goodbye = async {
        if let Ok(done) = daemon.unregister(fullname) {
            done.recv_async().await.ok();
        }
        if let Ok(done) = daemon.shutdown() {
            done.recv_async().await.ok();
        }
    };
    let enough = async {
        Timer::after(LONGEST).await;
    };
    goodbye.or(enough).await;
}
