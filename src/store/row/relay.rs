//! The row of the mail server.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::id::Email;
use crate::rules::letters::relay::{Login, Relay, Security};
use crate::rules::secret::Sealed;

impl Kept for Relay {
    type Row = RelayRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct RelayRow {
    server: String,
    port: u16,
    security: SecurityRow,
    login: Option<LoginRow>,
    sender: Email,
    roots: Option<String>,
}

impl From<&Relay> for RelayRow {
    fn from(kept: &Relay) -> Self {
        Self {
            server: kept.server.clone(),
            port: kept.port,
            security: (&kept.security).into(),
            login: kept.login.as_ref().map(Into::into),
            sender: kept.sender.clone(),
            roots: kept.roots.clone(),
        }
    }
}

impl From<RelayRow> for Relay {
    fn from(row: RelayRow) -> Self {
        Self {
            server: row.server,
            port: row.port,
            security: row.security.into(),
            login: row.login.map(Into::into),
            sender: row.sender,
            roots: row.roots,
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum SecurityRow {
    Tls,
    StartTls,
    None,
}

impl From<&Security> for SecurityRow {
    fn from(kept: &Security) -> Self {
        match kept {
            Security::Tls => Self::Tls,
            Security::StartTls => Self::StartTls,
            Security::None => Self::None,
        }
    }
}

impl From<SecurityRow> for Security {
    fn from(row: SecurityRow) -> Self {
        match row {
            SecurityRow::Tls => Self::Tls,
            SecurityRow::StartTls => Self::StartTls,
            SecurityRow::None => Self::None,
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct LoginRow {
    username: String,
    password: Sealed,
}

impl From<&Login> for LoginRow {
    fn from(kept: &Login) -> Self {
        Self {
            username: kept.username.clone(),
            password: kept.password.clone(),
        }
    }
}

impl From<LoginRow> for Login {
    fn from(row: LoginRow) -> Self {
        Self {
            username: row.username,
            password: row.password,
        }
    }
}
