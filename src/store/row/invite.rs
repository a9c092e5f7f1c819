//! Rows of `invites`.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::id::AccountId;
use crate::rules::people::invite::Invite;
use crate::rules::secret::TokenHash;
use crate::rules::time::Date;

impl Kept for Invite {
    type Row = InviteRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct InviteRow {
    hash: TokenHash,
    account: AccountId,
    until: Date,
}

impl From<&Invite> for InviteRow {
    fn from(kept: &Invite) -> Self {
        Self {
            hash: kept.hash,
            account: kept.account,
            until: kept.until,
        }
    }
}

impl From<InviteRow> for Invite {
    fn from(row: InviteRow) -> Self {
        Self {
            hash: row.hash,
            account: row.account,
            until: row.until,
        }
    }
}
