//! Who is refused, and how often: devices by name, everybody else by address.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use crate::rules::phones::device::DeviceId;
use crate::rules::time::Tick;
use crate::sip::action::{Event, Failure};
use crate::sip::alarms::Alarm;
use crate::sip::limits::{ADDRESSES, BULK_MS, WRONG_OF_ONE};
use crate::sip::state::FailingState;
use crate::sip::wire::Wire;

/// How long one wrong secret counts where others came before it.
const SHARE_MS: u64 = BULK_MS / WRONG_OF_ONE;

/// Refused requests of the last minutes.
#[derive(Debug, Default)]
pub(in crate::sip) struct Strikes {
    /// When all wrong credentials of an address will be forgotten: each is, after its share of the minute.
    addresses: BTreeMap<IpAddr, Tick>,
    failing: BTreeMap<DeviceId, FailingState>,
    strangers: Option<(u32, SocketAddr)>,
}

impl Strikes {
    /// Whether wrong credentials from there are not worth an answer.
    pub(in crate::sip) fn is_out(&self, source: SocketAddr, now: Tick) -> bool {
        let forgotten = self.addresses.get(&source.ip());
        forgotten.is_some_and(|until| until.ms_since(now) > BULK_MS.saturating_sub(SHARE_MS))
    }

    /// Counts wrong credentials.
    pub(in crate::sip) fn wrong(&mut self, source: SocketAddr, now: Tick) {
        let is_known = self.addresses.contains_key(&source.ip());
        if !is_known && self.addresses.len() >= ADDRESSES {
            self.addresses.retain(|_, until| now < *until);
            if self.addresses.len() >= ADDRESSES {
                let mildest = self.addresses.iter().min_by_key(|(_, until)| **until);
                if let Some(address) = mildest.map(|(address, _)| *address) {
                    self.addresses.remove(&address);
                }
            }
        }
        let until = self.addresses.entry(source.ip()).or_insert(now);
        *until = now.max(*until).after_ms(SHARE_MS);
    }

    /// Counts a request of nobody.
    pub(in crate::sip) fn stranger(&mut self, wire: &mut Wire, remote: SocketAddr) {
        let count = self.strangers.map_or(0, |(count, _)| count);
        self.strangers = Some((count.saturating_add(1), remote));
        if !wire.alarms.has(Alarm::Bulk) {
            wire.wake(Alarm::Bulk, BULK_MS);
        }
    }

    /// Tells of the strangers since the last time.
    pub(in crate::sip) fn tell(&mut self, wire: &mut Wire) {
        if let Some((count, remote)) = self.strangers.take() {
            wire.tell(Event::Strangers { count, remote });
        }
    }

    /// Notes that a device was refused, and tells of it each time: the count is shown while it rises.
    pub(in crate::sip) fn fails(&mut self, wire: &mut Wire, device: DeviceId, why: Failure, remote: SocketAddr) {
        let count = self.failing.get(&device).map_or(0, |state| state.count);
        let state = FailingState {
            why,
            remote,
            newest: wire.now,
            count: count.saturating_add(1),
        };
        self.failing.insert(device, state);
        wire.tell(Event::Failing { device, why, remote });
    }

    /// A device did what it should.
    pub(in crate::sip) fn succeeds(&mut self, device: DeviceId) {
        self.failing.remove(&device);
    }

    pub(in crate::sip) fn failing(&self) -> impl Iterator<Item = (DeviceId, FailingState)> {
        self.failing.iter().map(|(device, state)| (*device, *state))
    }
}
