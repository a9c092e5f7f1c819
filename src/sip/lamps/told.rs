//! NOTIFYs outside of any subscription: `check-sync` to a device, and the settings of a phone that asked for them.

use super::table::{Letter, Telling};
use crate::rules::phones::device::{Algorithm as Hash, DeviceId};
use crate::rules::phones::digest;
use crate::sip::action::Event;
use crate::sip::alarms::Alarm;
use crate::sip::codec::{Challenged, Credentials, Draft, MAX_FORWARDS, Method, Name, NonceCount, Response};
use crate::sip::flow::Flow;
use crate::sip::input::{NotifyRequest, NotifyTo};
use crate::sip::limits::NOTIFIES;
use crate::sip::line::Line;
use crate::sip::transaction::client::{ClientKey, Owner};

/// The count of a nonce that is used once.
const FIRST: &str = "00000001";

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
    let places = 0..letters.len();
    let telling = Telling {
        asked: asked.clone(),
        letters: letters.into_iter().map(Some).collect(),
        best: None,
    };
    line.lamps.told.insert(asked.id, telling);
    for place in places {
        send(line, asked.id, place, None);
    }
}

/// Sends one of the NOTIFYs, with an `Authorization` where it was asked for.
fn send(line: &mut Line, id: u64, place: usize, authorization: Option<String>) {
    let Some(telling) = line.lamps.told.get(&id) else {
        return;
    };
    let Some(letter) = telling.letters.get(place).and_then(Option::as_ref) else {
        return;
    };
    let key = ClientKey {
        number: line.wire.number(),
        is_cancel: false,
    };
    let (asked, flow) = (&telling.asked, letter.flow);
    let draft = Draft::request(Method::Notify, &letter.target)
        .with("Via", line.wire.via(flow, &ClientKey::branch(key.number, "")))
        .with("Max-Forwards", MAX_FORWARDS)
        .with_raw("From", &letter.from)
        .with_raw("To", &letter.to)
        .with("Call-ID", &letter.call_id)
        .with("CSeq", format_args!("{} NOTIFY", letter.cseq))
        .with("Contact", format_args!("<{}>", line.wire.own_uri(flow)))
        .with("Event", &asked.event)
        .with("Subscription-State", asked.state.as_deref().unwrap_or("terminated"));
    let draft = match authorization {
        Some(authorization) => draft.with("Authorization", authorization),
        None => draft,
    };
    let bytes = match &asked.body {
        Some((content_type, body)) => draft.finish_with(content_type, body),
        None => draft.finish(),
    };
    let clients = &mut line.transactions.clients;
    if !clients.send(&mut line.wire, key, Method::Notify, flow, bytes, Owner::Told(id, place)) {
        answered(line, id, place, None);
    }
}

fn to_device(line: &mut Line, device: DeviceId) -> Vec<Letter> {
    let registrar = &line.registrar;
    let live = registrar.places.of(device).iter();
    let mut places: Vec<(Flow, String)> = live
        .filter_map(|place| Some((place.flow()?, place.binding.contact.uri.clone())))
        .collect();
    if places.is_empty() {
        // It got other secrets, and does not know yet.
        let former = registrar.former.of(device).into_iter();
        let ways = former.flat_map(|former| former.ways(line.wire.now));
        places = ways.map(|(flow, target)| (flow, target.to_owned())).collect();
    }
    let domain = line.wire.config.domain.clone();
    let letter = |(flow, target): (Flow, String)| Letter {
        from: format!("<sip:{domain}>;tag={:016x}", line.wire.number()).into_bytes(),
        to: format!("<{target}>").into_bytes(),
        call_id: format!("{:016x}", line.wire.number()),
        cseq: 1,
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
        cseq: 1,
    })
}

/// Takes an answer. A device that asks who tells it is answered once, with the secret that it has (RFC 3261
/// §22.2): nobody else's does it know.
pub(in crate::sip) fn hear(line: &mut Line, id: u64, place: usize, response: &Response<'_>) {
    let signed = (response.status == 401)
        .then(|| signed(line, id, place, response))
        .flatten();
    match signed {
        Some(authorization) => send(line, id, place, Some(authorization)),
        None => answered(line, id, place, Some(response.status)),
    }
}

/// The credentials for the first challenge that we can answer; none where they were refused before.
fn signed(line: &mut Line, id: u64, place: usize, response: &Response<'_>) -> Option<String> {
    let cnonce = format!("{:016x}", line.wire.number());
    let telling = line.lamps.told.get_mut(&id)?;
    let NotifyTo::Device(device) = telling.asked.to else {
        return None;
    };
    let letter = telling
        .letters
        .get_mut(place)?
        .as_mut()
        .filter(|letter| letter.cseq == 1)?;
    let entry = line.registrar.roll.device(device)?;
    let is_former = line.registrar.places.of(device).is_empty();
    let former = line.registrar.former.of(device).filter(|_| is_former);
    let (username, secret) = former.map_or((&entry.username, &entry.secret), |former| {
        (&former.username, &former.secret)
    });
    let challenges = response.view.all(Name::WwwAuthenticate);
    let signed = challenges.filter_map(|field| {
        let asked = Challenged::parse(field.value).ok().flatten()?;
        let hash = asked
            .algorithm
            .map_or(Some(Hash::Md5), |said| Hash::parse(said.as_str()))?;
        let qop = asked.qop.map(|_| "auth");
        let said = digest::Credentials {
            username,
            realm: asked.realm,
            nonce: asked.nonce,
            uri: &letter.target,
            response: "",
            algorithm: None,
            qop,
            nc: qop.map(|_| FIRST),
            cnonce: qop.map(|_| cnonce.as_str()),
        };
        let holder = digest::Holder {
            secret,
            algorithm: hash,
        };
        let response = digest::signed(&said, holder, Method::Notify.as_str())?;
        let written = Credentials {
            username: said.username,
            realm: said.realm,
            nonce: said.nonce,
            uri: said.uri,
            response: &response,
            algorithm: asked.algorithm,
            qop,
            cnonce: said.cnonce,
            nc: qop.map(|_| NonceCount {
                text: FIRST,
                value: 1,
                is_well_formed: true,
            }),
            opaque: asked.opaque,
        };
        Some(written.to_string())
    });
    let authorization = { signed }.next()?;
    letter.cseq = 2;
    Some(authorization)
}

/// Takes what became of one of the NOTIFYs, and tells the best of them once all have come.
pub(in crate::sip) fn answered(line: &mut Line, id: u64, place: usize, status: Option<u16>) {
    let Some(telling) = line.lamps.told.get_mut(&id) else {
        return;
    };
    if let Some(letter) = telling.letters.get_mut(place) {
        *letter = None;
    }
    telling.best = match (telling.best, status) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    if telling.letters.iter().all(Option::is_none) {
        let status = telling.best;
        line.lamps.told.remove(&id);
        line.wire.tell(Event::Notified { id, status });
    }
}
