//! The row of the office's settings.

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::id::HostName;
use crate::rules::office::settings::{Attestation, Settings};

impl Kept for Settings {
    type Row = SettingsRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct SettingsRow {
    session_hours: u64,
    name: Option<HostName>,
    invite_hours: u64,
    reset_minutes: u64,
    people_set_passwords: bool,
    people_set_sip_passwords: bool,
    attestation: AttestationRow,
}

impl From<&Settings> for SettingsRow {
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

impl From<SettingsRow> for Settings {
    fn from(row: SettingsRow) -> Self {
        Self {
            session_hours: row.session_hours,
            name: row.name,
            invite_hours: row.invite_hours,
            reset_minutes: row.reset_minutes,
            people_set_passwords: row.people_set_passwords,
            people_set_sip_passwords: row.people_set_sip_passwords,
            attestation: row.attestation.into(),
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
