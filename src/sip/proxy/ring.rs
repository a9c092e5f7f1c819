//! A test call from the office itself: it rings, and is given up before anybody would talk.

use super::cancel;
use crate::rules::phones::device::DeviceId;
use crate::sip::action::{Event, Tested};
use crate::sip::codec::{Draft, MAX_FORWARDS, Method, Response};
use crate::sip::flow::Flow;
use crate::sip::line::Line;
use crate::sip::registrar::places::Place;
use crate::sip::transaction::client::{ClientKey, Owner};

/// Speech that nobody will send: some phones ring for no call without an offer.
const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 9 RTP/AVP 9 8 0\r\n\
                     a=inactive\r\n";

/// Lets each phone of a device ring, over one flow of it (RFC 5626 §5.3); one that is not registered does not.
pub(in crate::sip) fn begin(line: &mut Line, device: DeviceId) {
    let places = line.registrar.places.of(device);
    let instance = |place: &Place| place.binding.contact.instance.clone();
    let is_first = |number: usize, place: &Place| {
        let mut before = places.iter().take(number);
        instance(place).is_none() || !before.any(|other| instance(other) == instance(place))
    };
    let phones = places
        .iter()
        .enumerate()
        .filter(|(number, place)| is_first(*number, place));
    let places: Vec<(Flow, String)> = phones
        .map(|(_, place)| place)
        .filter_map(|place| Some((place.flow()?, place.binding.contact.uri.clone())))
        .collect();
    let domain = line.wire.config.domain.clone();
    for (flow, target) in places {
        let [number, tag, call_id] = [(); 3].map(|()| line.wire.number());
        let key = ClientKey {
            number,
            is_cancel: false,
        };
        let bytes = Draft::request(Method::Invite, &target)
            .with("Via", line.wire.via(flow, &ClientKey::branch(number, "")))
            .with("Max-Forwards", MAX_FORWARDS)
            .with("From", format_args!("\"Linekey\" <sip:{domain}>;tag={tag:016x}"))
            .with("To", format_args!("<{target}>"))
            .with("Call-ID", format_args!("{call_id:016x}"))
            .with("CSeq", "1 INVITE")
            .with("Contact", format_args!("<{}>", line.wire.own_uri(flow)))
            .finish_with("application/sdp", OFFER.as_bytes());
        let clients = &mut line.transactions.clients;
        if clients.send(&mut line.wire, key, Method::Invite, flow, bytes, Owner::Ringing) {
            line.ringing.push((key, device));
        }
    }
}

/// All test calls are given up: now, or as soon as something comes back from them (RFC 3261 §9.1).
pub(in crate::sip) fn end(line: &mut Line) {
    for (key, device) in std::mem::take(&mut line.ringing) {
        line.transactions.clients.disown(key);
        cancel::send(line, key, &[]);
        let did = Tested::Unanswered;
        line.wire.tell(Event::Tested { device, did });
    }
}

/// Something comes back. If somebody answered, the call is over at once.
pub(in crate::sip) fn hear(line: &mut Line, response: &Response<'_>) {
    let Some(key) = ClientKey::of(response) else {
        return;
    };
    let did = match response.status {
        ..=100 => return,
        101..200 => Tested::Rings,
        200..300 => Tested::Answered,
        _ => Tested::Declined,
    };
    let place = line.ringing.iter().position(|(ringing, _)| *ringing == key);
    let device = place.and_then(|place| match did {
        Tested::Rings => line.ringing.get(place).map(|(_, device)| *device),
        Tested::Answered | Tested::Declined | Tested::Unanswered => Some(line.ringing.swap_remove(place).1),
    });
    if let Some(device) = device {
        line.wire.tell(Event::Tested { device, did });
    }
    let flow = line.transactions.clients.flow(key);
    if let Some(flow) = flow.filter(|_| did == Tested::Answered) {
        cancel::hang_up(line, flow, response.to.uri.as_str(), response);
    }
}
