//! The rows of ACME.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::certificates::acme::record::{Account, Acme, Challenge, Issued, Progress, Trouble};
use crate::rules::id::Email;
use crate::rules::secret::Sealed;
use crate::rules::time::Date;

impl Kept for Acme {
    type Row = AcmeRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct AcmeRow {
    directory: String,
    is_test: bool,
    contact: Option<Email>,
    roots: Option<String>,
    challenge: ChallengeRow,
    is_strict: bool,
    before: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) enum ChallengeRow {
    Http,
    TlsAlpn,
}

impl From<&Acme> for AcmeRow {
    fn from(kept: &Acme) -> Self {
        Self {
            directory: kept.directory.clone(),
            is_test: kept.is_test,
            contact: kept.contact.clone(),
            roots: kept.roots.clone(),
            challenge: match kept.challenge {
                Challenge::Http => ChallengeRow::Http,
                Challenge::TlsAlpn => ChallengeRow::TlsAlpn,
            },
            is_strict: kept.is_strict,
            before: kept.before.clone(),
        }
    }
}

impl From<AcmeRow> for Acme {
    fn from(row: AcmeRow) -> Self {
        Self {
            directory: row.directory,
            is_test: row.is_test,
            contact: row.contact,
            roots: row.roots,
            challenge: match row.challenge {
                ChallengeRow::Http => Challenge::Http,
                ChallengeRow::TlsAlpn => Challenge::TlsAlpn,
            },
            is_strict: row.is_strict,
            before: row.before,
        }
    }
}

impl Kept for Account {
    type Row = AccountRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct AccountRow {
    directory: String,
    key: Sealed,
    url: Option<String>,
    contact: Option<Email>,
    opened: Vec<Date>,
}

impl From<&Account> for AccountRow {
    fn from(kept: &Account) -> Self {
        Self {
            directory: kept.directory.clone(),
            key: kept.key.clone(),
            url: kept.url.clone(),
            contact: kept.contact.clone(),
            opened: kept.opened.clone(),
        }
    }
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            directory: row.directory,
            key: row.key,
            url: row.url,
            contact: row.contact,
            opened: row.opened,
        }
    }
}

impl Kept for Issued {
    type Row = IssuedRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct IssuedRow {
    directory: String,
    chain: Vec<Vec<u8>>,
    key: Sealed,
    is_test: bool,
}

impl From<&Issued> for IssuedRow {
    fn from(kept: &Issued) -> Self {
        Self {
            directory: kept.directory.clone(),
            chain: kept.chain.clone(),
            key: kept.key.clone(),
            is_test: kept.is_test,
        }
    }
}

impl From<IssuedRow> for Issued {
    fn from(row: IssuedRow) -> Self {
        Self {
            directory: row.directory,
            chain: row.chain,
            key: row.key,
            is_test: row.is_test,
        }
    }
}

impl Kept for Progress {
    type Row = ProgressRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct ProgressRow {
    directory: String,
    failures: u32,
    next: Option<Date>,
    trouble: Option<TroubleRow>,
    tried: Option<Date>,
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct TroubleRow {
    said: String,
    kind: Option<String>,
    address: Option<IpAddr>,
}

impl From<&Progress> for ProgressRow {
    fn from(kept: &Progress) -> Self {
        Self {
            directory: kept.directory.clone(),
            failures: kept.failures,
            next: kept.next,
            trouble: kept.trouble.as_ref().map(|trouble| TroubleRow {
                said: trouble.said.clone(),
                kind: trouble.kind.clone(),
                address: trouble.address,
            }),
            tried: kept.tried,
        }
    }
}

impl From<ProgressRow> for Progress {
    fn from(row: ProgressRow) -> Self {
        Self {
            directory: row.directory,
            failures: row.failures,
            next: row.next,
            trouble: row.trouble.map(|trouble| Trouble {
                said: trouble.said,
                kind: trouble.kind,
                address: trouble.address,
            }),
            tried: row.tried,
        }
    }
}
