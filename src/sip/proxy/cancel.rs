//! CANCEL (RFC 3261 §9, §16.10), and devices that answer too late.

use crate::sip::codec::{Draft, Method, Name, Response, View, cancel};
use crate::sip::flow::Flow;
use crate::sip::line::Line;
use crate::sip::transaction::client::{ClientKey, Owner};

/// Cancels all branches that are still waited for, but one.
pub(super) fn others(line: &mut Line, number: u64, but: Option<usize>, reason: Option<&str>) {
    let Some(forward) = line.forwards.by_server.get(&number) else {
        return;
    };
    let waits = |place: &usize| {
        forward
            .branches
            .get(*place)
            .is_some_and(|it| it.status.is_none() && !it.is_cancelled)
    };
    let places: Vec<usize> = (0..forward.branches.len())
        .filter(|place| Some(*place) != but && waits(place))
        .collect();
    for place in places {
        branch(line, number, place, reason);
    }
}

/// Cancels one branch: now, or as soon as something comes back from it (§9.1).
pub(super) fn branch(line: &mut Line, number: u64, place: usize, reason: Option<&str>) {
    let Some(forward) = line.forwards.by_server.get_mut(&number) else {
        return;
    };
    if !forward.is_invite {
        return;
    }
    if let Some(reason) = reason {
        forward.reasons = vec![reason.as_bytes().to_vec()];
    }
    let reasons = forward.reasons.clone();
    let Some(branch) = forward.branches.get_mut(place) else {
        return;
    };
    branch.is_cancelled = true;
    let key = branch.key;
    send(line, key, &reasons);
}

/// Sends the CANCEL of an INVITE, unless nothing came back yet or it was sent.
pub(super) fn send(line: &mut Line, key: ClientKey, reasons: &[Vec<u8>]) {
    let cancel_key = ClientKey { is_cancel: true, ..key };
    let clients = &mut line.transactions.clients;
    let Some((flow, invite)) = clients.cancellable(key).filter(|_| !clients.is_known(cancel_key)) else {
        return;
    };
    let Ok(view) = View::read(&invite) else {
        return;
    };
    let mut draft = cancel(&view);
    for reason in reasons {
        draft = draft.with_raw("Reason", reason);
    }
    let (bytes, nobody) = (draft.finish(), Owner::Nobody);
    clients.send(&mut line.wire, cancel_key, Method::Cancel, flow, bytes, nobody);
    clients.hurry(&mut line.wire, key);
}

/// Takes what comes back from a device that was taken off the line.
pub(in crate::sip) fn unwanted(line: &mut Line, response: &Response<'_>) {
    let key = ClientKey::of(response);
    let Some((key, flow)) = key.and_then(|key| Some((key, line.transactions.clients.flow(key)?))) else {
        return;
    };
    match response.status {
        ..200 => send(line, key, &[]),
        200..300 => hang_up(line, flow, response.to.uri.as_str(), response),
        _ => {}
    }
}

/// Ends the call of a device that answered after its caller was told that it is over: ACK and BYE, for nobody else
/// sends them.
pub(super) fn hang_up(line: &mut Line, flow: Flow, target: &str, response: &Response<'_>) {
    let view = response.view;
    let contacts = response.contacts().unwrap_or_default();
    let uri = contacts
        .each()
        .first()
        .map_or(target, |contact| contact.address.uri.as_str());
    for (method, cseq) in [
        (Method::Ack, response.cseq),
        (Method::Bye, response.cseq.saturating_add(1)),
    ] {
        let key = ClientKey {
            number: line.wire.number(),
            is_cancel: false,
        };
        let branch = ClientKey::branch(key.number, "");
        let bytes = Draft::request(method, uri)
            .with("Via", line.wire.via(flow, &branch))
            .with("Max-Forwards", crate::sip::codec::MAX_FORWARDS)
            .with_all(view, Name::From)
            .with_all(view, Name::To)
            .with_all(view, Name::CallId)
            .with("CSeq", format_args!("{cseq} {method}"))
            .finish();
        if method == Method::Ack {
            line.wire.send(flow, bytes);
        } else {
            let clients = &mut line.transactions.clients;
            clients.send(&mut line.wire, key, method, flow, bytes, Owner::Nobody);
        }
    }
}
