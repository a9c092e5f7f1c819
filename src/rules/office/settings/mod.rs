//! What an administrator sets for the whole office.

pub mod record;

use serde::Deserialize;

use crate::rules::certificates::pasted;
use crate::rules::change::{Change, OfficeChange};
use crate::rules::id::{HostName, server};
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::limits;
use crate::rules::office::difference::Difference;
use crate::rules::phones::provisioning::zones;
use crate::rules::text::visible;
use crate::rules::time::Ttl;
use crate::rules::webauthn::aaguid;
use crate::rules::webauthn::attestation;
pub use record::*;

/// What a message changes; what it leaves out stays.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    session_hours: Option<u64>,
    name: Option<String>,
    /// Whether people move over to the name in their own time.
    moving: Option<bool>,
    invite_hours: Option<u64>,
    reset_minutes: Option<u64>,
    people_set_passwords: Option<bool>,
    people_set_sip_passwords: Option<bool>,
    attestation: Option<ChangedAttestation>,
    phones: Option<bool>,
    tls_only: Option<bool>,
    decline_silences_all: Option<bool>,
    hide_names: Option<bool>,
    phones_from_anywhere: Option<bool>,
    plain_provisioning: Option<bool>,
    emergency: Option<Vec<String>>,
    time_zone: Option<String>,
    time_server: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangedAttestation {
    required: bool,
    models: Vec<String>,
    roots: String,
}

impl Changed {
    /// Whether the name is among it, and then whether people move over to it in their own time.
    pub fn renames(&self) -> Option<bool> {
        self.name.as_ref().map(|_| self.moving.unwrap_or(false))
    }
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

    /// Whether phones' files say something else by those settings than by these.
    pub fn files_differ(&self, other: &Self) -> bool {
        (self.phones.tls_only, &self.clock) != (other.phones.tls_only, &other.clock)
    }

