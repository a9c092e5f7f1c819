//! Where devices were reached before they got other secrets: not on the line any more, but still to be told of it.

use std::collections::BTreeMap;

use super::places::Place;
use super::roll::Roll;
use crate::rules::phones::device::{DeviceId, DeviceSecret};
use crate::rules::time::Tick;
use crate::sip::flow::Flow;
use crate::sip::input::Entry;

/// What a device was registered by, and where. Nothing but a NOTIFY goes there.
pub(in crate::sip) struct Former {
    /// The name that it knows itself by until it has fetched its settings.
    pub(in crate::sip) username: String,
    /// What it signs and checks with until then.
    pub(in crate::sip) secret: DeviceSecret,
    /// Its flows and Contact URIs, and when its bindings would have ended.
    ways: Vec<(Flow, String, Tick)>,
}

/// Former ways by device: at most one set for each device of the office, each no longer than its bindings were.
#[derive(Default)]
pub(in crate::sip) struct FormerWays(BTreeMap<DeviceId, Former>);

impl FormerWays {
    /// The device is off the line, and was reached by these until now. What is known from before stays where there are
    /// none: it has got other secrets twice, and the phone none of them.
    pub(in crate::sip) fn keep(&mut self, entry: &Entry, places: &[Place]) {
        let way = |place: &Place| Some((place.flow()?, place.binding.contact.uri.clone(), place.binding.until));
        let ways: Vec<(Flow, String, Tick)> = places.iter().filter_map(way).collect();
        if !ways.is_empty() {
            let former = Former {
                username: entry.username.clone(),
                secret: entry.secret.clone(),
                ways,
            };
            self.0.insert(entry.device, former);
        }
    }

    /// Forgets those of devices that are gone, or whose bindings would have ended by now.
    pub(in crate::sip) fn tidy(&mut self, roll: &Roll, now: Tick) {
        self.0.retain(|device, former| {
            roll.device(*device).is_some() && former.ways.iter().any(|(.., until)| now < *until)
        });
    }

    /// The device has registered anew: it knows.
    pub(in crate::sip) fn forget(&mut self, device: DeviceId) {
        self.0.remove(&device);
    }

    /// What a device was registered by.
    pub(in crate::sip) fn of(&self, device: DeviceId) -> Option<&Former> {
        self.0.get(&device)
    }

    /// The devices that may still be where they were.
    pub(in crate::sip) fn devices(&self, now: Tick) -> impl Iterator<Item = DeviceId> {
        let still = self
            .0
            .iter()
            .filter(move |(_, former)| former.ways(now).next().is_some());
        still.map(|(device, _)| *device)
    }
}

impl Former {
    /// Flows, with the Contact URIs that requests over them are for.
    pub(in crate::sip) fn ways(&self, now: Tick) -> impl Iterator<Item = (Flow, &str)> {
        let still = self.ways.iter().filter(move |(.., until)| now < *until);
        still.map(|(flow, target, _)| (*flow, target.as_str()))
    }
}
