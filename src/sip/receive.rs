//! Bytes that have come in.

use std::net::SocketAddr;

use super::alarms::Alarm;
use super::codec::{Broken, Draft, Frame, Malformed, Method, Name, PONG, Request, Response, Stream, Stun, View};
use super::flow::{Flow, ListenerId, StreamId};
use super::lamps::{notify, subscribe, told};
use super::limits::HALF_MESSAGE_MS;
use super::line::{Arrived, Line};
use super::proxy::{answer, cancel, dialog, progress, request, ring, route, withdraw};
use super::registrar::admission::is_scanner;
use super::registrar::register;
use super::transaction::client::Owner;
use super::transaction::server::Arrival;
use super::unheard::unheard;

/// A datagram.
pub(super) fn datagram(line: &mut Line, listener: ListenerId, remote: SocketAddr, bytes: &[u8]) {
    let flow = Flow::Datagram { listener, remote };
    if line.wire.listener(flow).is_none() {
        return;
    }
    if !line.wire.admits(remote) {
        return line.registrar.strikes.stranger(&mut line.wire, remote);
    }
    if let Some(stun) = Stun::read(bytes) {
        if let Some(answer) = stun.answer(remote) {
            line.wire.send(flow, answer);
        }
        return;
    }
    message(line, flow, remote, &subscribe::mended(bytes));
}

/// A new connection.
pub(super) fn opened(line: &mut Line, stream: StreamId, listener: ListenerId, remote: SocketAddr) {
    if !line.wire.admits(remote) {
        line.registrar.strikes.stranger(&mut line.wire, remote);
        return line.wire.close(stream);
    }
    if !line.wire.open(stream, listener, remote) {
        line.wire.close(stream);
    }
}

/// Bytes of a connection.
pub(super) fn stream(line: &mut Line, id: StreamId, bytes: &[u8]) {
    let now = line.wire.now;
    let Some(connection) = line.wire.streams.get_mut(&id) else {
        return;
    };
    let remote = connection.remote;
    let mut stream = std::mem::take(&mut connection.stream);
    stream.push(bytes, now);
    let is_sound = frames(line, id, remote, &mut stream);
    if !is_sound {
        return close(line, id);
    }
    let is_in_message = stream.is_in_message();
    if let Some(connection) = line.wire.streams.get_mut(&id) {
        connection.stream = stream;
        if !is_in_message {
            line.wire.alarms.clear(Alarm::Stream(id));
        } else if !line.wire.alarms.has(Alarm::Stream(id)) {
            line.wire.wake(Alarm::Stream(id), HALF_MESSAGE_MS);
        }
    }
}

/// Takes all whole messages; false: where the next begins cannot be told.
fn frames(line: &mut Line, id: StreamId, remote: SocketAddr, stream: &mut Stream) -> bool {
    let flow = Flow::Stream(id);
    loop {
        let (head, status, reason) = match stream.frame() {
            Ok(None) => return true,
            Ok(Some(Frame::Ping)) => {
                line.wire.send(flow, PONG.to_vec());
                continue;
            }
            Ok(Some(Frame::Message(bytes))) => {
                message(line, flow, remote, bytes);
                continue;
            }
            Err(Broken::Unreadable(_)) => return false,
            Err(Broken::Length { why, head }) => {
                let (status, reason) = Malformed::status(why);
                (head, status, reason)
            }
            Err(Broken::TooLong { head }) => (head, 513, "Message Too Large"),
        };
        if let Ok(view) = View::read(head) {
            reject(line, flow, remote, &view, status, reason);
        }
        return false;
    }
}

fn reject(line: &mut Line, flow: Flow, remote: SocketAddr, view: &View<'_>, status: u16, reason: &str) {
    // A lone word is no request: some programs keep their way open by one.
    let is_answered = !view.is_response() && view.method() != Some(Method::Ack) && !view.fields.is_empty();
    if is_answered {
        let tag = line.wire.mark(&[view.head]);
        line.wire
            .send(flow, Draft::response(view, remote, status, reason, &tag).finish());
    }
}

/// Closes a connection of our own accord.
pub(super) fn close(line: &mut Line, stream: StreamId) {
    line.wire.close(stream);
    closed(line, stream);
}

