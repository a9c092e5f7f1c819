//! What happens to calls, and what lamps and pages learn of it.

use super::calls::{Call, Side};
use super::table::Target;
use crate::rules::id::Extension;
use crate::rules::phones::device::DeviceId;
use crate::rules::phones::line_state::{self, CallKey, Direction, Party};
use crate::sip::action::Event;
use crate::sip::alarms::Alarm;
use crate::sip::codec::{Contacts, Name, Request, Response};
use crate::sip::flow::Flow;
use crate::sip::lamps::notify;
use crate::sip::limits::{CALL_LOST_MS, CALL_MS};
use crate::sip::line::{Arrived, Line};

/// The address-of-record and the name of an extension.
pub(in crate::sip) fn party(line: &Line, extension: &str) -> Party {
    Party {
        uri: format!("sip:{extension}@{}", line.wire.config.domain),
        name: line.registrar.roll.name(extension).map(str::to_owned),
    }
}

/// The extension that a device rings for.
pub(super) fn extension_of(line: &Line, device: DeviceId) -> Option<Extension> {
    line.registrar
        .roll
        .device(device)
        .and_then(|entry| entry.extension.clone())
}

/// The first Contact's URI.
pub(super) fn target_of(contacts: &Contacts<'_>) -> Option<String> {
    contacts
        .each()
        .first()
        .map(|contact| contact.address.uri.as_str().to_owned())
}

/// A call begins with its INVITE. None: it makes none, or there is no room.
pub(super) fn begin(line: &mut Line, arrived: Arrived<'_, '_>, device: DeviceId, callee: Option<&str>) -> Option<u64> {
    let request = arrived.request;
    let caller = Side {
        device,
        extension: extension_of(line, device),
        flow: arrived.flow,
        heard: line.wire.now,
        is_proven: true,
        target: target_of(&request.contacts).unwrap_or_default(),
    };
    let call = Call {
        call_id: request.call_id.to_owned(),
        caller_tag: request.from.tag().unwrap_or_default().to_owned(),
        caller,
        callee: callee.and_then(|callee| Extension::parse(callee).ok()),
        legs: Vec::new(),
        lit: Vec::new(),
        since: line.wire.now,
        until: line.wire.now.after_ms(CALL_MS),
        takes_replaces: has_option(request, "replaces"),
        is_ended: false,
    };
    let number = line.calls.begin(&mut line.wire, call);
    line.wire.tell(Event::CallChanged);
    number
}

fn has_option(request: &Request<'_>, option: &str) -> bool {
    let tags = request.option_tags(Name::Supported).unwrap_or_default();
    tags.iter().any(|tag| tag.eq_ignore_ascii_case(option))
}

/// A device rings or answers.
pub(super) fn hear(line: &mut Line, number: u64, target: &Target, response: &Response<'_>) {
    // A device of RFC 2543 answers without a tag (RFC 3261 §12.1.2).
    let tag = response.to.tag().or_else(|| (response.status >= 200).then_some(""));
    let Some(tag) = tag else {
        return;
    };
    let contact = response.contacts().ok().and_then(|contacts| target_of(&contacts));
    let side = Side {
        device: target.device,
        extension: extension_of(line, target.device),
        flow: target.flow,
        heard: line.wire.now,
        is_proven: true,
        target: contact.clone().unwrap_or_else(|| target.uri.clone()),
    };
    let extension = side.extension.clone();
    let answers = (200..300).contains(&response.status);
    let now = line.wire.now;
    let is_over = line.calls.get(number).is_some_and(|call| call.is_ended);
    let is_first_answer = answers && line.calls.get(number).is_some_and(|call| !call.is_answered());
    let Some(leg) = line.calls.add_leg(number, tag, side) else {
        return;
    };
    if let Some(contact) = contact {
        leg.side.target = contact;
    }
    // A copy of an answer may come after the BYE of its call: it lights nothing again.
    if is_over || (leg.is_answered && leg.is_ended) {
        return;
    }
    if answers && !leg.is_answered {
        leg.is_answered = true;
        leg.is_ended = false;
    }
    if is_first_answer {
        if let Some(call) = line.calls.get_mut(number) {
            call.since = now;
        }
        line.wire.tell(Event::CallChanged);
    }
    let event = if answers {
        line_state::Event::Answered(tag)
    } else {
        line_state::Event::Rings(tag)
    };
    light(line, number, extension.as_ref(), event);
}

/// Shows an event to the watchers of both ends.
fn light(line: &mut Line, number: u64, callee: Option<&Extension>, event: line_state::Event<'_>) {
    let Some(call) = line.calls.get(number) else {
        return;
    };
    let caller = call.caller.extension.clone();
    let dialled = call.callee.clone();
    for (end, other, direction) in [
        (&caller, callee.or(dialled.as_ref()), Direction::Initiator),
        (&callee.cloned(), caller.as_ref(), Direction::Recipient),
    ] {
        if let Some(end) = end {
            show(line, number, end, other, direction, event);
        }
    }
}

