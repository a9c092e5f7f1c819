//! Refused sign-ins on their way to the log server. Strangers cause them, so a flood of them is told in few lines: some
//! one by one, and how many more there were.

use std::time::{Duration, Instant};

use crate::office::Office;
use crate::rules::office::syslog::message::Message;

/// So many of those that wait are told one by one, the newest of them.
const ONE_BY_ONE: usize = 16;
/// So long they gather.
const EVERY: Duration = Duration::from_secs(5);

/// How far the telling is.
#[derive(Default)]
pub(super) struct Refusals {
    /// How many needed or need no telling, since the start.
    told: u64,
    /// When some were taken last.
    taken: Option<Instant>,
}

impl Refusals {
    /// Those from now on.
    pub(super) fn from_now(office: &Office) -> Self {
        Self {
            told: office.desk.refused().count(),
            taken: None,
        }
    }

    /// How long those that wait go on gathering; `None`: none wait.
    pub(super) fn gather(&self, office: &Office, now: Instant) -> Option<Duration> {
        let waits = office.desk.refused().count() > self.told;
        let left = |taken: Instant| EVERY.saturating_sub(now.saturating_duration_since(taken));
        waits.then(|| self.taken.map_or(Duration::ZERO, left))
    }

    /// What is to be told now, oldest first.
    pub(super) fn take(&mut self, office: &Office, now: Instant) -> Vec<Message> {
        if self.gather(office, now) != Some(Duration::ZERO) {
            return Vec::new();
        }
        let known = office.moment().known;
        let refused = office.desk.refused();
        let newest = refused.newest_first().take_while(|one| one.number >= self.told);
        let mut lines: Vec<Message> = newest
            .take(ONE_BY_ONE)
            .map(|one| {
                let address = one.address.to_string();
                Message::refused(known.then_some(one.at), &one.who, &address, &one.why)
            })
            .collect();
        let one_by_one = u64::try_from(lines.len()).unwrap_or(u64::MAX);
        let more = refused.count().saturating_sub(self.told).saturating_sub(one_by_one);
        if more > 0 {
            lines.push(Message::more_refused(more, lines.last().and_then(|oldest| oldest.at)));
        }
        lines.reverse();
        (self.told, self.taken) = (refused.count(), Some(now));
        lines
    }
}