/// A connection is gone, with what was registered over it and what waits for answers from it.
pub(super) fn closed(line: &mut Line, stream: StreamId) {
    if line.wire.streams.remove(&stream).is_none() {
        return;
    }
    line.wire.alarms.clear(Alarm::Stream(stream));
    let devices = register::close(line, stream);
    let flow = Flow::Stream(stream);
    for owner in line.transactions.clients.cut(&mut line.wire, flow) {
        unheard(line, owner, 480);
    }
    withdraw::hung_up(line, flow);
    progress::miss(line, &devices, Some(flow));
}

fn message(line: &mut Line, flow: Flow, remote: SocketAddr, bytes: &[u8]) {
    let Ok(view) = View::read(bytes) else {
        return;
    };
    if view.is_response() {
        if let Ok(parsed) = Response::parse(&view) {
            response(line, &parsed);
        }
        return;
    }
    match Request::parse(&view) {
        Ok(parsed) => {
            let arrived = Arrived {
                request: &parsed,
                flow,
                source: remote,
                server: None,
            };
            dispatch(line, arrived);
        }
        Err(refused) => {
            if let Some((status, reason)) = refused.answer {
                reject(line, flow, remote, &view, status, reason);
            }
        }
    }
}

fn response(line: &mut Line, response: &Response<'_>) {
    // RFC 3261 §18.1.2: what does not name us as the sender of its request is for somebody else.
    if !response
        .vias
        .first()
        .is_some_and(|via| line.wire.is_us(via.host, via.port))
    {
        return;
    }
    let Some(owner) = line.transactions.clients.arrive(&mut line.wire, response) else {
        return;
    };
    let is_final = response.status >= 200;
    match owner {
        Owner::Branch(number, place) => answer::take(line, number, place, response),
        Owner::Subscription(number) if is_final => notify::answered(line, number, Some(response.status)),
        Owner::Told(id, place) if is_final => told::hear(line, id, place, response),
        Owner::Ringing => ring::hear(line, response),
        Owner::Unwanted => cancel::unwanted(line, response),
        Owner::Nobody | Owner::Subscription(_) | Owner::Told(..) => {}
    }
}

fn dispatch(line: &mut Line, arrived: Arrived<'_, '_>) {
    let parsed = arrived.request;
    if is_scanner(parsed) {
        return line.registrar.strikes.stranger(&mut line.wire, arrived.source);
    }
    if line.transactions.servers.arrive(&mut line.wire, parsed, arrived.source) == Arrival::Copy {
        return;
    }
    if !matches!(parsed.method, Method::Ack | Method::Cancel) && route::own_routes(&line.wire, parsed).is_none() {
        return line.refuse(arrived, 403, "Foreign Route");
    }
    let tag = parsed.to.tag();
    let is_inside = tag.is_some() || dialog::find(line, parsed).is_some();
    match parsed.method {
        Method::Ack => dialog::acknowledge(line, arrived),
        Method::Cancel => withdraw::take(line, arrived),
        Method::Register => register::take(line, arrived),
        Method::Subscribe => match tag {
            None => subscribe::take(line, arrived),
            Some(tag) => inside_subscription(line, arrived, tag),
        },
        Method::Publish => request::serve(line, arrived),
        Method::Bye | Method::Prack | Method::Update | Method::Notify if !is_inside => {
            line.refuse(arrived, 481, "Call/Transaction Does Not Exist");
        }
        Method::Bye
        | Method::Info
        | Method::Invite
        | Method::Message
        | Method::Notify
        | Method::Options
        | Method::Prack
        | Method::Refer
        | Method::Update
        | Method::Other(_) => {
            if is_inside {
                dialog::take(line, arrived);
            } else if request::is_for_server(line, parsed) {
                request::serve(line, arrived);
            } else {
                request::take(line, arrived);
            }
        }
    }
}

fn inside_subscription(line: &mut Line, arrived: Arrived<'_, '_>, tag: &str) {
    let parsed = arrived.request;
    if let Some(number) = line.lamps.find(parsed.call_id, tag) {
        return subscribe::refresh(line, arrived, number);
    }
    let is_lamp = parsed
        .view
        .first(Name::Event)
        .and_then(|event| event.get(.."dialog".len()))
        .is_some_and(|event| event.eq_ignore_ascii_case(b"dialog"));
    if is_lamp {
        line.refuse(arrived, 481, "Subscription Does Not Exist");
    } else {
        dialog::take(line, arrived);
    }
}
