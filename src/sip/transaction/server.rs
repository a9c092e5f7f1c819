//! Server transactions (RFC 3261 §17.2, RFC 6026 §7.1).

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use crate::rules::time::Tick;
use crate::sip::alarms::Alarm;
use crate::sip::codec::{Method, Request, Via};
use crate::sip::flow::Flow;
use crate::sip::limits::{GIVE_UP_MS, SERVER_TRANSACTIONS, T1_MS, T2_MS, T4_MS};
use crate::sip::wire::Wire;

/// A request and what was answered last.
#[derive(Debug)]
struct Server {
    key: Key,
    is_invite: bool,
    flow: Flow,
    state: State,
    last: Vec<u8>,
    /// The pause before the next copy of a final response to INVITE.
    pause_ms: u64,
    ends: Tick,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No final response yet.
    Proceeding,
    /// 2xx to INVITE: more of them may follow (Timer L).
    Accepted,
    /// A final response that is sent again (Timers G and H, or J).
    Completed,
    /// ACK came (Timer I).
    Confirmed,
}

/// What a request is to its transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Arrival {
    /// A copy, or an ACK that was waited for: nothing is to be done.
    Copy,
    /// Something new.
    New,
}

/// All server transactions.
#[derive(Debug, Default)]
pub(in crate::sip) struct Servers {
    by_number: BTreeMap<u64, Server>,
    by_key: BTreeMap<Key, u64>,
    /// Those that only wait for copies, by when they end.
    done: BTreeSet<(Tick, u64)>,
    next: u64,
}

/// A digest of what tells a request from others.
type Key = [u64; 2];

/// What tells a request from others (§17.2.3). The sender's address counts too: what others guess or choose alike is
/// not theirs to disturb.
fn key(wire: &Wire, request: &Request<'_>, method: Method<'_>, source: SocketAddr) -> Key {
    let family = if method == Method::Ack { Method::Invite } else { method };
    let sender = (family, source.ip());
    let via = request.top_via();
    match via.and_then(Via::cookie_branch).zip(via) {
        Some((branch, via)) => wire.digest((sender, branch, via.host, via.port)),
        // RFC 2543: an ACK has the Via and CSeq number of its INVITE.
        None => wire.digest((
            sender,
            request.call_id,
            request.from.tag(),
            request.cseq,
            via.map(|via| via.raw),
        )),
    }
}

impl Servers {
    pub(in crate::sip) fn len(&self) -> usize {
        self.by_number.len()
    }

    /// Takes what a known transaction takes: copies, and the ACK of a final response other than 2xx.
    pub(in crate::sip) fn arrive(&mut self, wire: &mut Wire, request: &Request<'_>, source: SocketAddr) -> Arrival {
        let number = self.by_key.get(&key(wire, request, request.method, source)).copied();
        let Some((number, server)) = number.and_then(|number| Some((number, self.by_number.get_mut(&number)?))) else {
            return Arrival::New;
        };
        if request.method == Method::Ack {
            return match server.state {
                State::Proceeding | State::Accepted => Arrival::New,
                State::Confirmed => Arrival::Copy,
                State::Completed => {
                    server.state = State::Confirmed;
                    server.last = Vec::new();
                    self.done.remove(&(server.ends, number));
                    let left = if server.flow.is_datagram() { T4_MS } else { 0 };
                    server.ends = wire.now.after_ms(left);
                    self.done.insert((server.ends, number));
                    wire.alarms.set(Alarm::Server(number), server.ends);
                    Arrival::Copy
                }
            };
        }
        if matches!(server.state, State::Proceeding | State::Completed) && !server.last.is_empty() {
            wire.send(server.flow, server.last.clone());
        }
        Arrival::Copy
    }

    /// The INVITE that a CANCEL is for (§9.2).
    pub(in crate::sip) fn cancelled(&self, wire: &Wire, cancel: &Request<'_>, source: SocketAddr) -> Option<u64> {
        self.by_key.get(&key(wire, cancel, Method::Invite, source)).copied()
    }

