//! The row of the name that the appliance is served under.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::id::HostName;
use crate::rules::office::named::Named;
use crate::rules::time::Date;

impl Kept for Named {
    type Row = NamedRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct NamedRow {
    name: HostName,
    since: Date,
}

impl From<&Named> for NamedRow {
    fn from(kept: &Named) -> Self {
        Self {
            name: kept.name.clone(),
            since: kept.since,
        }
    }
}

impl From<NamedRow> for Named {
    fn from(row: NamedRow) -> Self {
        Self {
            name: row.name,
            since: row.since,
        }
    }
}
