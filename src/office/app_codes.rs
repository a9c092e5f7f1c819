//! Codes that set up an app, once.

use std::collections::HashMap;

use crate::rules::phones::device::DeviceId;
use crate::rules::secret::TokenHash;
use crate::rules::time::Date;

/// Codes that wait to be scanned: more than an office gives out in a quarter of an hour. The oldest makes room.
const CODES: usize = 64;

/// The codes that were not used yet; a restart forgets them.
#[derive(Default)]
pub struct AppCodes(HashMap<TokenHash, (AppCode, Date)>);

/// What a code sets up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppCode {
    /// Which app.
    pub device: DeviceId,
    /// Whether an app was set up as this device before, and loses its place to whoever uses the code.
    pub again: bool,
}

impl AppCodes {
    /// A code for an app, until then. An earlier one for the same app is worth nothing any more.
    pub fn give(&mut self, code: TokenHash, sets_up: AppCode, now: Date, until: Date) {
        self.0
            .retain(|_, (other, until)| other.device != sets_up.device && now < *until);
        if self.0.len() >= CODES {
            let oldest = self
                .0
                .iter()
                .min_by_key(|(_, (_, until))| *until)
                .map(|(code, _)| *code);
            if let Some(code) = oldest {
                self.0.remove(&code);
            }
        }
        self.0.insert(code, (sets_up, until));
    }

    /// What that code sets up; it is spent unless somebody only `looks`.
    pub fn take(&mut self, code: TokenHash, now: Date, looks: bool) -> Option<AppCode> {
        let (sets_up, _) = *self.0.get(&code).filter(|(_, until)| now < *until)?;
        if !looks {
            self.0.remove(&code);
        }
        Some(sets_up)
    }
}
