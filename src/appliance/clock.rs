//! The clock. Boards have no battery for theirs and wake up in 1970: time never runs backwards past the newest date in
//! the store. Until the board is told the date, that one stands: nothing expires by a wrong date, and nothing is issued
//! by it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::rules::moment::Reading;
use crate::rules::time::{Date, Tick, Ttl};

/// 2025-01-01, before the first line of this program was written: earlier than that it cannot be.
const FIRST: Date = Date(1_735_689_600);
/// How far behind what was known already the machine's clock may be before it counts as wrong: time zones that were
/// mistaken for UTC are within.
const SLACK: Ttl = Ttl::days(1);

/// A clock that only goes forward.
pub(super) struct Clock {
    /// The time that it was at the start, by the latest that is known.
    start: AtomicU64,
    /// The newest date that was known.
    newest: AtomicU64,
    began: Instant,
    /// Whether nothing will ever tell this board the date.
    alone: bool,
    /// Whether a rescue is under way ([`Clock::serve_rescue`]).
    rescue: AtomicBool,
}

impl Clock {
    /// Starts no earlier than `newest`. `alone`: goes on from there and takes that for the date.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the machine's clocks are read"
    )]
    pub(super) fn no_earlier_than(newest: Option<Date>, alone: bool) -> Self {
        let newest = newest.map_or(FIRST, |newest| newest.max(FIRST)).0;
        Self {
            start: AtomicU64::new(newest),
            newest: AtomicU64::new(newest),
            began: Instant::now(),
            alone,
            rescue: AtomicBool::new(false),
        }
    }

    /// From now on a clock that is behind the newest date counts as right, if what it shows can be: that date may come
    /// from a clock that once ran ahead, and whoever holds the start-up flags is not kept out by it. Dates go on from
    /// the newest.
    pub(super) fn serve_rescue(&self) {
        self.rescue.store(true, Ordering::Relaxed);
    }

    /// What time it is.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the machine's clocks are read"
    )]
    pub(super) fn read(&self) -> Reading {
        let system = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        self.reading(system, self.began.elapsed().as_secs())
    }

    /// How long the program runs.
    pub(super) fn tick(&self) -> Tick {
        Tick(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// What time it is where the machine says `system`, so many seconds after the start.
    fn reading(&self, system: u64, elapsed: u64) -> Reading {
        let start = system.saturating_sub(elapsed);
        let start = self.start.fetch_max(start, Ordering::Relaxed).max(start);
        let running = start.saturating_add(elapsed);
        let rescued = self.rescue.load(Ordering::Relaxed) && system >= FIRST.0;
        let known = self.alone || rescued || system.saturating_add(SLACK.0) >= running;
        let date = if known { running } else { 0 };
        Reading {
            date: Date(self.newest.fetch_max(date, Ordering::Relaxed).max(date)),
            known,
            running: Date(running),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: u64 = 1_800_000_000;

    fn after(newest: u64) -> Clock {
        Clock::no_earlier_than(Some(Date(newest)), false)
    }

    fn reading(date: u64, known: bool, running: u64) -> Reading {
        Reading {
            date: Date(date),
            known,
            running: Date(running),
        }
    }

    #[test]
    fn the_machines_clock_counts_where_it_is_ahead() {
        let clock = after(NOON);
        assert_eq!(clock.reading(NOON + 70, 0), reading(NOON + 70, true, NOON + 70));
        assert_eq!(clock.reading(NOON + 80, 10), reading(NOON + 80, true, NOON + 80));
        let read = after(NOON - 100_000_000).read();
        assert!(read.known && read.date == read.running && read.date.0 > 1_700_000_000);
    }

    #[test]
    fn a_board_that_wakes_in_1970_keeps_the_date_that_it_knew_while_waits_go_on() {
        let clock = after(NOON);
        assert_eq!(clock.reading(5, 0), reading(NOON, false, NOON));
        assert_eq!(clock.reading(3605, 3600), reading(NOON, false, NOON + 3600));
        // Told the date, it never falls back to where it had gone on to.
        assert_eq!(
            clock.reading(NOON + 3000, 3610),
            reading(NOON + 3610, true, NOON + 3610),
        );
        assert_eq!(
            clock.reading(NOON + 9000, 3620),
            reading(NOON + 9000, true, NOON + 9000),
        );
        let new = Clock::no_earlier_than(None, false);
        assert_eq!(new.reading(5, 0), reading(FIRST.0, false, FIRST.0));
    }

    #[test]
    fn a_clock_that_is_put_back_stops_the_date_only_beyond_a_day() {
        let clock = after(NOON);
        assert_eq!(clock.reading(NOON, 0), reading(NOON, true, NOON));
        assert_eq!(
            clock.reading(NOON - 7200, 10),
            reading(NOON + 10, true, NOON + 10),
            "a time zone mistaken for UTC"
        );
        assert_eq!(
            clock.reading(NOON - SLACK.0 - 10, 30),
            reading(NOON + 10, false, NOON + 30)
        );
    }

    #[test]
    fn no_date_in_the_store_is_too_late_to_go_on_from() {
        let clock = after(u64::MAX);
        assert_eq!(clock.reading(NOON, 60), reading(u64::MAX, false, u64::MAX));
    }

    #[test]
    fn a_rescue_works_on_a_right_clock_after_one_that_ran_ahead_and_not_in_1970() {
        let clock = after(NOON + 400_000_000);
        assert!(!clock.reading(NOON, 0).known);
        clock.serve_rescue();
        let ahead = NOON + 400_000_000;
        assert_eq!(clock.reading(NOON, 0), reading(ahead, true, ahead));
        assert_eq!(clock.reading(NOON + 60, 60), reading(ahead + 60, true, ahead + 60));
        let board = after(NOON);
        board.serve_rescue();
        assert_eq!(board.reading(30, 30), reading(NOON, false, NOON + 30));
    }

    #[test]
    fn a_board_without_a_time_server_goes_on_from_the_date_that_it_knew() {
        let clock = Clock::no_earlier_than(Some(Date(NOON)), true);
        assert_eq!(clock.reading(5, 0), reading(NOON, true, NOON));
        assert_eq!(clock.reading(65, 60), reading(NOON + 60, true, NOON + 60));
    }
}
