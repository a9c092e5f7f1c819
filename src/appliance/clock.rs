//! The clock. Boards have no battery for theirs and wake up in 1970: time never runs backwards past the newest time in the
//! store, nor past the day this binary was built.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::rules::moment::UnixTime;

/// A clock that only goes forward.
pub(super) struct Clock {
    newest: AtomicU64,
}

impl Clock {
    /// Starts no earlier than `newest`.
    pub(super) fn no_earlier_than(newest: Option<UnixTime>) -> Self {
        Self {
            newest: AtomicU64::new(newest.map_or(0, |time| time.0)),
        }
    }

    /// Now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the system's clock is read"
    )]
    pub(super) fn now(&self) -> UnixTime {
        let system = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        UnixTime(self.newest.fetch_max(system, Ordering::Relaxed).max(system))
    }
}
