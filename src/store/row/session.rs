//! Rows of `sessions`, and what is written down of a use.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::id::{AccountId, CredentialId};
use crate::rules::people::session::By;
use crate::rules::people::session::{Session, Use};
use crate::rules::secret::TokenHash;
use crate::rules::time::Date;
use crate::store::Fault;
use crate::store::unreadable::Unreadable;

impl Kept for Session {
    type Row = SessionRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct SessionRow {
    before: SessionRow3,
    passkey: Option<CredentialId>,
    proved_by: ByRow,
}

impl From<&Session> for SessionRow {
    fn from(kept: &Session) -> Self {
        Self {
            before: kept.into(),
            passkey: kept.passkey.clone(),
            proved_by: (&kept.proved_by).into(),
        }
    }
}

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        Self {
            passkey: row.passkey,
            proved_by: row.proved_by.into(),
            ..row.before.into()
        }
    }
}

/// The row of schemas 1 to 3: schema 4 has behind it by which passkey it was opened, and how its latest proof was
/// given.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct SessionRow3 {
    hash: TokenHash,
    account: AccountId,
    by: ByRow,
    opened: Date,
    proved: Date,
    until: Date,
    public_computer: bool,
    last_used: UseRow,
}

impl From<&Session> for SessionRow3 {
    fn from(kept: &Session) -> Self {
        Self {
            hash: kept.hash,
            account: kept.account,
            by: (&kept.by).into(),
            opened: kept.opened,
            proved: kept.proved,
            until: kept.until,
            public_computer: kept.public_computer,
            last_used: (&kept.last_used).into(),
        }
    }
}

impl From<SessionRow3> for Session {
    fn from(row: SessionRow3) -> Self {
        Self {
            hash: row.hash,
            account: row.account,
            passkey: None,
            proved_by: row.by.into(),
            by: row.by.into(),
            opened: row.opened,
            proved: row.proved,
            until: row.until,
            public_computer: row.public_computer,
            last_used: row.last_used.into(),
        }
    }
}

/// What stands in a row from its account to when it was used: all that a list of people asks of it.
type ToItsUse = (AccountId, ByRow, Date, Date, Date, bool, Date);

/// When the session of that row was last used, of whatever schema the row is. Reads no more of it than that needs.
/// Errors: a row that ends before.
pub(in crate::store) fn last_used(row: &[u8], table: &'static str) -> Result<Date, Fault> {
    let behind_hash = row.get(size_of::<TokenHash>()..).unwrap_or_default();
    let ((.., at), _) = postcard::take_from_bytes::<ToItsUse>(behind_hash)
        .map_err(|error| Fault::corrupt(table, Unreadable::Row(error)))?;
    Ok(at)
}

#[derive(Clone, Copy, Serialize, Deserialize)]
pub(in crate::store) enum ByRow {
    Passkey,
    Password,
    Link,
    OneTime,
}

impl From<&By> for ByRow {
    fn from(kept: &By) -> Self {
        match kept {
            By::Passkey => Self::Passkey,
            By::Password => Self::Password,
            By::Link => Self::Link,
            By::OneTime => Self::OneTime,
        }
    }
}

impl From<ByRow> for By {
    fn from(row: ByRow) -> Self {
        match row {
            ByRow::Passkey => Self::Passkey,
            ByRow::Password => Self::Password,
            ByRow::Link => Self::Link,
            ByRow::OneTime => Self::OneTime,
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct UseRow {
    at: Date,
    address: IpAddr,
    browser: String,
}

impl From<&Use> for UseRow {
    fn from(kept: &Use) -> Self {
        Self {
            at: kept.at,
            address: kept.address,
            browser: kept.browser.clone(),
        }
    }
}

impl From<UseRow> for Use {
    fn from(row: UseRow) -> Self {
        Self {
            at: row.at,
            address: row.address,
            browser: row.browser,
        }
    }
}
