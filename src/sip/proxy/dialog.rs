//! Requests inside a dialog (RFC 3261 §12.2, §16.4): they go over the flow of the other side, wherever their
//! addresses point.

use super::calls::{CallSide, Side};
use super::fork::{Plan, forward};
use super::outgoing::{self, Origin};
use super::progress::{self, target_of};
use super::route;
use super::table::Target;
use crate::rules::phones::device::DeviceId;
use crate::rules::phones::sip_uri::Named;
use crate::sip::alarms::Alarm;
use crate::sip::codec::{Method, Request};
use crate::sip::limits::CALL_MS;
use crate::sip::line::{Arrived, Line};

/// Takes a request with a To tag that is none of the lamps'.
pub(in crate::sip) fn take(line: &mut Line, arrived: Arrived<'_, '_>) {
    let request = arrived.request;
    if !route::check(line, arrived) {
        return;
    }
    let found = find(line, request);
    let Some(sender) = sender(line, arrived, found) else {
        return;
    };
    // Who hangs up is out, whether the other side can be told or not (RFC 3261 §15.1.1).
    if let Some(found) = found.filter(|_| request.method == Method::Bye) {
        progress::leave(line, found.call, found.leg);
    }
    let Some(target) = target(line, request, found) else {
        return line.refuse(arrived, 481, "Call/Transaction Does Not Exist");
    };
    let Some(arrived) = line.open(arrived) else {
        return;
    };
    if request.method == Method::Invite {
        let bytes = line.draft(arrived, 100, "Trying").finish();
        line.reply(arrived, 100, bytes);
    }
    if let Some(found) = found {
        note(line, arrived, found);
    }
    let plan = Plan {
        targets: vec![target],
        call: found.map(|found| found.call),
        ..Plan::default()
    };
    forward(line, arrived, sender, plan);
}

/// The place of a request in a call. No tag is an empty one, as phones of RFC 2543 have it (RFC 3261 §12.1.1).
pub(in crate::sip) fn find(line: &Line, request: &Request<'_>) -> Option<CallSide> {
    let [from, to] = [request.from.tag(), request.to.tag()].map(Option::unwrap_or_default);
    line.calls.find(request.call_id, from, to)
}

/// The device that sent a request. Inside a known call its flow is proof enough, and where its secret is another since
/// then, for hanging up alone; a phone that comes from elsewhere is asked for credentials. None: the request was
/// answered.
fn sender(line: &mut Line, arrived: Arrived<'_, '_>, found: Option<CallSide>) -> Option<DeviceId> {
    let call = found.and_then(|found| Some((line.calls.get(found.call)?, found)));
    let side = call
        .and_then(|(call, found)| call.sides(found))
        .map(|(sender, _)| sender);
    let Some(side) = side else {
        return match line.registrar.places.at(arrived.flow) {
            Some(device) => Some(device),
            None => line.admit(arrived, true),
        };
    };
    let (device, flow) = (side.device, side.flow);
    let is_proof = side.is_proven || arrived.request.method == Method::Bye;
    let is_there = line.registrar.roll.device(device).is_some();
    if !is_there && arrived.request.method != Method::Bye {
        line.refuse(arrived, 403, "Not On The Line");
        return None;
    }
    let is_registered_here = line
        .registrar
        .places
        .of(device)
        .iter()
        .any(|place| place.flow() == Some(arrived.flow));
    if is_registered_here || (is_proof && flow == arrived.flow) {
        return Some(device);
    }
    let admitted = line.admit(arrived, true)?;
    if admitted != device {
        line.refuse(arrived, 403, "Not Your Call");
        return None;
    }
    Some(device)
}

/// Where a request goes. None: to nobody that we know.
fn target(line: &Line, request: &Request<'_>, found: Option<CallSide>) -> Option<Target> {
    let uri = request.uri.as_str();
    let Some(found) = found else {
        return registered_as(line, uri);
    };
    let call = line.calls.get(found.call)?;
    let (_, receiver) = call.sides(found)?;
    // Whoever is no longer of the office hears how its call ends, and nothing new.
    let is_end = matches!(request.method, Method::Ack | Method::Bye);
    if !is_end && line.registrar.roll.device(receiver.device).is_none() {
        return None;
    }
    let flow = line.way(receiver.device, receiver.flow, receiver.heard)?;
    let uri = if line.wire.is_ours(&request.uri) {
        receiver.target.clone()
    } else if is_of(line, receiver, uri) {
        uri.to_owned()
    } else {
        return None;
    };
    Some(Target {
        device: receiver.device,
        flow,
        uri,
        instance: None,
    })
}

