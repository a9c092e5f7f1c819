//! Lines of the log that strangers on the LAN can cause, with other words each time: after a few it is one a minute,
//! with the number of those that it stands for.

use crate::rules::time::{Date, Ttl};

/// Lines of one kind that are written as they come, until there was none for a [`WINDOW`].
const AT_ONCE: u32 = 3;
const WINDOW: Ttl = Ttl::minutes(1);

/// Lines of one kind. The moments are the stopwatch's.
#[derive(Debug)]
pub struct Seldom<T> {
    since: Date,
    /// Lines in this window, up to [`AT_ONCE`].
    written: u32,
    /// The newest that was not written, and how many were not.
    held: Option<(T, u32)>,
}

impl<T> Default for Seldom<T> {
    fn default() -> Self {
        Self {
            since: Date(0),
            written: 0,
            held: None,
        }
    }
}

impl<T> Seldom<T> {
    /// What is to be written now that this came, and for how many others it stands; none: it is held back.
    pub fn admit(&mut self, line: T, now: Date) -> Option<(T, u32)> {
        let is_over = now - self.since >= WINDOW;
        if is_over && self.held.is_none() {
            (self.since, self.written) = (now, 0);
        }
        if self.held.is_none() && self.written < AT_ONCE {
            self.written += 1;
            return Some((line, 0));
        }
        let others = self.held.take().map_or(0, |(_, others)| others);
        self.held = Some((line, others.saturating_add(1)));
        self.due(now)
    }

    /// The newest that was held back, once its time has come, and for how many others it stands. To be called a few
    /// times a minute.
    pub fn due(&mut self, now: Date) -> Option<(T, u32)> {
        if now - self.since < WINDOW {
            return None;
        }
        let (line, all) = self.held.take()?;
        (self.since, self.written) = (now, AT_ONCE);
        Some((line, all.saturating_sub(1)))
    }
}

/// The line, and how many of its kind were left out before it.
pub fn counted(line: &str, others: u32) -> String {
    match others {
        0 => line.to_owned(),
        others => format!("{line} (and {others} more of this kind in the minute before)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGAN: Date = Date(1_000);

    #[test]
    fn three_thousand_lines_of_other_words_become_one_a_minute_and_none_is_lost_from_the_count() {
        let mut seldom = Seldom::default();
        let (mut written, mut counted) = (0, 0);
        for number in 0..3_000_u64 {
            let now = BEGAN + Ttl(number / 10);
            for (_, others) in seldom.admit(number, now).into_iter().chain(seldom.due(now)) {
                written += 1;
                counted += 1 + others;
            }
        }
        let (last, others) = seldom.due(BEGAN + Ttl(400)).unwrap();
        assert_eq!(
            (written, last),
            (3 + 4, 2_999),
            "three at once, then one a minute of five"
        );
        assert_eq!(counted + 1 + others, 3_000);
    }

    #[test]
    fn what_happens_seldom_is_written_at_once() {
        let mut seldom = Seldom::default();
        for minute in 0..5 {
            let now = BEGAN + Ttl::minutes(minute);
            assert_eq!(seldom.admit("taken", now), Some(("taken", 0)));
            assert_eq!(seldom.admit("alone", now + Ttl(5)), Some(("alone", 0)));
            assert_eq!(seldom.due(now + Ttl(59)), None);
        }
    }

    #[test]
    fn the_last_state_is_told_even_where_nothing_more_happens() {
        let mut seldom = Seldom::default();
        let told: Vec<_> = (0..6).filter_map(|number| seldom.admit(number, BEGAN)).collect();
        assert_eq!(told, [(0, 0), (1, 0), (2, 0)]);
        assert_eq!(seldom.due(BEGAN + Ttl(59)), None);
        assert_eq!(seldom.due(BEGAN + Ttl(60)), Some((5, 2)));
        assert_eq!(
            counted("it is", 2),
            "it is (and 2 more of this kind in the minute before)"
        );
        assert_eq!(seldom.due(BEGAN + Ttl(200)), None);
        assert_eq!(seldom.admit(7, BEGAN + Ttl(200)), Some((7, 0)));
    }
}
