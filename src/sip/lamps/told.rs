//! NOTIFYs outside of any subscription: `check-sync` to a device, and the settings of a phone that asked for them.

use crate::sip::action::Event;
use crate::sip::alarms::Alarm;
use crate::sip::codec::{Draft, MAX_FORWARDS, Method};
use crate::sip::flow::Flow;
use crate::sip::input::{NotifyRequest, NotifyTo};
use crate::sip::limits::NOTIFIES;
use crate::sip::line::Line;
use crate::sip::transaction::client::{ClientKey, Owner};

/// A NOTIFY before it is sent.
struct Letter {
    flow: Flow,
    target: String,
    from: Vec<u8>,
    to: Vec<u8>,
    call_id: String,
}

/// Sends what the shell asks for.
pub(in crate::sip) fn take(line: &mut Line, asked: &NotifyRequest) {
    let letters = match asked.to {
        NotifyTo::Device(device) => to_device(line, device),
        NotifyTo::Discovered(id) => to_discovered(line, id).into_iter().collect(),
    };
    if letters.is_empty() || line.lamps.told.len() >= NOTIFIES {
        line.wire.tell(Event::Notified {
            id: asked.id,
            status: None,
        });
        return;
    }
    line.lamps.told.insert(asked.id, (letters.len(), None));
    for letter in letters {
        let key = ClientKey {
            number: line.wire.number(),
            is_cancel: false,
        };
        let flow = letter.flow;
        let draft = Draft::request(Method::Notify, &letter.target)
            .with("Via", line.wire.via(flow, &ClientKey::branch(key.number, "")))
            .with("Max-Forwards", MAX_FORWARDS)
            .with_raw("From", &letter.from)
            .with_raw("To", &letter.to)
            .with("Call-ID", &letter.call_id)
            .with("CSeq", "1 NOTIFY")
            .with("Contact", format_args!("<{}>", line.wire.own_uri(flow)))
            .with("Event", &asked.event)
            .with("Subscription-State", asked.state.as_deref().unwrap_or("terminated"));
        let bytes = match &asked.body {
            Some((content_type, body)) => draft.finish_with(content_type, body),
            None => draft.finish(),
        };
        let owner = Owner::Told(asked.id);
        let clients = &mut line.transactions.clients;
        if !clients.send(&mut line.wire, key, Method::Notify, flow, bytes, owner) {
            answered(line, asked.id, None);
        }
    }
}

fn to_device(line: &mut Line, device: crate::rules::phones::device::DeviceId) -> Vec<Letter> {
    let places: Vec<(Flow, String)> = line
        .registrar
        .places
        .of(device)
        .iter()
        .filter_map(|place| Some((place.flow()?, place.binding.contact.uri.clone())))
        .collect();
    let domain = line.wire.config.domain.clone();
    let letter = |(flow, target): (Flow, String)| Letter {
        from: format!("<sip:{domain}>;tag={:016x}", line.wire.number()).into_bytes(),
        to: format!("<{target}>").into_bytes(),
        call_id: format!("{:016x}", line.wire.number()),
        flow,
        target,
    };
    places.into_iter().map(letter).collect()
}

fn to_discovered(line: &mut Line, id: u64) -> Option<Letter> {
    let discovery = line.lamps.discoveries.remove(&id)?;
    line.wire.alarms.clear(Alarm::Discovery(id));
    Some(Letter {
        flow: discovery.flow,
        target: discovery.target,
        from: discovery.local,
        to: discovery.remote,
        call_id: discovery.call_id,
    })
}

/// Takes an answer, and tells the best of them once all have come.
pub(in crate::sip) fn answered(line: &mut Line, id: u64, status: Option<u16>) {
    let Some((left, best)) = line.lamps.told.get_mut(&id) else {
        return;
    };
    *left = left.saturating_sub(1);
    *best = match (*best, status) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    if *left == 0 {
        let status = *best;
        line.lamps.told.remove(&id);
        line.wire.tell(Event::Notified { id, status });
    }
}