    /// These settings with what the message changes.
    pub fn changed(mut self, changed: Changed) -> Result<(Self, Vec<Change>), Invalid> {
        let before = self.clone();
        if let Some(hours) = changed.session_hours {
            if !limits::SESSION_HOURS.contains(&hours) {
                return Err(Invalid::new(Field::SessionHours, Why::OutOfRange));
            }
            self.session_hours = hours;
        }
        if let Some(hours) = changed.invite_hours {
            if !limits::INVITE_HOURS.contains(&hours) {
                return Err(Invalid::new(Field::InviteHours, Why::OutOfRange));
            }
            self.invite_hours = hours;
        }
        if let Some(minutes) = changed.reset_minutes {
            if !limits::RESET_MINUTES.contains(&minutes) {
                return Err(Invalid::new(Field::ResetMinutes, Why::OutOfRange));
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
        let phones = &mut self.phones;
        phones.on = changed.phones.unwrap_or(phones.on);
        phones.tls_only = changed.tls_only.unwrap_or(phones.tls_only);
        phones.decline_silences_all = changed.decline_silences_all.unwrap_or(phones.decline_silences_all);
        phones.hide_names = changed.hide_names.unwrap_or(phones.hide_names);
        phones.from_anywhere = changed.phones_from_anywhere.unwrap_or(phones.from_anywhere);
        phones.plain_provisioning = changed.plain_provisioning.unwrap_or(phones.plain_provisioning);
        if let Some(numbers) = changed.emergency {
            phones.emergency = emergency(&numbers)?;
        }
        if let Some(zone) = changed.time_zone {
            self.clock.zone = time_zone(&zone)?;
        }
        if let Some(server) = changed.time_server {
            self.clock.server = time_server(&server)?;
        }
        if let Some(attestation) = changed.attestation {
            self.attestation = attestation.judged()?;
        }
        let altered = difference(&before, &self);
        let changes = if altered.is_empty() {
            Vec::new()
        } else {
            vec![Change::Office(OfficeChange::SettingsChanged(self.clone(), altered))]
        };
        Ok((self, changes))
    }
}

/// Under the names that the API has for them.
fn difference(before: &Settings, after: &Settings) -> Difference {
    let (was, is) = (&before.phones, &after.phones);
    let (known, knows) = (&before.attestation, &after.attestation);
    Difference::default()
        .between("session_hours", &before.session_hours, &after.session_hours)
        .between_options("name", before.name.as_ref(), after.name.as_ref())
        .between("invite_hours", &before.invite_hours, &after.invite_hours)
        .between("reset_minutes", &before.reset_minutes, &after.reset_minutes)
        .between_switches(
            "people_set_passwords",
            before.people_set_passwords,
            after.people_set_passwords,
        )
        .between_switches(
            "people_set_sip_passwords",
            before.people_set_sip_passwords,
            after.people_set_sip_passwords,
        )
        .between_switches("attested keys only", known.required, knows.required)
        .altered("attested models", &known.models, &knows.models)
        .altered("attestation roots", &known.roots, &knows.roots)
        .between_switches("phones", was.on, is.on)
        .between_switches("tls_only", was.tls_only, is.tls_only)
        .between_switches(
            "decline_silences_all",
            was.decline_silences_all,
            is.decline_silences_all,
        )
        .between_switches("hide_names", was.hide_names, is.hide_names)
        .between_switches("phones_from_anywhere", was.from_anywhere, is.from_anywhere)
        .between_switches("plain_provisioning", was.plain_provisioning, is.plain_provisioning)
        .between_lists("emergency", &was.emergency, &is.emergency, "none")
        .between_options("time_zone", before.clock.zone.as_ref(), after.clock.zone.as_ref())
        .between_options("time_server", before.clock.server.as_ref(), after.clock.server.as_ref())
}

/// A time zone by its IANA name; an empty text is none.
fn time_zone(text: &str) -> Result<Option<String>, Invalid> {
    match visible(text).as_str() {
        "" => Ok(None),
        name => zones::named(name, "")
            .map(|(name, _)| Some(name.to_owned()))
            .ok_or(Invalid::new(Field::TimeZone, Why::NotTimeZone)),
    }
}

/// A time server's name or address; an empty text is none.
fn time_server(text: &str) -> Result<Option<String>, Invalid> {
    match visible(text).as_str() {
        "" => Ok(None),
        name => server(name)
            .map(Some)
            .map_err(|wrong| Invalid::new(Field::TimeServer, Why::NotServer(wrong))),
    }
}

/// Numbers that help is called by: digits, few.
fn emergency(numbers: &[String]) -> Result<Vec<String>, Invalid> {
    let numbers: Vec<String> = numbers.iter().map(|number| visible(number)).collect();
    let is_number =
        |number: &String| (1..=10).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    if numbers.len() <= limits::EMERGENCY_NUMBERS && numbers.iter().all(is_number) {
        Ok(numbers)
    } else {
        Err(Invalid::new(Field::Emergency, Why::NotNumbers))
    }
}

impl ChangedAttestation {
    fn judged(self) -> Result<Attestation, Invalid> {
        let models: Option<Vec<[u8; 16]>> = self.models.iter().map(|text| aaguid::parse(&visible(text))).collect();
        let models = models
            .filter(|models| models.len() <= limits::MODELS)
            .ok_or(Invalid::new(Field::Models, Why::NotModels))?;
        let roots = if self.roots.trim().is_empty() {
            Vec::new()
        } else {
            pasted::judged(&self.roots)?
        };
        if !roots.iter().all(|root| attestation::is_usable_root(root)) {
            return Err(Invalid::new(Field::Roots, Why::UnusableRoot));
        }
        if self.required && (models.is_empty() || roots.is_empty()) {
            let field = if models.is_empty() { Field::Models } else { Field::Roots };
            return Err(Invalid::new(field, Why::NothingAttested));
        }
        Ok(Attestation {
            required: self.required,
            models,
            roots,
        })
    }
}
