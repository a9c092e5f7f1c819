//! Codes that set up an app, once.

use std::collections::HashMap;

use crate::rules::phones::device::DeviceId;
use crate::rules::secret::TokenHash;
use crate::rules::time::Date;

/// Codes that wait to be scanned: more than an office gives out in a quarter of an hour. The oldest makes room.
const CODES: usize = 64;
/// Fetches that may break off before a code is spent all the same: each writes a line into the journal.
const BROKEN_OFF: u8 = 5;

/// The codes of the last quarter of an hour, those that were used among them; a restart forgets them.
#[derive(Default)]
pub struct AppCodes(HashMap<TokenHash, Code>);

/// What a code sets up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppCode {
    /// Which app.
    pub device: DeviceId,
    /// Whether an app was set up as this device before, and loses its place to whoever uses the code.
    pub again: bool,
}

struct Code {
    sets_up: AppCode,
    until: Date,
    state: State,
    broken_off: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nobody used it.
    Open,
    /// Its answer is under way.
    Lent,
    /// It was used; whether somebody was told that it was scanned once more.
    Spent { told: bool },
}

/// What somebody meets who comes with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scan {
    /// No such code, or not any more.
    Nothing,
    /// What it sets up. Its answer is under way from here on.
    Open(AppCode),
    /// Its answer is under way to somebody.
    Lent,
    /// It was used. `first`: nobody was told yet that it was scanned once more.
    Spent {
        /// What it set up.
        set_up: AppCode,
        /// For the first of those who come too late.
        first: bool,
    },
}

impl AppCodes {
    /// A code for an app, until then. An earlier one for the same app is worth nothing any more.
    pub fn give(&mut self, code: TokenHash, sets_up: AppCode, now: Date, until: Date) {
        self.forget(sets_up.device);
        self.0.retain(|_, other| now < other.until);
        if self.0.len() >= CODES {
            let oldest = self.0.iter().min_by_key(|(_, code)| code.until).map(|(hash, _)| *hash);
            if let Some(oldest) = oldest {
                self.0.remove(&oldest);
            }
        }
        let given = Code {
            sets_up,
            until,
            state: State::Open,
            broken_off: 0,
        };
        self.0.insert(code, given);
    }

    /// The codes of a device are worth nothing any more.
    pub fn forget(&mut self, device: DeviceId) {
        self.0.retain(|_, code| code.sets_up.device != device);
    }

    /// What that code would set up, for who only looks.
    pub fn look(&self, code: TokenHash, now: Date) -> Option<AppCode> {
        let known = self.0.get(&code).filter(|code| now < code.until)?;
        (known.state == State::Open).then_some(known.sets_up)
    }

    /// Somebody comes with that code to be set up.
    pub fn scan(&mut self, code: TokenHash, now: Date) -> Scan {
        let Some(known) = self.0.get_mut(&code).filter(|code| now < code.until) else {
            return Scan::Nothing;
        };
        match known.state {
            State::Open => {
                known.state = State::Lent;
                Scan::Open(known.sets_up)
            }
            State::Lent => Scan::Lent,
            State::Spent { told } => {
                known.state = State::Spent { told: true };
                Scan::Spent {
                    set_up: known.sets_up,
                    first: !told,
                }
            }
        }
    }

    /// The answer that was under way came through, or broke off: the code is worth something still then.
    pub fn answered(&mut self, code: TokenHash, came_through: bool) {
        let Some(known) = self.0.get_mut(&code).filter(|code| code.state == State::Lent) else {
            return;
        };
        known.broken_off = known.broken_off.saturating_add(u8::from(!came_through));
        known.state = if came_through || known.broken_off >= BROKEN_OFF {
            State::Spent { told: false }
        } else {
            State::Open
        };
    }
}
