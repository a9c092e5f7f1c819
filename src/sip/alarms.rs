//! What is due when: one time for each thing that waits.

use std::collections::{BTreeMap, BTreeSet};

use super::flow::StreamId;
use crate::rules::phones::device::DeviceId;
use crate::rules::time::Tick;

/// Something that waits for a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Alarm {
    /// The first binding of a device that ends.
    Binding(DeviceId),
    /// The strangers of the last minute are told of.
    Bulk,
    /// A call that is over, lasts too long, or is of nobody who can be reached.
    Call(u64),
    /// A client transaction; true: of a CANCEL.
    Client(u64, bool),
    /// A phone that asked for its settings.
    Discovery(u64),
    /// A request under way: Timer C.
    Forwarded(u64),
    /// A connection with half a message.
    Stream(StreamId),
    /// A server transaction.
    Server(u64),
    /// A subscription: its end, or the end of patience with its NOTIFY.
    Subscription(u64),
}

/// All that waits.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    by_time: BTreeSet<(Tick, Alarm)>,
    by_thing: BTreeMap<Alarm, Tick>,
}

impl Alarms {
    /// Sets the one time of a thing.
    pub(super) fn set(&mut self, alarm: Alarm, at: Tick) {
        if let Some(before) = self.by_thing.insert(alarm, at) {
            self.by_time.remove(&(before, alarm));
        }
        self.by_time.insert((at, alarm));
    }

    /// Sets the one time of a thing, unless it is due sooner.
    pub(super) fn hasten(&mut self, alarm: Alarm, at: Tick) {
        if self.by_thing.get(&alarm).is_none_or(|before| at < *before) {
            self.set(alarm, at);
        }
    }

    /// The thing waits no longer.
    pub(super) fn clear(&mut self, alarm: Alarm) {
        if let Some(at) = self.by_thing.remove(&alarm) {
            self.by_time.remove(&(at, alarm));
        }
    }

    /// Whether the thing waits.
    pub(super) fn has(&self, alarm: Alarm) -> bool {
        self.by_thing.contains_key(&alarm)
    }

    /// When the first is due.
    pub(super) fn first(&self) -> Option<Tick> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// The first that is due; it waits no longer.
    pub(super) fn due(&mut self, now: Tick) -> Option<Alarm> {
        let (at, alarm) = *self.by_time.first()?;
        if at > now {
            return None;
        }
        self.clear(alarm);
        Some(alarm)
    }
}
