//! The clock. Boards have no battery for theirs and wake up in 1970, or wherever their system left off: time never runs
//! backwards past the newest date in the store. Until the board is told the date, that one stands: nothing expires by a
//! wrong date, and nothing is issued by it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::appliance::board::{BUILT, Clock as Kind};
use crate::rules::moment::Reading;
use crate::rules::office::date::{self, Bounds, Judgement, SLACK, STEP};
use crate::rules::time::{Date, Tick};

/// Earlier than that it cannot be: the date of the build.
pub(in crate::appliance) const EARLIEST: Date = if BUILT > date::EARLIEST.0 {
    Date(BUILT)
} else {
    date::EARLIEST
};

/// A clock that only goes forward.
pub(in crate::appliance) struct Clock {
    /// The time that it was at the start, by the latest that is known.
    start: AtomicU64,
    /// The newest date that was known.
    newest: AtomicU64,
    began: Instant,
    /// Whether the machine's clock goes on while it is switched off: then it counts where it is ahead.
    keeps: bool,
    /// Whether nothing will ever tell this board the date.
    alone: bool,
    /// Whether a rescue is under way ([`Clock::serve_rescue`]).
    rescue: AtomicBool,
    /// Whether somebody told the date since the start.
    told: AtomicBool,
    /// The time that it was at the start, by the last date that more than one word vouched for.
    anchor: AtomicU64,
    /// A date that somebody said and that takes a person's word too; 0: none.
    doubt: AtomicU64,
}

