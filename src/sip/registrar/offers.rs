//! Which hash a phone is asked for before it says which device it is (RFC 8760 §2.3).
//!
//! Old phones look at the first challenge alone, and give up where it names a hash that they do not know. So there is
//! one challenge wherever the device can be told, and two, SHA-256 first, only where the extension has devices of both
//! kinds and nothing tells them apart.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use super::places::{Places, bound};
use super::roll::Roll;
use crate::rules::phones::device::{Algorithm, DeviceId};
use crate::rules::time::Tick;
use crate::sip::codec::{Method, Request};
use crate::sip::flow::Flow;
use crate::sip::limits::{OFFER_MS, OFFERS};
use crate::sip::wire::Wire;

/// What a challenge asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Offer {
    /// Two challenges: SHA-256, then MD5.
    Both,
    /// One challenge.
    One(Algorithm),
}

impl Offer {
    /// The hashes, the first one first.
    pub(in crate::sip) const fn algorithms(self) -> &'static [Algorithm] {
        match self {
            Self::Both => &[Algorithm::Sha256, Algorithm::Md5],
            Self::One(Algorithm::Md5) => &[Algorithm::Md5],
            Self::One(Algorithm::Sha256) => &[Algorithm::Sha256],
        }
    }
}

/// An offer to somebody who could be either kind of device.
#[derive(Debug)]
struct Made {
    when: Tick,
    /// Mark of the Call-ID.
    call: String,
    cseq: u32,
    offer: Offer,
}

/// Where devices were, and what was offered lately.
#[derive(Debug, Default)]
pub(in crate::sip) struct Offers {
    seen: BTreeMap<DeviceId, SocketAddr>,
    made: BTreeMap<SocketAddr, Made>,
}

impl Offers {
    /// A device showed its secret from there.
    pub(in crate::sip) fn see(&mut self, device: DeviceId, source: SocketAddr) {
        self.made.remove(&source);
        self.seen.insert(device, source);
    }

    /// Forgets devices that are gone.
    pub(in crate::sip) fn forget(&mut self, devices: &[DeviceId]) {
        self.seen.retain(|device, _| !devices.contains(device));
    }

    /// What a request without credentials is asked for.
    pub(in crate::sip) fn offer(
        &mut self,
        (roll, places, wire): (&Roll, &Places, &Wire),
        request: &Request<'_>,
        flow: Flow,
        source: SocketAddr,
    ) -> Offer {
        let is_register = request.method == Method::Register;
        let sender = if is_register { &request.to } else { &request.from };
        let user = sender.uri.account();
        if let Some(entry) = roll.named(&user) {
            return Offer::One(entry.algorithm);
        }
        let algorithm = |device: &DeviceId| roll.device(*device).map_or_else(Algorithm::default, |it| it.algorithm);
        let devices = roll.devices_of(&user).unwrap_or_default();
        if let Some(algorithm) = only(devices.iter().map(algorithm)) {
            return Offer::One(algorithm);
        }
        if devices.is_empty() {
            return Offer::One(Algorithm::default());
        }
        let instance = request.contacts.each().iter().find_map(|contact| contact.instance);
        let is_here = |device: &DeviceId| places.of(*device).iter().any(|place| place.binding.flow == bound(flow));
        let is_instance = |device: &DeviceId| {
            let places = places.of(*device).iter();
            instance.is_some()
                && places
                    .map(|place| place.binding.contact.instance.as_deref())
                    .any(|it| it == instance)
        };
        let was_here = |device: &DeviceId| self.seen.get(device) == Some(&source);
        let was_near = |device: &DeviceId| self.seen.get(device).is_some_and(|seen| seen.ip() == source.ip());
        let signs: [&dyn Fn(&DeviceId) -> bool; 4] = [&is_here, &is_instance, &was_here, &was_near];
        let told = signs
            .iter()
            .find_map(|sign| only(devices.iter().filter(|device| sign(device)).map(algorithm)));
        match told {
            Some(algorithm) => Offer::One(algorithm),
            None => self.turn(request, wire.mark(&[request.call_id.as_bytes()]), source, wire.now),
        }
    }

    /// Both hashes first. Whoever comes back without credentials knows neither the first nor a second challenge, and is
    /// asked for MD5 alone; then for both again. A copy gets what its original got.
    fn turn(&mut self, request: &Request<'_>, call: String, source: SocketAddr, now: Tick) -> Offer {
        let before = self.made.get(&source);
        let before = before.filter(|made| made.call == call && now.ms_since(made.when) < OFFER_MS);
        let offer = match before {
            Some(made) if made.cseq == request.cseq => made.offer,
            Some(made) if made.offer == Offer::Both => Offer::One(Algorithm::Md5),
            Some(_) | None => Offer::Both,
        };
        if self.made.len() >= OFFERS && !self.made.contains_key(&source) {
            let oldest = self.made.iter().min_by_key(|(_, made)| made.when);
            if let Some(oldest) = oldest.map(|(source, _)| *source) {
                self.made.remove(&oldest);
            }
        }
        let made = Made {
            when: now,
            call,
            cseq: request.cseq,
            offer,
        };
        self.made.insert(source, made);
        offer
    }
}

/// The one hash of all these devices; none: there are no devices, or they differ.
fn only(mut algorithms: impl Iterator<Item = Algorithm>) -> Option<Algorithm> {
    let first = algorithms.next()?;
    algorithms.all(|other| other == first).then_some(first)
}
