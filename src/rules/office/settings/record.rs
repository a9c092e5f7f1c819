//! The settings, as a record.

use crate::rules::id::HostName;
use crate::rules::webauthn::attestation::Policy;

/// The office's settings. A start-up flag wins over what is set here.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    /// The office's phones.
    pub phones: Phones,
    /// The time that phones are told.
    pub clock: Clock,
}

/// The time that phones are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// The IANA name of the office's time zone; none: UTC.
    pub zone: Option<String>,
    /// The name or address of a time server (NTP) that phones reach; none: [`Self::SERVER`].
    pub server: Option<String>,
}

impl Clock {
    /// Whom phones ask for the time where nothing is set. The appliance itself is no time server.
    pub const SERVER: &str = "pool.ntp.org";

    /// Whom phones ask for the time.
    pub fn server(&self) -> &str {
        self.server.as_deref().unwrap_or(Self::SERVER)
    }
}

/// What an administrator sets for the office's phones (SPEC §5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phones {
    /// Whether any SIP socket is open.
    pub on: bool,
    /// Whether phones register over TLS alone.
    pub tls_only: bool,
    /// Whether a device that declines (6xx) silences the others of its extension.
    pub decline_silences_all: bool,
    /// Whether lamps show that somebody is on the phone, and not with whom.
    pub hide_names: bool,
    /// Whether phones may come from beyond the LAN.
    pub from_anywhere: bool,
    /// Whether phones may fetch their first file in the clear.
    pub plain_provisioning: bool,
    /// The numbers that a free desk may call besides extensions.
    pub emergency: Vec<String>,
}

/// Which authenticators new passkeys may be made by (WebAuthn L3 §7.1 step 24).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
            phones: Phones::default(),
            clock: Clock::default(),
        }
    }
}
