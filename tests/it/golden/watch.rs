//! The rows of those who watch.

use linekey::rules::change::OfficeChange;
use linekey::rules::office::metrics::Metrics;
use linekey::rules::office::syslog::{Syslog, Transport};
use linekey::rules::secret::TokenHash;
use linekey::store::Store;

use super::NOW;

fn metrics() -> Metrics {
    Metrics {
        token: TokenHash([0x91; 32]),
        since: NOW,
    }
}

fn syslog() -> Syslog {
    Syslog {
        server: "log.example.org".to_owned(),
        port: 6514,
        transport: Transport::Tls,
        roots: Some("PEM".to_owned()),
    }
}

pub(super) fn changes() -> [OfficeChange; 2] {
    [
        OfficeChange::MetricsOpened(metrics()),
        OfficeChange::SyslogSet(syslog()),
    ]
}

#[track_caller]
pub(super) fn hold(store: &Store) {
    store
        .read(|facts| {
            assert_eq!(facts.metrics()?, Some(metrics()));
            assert_eq!(facts.syslog()?, Some(syslog()));
            Ok(())
        })
        .unwrap();
}
