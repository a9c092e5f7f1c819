//! The mail server, as a record.

use serde::{Deserialize, Serialize};

use crate::rules::id::Email;
use crate::rules::secret::{SealKey, Sealed};

/// How the line to the server is kept from listeners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte (RFC 8314 §3.3).
    Tls,
    /// STARTTLS (RFC 3207), and nothing without it.
    StartTls,
    /// In the clear: for a server on this machine or an office LAN that nobody listens on.
    None,
}

/// The mail server as an administrator set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    /// A host name in ASCII, or an address.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the line is secured.
    pub security: Security,
    /// How we sign in there, if at all.
    pub login: Option<Login>,
    /// Whom letters come from.
    pub sender: Email,
    /// Certificates (PEM) that the server's must lead to; `None`: the system's.
    pub roots: Option<String>,
}

/// A name and password at the mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub username: String,
    /// The password, sealed.
    pub password: Sealed,
}

pub(super) const PURPOSE: &str = "mail password";

impl Login {
    /// The password in the clear; `None` if the key is another one.
    pub fn password(&self, key: &SealKey) -> Option<zeroize::Zeroizing<String>> {
        let bytes = key.open(PURPOSE, &[], &self.password)?;
        String::from_utf8(bytes.to_vec()).ok().map(zeroize::Zeroizing::new)
    }
}
