//! Codes that set up an app, once.

use std::collections::HashMap;

use crate::rules::phones::device::DeviceId;
use crate::rules::secret::TokenHash;
use crate::rules::time::Date;

/// Codes that wait to be scanned: more than an office gives out in a quarter of an hour. The oldest makes room.
const CODES: usize = 64;

/// The codes that were not used yet; a restart forgets them.
#[derive(Default)]
pub struct AppCodes(HashMap<TokenHash, (DeviceId, Date)>);

impl AppCodes {
    /// A code for that device, until then.
    pub fn give(&mut self, code: TokenHash, device: DeviceId, now: Date, until: Date) {
        self.0.retain(|_, (other, until)| *other != device && now < *until);
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
        self.0.insert(code, (device, until));
    }

    /// The device of that code, which is spent unless somebody only `looks`.
    pub fn take(&mut self, code: TokenHash, now: Date, looks: bool) -> Option<DeviceId> {
        let (device, _) = *self.0.get(&code).filter(|(_, until)| now < *until)?;
        if !looks {
            self.0.remove(&code);
        }
        Some(device)
    }
}
