//! The rows of one-time passwords.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::id::AdminName;
use crate::rules::people::one_time::OneTime;
use crate::rules::secret::Mark;
use crate::rules::time::Date;

impl Kept for OneTime {
    type Row = OneTimeRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct OneTimeRow {
    username: AdminName,
    mark: Mark,
    armed: Date,
    spent: bool,
}

impl From<&OneTime> for OneTimeRow {
    fn from(kept: &OneTime) -> Self {
        Self {
            username: kept.username.clone(),
            mark: kept.mark,
            armed: kept.armed,
            spent: kept.spent,
        }
    }
}

impl From<OneTimeRow> for OneTime {
    fn from(row: OneTimeRow) -> Self {
        Self {
            username: row.username,
            mark: row.mark,
            armed: row.armed,
            spent: row.spent,
        }
    }
}

impl Kept for Mark {
    type Row = MarkRow;
}

/// What a key is recognised by.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct MarkRow(Mark);

impl From<&Mark> for MarkRow {
    fn from(kept: &Mark) -> Self {
        Self(*kept)
    }
}

impl From<MarkRow> for Mark {
    fn from(row: MarkRow) -> Self {
        row.0
    }
}
