//! Rows of `journal`.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::office::journal::JournalLine;
use crate::rules::time::Date;

impl Kept for JournalLine {
    type Row = LineRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct LineRow {
    at: Date,
    who: String,
    address: Option<IpAddr>,
    event: String,
    about: String,
}

impl From<&JournalLine> for LineRow {
    fn from(kept: &JournalLine) -> Self {
        Self {
            at: kept.at,
            who: kept.who.clone(),
            address: kept.address,
            event: kept.event.clone(),
            about: kept.about.clone(),
        }
    }
}

impl From<LineRow> for JournalLine {
    fn from(row: LineRow) -> Self {
        Self {
            at: row.at,
            who: row.who,
            address: row.address,
            event: row.event,
            about: row.about,
        }
    }
}
