//! The bindings of all devices.

use std::collections::BTreeMap;

use crate::rules::phones::binding::{self, Binding, Contact};
use crate::rules::phones::device::DeviceId;
use crate::rules::phones::limits::{BINDINGS_OF_ONE, EXPIRES_MAX_S};
use crate::rules::time::{Tick, Ttl};
use crate::sip::alarms::Alarm;
use crate::sip::flow::{Flow, ListenerId, StreamId};
use crate::sip::state::SavedBinding;
use crate::sip::wire::Wire;

/// A binding, and since when it is there without a gap.
#[derive(Clone, Debug)]
pub(in crate::sip) struct Place {
    pub(in crate::sip) binding: Binding,
    pub(in crate::sip) since: Tick,
}

impl Place {
    /// Where requests to it go.
    pub(in crate::sip) fn way(&self) -> Option<Flow> {
        flow(self.binding.way)
    }

    /// Whether it is reached, or registered, over this flow.
    fn is_at(&self, flow: binding::Flow) -> bool {
        self.binding.way == flow || self.binding.flow == flow
    }

    /// Where it was registered from.
    pub(in crate::sip) fn flow(&self) -> Option<Flow> {
        flow(self.binding.flow)
    }
}

/// Bindings by device.
#[derive(Debug, Default)]
pub(in crate::sip) struct Places {
    by_device: BTreeMap<DeviceId, Vec<Place>>,
    count: usize,
}

/// A flow as the rules write it.
pub(in crate::sip) fn bound(flow: Flow) -> binding::Flow {
    match flow {
        Flow::Datagram { listener, remote } => binding::Flow::Datagram {
            socket: u16::from(listener.0),
            peer: remote,
        },
        Flow::Stream(StreamId(stream)) => binding::Flow::Stream(stream),
    }
}

/// A flow as the wire writes it.
pub(in crate::sip) fn flow(flow: binding::Flow) -> Option<Flow> {
    match flow {
        binding::Flow::Datagram { socket, peer } => Some(Flow::Datagram {
            listener: ListenerId(u8::try_from(socket).ok()?),
            remote: peer,
        }),
        binding::Flow::Stream(stream) => Some(Flow::Stream(StreamId(stream))),
    }
}

impl Places {
    pub(in crate::sip) fn len(&self) -> usize {
        self.count
    }

    /// The devices that have bindings.
    pub(in crate::sip) fn devices(&self) -> impl Iterator<Item = (DeviceId, &[Place])> {
        self.by_device
            .iter()
            .map(|(device, places)| (*device, places.as_slice()))
    }

    /// The bindings of a device, the newest first.
    pub(in crate::sip) fn of(&self, device: DeviceId) -> &[Place] {
        self.by_device.get(&device).map_or(&[], Vec::as_slice)
    }

    /// The device that registered over this flow, or is reached by it.
    pub(in crate::sip) fn at(&self, flow: Flow) -> Option<DeviceId> {
        let flow = bound(flow);
        let is_here = |places: &Vec<Place>| places.iter().any(|place| place.is_at(flow));
        self.by_device
            .iter()
            .find(|(_, places)| is_here(places))
            .map(|(device, _)| *device)
    }

    /// Puts these in the place of all bindings of a device.
    pub(in crate::sip) fn set(&mut self, wire: &mut Wire, device: DeviceId, bindings: Vec<Binding>) {
        let before = self.by_device.remove(&device).unwrap_or_default();
        self.count = self.count.saturating_sub(before.len()).saturating_add(bindings.len());
        wire.alarms.clear(Alarm::Binding(device));
        let Some(first) = bindings.iter().map(|binding| binding.until).min() else {
            return;
        };
        wire.alarms.set(Alarm::Binding(device), first);
        let places = bindings.into_iter().map(|binding| {
            let same = before.iter().find(|place| place.binding.flow == binding.flow);
            let since = same.map_or(wire.now, |place| place.since);
            Place { binding, since }
        });
        self.by_device.insert(device, places.collect());
    }

    /// Keeps those bindings of a device that pass. True: it had some, and has none now.
    pub(in crate::sip) fn keep(&mut self, wire: &mut Wire, device: DeviceId, pass: impl Fn(&Binding) -> bool) -> bool {
        let before = self.of(device);
        if before.is_empty() || before.iter().all(|place| pass(&place.binding)) {
            return false;
        }
        let kept: Vec<Binding> = before
            .iter()
            .map(|place| &place.binding)
            .filter(|it| pass(it))
            .cloned()
            .collect();
        let is_gone = kept.is_empty();
        self.set(wire, device, kept);
        is_gone
    }

    /// Nothing came back from a binding: it makes room before others, until its device registers again.
    pub(in crate::sip) fn mark_dead(&mut self, device: DeviceId, flow: Flow) {
        let flow = bound(flow);
        let places = self.by_device.get_mut(&device).into_iter().flatten();
        for place in places.filter(|place| place.binding.way == flow) {
            place.binding.dead = true;
        }
    }

    /// The bindings over UDP, for the time after a restart.
    pub(in crate::sip) fn saved(&self, now: Tick) -> Vec<SavedBinding> {
        let places = self.by_device.values().flatten();
        let datagrams = places.filter(|place| matches!(place.binding.flow, binding::Flow::Datagram { .. }));
        let save = |place: &Place| {
            let Binding {
                device,
                contact,
                call_id,
                cseq,
                until,
                ..
            } = place.binding.clone();
            let Ttl(left) = until - now;
            Some(SavedBinding {
                device,
                contact: contact.text,
                uri: contact.uri,
                instance: contact.instance,
                reg_id: contact.reg_id,
                call_id,
                cseq,
                flow: place.way()?,
                seconds_left: u32::try_from(left).ok().filter(|left| *left > 0)?,
            })
        };
        datagrams.filter_map(save).collect()
    }

    /// Takes back a binding that was saved, unless the device has come back already.
    pub(in crate::sip) fn restore(&mut self, wire: &mut Wire, saved: SavedBinding) {
        let is_here = wire.listener(saved.flow).is_some() && saved.flow.is_datagram();
        let before = self.of(saved.device);
        let flow = bound(saved.flow);
        let is_back = before.iter().any(|place| place.binding.flow == flow);
        if !is_here || is_back || before.len() >= BINDINGS_OF_ONE || saved.seconds_left == 0 {
            return;
        }
        let mut bindings: Vec<Binding> = before.iter().map(|place| place.binding.clone()).collect();
        bindings.push(Binding {
            device: saved.device,
            contact: Contact {
                text: saved.contact,
                uri: saved.uri,
                instance: saved.instance,
                reg_id: saved.reg_id,
            },
            call_id: saved.call_id,
            cseq: saved.cseq,
            flow,
            way: flow,
            refreshed: wire.now,
            until: wire.now + Ttl(saved.seconds_left.min(EXPIRES_MAX_S).into()),
            dead: false,
        });
        self.set(wire, saved.device, bindings);
    }
}
