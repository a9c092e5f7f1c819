//! What is kept of a device's place on the line: its bindings, so that a phone is found again after a restart, and the
//! address that the journal told of last.

use std::net::IpAddr;

use super::change::PhoneChange;
use super::device::{Device, DeviceId};
use super::limits;
pub use super::place::{KeptBinding, LinePlace};
use crate::rules::time::{Date, Ttl};

/// A binding that is saved may end so soon after the next round of saving: it is saved again before.
const SPARE: Ttl = Ttl::minutes(10);

/// What is to be written so that the devices' bindings are found again as they are now, `live`: nothing about a device
/// whose bindings are known already and last for long enough, because flash wears out.
pub fn saved(before: &[LinePlace], live: &[(DeviceId, KeptBinding)], now: Date) -> Vec<PhoneChange> {
    let of = |device: DeviceId| {
        let theirs = live.iter().filter(|(whose, _)| *whose == device);
        let theirs = theirs.take(limits::BINDINGS_OF_ONE).map(|(_, binding)| binding.clone());
        theirs.collect::<Vec<_>>()
    };
    let gone = before
        .iter()
        .filter(|place| !place.bindings.is_empty())
        .map(|place| place.device);
    let mut devices: Vec<DeviceId> = live.iter().map(|(device, _)| *device).chain(gone).collect();
    devices.sort_unstable();
    devices.dedup();
    let change = |device| {
        let place = before.iter().find(|place| place.device == device);
        let (known, theirs) = (place.map_or(&[][..], |place| &place.bindings), of(device));
        (!is_known(known, &theirs, now)).then_some(PhoneChange::BindingsSaved(device, theirs))
    };
    devices.into_iter().filter_map(change).collect()
}

/// Whether what is kept still serves for what is.
fn is_known(kept: &[KeptBinding], live: &[KeptBinding], now: Date) -> bool {
    let serves = |kept: &KeptBinding, live: &KeptBinding| {
        kept.contact == live.contact
            && kept.call_id == live.call_id
            && kept.peer == live.peer
            && (kept.until >= live.until || kept.until > now + SPARE)
    };
    kept.len() == live.len() && live.iter().all(|live| kept.iter().any(|kept| serves(kept, live)))
}

/// What is written of a device that registered: a line for its first time and for another address, and nothing for one
/// that the journal told of. The addresses of one IPv6 /64 are one.
pub fn seen(place: Option<&LinePlace>, device: Device, from: IpAddr) -> Option<PhoneChange> {
    match place.and_then(|place| place.told) {
        None => Some(PhoneChange::FirstRegistered(device, from)),
        Some(told) if is_same(told, from) => None,
        Some(_) => Some(PhoneChange::AddressChanged(device, from)),
    }
}

fn is_same(one: IpAddr, other: IpAddr) -> bool {
    match (one, other) {
        (IpAddr::V6(one), IpAddr::V6(other)) => one.to_bits() >> 64 == other.to_bits() >> 64,
        (one, other) => one == other,
    }
}

/// What is written of a device whose requests are refused again and again.
pub fn failing(device: Device, from: IpAddr, why: &'static str) -> PhoneChange {
    PhoneChange::Failing(device, from, why)
}
