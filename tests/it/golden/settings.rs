//! Settings of which none is as it is at first.

use linekey::rules::id::HostName;
use linekey::rules::office::settings::{Attestation, Clock, Phones, Settings};

pub fn settings() -> Settings {
    Settings {
        session_hours: 48,
        name: Some(HostName::parse("pbx.example.org").unwrap()),
        invite_hours: 24,
        reset_minutes: 30,
        people_set_passwords: true,
        people_set_sip_passwords: false,
        attestation: Attestation {
            required: true,
            models: vec![[0xf1; 16]],
            roots: vec![vec![0xf2, 0xf3]],
        },
        phones: Phones {
            on: true,
            tls_only: false,
            decline_silences_all: true,
            hide_names: false,
            from_anywhere: true,
            plain_provisioning: false,
            emergency: vec!["112".to_owned(), "0110".to_owned()],
        },
        clock: Clock {
            zone: Some("Europe/Berlin".to_owned()),
            server: Some("192.0.2.123".to_owned()),
        },
    }
}
