//! The rows of those who watch: the token of the numbers, and the log server.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::office::metrics::Metrics;
use crate::rules::office::syslog::{Syslog, Transport};
use crate::rules::secret::TokenHash;
use crate::rules::time::Date;

impl Kept for Metrics {
    type Row = MetricsRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct MetricsRow {
    token: TokenHash,
    since: Date,
}

impl From<&Metrics> for MetricsRow {
    fn from(kept: &Metrics) -> Self {
        Self {
            token: kept.token,
            since: kept.since,
        }
    }
}

impl From<MetricsRow> for Metrics {
    fn from(row: MetricsRow) -> Self {
        Self {
            token: row.token,
            since: row.since,
        }
    }
}

impl Kept for Syslog {
    type Row = SyslogRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct SyslogRow {
    server: String,
    port: u16,
    transport: TransportRow,
    roots: Option<String>,
}

#[derive(Serialize, Deserialize)]
enum TransportRow {
    Udp,
    Tls,
}

impl From<&Syslog> for SyslogRow {
    fn from(kept: &Syslog) -> Self {
        Self {
            server: kept.server.clone(),
            port: kept.port,
            transport: match kept.transport {
                Transport::Udp => TransportRow::Udp,
                Transport::Tls => TransportRow::Tls,
            },
            roots: kept.roots.clone(),
        }
    }
}

impl From<SyslogRow> for Syslog {
    fn from(row: SyslogRow) -> Self {
        Self {
            server: row.server,
            port: row.port,
            transport: match row.transport {
                TransportRow::Udp => Transport::Udp,
                TransportRow::Tls => Transport::Tls,
            },
            roots: row.roots,
        }
    }
}
