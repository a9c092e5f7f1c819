//! REGISTER (RFC 3261 §10.3), and what becomes of bindings without one.

use crate::rules::phones::binding::{self, Binding, Granted, Registration, register};
use crate::rules::phones::device::DeviceId;
use crate::rules::phones::limits::{DEVICES, PORT};
use crate::sip::action::{Event, Failure, Gone};
use crate::sip::codec::{Contact, Contacts, Name, Request};
use crate::sip::flow::{Flow, ListenerId, StreamId};
use crate::sip::line::{Arrived, Line};
use crate::sip::registrar::places::{bound, flow};

/// Option tags that a registrar need not do anything for.
const UNDERSTOOD: [&str; 3] = ["outbound", "path", "gruu"];

/// Answers a REGISTER.
pub(in crate::sip) fn take(line: &mut Line, arrived: Arrived<'_, '_>) {
    let request = arrived.request;
    if !line.wire.is_ours(&request.uri) || !line.wire.is_ours(&request.to.uri) {
        return line.refuse(arrived, 404, "Not Found");
    }
    let required = request.option_tags(Name::Require).unwrap_or_default();
    let unknown: Vec<&str> = required.into_iter().filter(|tag| !UNDERSTOOD.contains(tag)).collect();
    if !unknown.is_empty() {
        let draft = line.draft(arrived, 420, "Bad Extension");
        return line.reply(arrived, 420, draft.with("Unsupported", unknown.join(", ")).finish());
    }
    let Some(device) = line.admit(arrived, false) else {
        return;
    };
    // Copies of what was answered get the same answer, for its nonce is used. On a stream there are none.
    let arrived = match arrived.flow {
        Flow::Datagram { .. } => line.open(arrived),
        Flow::Stream(_) => Some(arrived),
    };
    if let Some(arrived) = arrived {
        decide(line, arrived, device);
    }
}

fn decide(line: &mut Line, arrived: Arrived<'_, '_>, device: DeviceId) {
    let request = arrived.request;
    if !is_own_address(line, request, device) {
        line.registrar
            .strikes
            .fails(&mut line.wire, device, Failure::Address, arrived.source);
        let user = request.to.uri.account();
        let (status, reason) = match line.registrar.roll.extension(&user) {
            Some(_) => (403, "Not Your Address"),
            None => (404, "Not Found"),
        };
        return line.refuse(arrived, status, reason);
    }
    let is_outbound = request
        .option_tags(Name::Supported)
        .is_ok_and(|tags| tags.iter().any(|tag| tag.eq_ignore_ascii_case("outbound")));
    let Some(contacts) = contacts(request, is_outbound) else {
        return line.refuse(arrived, 400, "Malformed Contact");
    };
    let has_flow_number = contacts.iter().any(|(contact, _)| contact.reg_id.is_some());
    let call_id = binding::kept_call_id(request.call_id);
    let registration = Registration {
        device,
        star: matches!(request.contacts, Contacts::All),
        contacts,
        expires_s: request.expires,
        call_id: &call_id,
        cseq: request.cseq,
        flow: bound(arrived.flow),
        is_direct: is_direct(&arrived),
    };
    let group = line.registrar.roll.group(device);
    let places = group.iter().flat_map(|device| line.registrar.places.of(*device));
    let bindings: Vec<Binding> = places.map(|place| place.binding.clone()).collect();
    let room = (2 * DEVICES).saturating_sub(line.registrar.places.len());
    match register(&bindings, &registration, room, line.wire.now) {
        Ok(granted) => {
            let mut draft = line.draft(arrived, 200, "OK");
            for (contact, seconds) in &granted.listed {
                draft = draft.with("Contact", format_args!("{contact};expires={seconds}"));
            }
            if has_flow_number {
                draft = draft.with("Require", "outbound");
            }
            line.reply(arrived, 200, draft.finish());
            settle(line, device, arrived.flow, &group, granted);
        }
        Err(why) => {
            if why == binding::Refused::TooBrief {
                line.registrar
                    .strikes
                    .fails(&mut line.wire, device, Failure::TooBrief, arrived.source);
            }
            refuse(line, arrived, why);
        }
    }
}

/// Whether the topmost Via names the very address and port that the request came from.
fn is_direct(arrived: &Arrived<'_, '_>) -> bool {
    arrived.request.vias.first().is_some_and(|via| {
        via.host.address() == Some(arrived.source.ip()) && via.port.unwrap_or(PORT) == arrived.source.port()
    })
}

fn refuse(line: &mut Line, arrived: Arrived<'_, '_>, why: binding::Refused) {
    let reason = match why {
        binding::Refused::Full => "Service Unavailable",
        binding::Refused::Malformed => "Malformed Contact",
        binding::Refused::Overtaken => "Overtaken By A Newer Request",
        binding::Refused::TooBrief => "Interval Too Brief",
    };
    let mut draft = line.draft(arrived, why.status(), reason);
    if let Some((name, value)) = why.header() {
        draft = draft.with(name, value);
    }
    line.reply(arrived, why.status(), draft.finish());
}

