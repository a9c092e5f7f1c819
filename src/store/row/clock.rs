//! The row of the time that phones are told.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::office::settings::Clock;

impl Kept for Clock {
    type Row = ClockRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ClockRow {
    zone: Option<String>,
    server: Option<String>,
}

impl From<&Clock> for ClockRow {
    fn from(kept: &Clock) -> Self {
        Self {
            zone: kept.zone.clone(),
            server: kept.server.clone(),
        }
    }
}

impl From<ClockRow> for Clock {
    fn from(row: ClockRow) -> Self {
        Self {
            zone: row.zone,
            server: row.server,
        }
    }
}
