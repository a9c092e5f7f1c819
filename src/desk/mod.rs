//! REMEMBERS for minutes. Tables of fixed capacity in memory; what is on them may be forgotten by a restart.
//!
//! A stranger's request may touch the desk and never the store. When a table is full, the newest stranger waits and
//! nobody who is already in is thrown out.

pub mod alarms;
pub mod curve_tables;
pub mod last_hour;
pub mod recoveries;
pub mod refused;
pub mod throttle;
pub mod tickets;
pub mod uses;

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use event_listener::{Event, EventListener};

use alarms::Alarms;
use curve_tables::CurveTables;
use last_hour::LastHour;
use recoveries::Recoveries;
use refused::Refused;
use throttle::Throttle;
use tickets::Tickets;
use uses::Uses;

use crate::rules::id::AccountId;
use crate::rules::people::passkey::CredentialId;
use crate::rules::time::Date;

/// Test letters in an hour: more than it takes to find the right settings.
pub const TEST_LETTERS: usize = 20;

/// All tables of the desk, each behind its own lock that is never held while waiting.
pub struct Desk {
    alarms: Mutex<Alarms<AccountId>>,
    clones: Mutex<Alarms<CredentialId>>,
    recoveries: Mutex<Box<Recoveries>>,
    test_letters: Mutex<LastHour<TEST_LETTERS>>,
    tickets: Mutex<Box<Tickets>>,
    throttle: Mutex<Box<Throttle>>,
    uses: Mutex<Box<Uses>>,
    refused: Mutex<Box<Refused>>,
    curve_tables: Mutex<Box<CurveTables>>,
    /// Rung when a sign-in was refused.
    news: Event,
}

impl Desk {
    /// An empty one. `key`: what seals the tickets of this run, and nothing else.
    pub fn sealing_by(key: [u8; 32]) -> Self {
        Self {
            alarms: Mutex::default(),
            clones: Mutex::default(),
            recoveries: Mutex::default(),
            test_letters: Mutex::default(),
            tickets: Mutex::new(Box::new(Tickets::sealed_by(key))),
            throttle: Mutex::default(),
            uses: Mutex::default(),
            refused: Mutex::default(),
            curve_tables: Mutex::default(),
            news: Event::new(),
        }
    }

    /// Whose guessed-at password was told of.
    pub fn alarms(&self) -> MutexGuard<'_, Alarms<AccountId>> {
        locked(&self.alarms)
    }

    /// Which passkeys were told to have been copied, perhaps.
    pub fn clones(&self) -> MutexGuard<'_, Alarms<CredentialId>> {
        locked(&self.clones)
    }

    /// Who asked for a link by letter.
    pub fn recoveries(&self) -> MutexGuard<'_, Box<Recoveries>> {
        locked(&self.recoveries)
    }

    /// When test letters were sent.
    pub fn test_letters(&self) -> MutexGuard<'_, LastHour<TEST_LETTERS>> {
        locked(&self.test_letters)
    }

    /// Notes a refused sign-in.
    pub fn note_refused(&self, at: Date, who: String, address: IpAddr, why: String) {
        self.refused().note(at, who, address, why);
        self.news.notify(usize::MAX);
    }

    /// Ends with the next refused sign-in.
    pub fn news(&self) -> EventListener {
        self.news.listen()
    }

    /// Open ceremonies.
    pub fn tickets(&self) -> MutexGuard<'_, Box<Tickets>> {
        locked(&self.tickets)
    }

    /// Who failed to sign in, and how often.
    pub fn throttle(&self) -> MutexGuard<'_, Box<Throttle>> {
        locked(&self.throttle)
    }

    /// Sessions used since the last batch was written.
    pub fn uses(&self) -> MutexGuard<'_, Box<Uses>> {
        locked(&self.uses)
    }

    /// What makes the checks of passkeys that come often fast; at most 1 MiB.
    pub fn curve_tables(&self) -> MutexGuard<'_, Box<CurveTables>> {
        locked(&self.curve_tables)
    }

    /// The newest refused sign-ins: they are strangers' doing, so they are never written to disk.
    pub fn refused(&self) -> MutexGuard<'_, Box<Refused>> {
        locked(&self.refused)
    }
}

/// A table stays sound even if a thread died holding its lock: every change to one is a single insertion or removal.
fn locked<T>(table: &Mutex<T>) -> MutexGuard<'_, T> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}
