//! The owner's own certificate files: looked at every minute, and at SIGHUP.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::net::certificates::{Certificates, Judged, TlsError};
use crate::office::{Shared, log};
use crate::trust::acme::roots;

/// How often they are looked at: what renews them need not tell.
const EVERY: Duration = Duration::from_secs(60);
/// Looks from one day to the next: what ails them while nothing changes is told once a day.
const A_DAY: u32 = 1440;

/// Why HSTS is not sent.
const NOT_STRICT: &str = "--hsts has no effect for now: the certificate in use leads to no CA that this machine knows, \
     so browsers may not know it either, and could not be brought past a warning. It is \
     sent once there is one that does";

/// The files at work.
pub struct OwnFiles {
    /// What is served of them.
    pub certificates: Certificates,
    /// Whose they are.
    pub office: Shared,
    /// Whether HSTS was chosen (`--hsts`).
    pub wants_strict: bool,
    /// Whether it may be sent now: noted at each look.
    pub is_known: Arc<AtomicBool>,
    /// What ails them, as it was told last.
    pub told: Mutex<Vec<String>>,
}

impl OwnFiles {
    /// Looks at them every minute, for ever; `pause` waits for so long.
    pub async fn watch<Pause: Future<Output = ()>>(self: Arc<Self>, pause: impl Fn(Duration) -> Pause) {
        for look in 1_u32.. {
            pause(EVERY).await;
            let here = Arc::clone(&self);
            smol::unblock(move || here.look(look.is_multiple_of(A_DAY))).await;
        }
    }

    /// Reads them again, and tells what changed, in them or by the date; of the rest only `at_length`.
    fn look(&self, at_length: bool) {
        let reloaded = self.reload();
        let is_news = *self.told.lock().unwrap_or_else(PoisonError::into_inner) != self.doubts();
        match reloaded {
            Ok(is_another) if is_another || is_news || at_length => self.tell(),
            Err(error) if is_news || at_length => {
                log::error(&stays(&error));
                self.note_told();
            }
            Ok(_) | Err(_) => {}
        }
    }

    /// Reads them again because somebody says so, and tells how it went.
    pub fn told_to(&self) {
        match self.reload() {
            Ok(_) => {
                log::notice("told to reload (SIGHUP): the certificate was read again");
                self.tell();
            }
            Err(error) => {
                log::error(&stays(&error));
                self.note_told();
            }
        }
    }

    /// Writes what browsers will not like of the certificate into the log.
    pub fn tell(&self) {
        for sentence in self.doubts() {
            log::warning(&sentence);
        }
        self.note_told();
    }

    /// What ails them now is known to whoever reads the log.
    fn note_told(&self) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = self.doubts();
    }

    fn reload(&self) -> Result<bool, TlsError> {
        let reloaded = self.certificates.reload(self.judged());
        self.note_known();
        reloaded
    }

    /// Finds out whether HSTS may be sent where it was chosen, and tells where it no longer may.
    pub fn note_known(&self) {
        if !self.wants_strict {
            return;
        }
        let is_known = self.certificates.is_known(self.judged(), roots::lets_encrypt());
        if self.is_known.swap(is_known, Ordering::AcqRel) && !is_known {
            log::warning(NOT_STRICT);
        }
    }

    fn doubts(&self) -> Vec<String> {
        self.certificates.doubts(self.judged())
    }

    fn judged(&self) -> Judged<'_> {
        Judged {
            name: self.office.site.name.as_str(),
            reading: (self.office.world.clock)(),
        }
    }
}

fn stays(error: &TlsError) -> String {
    format!("the certificate in use stays in use: {error}")
}
