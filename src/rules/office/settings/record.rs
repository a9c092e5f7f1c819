//! The settings, as a record.

use serde::{Deserialize, Serialize};

use crate::rules::id::HostName;
use crate::rules::webauthn::attestation::Policy;

/// The office's settings. A start-up flag wins over what is set here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How many hours a session lives.
    pub session_hours: u64,
    /// The RP ID and origin's host from the next start on; `None`: `localhost`.
    pub name: Option<HostName>,
    /// How many hours an invitation works.
    pub invite_hours: u64,
    /// How many minutes a link works that somebody asked for.
    pub reset_minutes: u64,
    /// Whether people may choose a password for the web pages.
    pub people_set_passwords: bool,
    /// Whether people may choose the password of their phone.
    pub people_set_sip_passwords: bool,
    /// Which authenticators new passkeys may be made by.
    pub attestation: Attestation,
}

/// Which authenticators new passkeys may be made by (WebAuthn L3 §7.1 step 24).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attestation {
    /// Only those whose model is on the list, and proved by a certificate.
    pub required: bool,
    /// Their AAGUIDs.
    pub models: Vec<[u8; 16]>,
    /// The certificates (DER) that theirs must lead to.
    pub roots: Vec<Vec<u8>>,
}

impl Attestation {
    /// What the verifier is asked for.
    pub fn policy(&self) -> Policy<'_> {
        if self.required {
            Policy::Attested {
                aaguids: &self.models,
                roots: &self.roots,
            }
        } else {
            Policy::Any
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            session_hours: 30 * 24,
            name: None,
            invite_hours: 7 * 24,
            reset_minutes: 60,
            people_set_passwords: false,
            people_set_sip_passwords: false,
            attestation: Attestation::default(),
        }
    }
}
