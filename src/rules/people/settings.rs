//! What an administrator sets for the whole office.

use serde::Deserialize;

use crate::rules::certificates::pasted;
use crate::rules::id::HostName;
use crate::rules::limits;
use crate::rules::time::Ttl;
use crate::rules::verdict::{Change, Refusal};
use crate::rules::webauthn::aaguid;
use crate::rules::webauthn::attestation::{self, Policy};

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
        }
    }
}

/// What a message changes; what it leaves out stays.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    session_hours: Option<u64>,
    name: Option<String>,
    invite_hours: Option<u64>,
    reset_minutes: Option<u64>,
    people_set_passwords: Option<bool>,
    people_set_sip_passwords: Option<bool>,
    attestation: Option<ChangedAttestation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangedAttestation {
    required: bool,
    models: Vec<String>,
    roots: String,
}

impl Settings {
    /// How long a session lives.
    pub fn session_length(&self) -> Ttl {
        Ttl::hours(self.session_hours)
    }

    /// How long an invitation works.
    pub fn invite_length(&self) -> Ttl {
        Ttl::hours(self.invite_hours)
    }

    /// How long a link works that somebody asked for.
    pub fn reset_length(&self) -> Ttl {
        Ttl::minutes(self.reset_minutes)
    }

    /// These settings with what the message changes.
    pub fn changed(mut self, changed: Changed) -> Result<(Self, Vec<Change>), Refusal> {
        if let Some(hours) = changed.session_hours {
            if !limits::SESSION_HOURS.contains(&hours) {
                let sentence = "A sign-in lasts between 1 hour and 365 days (8760 hours).";
                return Err(Refusal::Field("session_hours", sentence));
            }
            self.session_hours = hours;
        }
        if let Some(hours) = changed.invite_hours {
            if !limits::INVITE_HOURS.contains(&hours) {
                let sentence = "An invitation works between 1 hour and 30 days (720 hours).";
                return Err(Refusal::Field("invite_hours", sentence));
            }
            self.invite_hours = hours;
        }
        if let Some(minutes) = changed.reset_minutes {
            if !limits::RESET_MINUTES.contains(&minutes) {
                let sentence = "A link that somebody asked for works between 10 minutes and one day (1440 minutes).";
                return Err(Refusal::Field("reset_minutes", sentence));
            }
            self.reset_minutes = minutes;
        }
        if let Some(name) = changed.name {
            self.name = Some(HostName::parse(&name)?);
        }
        self.people_set_passwords = changed.people_set_passwords.unwrap_or(self.people_set_passwords);
        self.people_set_sip_passwords = changed
            .people_set_sip_passwords
            .unwrap_or(self.people_set_sip_passwords);
        if let Some(attestation) = changed.attestation {
            self.attestation = attestation.judged()?;
        }
        Ok((self.clone(), vec![Change::SettingsChanged(self)]))
    }
}

impl ChangedAttestation {
    fn judged(self) -> Result<Attestation, Refusal> {
        let texts = self
            .models
            .iter()
            .map(|text| text.trim())
            .filter(|text| !text.is_empty());
        let models: Option<Vec<[u8; 16]>> = texts.map(aaguid::parse).collect();
        let models = models
            .filter(|models| models.len() <= limits::MODELS)
            .ok_or(Refusal::Field(
                "models",
                "A model's AAGUID looks like cb69481e-8ff7-4039-93ec-0a2729a154a8; 64 of them at most.",
            ))?;
        let roots = if self.roots.trim().is_empty() {
            Vec::new()
        } else {
            pasted::parse(&self.roots)?
        };
        if !roots.iter().all(|root| attestation::is_usable_root(root)) {
            let sentence = "One of these certificates has a key that no statement could be checked by: \
                            P-256, P-384, Ed25519, and RSA of 2048 to 4096 bits will do.";
            return Err(Refusal::Field("roots", sentence));
        }
        if self.required && (models.is_empty() || roots.is_empty()) {
            let sentence = "Attested keys only: name at least one model and the certificate that its maker signs with.";
            return Err(Refusal::Field(
                if models.is_empty() { "models" } else { "roots" },
                sentence,
            ));
        }
        Ok(Attestation {
            required: self.required,
            models,
            roots,
        })
    }
}
