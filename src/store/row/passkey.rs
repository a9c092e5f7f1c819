//! Rows of `passkeys`.

use serde::{Deserialize, Serialize};

use super::Kept;
use super::session::UseRow;
use crate::rules::id::{AccountId, DisplayName};
use crate::rules::people::passkey::{CredentialId, Passkey};
use crate::rules::time::Date;

impl Kept for Passkey {
    type Row = PasskeyRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct PasskeyRow {
    credential: CredentialId,
    account: AccountId,
    public_key: Vec<u8>,
    sign_count: u32,
    backup_eligible: bool,
    backed_up: bool,
    aaguid: [u8; 16],
    transports: Vec<String>,
    name: DisplayName,
    created: Date,
    last_used: Option<UseRow>,
}

impl From<&Passkey> for PasskeyRow {
    fn from(kept: &Passkey) -> Self {
        Self {
            credential: kept.credential.clone(),
            account: kept.account,
            public_key: kept.public_key.clone(),
            sign_count: kept.sign_count,
            backup_eligible: kept.backup_eligible,
            backed_up: kept.backed_up,
            aaguid: kept.aaguid,
            transports: kept.transports.clone(),
            name: kept.name.clone(),
            created: kept.created,
            last_used: kept.last_used.as_ref().map(Into::into),
        }
    }
}

impl From<PasskeyRow> for Passkey {
    fn from(row: PasskeyRow) -> Self {
        Self {
            credential: row.credential,
            account: row.account,
            public_key: row.public_key,
            sign_count: row.sign_count,
            backup_eligible: row.backup_eligible,
            backed_up: row.backed_up,
            aaguid: row.aaguid,
            transports: row.transports,
            name: row.name,
            created: row.created,
            last_used: row.last_used.map(Into::into),
        }
    }
}
