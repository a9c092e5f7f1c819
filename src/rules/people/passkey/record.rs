//! A passkey's record.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use crate::rules::id::{AccountId, DisplayName};
use crate::rules::people::session::record::Use;
use crate::rules::time::Date;

/// A WebAuthn credential ID: 1 to 1023 bytes (L3 §7.1), base64url as text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CredentialId(pub Vec<u8>);

impl CredentialId {
    /// Reads the text form.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        (1..=1023).contains(&bytes.len()).then_some(Self(bytes))
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl fmt::Debug for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A passkey: the credential record of WebAuthn L3 §4, and what its owner sees of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
