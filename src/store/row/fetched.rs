//! The row of the revisions in which devices fetched their files.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::phones::device::DeviceId;
use crate::rules::phones::fetch::FetchedRevisions;

impl Kept for FetchedRevisions {
    type Row = FetchedRow;
}

/// By the devices' numbers.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct FetchedRow(Vec<(DeviceId, u64)>);

impl From<&FetchedRevisions> for FetchedRow {
    fn from(kept: &FetchedRevisions) -> Self {
        Self(kept.0.iter().map(|(device, revision)| (*device, *revision)).collect())
    }
}

impl From<FetchedRow> for FetchedRevisions {
    fn from(row: FetchedRow) -> Self {
        Self(row.0.into_iter().collect())
    }
}
