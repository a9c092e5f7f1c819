//! SUBSCRIBE (RFC 6665 §4.2.1).

use super::notify;
use super::table::{Discovery, Subscription};
use crate::rules::phones::device::DeviceId;
use crate::rules::time::Ttl;
use crate::sip::action::Event;
use crate::sip::alarms::Alarm;
use crate::sip::codec::{Name, Uri};
use crate::sip::flow::Flow;
use crate::sip::limits::{
    DISCOVERIES, DISCOVERY_MS, SUBSCRIPTION_MAX_S, SUBSCRIPTION_MIN_S, SUBSCRIPTIONS, SUBSCRIPTIONS_OF_ONE,
};
use crate::sip::line::{Arrived, Line};
use std::borrow::Cow;
use std::net::SocketAddr;

/// Takes a SUBSCRIBE that begins a subscription.
pub(in crate::sip) fn take(line: &mut Line, arrived: Arrived<'_, '_>) {
    let request = arrived.request;
    let required = request.option_tags(Name::Require).unwrap_or_default();
    if !required.is_empty() {
        let draft = line.draft(arrived, 420, "Bad Extension");
        return line.reply(arrived, 420, draft.with("Unsupported", required.join(", ")).finish());
    }
    match request.event() {
        Ok(Some(event)) if event.package.eq_ignore_ascii_case("dialog") => begin(line, arrived),
        Ok(Some(event)) if event.package.eq_ignore_ascii_case("ua-profile") => discover(line, arrived),
        Ok(_) => {
            let draft = line.draft(arrived, 489, "Bad Event").with("Allow-Events", "dialog");
            line.reply(arrived, 489, draft.finish());
        }
        Err(why) => {
            let (status, reason) = why.status();
            line.refuse(arrived, status, reason);
        }
    }
}

/// Takes a SUBSCRIBE inside a subscription of ours.
pub(in crate::sip) fn refresh(line: &mut Line, arrived: Arrived<'_, '_>, number: u64) {
    let Some(device) = line.admit(arrived, false) else {
        return;
    };
    let request = arrived.request;
    let Some(seconds) = granted(line, arrived) else {
        return;
    };
    let now = line.wire.now;
    let Some(subscription) = line.lamps.by_number.get_mut(&number).filter(|it| it.device == device) else {
        return line.refuse(arrived, 403, "Not Your Subscription");
    };
    if request.cseq <= subscription.remote_cseq {
        return line.refuse(arrived, 500, "Out Of Order");
    }
    subscription.remote_cseq = request.cseq;
    (subscription.flow, subscription.heard) = (arrived.flow, now);
    subscription.until = now + Ttl(seconds.into());
    if let Some(contact) = request.contacts.each().first() {
        contact.address.uri.as_str().clone_into(&mut subscription.target);
    }
    accept(line, arrived, number, seconds);
}

fn begin(line: &mut Line, arrived: Arrived<'_, '_>) {
    let request = arrived.request;
    let Some(device) = line.admit(arrived, false) else {
        return;
    };
    let is_ours = line.wire.is_ours(&request.uri);
    // Some phones name the watched one in To alone.
    let named = [request.uri.account(), request.to.uri.account()];
    let user = named.into_iter().find(|user| !user.is_empty()).unwrap_or_default();
    let extension = line
        .registrar
        .roll
        .extension(&user)
        .filter(|_| is_ours)
        .map(str::to_owned);
    let Some(extension) = extension else {
        return line.refuse(arrived, 404, "Not Found");
    };
    let Some(seconds) = granted(line, arrived) else {
        return;
    };
    let target = request
        .contacts
        .each()
        .first()
        .map(|contact| contact.address.uri.as_str().to_owned());
    let Some(target) = target else {
        return line.refuse(arrived, 400, "Missing Contact");
    };
    let subscription = Subscription {
        device,
        extension,
        flow: arrived.flow,
        heard: line.wire.now,
        call_id: request.call_id.to_owned(),
        local_tag: line.tag(request),
        local: request.view.first(Name::To).unwrap_or_default().to_vec(),
        remote: request.view.first(Name::From).unwrap_or_default().to_vec(),
        target,
        event: request.view.first(Name::Event).unwrap_or_default().to_vec(),
        cseq: line.wire.config.first_number,
        version: line.wire.config.first_number,
        remote_cseq: request.cseq,
        until: line.wire.now + Ttl(seconds.into()),
        pending: None,
        has_news: false,
    };
    let doubted = make_room(line, &subscription);
    if line.lamps.len() >= SUBSCRIPTIONS {
        let draft = line.draft(arrived, 503, "Service Unavailable").with("Retry-After", 60);
        return line.reply(arrived, 503, draft.finish());
    }
    let number = line.lamps.add(subscription);
    accept(line, arrived, number, seconds);
    for number in doubted {
        notify::send(line, number);
    }
}

