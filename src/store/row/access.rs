//! Rows of `reach`.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::Kept;
use super::session::UseRow;
use crate::rules::people::access::{Access, Api};
use crate::rules::secret::TokenHash;
use crate::rules::time::Date;

impl Kept for Access {
    type Row = AccessRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct AccessRow {
    ranges: Vec<IpNet>,
    api: Option<ApiRow>,
}

impl From<&Access> for AccessRow {
    fn from(kept: &Access) -> Self {
        Self {
            ranges: kept.ranges.clone(),
            api: kept.api.as_ref().map(Into::into),
        }
    }
}

impl From<AccessRow> for Access {
    fn from(row: AccessRow) -> Self {
        Self {
            ranges: row.ranges,
            api: row.api.map(Into::into),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ApiRow {
    secret: TokenHash,
    since: Date,
    last_used: Option<UseRow>,
}

impl From<&Api> for ApiRow {
    fn from(kept: &Api) -> Self {
        Self {
            secret: kept.secret,
            since: kept.since,
            last_used: kept.last_used.as_ref().map(Into::into),
        }
    }
}

impl From<ApiRow> for Api {
    fn from(row: ApiRow) -> Self {
        Self {
            secret: row.secret,
            since: row.since,
            last_used: row.last_used.map(Into::into),
        }
    }
}
