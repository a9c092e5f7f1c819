//! What those who watch the appliance are told beside what the store knows: refusals counted, connections, and how the
//! log server is reached. Numbers and fixed words alone: no name, address or secret ever gets in here but the words
//! about the log server, which only administrators are shown.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::rules::refusal::{CODES, Refusal};
use crate::rules::time::Date;

/// Ways to sign in that can be refused, by what they are called among the numbers.
pub const WAYS: [&str; 4] = ["passkey", "password", "link", "code"];

/// Counts since the start, and the state of the log server.
pub struct Watch {
    /// The stopwatch at the start.
    began: Date,
    refusals: [AtomicU64; CODES.len()],
    refused_sign_ins: [AtomicU64; WAYS.len()],
    faults: AtomicU64,
    connections: OnceLock<Box<dyn Fn() -> usize + Send + Sync>>,
    log_server: Mutex<LogServer>,
}

/// How the log server is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogServer {
    /// Since when it is not, and what was seen last; `None`: it is, or none is set, or it was not tried yet.
    pub missing: Option<(Date, String)>,
    /// Lines since the start that were not sent any more.
    pub lost: u64,
}

impl Watch {
    /// Counts from that moment of the stopwatch on.
    pub fn since(began: Date) -> Self {
        Self {
            began,
            refusals: [const { AtomicU64::new(0) }; CODES.len()],
            refused_sign_ins: [const { AtomicU64::new(0) }; WAYS.len()],
            faults: AtomicU64::new(0),
            connections: OnceLock::new(),
            log_server: Mutex::default(),
        }
    }

    /// When it began, by the stopwatch.
    pub fn began(&self) -> Date {
        self.began
    }

    /// Counts a refusal; `way`: the index in [`WAYS`] of the sign-in that it is of, if it is of one.
    pub fn refused(&self, refusal: &Refusal, way: Option<usize>) {
        let code = refusal.code();
        let counts = CODES.iter().zip(&self.refusals);
        for (_, count) in counts.filter(|(known, _)| **known == code) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(count) = way.and_then(|way| self.refused_sign_ins.get(way)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts a request that we broke down on.
    pub fn broke(&self) {
        self.faults.fetch_add(1, Ordering::Relaxed);
    }

    /// Each code of [`CODES`] with its count.
    pub fn refusals(&self) -> impl Iterator<Item = (&'static str, u64)> {
        CODES.into_iter().zip(self.refusals.iter().map(count))
    }

    /// Each of [`WAYS`] with the count of refused sign-ins.
    pub fn refused_sign_ins(&self) -> impl Iterator<Item = (&'static str, u64)> {
        WAYS.into_iter().zip(self.refused_sign_ins.iter().map(count))
    }

    /// Requests that we broke down on.
    pub fn faults(&self) -> u64 {
        count(&self.faults)
    }

    /// Connections that pages and programs hold now.
    pub fn connections(&self) -> usize {
        self.connections.get().map_or(0, |held| held())
    }

    /// From now on that tells how many connections are held. Said once, at the start.
    pub fn count_connections(&self, held: impl Fn() -> usize + Send + Sync + 'static) {
        // Whoever said it first is asked.
        drop(self.connections.set(Box::new(held)));
    }

    /// How the log server is reached.
    pub fn log_server(&self) -> LogServer {
        self.locked().clone()
    }

    /// The log server is reached, or none is set.
    pub fn note_reached(&self) {
        self.locked().missing = None;
    }

    /// It is not reached, since then at the latest; whether that is news.
    pub fn note_missing(&self, since: Date, said: String) -> bool {
        let mut server = self.locked();
        let known = server.missing.as_ref().map(|(since, _)| *since);
        server.missing = Some((known.unwrap_or(since), said));
        known.is_none()
    }

    /// So many lines more are not sent any more.
    pub fn note_lost(&self, lines: u64) {
        let mut server = self.locked();
        server.lost = server.lost.saturating_add(lines);
    }

    fn locked(&self) -> MutexGuard<'_, LogServer> {
        self.log_server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_counted_by_its_code_and_the_way_that_it_is_of() {
        let watch = Watch::since(Date(7));
        watch.refused(&Refusal::NotSignedIn, Some(1));
        watch.refused(&Refusal::NotFound, None);
        watch.refused(&Refusal::NotFound, Some(99));
        let counted = |code| watch.refusals().find(|(known, _)| *known == code).unwrap().1;
        assert_eq!((counted("not-signed-in"), counted("not-found")), (1, 2));
        let ways: Vec<u64> = watch.refused_sign_ins().map(|(_, count)| count).collect();
        assert_eq!(ways, [0, 1, 0, 0]);
    }

    #[test]
    fn since_when_a_log_server_is_missing_stays_until_it_is_reached() {
        let watch = Watch::since(Date(0));
        assert!(watch.note_missing(Date(10), "refused".to_owned()));
        assert!(!watch.note_missing(Date(20), "silent".to_owned()));
        assert_eq!(watch.log_server().missing, Some((Date(10), "silent".to_owned())));
        watch.note_reached();
        watch.note_lost(3);
        assert_eq!(watch.log_server(), LogServer { missing: None, lost: 3 });
    }
}