/// Whether a URI is one that this side gave for itself.
pub(super) fn is_of(line: &Line, side: &Side, uri: &str) -> bool {
    let is_same = |own: &str| {
        let named = Named::parse(own).zip(Named::parse(uri));
        named.is_some_and(|(own, other)| own.is(&other) || (own.host == other.host && own.port == other.port))
    };
    let mut places = line.registrar.places.of(side.device).iter();
    is_same(&side.target) || places.any(|place| is_same(&place.binding.contact.uri))
}

/// The device that registered exactly this URI.
pub(super) fn registered_as(line: &Line, uri: &str) -> Option<Target> {
    let named = Named::parse(uri)?;
    line.registrar.places.devices().find_map(|(device, places)| {
        let is_it = |text: &str| Named::parse(text).is_some_and(|own| own.is(&named));
        let place = places.iter().find(|place| is_it(&place.binding.contact.uri))?;
        let flow = place.way()?;
        line.wire.remote(flow)?;
        Some(Target {
            device,
            flow,
            uri: uri.to_owned(),
            instance: None,
        })
    })
}

/// Keeps what a request says about its sender's place: where it comes from, and its new Contact.
fn note(line: &mut Line, arrived: Arrived<'_, '_>, found: CallSide) {
    let request = arrived.request;
    let is_refresh = matches!(request.method, Method::Invite | Method::Update);
    let now = line.wire.now;
    let Some(call) = line.calls.get_mut(found.call) else {
        return;
    };
    let is_ended = call.is_ended;
    call.until = now.after_ms(CALL_MS);
    if let Some(side) = call.sender_mut(found) {
        (side.flow, side.heard) = (arrived.flow, now);
        side.is_proven |= arrived.request.method != Method::Bye;
        if let Some(target) = target_of(&request.contacts).filter(|_| is_refresh) {
            side.target = target;
        }
    }
    if !is_ended {
        line.wire.wake(Alarm::Call(found.call), CALL_MS);
    }
}

/// Sends the ACK of a 2xx on, without remembering it; any other is dropped. Nothing answers an ACK (RFC 3261 §17).
pub(in crate::sip) fn acknowledge(line: &mut Line, arrived: Arrived<'_, '_>) {
    let request = arrived.request;
    let is_sound = request.max_forwards != Some(0) && route::own_routes(&line.wire, request).is_some();
    let found = find(line, request);
    // That of a challenge of ours, which was not remembered.
    if found.is_none() && request.to.tag() == Some(&*line.tag(request)) {
        return;
    }
    let is_known = found.is_some() || line.registrar.places.at(arrived.flow).is_some();
    if !is_sound || !is_known || (found.is_none() && request.to.tag().is_none()) {
        return;
    }
    let Some(target) = target(line, request, found) else {
        return;
    };
    let origin = Origin {
        flow: arrived.flow,
        source: arrived.source,
        identity: None,
        replaces: None,
    };
    let bytes = outgoing::bytes(&line.wire, request, origin, &target, number_of(line, request));
    line.wire.send(target.flow, bytes);
}

/// The number of an ACK's branch: copies of one ACK have the same, so that the phone knows them for copies
/// (RFC 3261 §16.11).
fn number_of(line: &Line, request: &Request<'_>) -> u64 {
    let via = request.vias.first().and_then(|via| via.branch).unwrap_or_default();
    let tags = [request.from.tag(), request.to.tag()].map(Option::unwrap_or_default);
    let [from, to] = tags.map(str::as_bytes);
    let cseq = request.cseq.to_be_bytes();
    let mark = line
        .wire
        .mark(&[request.call_id.as_bytes(), from, to, &cseq, via.as_bytes()]);
    u64::from_str_radix(&mark, 16).unwrap_or_default()
}
