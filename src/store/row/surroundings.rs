//! The row of what all phones' files say of the appliance.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::phones::surroundings::Surroundings;

impl Kept for Surroundings {
    type Row = SurroundingsRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct SurroundingsRow([u8; 32]);

impl From<&Surroundings> for SurroundingsRow {
    fn from(kept: &Surroundings) -> Self {
        Self(kept.0)
    }
}

impl From<SurroundingsRow> for Surroundings {
    fn from(row: SurroundingsRow) -> Self {
        Self(row.0)
    }
}
