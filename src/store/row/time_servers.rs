//! The row of the office's time servers.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::office::time_servers::TimeServers;

impl Kept for TimeServers {
    type Row = TimeServersRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct TimeServersRow {
    names: Vec<String>,
}

impl From<&TimeServers> for TimeServersRow {
    fn from(kept: &TimeServers) -> Self {
        Self {
            names: kept.names().to_vec(),
        }
    }
}

impl From<TimeServersRow> for TimeServers {
    fn from(row: TimeServersRow) -> Self {
        Self::kept(row.names)
    }
}