/// Makes room for a subscription: each dialog is one of its own (RFC 6665 §4.5), and only where there are too many the
/// oldest ends. Says which are of the same phone for the same extension: one that was restarted has forgotten them,
/// and says so as soon as it is notified.
fn make_room(line: &mut Line, new: &Subscription) -> Vec<u64> {
    let own = line.lamps.of(new.device);
    let of = |number: &u64| line.lamps.by_number.get(number);
    // The first answer was lost: the phone knows nothing of that dialog.
    let is_again = |it: &Subscription| it.call_id == new.call_id && it.remote == new.remote;
    let again: Vec<u64> = own.iter().copied().filter(|it| of(it).is_some_and(is_again)).collect();
    let is_same = |it: &Subscription| {
        let is_alike = it.target == new.target || it.flow == new.flow;
        it.extension == new.extension && is_alike && !is_again(it)
    };
    let mut same: Vec<u64> = own.iter().copied().filter(|it| of(it).is_some_and(is_same)).collect();
    let oldest = match same.first() {
        Some(oldest) if own.len() >= SUBSCRIPTIONS_OF_ONE || line.lamps.len() >= SUBSCRIPTIONS => Some(*oldest),
        None if own.len() >= SUBSCRIPTIONS_OF_ONE => own.first().copied(),
        Some(_) | None => None,
    };
    for number in &again {
        notify::drop_silently(line, *number);
    }
    if let Some(oldest) = oldest.filter(|_| again.is_empty()) {
        notify::terminate(line, oldest, "probation;retry-after=60");
        same.retain(|number| *number != oldest);
    }
    same
}

/// The seconds that a SUBSCRIBE gets; none: it was answered 423.
fn granted(line: &mut Line, arrived: Arrived<'_, '_>) -> Option<u32> {
    let asked = arrived.request.expires.unwrap_or(SUBSCRIPTION_MAX_S);
    if asked > 0 && asked < SUBSCRIPTION_MIN_S {
        let draft = line.draft(arrived, 423, "Interval Too Brief");
        line.reply(arrived, 423, draft.with("Min-Expires", SUBSCRIPTION_MIN_S).finish());
        return None;
    }
    Some(asked.min(SUBSCRIPTION_MAX_S))
}

/// 200, and the state at once.
fn accept(line: &mut Line, arrived: Arrived<'_, '_>, number: u64, seconds: u32) {
    let contact = line.wire.own_uri(arrived.flow);
    let draft = line.draft(arrived, 200, "OK").with("Expires", seconds);
    let bytes = draft.with("Contact", format_args!("<{contact}>")).finish();
    // Copies get the same answer, for the nonce is used.
    let arrived = match arrived.flow {
        Flow::Datagram { .. } => line.open(arrived),
        Flow::Stream(_) => Some(arrived),
    };
    let Some(arrived) = arrived else {
        return notify::drop_silently(line, number);
    };
    line.reply(arrived, 200, bytes);
    if seconds == 0 {
        notify::terminate(line, number, "timeout");
    } else {
        if let Some((key, _)) = line.lamps.by_number.get_mut(&number).and_then(|it| it.pending.take()) {
            line.transactions.clients.end(&mut line.wire, key);
        }
        notify::send(line, number);
    }
}

