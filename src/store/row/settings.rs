//! The row of the office's settings.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::id::HostName;
use crate::rules::office::settings::{Attestation, Phones, Settings};

impl Kept for Settings {
    type Row = SettingsRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct SettingsRow {
    before: SettingsRow3,
    phones: PhonesRow,
}

impl From<&Settings> for SettingsRow {
    fn from(kept: &Settings) -> Self {
        Self {
            before: kept.into(),
            phones: (&kept.phones).into(),
        }
    }
}

impl From<SettingsRow> for Settings {
    fn from(row: SettingsRow) -> Self {
        Self {
            phones: row.phones.into(),
            ..row.before.into()
        }
    }
}

/// The row of schemas 2 and 3: schema 4 has the phones' settings behind it.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct SettingsRow3 {
    session_hours: u64,
    name: Option<HostName>,
    invite_hours: u64,
    reset_minutes: u64,
    people_set_passwords: bool,
    people_set_sip_passwords: bool,
    attestation: AttestationRow,
}

impl From<&Settings> for SettingsRow3 {
    fn from(kept: &Settings) -> Self {
        Self {
            session_hours: kept.session_hours,
            name: kept.name.clone(),
            invite_hours: kept.invite_hours,
            reset_minutes: kept.reset_minutes,
            people_set_passwords: kept.people_set_passwords,
            people_set_sip_passwords: kept.people_set_sip_passwords,
            attestation: (&kept.attestation).into(),
        }
    }
}

impl From<SettingsRow3> for Settings {
    fn from(row: SettingsRow3) -> Self {
        Self {
            session_hours: row.session_hours,
            name: row.name,
            invite_hours: row.invite_hours,
            reset_minutes: row.reset_minutes,
            people_set_passwords: row.people_set_passwords,
            people_set_sip_passwords: row.people_set_sip_passwords,
            attestation: row.attestation.into(),
            ..Self::default()
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct AttestationRow {
    required: bool,
    models: Vec<[u8; 16]>,
    roots: Vec<Vec<u8>>,
}

impl From<&Attestation> for AttestationRow {
    fn from(kept: &Attestation) -> Self {
        Self {
            required: kept.required,
            models: kept.models.clone(),
            roots: kept.roots.clone(),
        }
    }
}

impl From<AttestationRow> for Attestation {
    fn from(row: AttestationRow) -> Self {
        Self {
            required: row.required,
            models: row.models,
            roots: row.roots,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct PhonesRow {
    on: bool,
    tls_only: bool,
    decline_silences_all: bool,
    hide_names: bool,
    from_anywhere: bool,
    plain_provisioning: bool,
    emergency: Vec<String>,
}

impl From<&Phones> for PhonesRow {
    fn from(kept: &Phones) -> Self {
        Self {
            on: kept.on,
            tls_only: kept.tls_only,
            decline_silences_all: kept.decline_silences_all,
            hide_names: kept.hide_names,
            from_anywhere: kept.from_anywhere,
            plain_provisioning: kept.plain_provisioning,
            emergency: kept.emergency.clone(),
        }
    }
}

impl From<PhonesRow> for Phones {
    fn from(row: PhonesRow) -> Self {
        Self {
            on: row.on,
            tls_only: row.tls_only,
            decline_silences_all: row.decline_silences_all,
            hide_names: row.hide_names,
            from_anywhere: row.from_anywhere,
            plain_provisioning: row.plain_provisioning,
            emergency: row.emergency,
        }
    }
}

/// The row of schema 1: schema 2 has more settings, and what was set stays.
#[derive(Deserialize)]
pub(in crate::store) struct SettingsRow1 {
    session_hours: u64,
    name: Option<HostName>,
}

impl From<SettingsRow1> for Settings {
    fn from(row: SettingsRow1) -> Self {
        Self {
            session_hours: row.session_hours,
            name: row.name,
            ..Self::default()
        }
    }
}
