//! Other running boards that have a copy of this office's store and key.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::rules::office::twin::Run;

/// Boards that are remembered at once; one more is told as little as the first.
const REMEMBERED: usize = 8;

/// A board of this office that is not this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twin {
    /// Its name on the LAN.
    pub instance: String,
    /// Which run of the program it is.
    pub run: Run,
    /// Where it is, if it says so.
    pub address: Option<IpAddr>,
    /// Whether it started after this one.
    pub started_later: bool,
}

/// Those that are at work now.
#[derive(Default)]
pub struct Twins(Mutex<Vec<Twin>>);

impl Twins {
    /// The one that was met first.
    pub fn first(&self) -> Option<Twin> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).first().cloned()
    }

    /// Notes that it is there; whether it was not there before.
    pub fn note(&self, twin: Twin) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.iter_mut().find(|known| known.run.id == twin.run.id) {
            *known = twin;
            return false;
        }
        if known.len() >= REMEMBERED {
            return false;
        }
        known.push(twin);
        true
    }

    /// The one of that name is gone; it, if it was known.
    pub fn forget(&self, instance: &str) -> Option<Twin> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = known.iter().position(|twin| twin.instance == instance)?;
        Some(known.remove(at))
    }
}
