//! The clock. Boards have no battery for theirs and wake up in 1970: time never runs backwards past the newest time in the
//! store. Until the board is told the time, it goes on from there, so that waits and links end all the same.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::rules::moment::UnixTime;

/// A clock that only goes forward.
pub(super) struct Clock {
    newest: AtomicU64,
    /// The time that it goes on from, and when that was.
    start: (u64, Instant),
}

impl Clock {
    /// Starts no earlier than `newest`.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the machine's clocks are read"
    )]
    pub(super) fn no_earlier_than(newest: Option<UnixTime>) -> Self {
        let newest = newest.map_or(0, |time| time.0);
        Self {
            newest: AtomicU64::new(newest),
            start: (newest, Instant::now()),
        }
    }

    /// Now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the machine's clocks are read"
    )]
    pub(super) fn now(&self) -> UnixTime {
        let system = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let (start, began) = self.start;
        let now = system.max(start.saturating_add(began.elapsed().as_secs()));
        UnixTime(self.newest.fetch_max(now, Ordering::Relaxed).max(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2100: the system's clock is far behind it, as after a start in 1970.
    #[test]
    fn time_goes_on_from_the_newest_that_is_known() {
        let newest = UnixTime(4_102_444_800);
        let clock = Clock::no_earlier_than(Some(newest));
        assert!(clock.now() >= newest && clock.now().0 < newest.0 + 60);
        while clock.now() == newest {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        assert!(clock.now() > newest);
    }

    #[test]
    fn the_systems_clock_counts_where_it_is_ahead() {
        let clock = Clock::no_earlier_than(Some(UnixTime(1_000_000_000)));
        assert!(clock.now().0 > 1_700_000_000);
    }
}