impl Clock {
    /// Starts no earlier than `newest`. `alone`: goes on from there and takes that for the date.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the machine's clocks are read"
    )]
    pub(in crate::appliance) fn no_earlier_than(newest: Option<Date>, kind: Kind, alone: bool) -> Self {
        let newest = newest.map_or(EARLIEST, |newest| newest.max(EARLIEST)).0;
        Self {
            start: AtomicU64::new(newest),
            newest: AtomicU64::new(newest),
            began: Instant::now(),
            keeps: matches!(kind, Kind::Battery),
            alone,
            rescue: AtomicBool::new(false),
            told: AtomicBool::new(false),
            anchor: AtomicU64::new(newest),
            doubt: AtomicU64::new(0),
        }
    }

    /// From now on a clock that is behind the newest date counts as right, if what it shows can be: that date may come
    /// from a clock that once ran ahead, and whoever holds the start-up flags is not kept out by it. Dates go on from
    /// the newest. A board without a battery still has to be told: whoever signs in says the date.
    pub(in crate::appliance) fn serve_rescue(&self) {
        self.rescue.store(true, Ordering::Relaxed);
    }

    /// What time it is.
    pub(in crate::appliance) fn read(&self) -> Reading {
        self.reading(machine().0, self.began.elapsed().as_secs())
    }

    /// How long the program runs.
    pub(in crate::appliance) fn tick(&self) -> Tick {
        Tick(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    /// Whether somebody has to tell this board the date: it is not known, or the machine's clock does not keep it.
    pub(in crate::appliance) fn wants_telling(&self) -> bool {
        !(self.alone || self.keeps && self.read().known)
    }

    /// Whether a start could take that for the date: not where the machine's clock counts and is ahead of it.
    pub(in crate::appliance) fn can_be_at(&self, date: Date) -> bool {
        !self.keeps || machine() <= date + SLACK
    }

    /// What bounds a word on the date.
    pub(in crate::appliance) fn bounds(&self) -> Bounds {
        let reading = self.read();
        let elapsed = self.began.elapsed().as_secs();
        Bounds {
            floor: reading.running,
            anchor: Date(self.anchor.load(Ordering::Relaxed).saturating_add(elapsed)),
            known: reading.known,
        }
    }

    /// Takes in what is to be believed.
    pub(in crate::appliance) fn hear(&self, judgement: Judgement) {
        match judgement {
            Judgement::Date { date, firm } => self.set(date, firm),
            Judgement::Doubtful(date) => self.doubt.store(date.0, Ordering::Relaxed),
            Judgement::Unknown => {}
        }
    }

    /// A person says that this is the date; it counts where it is not behind what is known.
    pub(in crate::appliance) fn confirm(&self, date: Date) {
        self.set(date, true);
    }

    /// The date that somebody said and that takes a person's word too.
    pub(in crate::appliance) fn doubt(&self) -> Option<Date> {
        let doubt = self.doubt.load(Ordering::Relaxed);
        (doubt > 0).then_some(Date(doubt))
    }

    fn set(&self, date: Date, firm: bool) {
        let start = date.0.saturating_sub(self.began.elapsed().as_secs());
        // What ran on from the newest date was no later than the true one, if that was right.
        self.start.fetch_max(start, Ordering::Relaxed);
        self.told.store(true, Ordering::Relaxed);
        if firm {
            self.anchor.fetch_max(start, Ordering::Relaxed);
        }
        self.doubt.store(0, Ordering::Relaxed);
    }

    /// What time it is where the machine says `system`, so many seconds after the start.
    fn reading(&self, system: u64, elapsed: u64) -> Reading {
        let told = self.told.load(Ordering::Relaxed);
        let start = system.saturating_sub(elapsed);
        let before = self.start.load(Ordering::Relaxed);
        // Once the date is known, a system whose time service goes on is followed a day's step at a time.
        let follows = self.keeps || told && start <= before.saturating_add(STEP.0);
        let start = if follows {
            self.start.fetch_max(start, Ordering::Relaxed).max(start)
        } else {
            before
        };
        let running = start.saturating_add(elapsed);
        let rescued = self.keeps && self.rescue.load(Ordering::Relaxed) && system >= EARLIEST.0;
        let right = self.keeps && system.saturating_add(SLACK.0) >= running;
        let known = self.alone || rescued || told || right;
        let date = if known { running } else { 0 };
        Reading {
            date: Date(self.newest.fetch_max(date, Ordering::Relaxed).max(date)),
            known,
            running: Date(running),
        }
    }
}

/// What the machine's clock says, right or wrong.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the machine's clocks are read"
)]
pub(in crate::appliance) fn machine() -> Date {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    Date(since.map_or(0, |since| since.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2096: later than any build.
    const NOON: u64 = 4_000_000_000;

    fn after(newest: u64) -> Clock {
        Clock::no_earlier_than(Some(Date(newest)), Kind::Battery, false)
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
        let read = after(1_700_000_000).read();
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
        let new = Clock::no_earlier_than(None, Kind::Battery, false);
        assert_eq!(new.reading(5, 0), reading(EARLIEST.0, false, EARLIEST.0));
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
        let clock = Clock::no_earlier_than(Some(Date(NOON)), Kind::None, true);
        assert_eq!(clock.reading(5, 0), reading(NOON, true, NOON));
        assert_eq!(clock.reading(65, 60), reading(NOON + 60, true, NOON + 60));
    }
    fn without_battery(newest: u64) -> Clock {
        Clock::no_earlier_than(Some(Date(newest)), Kind::None, false)
    }

    #[test]
    fn a_board_without_a_battery_believes_its_clock_only_once_somebody_told_the_date() {
        let clock = without_battery(NOON);
        assert_eq!(clock.reading(NOON + 9000, 10), reading(NOON, false, NOON + 10));
        clock.hear(Judgement::Doubtful(Date(NOON + 400_000_000)));
        assert_eq!(clock.reading(NOON + 9000, 20), reading(NOON, false, NOON + 20));
        assert_eq!(clock.doubt(), Some(Date(NOON + 400_000_000)));
        clock.hear(Judgement::Date {
            date: Date(NOON + 5000),
            firm: false,
        });
        assert_eq!(clock.doubt(), None);
        assert_eq!(clock.reading(5, 30), reading(NOON + 5030, true, NOON + 5030));
        // The kernel's clock is followed from then on, and not over years.
        assert_eq!(clock.reading(NOON + 6040, 40), reading(NOON + 6040, true, NOON + 6040));
        let far = NOON + 400_000_000;
        assert_eq!(clock.reading(far, 50), reading(NOON + 6050, true, NOON + 6050));
    }

    #[test]
    fn a_person_who_confirms_an_earlier_date_moves_nothing_back() {
        let clock = without_battery(NOON);
        clock.confirm(Date(NOON - 5000));
        assert_eq!(clock.reading(5, 5), reading(NOON + 5, true, NOON + 5));
    }
}