fn show(
    line: &mut Line,
    number: u64,
    end: &Extension,
    other: Option<&Extension>,
    direction: Direction,
    event: line_state::Event<'_>,
) {
    let remote = match other {
        Some(other) => party(line, other.as_str()),
        None => Party {
            uri: format!("sip:anonymous@{}", line.wire.config.domain),
            name: None,
        },
    };
    let Some(call) = line.calls.get_mut(number) else {
        return;
    };
    if !call.lit.contains(end) {
        call.lit.push(end.clone());
    }
    let key = CallKey {
        call_id: call.call_id.clone(),
        caller_tag: call.caller_tag.clone(),
        direction,
    };
    if line.lamps.line(end.as_str()).take(&key, &remote, event) {
        notify::publish(line, end.as_str());
    }
    line.lamps.tidy(end.as_str());
}

/// One device is out of a call: it hung up, or was hung up on.
pub(super) fn leave(line: &mut Line, number: u64, place: usize) {
    let Some(leg) = line.calls.get_mut(number).and_then(|call| call.legs.get_mut(place)) else {
        return;
    };
    if leg.is_ended {
        return;
    }
    leg.is_ended = true;
    let (tag, extension, was_answered) = (leg.tag.clone(), leg.side.extension.clone(), leg.is_answered);
    light(line, number, extension.as_ref(), line_state::Event::LegOver(&tag));
    let is_over = line
        .calls
        .get(number)
        .is_some_and(|call| call.talking().next().is_none());
    if was_answered && is_over {
        over(line, number);
    }
}

/// Whether no device of a call can be reached: its connection is gone, or its registration, and it has no other.
fn is_lost(line: &Line, call: &Call) -> bool {
    let is_reached = |side: &Side| {
        let is_datagram = side.flow.is_datagram();
        let is_there = !is_datagram || !line.registrar.places.of(side.device).is_empty();
        is_there && line.way(side.device, side.flow, side.heard).is_some()
    };
    !call.ends().any(is_reached)
}

/// These devices, or those at the flow, cannot be reached as before: calls of nobody else end soon.
pub(in crate::sip) fn miss(line: &mut Line, devices: &[DeviceId], flow: Option<Flow>) {
    let is_theirs = |side: &Side| Some(side.flow) == flow || devices.contains(&side.device);
    let calls = line.calls.iter();
    let calls = calls.filter(|(_, call)| !call.is_ended && call.ends().any(is_theirs) && is_lost(line, call));
    let lost: Vec<u64> = calls.map(|(number, _)| number).collect();
    let at = line.wire.now.after_ms(CALL_LOST_MS);
    for number in lost {
        line.wire.alarms.hasten(Alarm::Call(number), at);
    }
}

/// A call lasts too long, or its devices were not to be reached a while ago.
pub(in crate::sip) fn wake(line: &mut Line, number: u64) {
    let Some(call) = line.calls.get(number).filter(|call| !call.is_ended) else {
        return;
    };
    let until = call.until;
    if line.wire.now < until && !is_lost(line, call) {
        line.wire.alarms.set(Alarm::Call(number), until);
    } else {
        over(line, number);
    }
}

/// All of a call is over.
pub(in crate::sip) fn over(line: &mut Line, number: u64) {
    let Some(call) = line.calls.get_mut(number).filter(|call| !call.is_ended) else {
        return;
    };
    for leg in &mut call.legs {
        leg.is_ended = true;
    }
    let lit = call.lit.clone();
    for extension in &lit {
        for direction in [Direction::Initiator, Direction::Recipient] {
            show(line, number, extension, None, direction, line_state::Event::Over);
        }
    }
    line.calls.end(&mut line.wire, number);
    line.wire.tell(Event::CallChanged);
}

/// A call was answered: extensions of which no device took it are out of it.
pub(super) fn settle(line: &mut Line, number: u64) {
    let Some(call) = line.calls.get(number) else {
        return;
    };
    let caller = call.caller.extension.clone();
    let is_in = |extension: &Extension| call.talking().any(|leg| leg.side.extension.as_ref() == Some(extension));
    let out = call
        .lit
        .iter()
        .filter(|extension| !is_in(extension) && Some(*extension) != caller.as_ref());
    let out: Vec<Extension> = out.cloned().collect();
    for extension in &out {
        show(
            line,
            number,
            extension,
            None,
            Direction::Recipient,
            line_state::Event::Over,
        );
    }
    let Some(call) = line.calls.get_mut(number) else {
        return;
    };
    for leg in &mut call.legs {
        leg.is_ended |= !leg.is_answered;
    }
}
