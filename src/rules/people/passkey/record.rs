//! A passkey's record.

pub use crate::rules::id::CredentialId;
use crate::rules::id::{AccountId, DisplayName};
use crate::rules::people::session::record::Use;
use crate::rules::time::Date;

/// A passkey: the credential record of WebAuthn L3 §4, and what its owner sees of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// Unique over all accounts.
    pub credential: CredentialId,
    /// Its owner.
    pub account: AccountId,
    /// The COSE_Key as the authenticator sent it.
    pub public_key: Vec<u8>,
    /// The signature counter last seen.
    pub sign_count: u32,
    /// Whether it may be backed up (BE); never changes.
    pub backup_eligible: bool,
    /// Whether it is backed up (BS).
    pub backed_up: bool,
    /// The model of the authenticator, or zeros.
    pub aaguid: [u8; 16],
    /// How browsers reach it, as they said at registration.
    pub transports: Vec<String>,
    /// What its owner calls it.
    pub name: DisplayName,
    /// When it was registered.
    pub created: Date,
    /// The last time it proved its owner.
    pub last_used: Option<Use>,
}
