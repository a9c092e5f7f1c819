//! NOTIFY to watchers: at most one is on its way to each, and the newest state wins.

use super::table::Subscription;
use crate::rules::phones::line_state::{Names, Party};
use crate::rules::time::Ttl;
use crate::sip::alarms::Alarm;
use crate::sip::codec::{Draft, MAX_FORWARDS, Method};
use crate::sip::flow::Flow;
use crate::sip::limits::NOTIFY_PATIENCE_MS;
use crate::sip::line::Line;
use crate::sip::transaction::client::{ClientKey, Owner};

/// Tells all watchers of an extension its state of now.
pub(in crate::sip) fn publish(line: &mut Line, extension: &str) {
    for number in line.lamps.watchers(extension) {
        send(line, number);
    }
}

/// Tells one watcher the state of now, or as soon as its last NOTIFY is answered.
pub(in crate::sip) fn send(line: &mut Line, number: u64) {
    let now = line.wire.now;
    let Some(subscription) = line.lamps.by_number.get_mut(&number) else {
        return;
    };
    if let Some((key, since)) = subscription.pending {
        if now.ms_since(since) < NOTIFY_PATIENCE_MS {
            subscription.has_news = true;
            let at = since.after_ms(NOTIFY_PATIENCE_MS).min(subscription.until);
            line.wire.alarms.set(Alarm::Subscription(number), at);
            return;
        }
        line.transactions.clients.end(&mut line.wire, key);
    }
    let Ttl(left) = subscription.until - now;
    let state = format!("active;expires={left}");
    let until = subscription.until;
    dispatch(line, number, &state);
    line.wire.alarms.set(Alarm::Subscription(number), until);
}

/// Ends a subscription with a last NOTIFY.
pub(in crate::sip) fn terminate(line: &mut Line, number: u64, reason: &str) {
    if let Some((key, _)) = line.lamps.by_number.get(&number).and_then(|it| it.pending) {
        line.transactions.clients.end(&mut line.wire, key);
    }
    dispatch(line, number, &format!("terminated;reason={reason}"));
    line.wire.alarms.clear(Alarm::Subscription(number));
    line.lamps.remove(number);
}

/// Ends a subscription whose watcher is gone.
pub(in crate::sip) fn drop_silently(line: &mut Line, number: u64) {
    if let Some((key, _)) = line.lamps.by_number.get(&number).and_then(|it| it.pending) {
        line.transactions.clients.end(&mut line.wire, key);
    }
    line.wire.alarms.clear(Alarm::Subscription(number));
    line.lamps.remove(number);
}

fn dispatch(line: &mut Line, number: u64, state: &str) {
    let Some(subscription) = line.lamps.by_number.get_mut(&number) else {
        return;
    };
    subscription.cseq = next(subscription.cseq);
    subscription.version = next(subscription.version);
    subscription.has_news = false;
    subscription.pending = None;
    let subscription = subscription.clone();
    let Some(flow) = line.way(subscription.device, subscription.flow, subscription.heard) else {
        return;
    };
    let names = if line.wire.config.hide_names {
        Names::Hidden
    } else {
        Names::Shown
    };
    let local = Party {
        uri: format!("sip:{}@{}", subscription.extension, line.wire.config.domain),
        name: line.registrar.roll.name(&subscription.extension).map(str::to_owned),
    };
    let lamp = line.lamps.line(&subscription.extension);
    let document = lamp.document(&local, subscription.version, names);
    line.lamps.tidy(&subscription.extension);
    let key = ClientKey {
        number: line.wire.number(),
        is_cancel: false,
    };
    let draft = begin(line, &subscription, flow, key).with("Subscription-State", state);
    let bytes = draft.finish_with("application/dialog-info+xml", &document);
    let clients = &mut line.transactions.clients;
    let owner = Owner::Subscription(number);
    if clients.send(&mut line.wire, key, Method::Notify, flow, bytes, owner)
        && let Some(subscription) = line.lamps.by_number.get_mut(&number)
    {
        subscription.pending = Some((key, line.wire.now));
    }
}

fn begin(line: &Line, subscription: &Subscription, flow: Flow, key: ClientKey) -> Draft {
    let own_tag = [b";tag=", subscription.local_tag.as_bytes()].concat();
    Draft::request(Method::Notify, &subscription.target)
        .with("Via", line.wire.via(flow, &ClientKey::branch(key.number, "")))
        .with("Max-Forwards", MAX_FORWARDS)
        .with_raw("From", &[&subscription.local, own_tag.as_slice()].concat())
        .with_raw("To", &subscription.remote)
        .with("Call-ID", &subscription.call_id)
        .with("CSeq", format_args!("{} NOTIFY", subscription.cseq))
        .with("Contact", format_args!("<{}>", line.wire.own_uri(flow)))
        .with_raw("Event", &subscription.event)
}

/// One more, below 2^31 (RFC 3261 §8.1.1.5).
const fn next(number: u32) -> u32 {
    number.wrapping_add(1) & 0x7fff_ffff
}

/// Takes the final answer to a NOTIFY; none: there was none. One lost NOTIFY ends nothing; only who says that there is
/// no such subscription, or that NOTIFY is nothing for it, is told no more (RFC 6665 §4.2.2).
pub(in crate::sip) fn answered(line: &mut Line, number: u64, status: Option<u16>) {
    let Some(subscription) = line.lamps.by_number.get_mut(&number) else {
        return;
    };
    subscription.pending = None;
    if matches!(status, Some(405 | 481 | 489 | 501)) {
        drop_silently(line, number);
    } else if subscription.has_news {
        send(line, number);
    }
}

/// A subscription's time, or its patience, is over.
pub(in crate::sip) fn wake(line: &mut Line, number: u64) {
    let Some(subscription) = line.lamps.by_number.get(&number) else {
        return;
    };
    if line.wire.now >= subscription.until {
        terminate(line, number, "timeout");
    } else if subscription.has_news {
        send(line, number);
    } else {
        line.wire.alarms.set(Alarm::Subscription(number), subscription.until);
    }
}
