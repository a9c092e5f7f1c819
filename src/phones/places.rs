//! Bindings over UDP: saved in batches, and found again after a restart. Connections are not: whoever calls such a
//! phone is told at once that nobody is there.

use std::net::SocketAddr;

use crate::office::Office;
use crate::rules::office::journal::Actor;
use crate::rules::phones::binding::Contact;
use crate::rules::phones::device::DeviceId;
use crate::rules::phones::saved::{self, KeptBinding, LinePlace};
use crate::rules::time::{Date, Ttl};
use crate::rules::verdict::Verdict;
use crate::sip::stack::{Flow, Listener, ListenerId, SavedBinding, Transport};
use crate::store::Fault;

/// Saves what is not saved yet. Blocks.
pub(super) fn save(office: &Office, bindings: Vec<SavedBinding>) -> Result<(), Fault> {
    let now = office.now();
    let live = kept(bindings, now);
    let turn = office
        .store
        .turn_now(Actor::APPLIANCE, office.moment(), |facts, moment| {
            let changes = saved::saved(&facts.line_places()?, &live, moment.now);
            Ok(Verdict::yes((), changes.into_iter().map(Into::into).collect()))
        });
    turn.map(drop)
}

/// The bindings as they are kept.
pub(super) fn kept(bindings: Vec<SavedBinding>, now: Date) -> Vec<(DeviceId, KeptBinding)> {
    bindings.into_iter().filter_map(|one| kept_one(one, now)).collect()
}

fn kept_one(binding: SavedBinding, now: Date) -> Option<(DeviceId, KeptBinding)> {
    let Flow::Datagram { remote, .. } = binding.flow else {
        return None;
    };
    let kept = KeptBinding {
        contact: Contact {
            text: binding.contact,
            uri: binding.uri,
            instance: binding.instance,
            reg_id: binding.reg_id,
        },
        call_id: binding.call_id,
        cseq: binding.cseq,
        peer: remote,
        until: now + Ttl(binding.seconds_left.into()),
    };
    Some((binding.device, kept))
}

/// The saved bindings that still stand, by the sockets that there are now.
pub(super) fn restored(places: Vec<LinePlace>, listeners: &[Listener], now: Date) -> Vec<SavedBinding> {
    let each = places.into_iter().flat_map(|place| {
        let device = place.device;
        place.bindings.into_iter().map(move |binding| (device, binding))
    });
    each.filter_map(|(device, binding)| standing(device, binding, listeners, now))
        .collect()
}

fn standing(device: DeviceId, binding: KeptBinding, listeners: &[Listener], now: Date) -> Option<SavedBinding> {
    let Ttl(left) = binding.until - now;
    let listener = socket_for(binding.peer, listeners)?;
    (left > 0).then(|| SavedBinding {
        device,
        contact: binding.contact.text,
        uri: binding.contact.uri,
        instance: binding.contact.instance,
        reg_id: binding.contact.reg_id,
        call_id: binding.call_id,
        cseq: binding.cseq,
        flow: Flow::Datagram {
            listener,
            remote: binding.peer,
        },
        seconds_left: u32::try_from(left).unwrap_or(u32::MAX),
    })
}

/// The UDP socket of that family: there is one at most.
fn socket_for(peer: SocketAddr, listeners: &[Listener]) -> Option<ListenerId> {
    let fits = |listener: &Listener| listener.transport == Transport::Udp && listener.local.is_ipv4() == peer.is_ipv4();
    let place = listeners.iter().position(fits)?;
    u8::try_from(place).ok().map(ListenerId)
}
