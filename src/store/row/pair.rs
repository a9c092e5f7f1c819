//! The row of a kept certificate with its sealed key.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::certificates::kept::KeptPair;
use crate::rules::secret::Sealed;

impl Kept for KeptPair {
    type Row = KeptPairRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct KeptPairRow {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl From<&KeptPair> for KeptPairRow {
    fn from(kept: &KeptPair) -> Self {
        Self {
            certificate: kept.certificate.clone(),
            key: kept.key.bytes().to_vec(),
        }
    }
}

impl From<KeptPairRow> for KeptPair {
    fn from(row: KeptPairRow) -> Self {
        Self {
            certificate: row.certificate,
            key: Sealed::from(row.key),
        }
    }
}
