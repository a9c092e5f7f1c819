//! When something happened within the last hour, so many times at most.

use heapless::Deque;

use crate::rules::time::{Date, Ttl};

/// The hour.
const HOUR: Ttl = Ttl::hours(1);

/// See the module.
#[derive(Default)]
pub struct LastHour<const MOST: usize>(Deque<Date, MOST>);

impl<const MOST: usize> LastHour<MOST> {
    /// Whether it may happen once more; if so it is counted. If not: when it may.
    pub fn admit(&mut self, now: Date) -> Result<(), Date> {
        while self.0.front().is_some_and(|oldest| now - *oldest >= HOUR) {
            self.0.pop_front();
        }
        let free = self.0.front().map_or(now, |oldest| *oldest + HOUR);
        self.0.push_back(now).map_err(|_| free)
    }

    /// When it happened last.
    pub fn last(&self) -> Option<Date> {
        self.0.back().copied()
    }

    /// Whether it did not happen within the hour.
    pub fn is_over(&self, now: Date) -> bool {
        self.last().is_none_or(|last| now - last >= HOUR)
    }
}
