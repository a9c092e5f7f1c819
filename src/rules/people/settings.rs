//! What an administrator sets for the whole office.

use serde::{Deserialize, Serialize};

use crate::rules::id::HostName;
use crate::rules::limits;
use crate::rules::moment::Ttl;
use crate::rules::verdict::{Change, Refusal};

/// The office's settings. A start-up flag wins over what is set here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// How many hours a session lives.
    pub session_hours: u64,
    /// The RP ID and origin's host from the next start on; `None`: `localhost`.
    pub name: Option<HostName>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            session_hours: 30 * 24,
            name: None,
        }
    }
}

impl Settings {
    /// How long a session lives.
    pub fn session_length(&self) -> Ttl {
        Ttl::hours(self.session_hours)
    }

    /// These settings with what the message changes.
    pub fn changed(mut self, hours: Option<u64>, name: Option<&str>) -> Result<(Self, Vec<Change>), Refusal> {
        if let Some(hours) = hours {
            if !limits::SESSION_HOURS.contains(&hours) {
                let sentence = "A sign-in lasts between 1 hour and 365 days (8760 hours).";
                return Err(Refusal::Field("session_hours", sentence));
            }
            self.session_hours = hours;
        }
        if let Some(name) = name {
            self.name = Some(HostName::parse(name)?);
        }
        Ok((self.clone(), vec![Change::SettingsChanged(self)]))
    }
}