/// The devices are others: watchers that are gone, and extensions that nobody has any more.
pub(in crate::sip) fn recheck(line: &mut Line, gone: &[DeviceId]) {
    for device in gone {
        for number in line.lamps.of(*device) {
            notify::terminate(line, number, "deactivated");
        }
    }
    let is_nobodys = |it: &Subscription| line.registrar.roll.extension(&it.extension).is_none();
    let lost = line.lamps.by_number.iter().filter(|(_, it)| is_nobodys(it));
    let lost: Vec<u64> = lost.map(|(number, _)| *number).collect();
    for number in lost {
        notify::terminate(line, number, "noresource");
    }
}

/// A datagram as it should have been: phones of the Fanvil family out of their box write `sip:MAC= 0c383e…`, with a
/// blank that no URI has.
pub(in crate::sip) fn mended(bytes: &[u8]) -> Cow<'_, [u8]> {
    const BLANK: &[u8] = b"sip:mac= ";
    let is_blank = |window: &[u8]| window.eq_ignore_ascii_case(BLANK);
    if !bytes.starts_with(b"SUBSCRIBE ") || !bytes.windows(BLANK.len()).any(is_blank) {
        return Cow::Borrowed(bytes);
    }
    let is_ours = |place: usize| {
        let start = place.checked_sub(BLANK.len().saturating_sub(1));
        start.and_then(|start| bytes.get(start..=place)).is_some_and(is_blank)
    };
    let kept = bytes.iter().enumerate().filter(|(place, _)| !is_ours(*place));
    Cow::Owned(kept.map(|(_, byte)| *byte).collect())
}

/// A phone out of its box (RFC 6080): answered once, and remembered for the NOTIFY that may follow.
fn discover(line: &mut Line, arrived: Arrived<'_, '_>) {
    let request = arrived.request;
    let Flow::Datagram { listener, .. } = arrived.flow else {
        return line.refuse(arrived, 489, "Bad Event");
    };
    let text = |name| String::from_utf8_lossy(request.view.first(name).unwrap_or_default()).into_owned();
    let contact = request.contacts.each().first().map(|contact| contact.address.uri);
    let port = contact.as_ref().and_then(Uri::sip).and_then(|sip| sip.port);
    let remote = SocketAddr::new(arrived.source.ip(), port.unwrap_or(arrived.source.port()));
    let tag = line.tag(request);
    let to = request.view.first(Name::To).unwrap_or_default();
    let discovery = Discovery {
        flow: Flow::Datagram { listener, remote },
        target: contact.map_or_else(|| format!("sip:{remote}"), |uri| uri.as_str().to_owned()),
        call_id: request.call_id.to_owned(),
        local: [to, b";tag=", tag.as_bytes()].concat(),
        remote: request.view.first(Name::From).unwrap_or_default().to_vec(),
        source: arrived.source,
    };
    let is_known = |it: &Discovery| it.call_id == discovery.call_id && it.source == discovery.source;
    let is_copy = line.lamps.discoveries.values().any(is_known);
    let contact = line.wire.own_uri(arrived.flow);
    let draft = line.draft(arrived, 200, "OK").with("Expires", 0);
    let bytes = draft.with("Contact", format_args!("<{contact}>")).finish();
    line.reply(arrived, 200, bytes);
    if is_copy {
        return;
    }
    // Whoever asks the most loses the oldest, so that a flood keeps out no phone that comes after it.
    if line.lamps.discoveries.len() >= DISCOVERIES
        && let Some((oldest, _)) = line.lamps.discoveries.pop_first()
    {
        line.wire.alarms.clear(Alarm::Discovery(oldest));
    }
    let id = line.lamps.number();
    line.lamps.discoveries.insert(id, discovery);
    line.wire.wake(Alarm::Discovery(id), DISCOVERY_MS);
    line.wire.tell(Event::Discovered {
        id,
        remote: arrived.source,
        request_uri: request.uri.as_str().to_owned(),
        from: text(Name::From),
        event: text(Name::Event),
    });
}
