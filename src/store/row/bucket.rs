//! The rows of a bucket that backups go into.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::office::schedule::BucketTrouble;
use crate::rules::office::schedule::bucket::Bucket;
use crate::rules::secret::Sealed;
use crate::rules::time::Date;

impl Kept for Bucket {
    type Row = BucketRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct BucketRow {
    endpoint: String,
    name: String,
    region: String,
    access_key: String,
    secret: Sealed,
    prefix: String,
}

impl From<&Bucket> for BucketRow {
    fn from(kept: &Bucket) -> Self {
        Self {
            endpoint: kept.endpoint.clone(),
            name: kept.name.clone(),
            region: kept.region.clone(),
            access_key: kept.access_key.clone(),
            secret: kept.secret.clone(),
            prefix: kept.prefix.clone(),
        }
    }
}

impl From<BucketRow> for Bucket {
    fn from(row: BucketRow) -> Self {
        Self {
            endpoint: row.endpoint,
            name: row.name,
            region: row.region,
            access_key: row.access_key,
            secret: row.secret,
            prefix: row.prefix,
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(super) enum BucketTroubleRow {
    Clock { here: Date, there: Date },
    Cut,
    Denied,
    Expired,
    Gone,
    Key,
    NoBucket,
    NoServer,
    Secret,
    Status(u16),
    Untrusted,
    Unreachable,
    Busy(u16),
    Elsewhere,
    Full,
    Region,
}

impl From<BucketTrouble> for BucketTroubleRow {
    fn from(kept: BucketTrouble) -> Self {
        match kept {
            BucketTrouble::Clock { here, there } => Self::Clock { here, there },
            BucketTrouble::Cut => Self::Cut,
            BucketTrouble::Denied => Self::Denied,
            BucketTrouble::Expired => Self::Expired,
            BucketTrouble::Gone => Self::Gone,
            BucketTrouble::Key => Self::Key,
            BucketTrouble::NoBucket => Self::NoBucket,
            BucketTrouble::NoServer => Self::NoServer,
            BucketTrouble::Secret => Self::Secret,
            BucketTrouble::Status(status) => Self::Status(status),
            BucketTrouble::Untrusted => Self::Untrusted,
            BucketTrouble::Unreachable => Self::Unreachable,
            BucketTrouble::Busy(status) => Self::Busy(status),
            BucketTrouble::Elsewhere => Self::Elsewhere,
            BucketTrouble::Full => Self::Full,
            BucketTrouble::Region => Self::Region,
        }
    }
}

impl From<BucketTroubleRow> for BucketTrouble {
    fn from(row: BucketTroubleRow) -> Self {
        match row {
            BucketTroubleRow::Clock { here, there } => Self::Clock { here, there },
            BucketTroubleRow::Cut => Self::Cut,
            BucketTroubleRow::Denied => Self::Denied,
            BucketTroubleRow::Expired => Self::Expired,
            BucketTroubleRow::Gone => Self::Gone,
            BucketTroubleRow::Key => Self::Key,
            BucketTroubleRow::NoBucket => Self::NoBucket,
            BucketTroubleRow::NoServer => Self::NoServer,
            BucketTroubleRow::Secret => Self::Secret,
            BucketTroubleRow::Status(status) => Self::Status(status),
            BucketTroubleRow::Untrusted => Self::Untrusted,
            BucketTroubleRow::Unreachable => Self::Unreachable,
            BucketTroubleRow::Busy(status) => Self::Busy(status),
            BucketTroubleRow::Elsewhere => Self::Elsewhere,
            BucketTroubleRow::Full => Self::Full,
            BucketTroubleRow::Region => Self::Region,
        }
    }
}