/// Whether To names the device itself: its extension or its own name.
fn is_own_address(line: &Line, request: &Request<'_>, device: DeviceId) -> bool {
    let Some(entry) = line.registrar.roll.device(device) else {
        return false;
    };
    let user = request.to.uri.account();
    let extension = entry.extension.as_ref().map(|extension| extension.as_str());
    user == entry.username.as_str() || extension.is_some_and(|extension| user == extension)
}

/// The Contacts as they are kept. None: one is no text.
fn contacts(request: &Request<'_>, is_outbound: bool) -> Option<Vec<(binding::Contact, Option<u32>)>> {
    let keep = |contact: &Contact<'_>| {
        let kept = binding::Contact {
            text: without_expires(contact)?,
            uri: contact.address.uri.as_str().to_owned(),
            instance: contact.instance.map(str::to_owned),
            reg_id: contact.reg_id.filter(|number| is_outbound && *number > 0),
        };
        Some((kept, contact.expires))
    };
    request.contacts.each().iter().map(keep).collect()
}

/// The Contact as it came but for its `expires`. A display name in an older encoding is kept as far as it is UTF-8.
fn without_expires(contact: &Contact<'_>) -> Option<String> {
    let raw = contact.address.raw.trim_ascii();
    let params = contact.address.params;
    let before = raw.get(..raw.len().checked_sub(params.as_bytes().len())?)?;
    let mut text = String::from_utf8_lossy(before.trim_ascii_end()).into_owned();
    for (name, value) in params.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("expires")) {
        text.push(';');
        text.push_str(name);
        if let Some(value) = value {
            let quote = if value.is_quoted { "\"" } else { "" };
            text.extend(["=", quote, &String::from_utf8_lossy(value.raw), quote]);
        }
    }
    Some(text)
}

/// Puts a decision into the tables.
fn settle(line: &mut Line, sender: DeviceId, flow: Flow, group: &[DeviceId], granted: Granted) {
    let before = line.registrar.places.of(sender);
    let (was_absent, was_here) = (before.is_empty(), before.iter().any(|place| place.flow() == Some(flow)));
    for device in group {
        let own = granted.bindings.iter().filter(|binding| binding.device == *device);
        let own: Vec<Binding> = own.cloned().collect();
        let is_emptied = own.is_empty() && !line.registrar.places.of(*device).is_empty();
        line.registrar.places.set(&mut line.wire, *device, own);
        if is_emptied {
            let why = if *device == sender { Gone::Asked } else { Gone::PutOut };
            line.wire.tell(Event::Unregistered { device: *device, why });
        }
    }
    line.registrar.strikes.succeeds(sender);
    if !line.registrar.places.of(sender).is_empty() {
        line.registrar.former.forget(sender);
    }
    let is_here = line
        .registrar
        .places
        .of(sender)
        .iter()
        .any(|place| place.flow() == Some(flow));
    if is_here && !was_here {
        line.wire.tell(Event::Registered {
            device: sender,
            flow,
            first: was_absent,
            moved: !was_absent,
        });
    }
}

/// Bindings of a device have ended.
pub(in crate::sip) fn expire(line: &mut Line, device: DeviceId) {
    let now = line.wire.now;
    if line
        .registrar
        .places
        .keep(&mut line.wire, device, |binding| now < binding.until)
    {
        let why = Gone::Expired;
        line.wire.tell(Event::Unregistered { device, why });
    }
}

/// A connection is gone, and what was registered over it. Says which devices have no binding any more.
pub(in crate::sip) fn close(line: &mut Line, stream: StreamId) -> Vec<DeviceId> {
    let mut gone = Vec::new();
    let flow = bound(Flow::Stream(stream));
    let devices: Vec<DeviceId> = line.registrar.places.devices().map(|(device, _)| device).collect();
    for device in devices {
        if line
            .registrar
            .places
            .keep(&mut line.wire, device, |binding| binding.flow != flow)
        {
            let why = Gone::Closed;
            line.wire.tell(Event::Unregistered { device, why });
            gone.push(device);
        }
    }
    gone
}

/// A device is off the line at once.
pub(in crate::sip) fn remove(line: &mut Line, device: DeviceId) {
    line.registrar.strikes.succeeds(device);
    if line.registrar.places.keep(&mut line.wire, device, |_| false) {
        let why = Gone::Removed;
        line.wire.tell(Event::Unregistered { device, why });
    }
}

/// These sockets are gone, and the bindings over them, and those of addresses that may not speak here any more.
/// Bindings over connections went with these.
pub(in crate::sip) fn recheck(line: &mut Line, gone: &[ListenerId]) {
    let devices: Vec<DeviceId> = line.registrar.places.devices().map(|(device, _)| device).collect();
    for device in devices {
        let is_lost = |binding: &&Binding| match flow(binding.flow) {
            Some(Flow::Datagram { listener, remote }) => gone.contains(&listener) || !line.wire.admits(remote),
            Some(Flow::Stream(_)) => false,
            None => true,
        };
        let places = line.registrar.places.of(device).iter();
        let lost = places.map(|place| &place.binding).filter(is_lost);
        let lost: Vec<binding::Flow> = lost.map(|binding| binding.flow).collect();
        let is_kept = |binding: &Binding| !lost.contains(&binding.flow);
        if line.registrar.places.keep(&mut line.wire, device, is_kept) {
            let why = Gone::Closed;
            line.wire.tell(Event::Unregistered { device, why });
        }
    }
}
