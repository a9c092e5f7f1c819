//! The rows of a move to another name, and of the names of before.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::id::HostName;
use crate::rules::office::named::{Earlier, EarlierNames, Moving};
use crate::rules::time::Date;

impl Kept for Moving {
    type Row = MovingRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct MovingRow {
    from: HostName,
    since: Date,
}

impl From<&Moving> for MovingRow {
    fn from(kept: &Moving) -> Self {
        Self {
            from: kept.from.clone(),
            since: kept.since,
        }
    }
}

impl From<MovingRow> for Moving {
    fn from(row: MovingRow) -> Self {
        Self {
            from: row.from,
            since: row.since,
        }
    }
}

impl Kept for EarlierNames {
    type Row = EarlierNamesRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct EarlierNamesRow {
    names: Vec<EarlierRow>,
}

#[derive(Serialize, Deserialize)]
struct EarlierRow {
    name: HostName,
    until: Date,
}

impl From<&EarlierNames> for EarlierNamesRow {
    fn from(kept: &EarlierNames) -> Self {
        let row = |earlier: &Earlier| EarlierRow {
            name: earlier.name.clone(),
            until: earlier.until,
        };
        Self {
            names: kept.all().iter().map(row).collect(),
        }
    }
}

impl From<EarlierNamesRow> for EarlierNames {
    fn from(row: EarlierNamesRow) -> Self {
        let earlier = |row: EarlierRow| Earlier {
            name: row.name,
            until: row.until,
        };
        Self::kept(row.names.into_iter().map(earlier).collect())
    }
}