    /// Remembers a request until its final response has surely arrived. None: there is no room.
    pub(in crate::sip) fn open(
        &mut self,
        wire: &mut Wire,
        request: &Request<'_>,
        flow: Flow,
        source: SocketAddr,
    ) -> Option<u64> {
        if self.by_number.len() >= SERVER_TRANSACTIONS {
            let (_, oldest) = *self.done.first()?;
            self.end(wire, oldest);
        }
        self.next = self.next.saturating_add(1);
        let key = key(wire, request, request.method, source);
        self.by_key.insert(key, self.next);
        let server = Server {
            key,
            is_invite: request.method == Method::Invite,
            flow,
            state: State::Proceeding,
            last: Vec::new(),
            pause_ms: T1_MS,
            ends: wire.now,
        };
        self.by_number.insert(self.next, server);
        Some(self.next)
    }

    /// Whether a final response may still be given; for INVITE, after 2xx more of them.
    pub(in crate::sip) fn takes(&self, number: u64, status: u16) -> bool {
        self.by_number.get(&number).is_some_and(|server| match server.state {
            State::Proceeding => true,
            State::Accepted => (200..300).contains(&status),
            State::Completed | State::Confirmed => false,
        })
    }

    /// Sends a response. One that comes after a final response is dropped.
    pub(in crate::sip) fn respond(&mut self, wire: &mut Wire, number: u64, status: u16, bytes: Vec<u8>) {
        if !self.takes(number, status) {
            return;
        }
        let Some(server) = self.by_number.get_mut(&number) else {
            return;
        };
        if status < 200 {
            server.last.clone_from(&bytes);
            wire.send(server.flow, bytes);
            return;
        }
        let is_first = server.state == State::Proceeding;
        let is_datagram = server.flow.is_datagram();
        let waits_ms = match (server.is_invite, status < 300) {
            (true, true) => {
                server.state = State::Accepted;
                server.last = Vec::new();
                GIVE_UP_MS
            }
            (true, false) => {
                server.state = State::Completed;
                server.last.clone_from(&bytes);
                GIVE_UP_MS
            }
            (false, _) => {
                server.state = State::Completed;
                server.last.clone_from(&bytes);
                if is_datagram { GIVE_UP_MS } else { 0 }
            }
        };
        wire.send(server.flow, bytes);
        if is_first {
            server.ends = wire.now.after_ms(waits_ms);
            self.done.insert((server.ends, number));
            let is_repeated = server.is_invite && server.state == State::Completed && is_datagram;
            wire.wake(Alarm::Server(number), if is_repeated { T1_MS } else { waits_ms });
        }
    }

    /// A timer of a transaction.
    pub(in crate::sip) fn wake(&mut self, wire: &mut Wire, number: u64) {
        let Some(server) = self.by_number.get_mut(&number) else {
            return;
        };
        if wire.now >= server.ends && server.state != State::Proceeding {
            self.end(wire, number);
            return;
        }
        if server.is_invite && server.state == State::Completed && server.flow.is_datagram() {
            wire.send(server.flow, server.last.clone());
            server.pause_ms = server.pause_ms.saturating_mul(2).min(T2_MS);
            let at = wire.now.after_ms(server.pause_ms).min(server.ends);
            wire.alarms.set(Alarm::Server(number), at);
        } else if server.state != State::Proceeding {
            wire.alarms.set(Alarm::Server(number), server.ends);
        }
    }

    /// Forgets a transaction.
    pub(in crate::sip) fn end(&mut self, wire: &mut Wire, number: u64) {
        if let Some(server) = self.by_number.remove(&number) {
            self.done.remove(&(server.ends, number));
            wire.alarms.clear(Alarm::Server(number));
            if self.by_key.get(&server.key) == Some(&number) {
                self.by_key.remove(&server.key);
            }
        }
    }
}
