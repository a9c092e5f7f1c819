//! Rows of `accounts`, and the row of what a password check costs.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::id::{AccountId, AdminName, DisplayName, Email, Extension};
use crate::rules::people::account::{Account, AccountKind, Effort, PasswordHash, UserHandle};
use crate::rules::time::Date;

impl Kept for Account {
    type Row = AccountRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct AccountRow {
    id: AccountId,
    kind: KindRow,
    name: DisplayName,
    email: Option<Email>,
    handle: UserHandle,
    password: Option<PasswordHashRow>,
    created: Date,
}

impl From<&Account> for AccountRow {
    fn from(kept: &Account) -> Self {
        Self {
            id: kept.id,
            kind: (&kept.kind).into(),
            name: kept.name.clone(),
            email: kept.email.clone(),
            handle: kept.handle,
            password: kept.password.as_ref().map(Into::into),
            created: kept.created,
        }
    }
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind.into(),
            name: row.name,
            email: row.email,
            handle: row.handle,
            password: row.password.map(Into::into),
            created: row.created,
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum KindRow {
    Person(Extension),
    Administrator(AdminName),
}

impl From<&AccountKind> for KindRow {
    fn from(kept: &AccountKind) -> Self {
        match kept {
            AccountKind::Person(it) => Self::Person(it.clone()),
            AccountKind::Administrator(it) => Self::Administrator(it.clone()),
        }
    }
}

impl From<KindRow> for AccountKind {
    fn from(row: KindRow) -> Self {
        match row {
            KindRow::Person(it) => Self::Person(it),
            KindRow::Administrator(it) => Self::Administrator(it),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct PasswordHashRow {
    effort: EffortRow,
    salt: [u8; 16],
    hash: [u8; 32],
}

impl From<&PasswordHash> for PasswordHashRow {
    fn from(kept: &PasswordHash) -> Self {
        Self {
            effort: (&kept.effort).into(),
            salt: kept.salt,
            hash: kept.hash,
        }
    }
}

impl From<PasswordHashRow> for PasswordHash {
    fn from(row: PasswordHashRow) -> Self {
        Self {
            effort: row.effort.into(),
            salt: row.salt,
            hash: row.hash,
        }
    }
}

impl Kept for Effort {
    type Row = EffortRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct EffortRow {
    memory: u32,
    passes: u32,
}

impl From<&Effort> for EffortRow {
    fn from(kept: &Effort) -> Self {
        Self {
            memory: kept.memory,
            passes: kept.passes,
        }
    }
}

impl From<EffortRow> for Effort {
    fn from(row: EffortRow) -> Self {
        Self {
            memory: row.memory,
            passes: row.passes,
        }
    }
}
