//! Client transactions (RFC 3261 §17.1, RFC 6026 §7.2).

use std::collections::{BTreeMap, BTreeSet};

use crate::rules::time::Tick;
use crate::sip::alarms::Alarm;
use crate::sip::codec::{BRANCH_COOKIE, Method, Response, View, ack};
use crate::sip::flow::Flow;
use crate::sip::limits::{CLIENT_TRANSACTIONS, GIVE_UP_MS, T1_MS, T2_MS, T4_MS};
use crate::sip::wire::Wire;

/// For whom a response is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip) enum Owner {
    /// A branch of a request under way: the request's number, and the branch's place.
    Branch(u64, usize),
    /// Nobody waits for it: CANCEL, and what ends calls.
    Nobody,
    /// A test call.
    Ringing,
    /// A subscription.
    Subscription(u64),
    /// A NOTIFY that the shell asked for: its number, and the place of the one to whom it went.
    Told(u64, usize),
    /// An INVITE to a device that was taken off the line: it is cancelled as soon as it rings, hung up if it answers.
    Unwanted,
}

/// The number in a branch of ours, and whether it is its CANCEL, which has the same (§9.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::sip) struct ClientKey {
    pub(in crate::sip) number: u64,
    pub(in crate::sip) is_cancel: bool,
}

impl ClientKey {
    /// The branch that begins with this number.
    pub(in crate::sip) fn branch(number: u64, mark: &str) -> String {
        format!("{BRANCH_COOKIE}{number:016x}{mark}")
    }

    /// The transaction that a response names.
    pub(in crate::sip) fn of(response: &Response<'_>) -> Option<Self> {
        let branch = response.vias.first()?.cookie_branch()?;
        let digits = branch.get(BRANCH_COOKIE.len()..BRANCH_COOKIE.len().saturating_add(16))?;
        Some(Self {
            number: u64::from_str_radix(digits, 16).ok()?,
            is_cancel: response.method == Method::Cancel,
        })
    }

    const fn alarm(self) -> Alarm {
        Alarm::Client(self.number, self.is_cancel)
    }
}

#[derive(Debug)]
struct Client {
    owner: Owner,
    is_invite: bool,
    flow: Flow,
    request: Vec<u8>,
    state: State,
    pause_ms: u64,
    ends: Tick,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing came back (Timers A and B, or E and F).
    Calling,
    /// A provisional response came.
    Proceeding,
    /// 2xx to INVITE: more of them may come (Timer M).
    Accepted,
    /// A final response came (Timer D or K).
    Completed,
}

/// All client transactions.
#[derive(Debug, Default)]
pub(in crate::sip) struct Clients {
    by_key: BTreeMap<ClientKey, Client>,
    done: BTreeSet<(Tick, ClientKey)>,
}

impl Clients {
    pub(in crate::sip) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(in crate::sip) fn is_known(&self, key: ClientKey) -> bool {
        self.by_key.contains_key(&key)
    }

    /// Sends a request and waits for its responses. False: the connection is gone, or there is no room.
    pub(in crate::sip) fn send(
        &mut self,
        wire: &mut Wire,
        key: ClientKey,
        method: Method<'_>,
        flow: Flow,
        request: Vec<u8>,
        owner: Owner,
    ) -> bool {
        if self.by_key.len() >= CLIENT_TRANSACTIONS {
            let Some((_, oldest)) = self.done.first().copied() else {
                return false;
            };
            self.end(wire, oldest);
        }
        if !wire.send(flow, request.clone()) {
            return false;
        }
        let client = Client {
            owner,
            is_invite: method == Method::Invite,
            flow,
            request,
            state: State::Calling,
            pause_ms: T1_MS,
            ends: wire.now.after_ms(GIVE_UP_MS),
        };
        wire.wake(key.alarm(), if flow.is_datagram() { T1_MS } else { GIVE_UP_MS });
        self.by_key.insert(key, client);
        true
    }

    /// Takes a response; says whose it is unless it is a copy or nobody's.
    pub(in crate::sip) fn arrive(&mut self, wire: &mut Wire, response: &Response<'_>) -> Option<Owner> {
        let key = ClientKey::of(response)?;
        let client = self.by_key.get_mut(&key)?;
        if client.is_invite != (response.method == Method::Invite) {
            return None;
        }
        let owner = client.owner;
        let state = client.state;
        match (state, response.status) {
            (State::Calling | State::Proceeding, ..200) => {
                client.state = State::Proceeding;
                if client.is_invite && state == State::Calling {
                    wire.alarms.clear(key.alarm());
                }
                Some(owner)
            }
            (State::Accepted, 200..300) => Some(owner),
            (State::Completed, 300..) if client.is_invite => {
                client.acknowledge(wire, response.view);
                None
            }
            (State::Accepted | State::Completed, _) => None,
            (State::Calling | State::Proceeding, status) => {
                let is_datagram = client.flow.is_datagram();
                let waits_ms = match (client.is_invite, status < 300) {
                    (true, true) => {
                        client.state = State::Accepted;
                        client.request = Vec::new();
                        GIVE_UP_MS
                    }
                    (true, false) => {
                        client.state = State::Completed;
                        client.acknowledge(wire, response.view);
                        if is_datagram { GIVE_UP_MS } else { 0 }
                    }
                    (false, _) => {
                        client.state = State::Completed;
                        client.request = Vec::new();
                        if is_datagram { T4_MS } else { 0 }
                    }
                };
                client.ends = wire.now.after_ms(waits_ms);
                self.done.insert((client.ends, key));
                wire.alarms.set(key.alarm(), client.ends);
                Some(owner)
            }
        }
    }

    /// A timer of a transaction. Says who waited in vain.
    pub(in crate::sip) fn wake(&mut self, wire: &mut Wire, key: ClientKey) -> Option<Owner> {
        let client = self.by_key.get_mut(&key)?;
        if wire.now >= client.ends {
            let waited = matches!(client.state, State::Calling | State::Proceeding);
            let owner = client.owner;
            self.end(wire, key);
            return waited.then_some(owner);
        }
        let is_repeated = match client.state {
            State::Calling => client.flow.is_datagram(),
            State::Proceeding => client.flow.is_datagram() && !client.is_invite,
            State::Accepted | State::Completed => false,
        };
        if is_repeated {
            wire.send(client.flow, client.request.clone());
            client.pause_ms = match (client.is_invite, client.state) {
                (true, _) => client.pause_ms.saturating_mul(2),
                (false, State::Proceeding) => T2_MS,
                (false, _) => client.pause_ms.saturating_mul(2).min(T2_MS),
            };
        }
        let pause_ms = if is_repeated { client.pause_ms } else { GIVE_UP_MS };
        let at = wire.now.after_ms(pause_ms).min(client.ends);
        wire.alarms.set(key.alarm(), at);
        None
    }

    /// The request as it was sent, while it may still be cancelled. None where nothing came back yet: §9.1 forbids a
    /// CANCEL before that.
    pub(in crate::sip) fn cancellable(&self, key: ClientKey) -> Option<(Flow, Vec<u8>)> {
        let client = self.by_key.get(&key)?;
        (client.state == State::Proceeding).then(|| (client.flow, client.request.clone()))
    }

    /// Nobody waits for the answers to an INVITE any more.
    pub(in crate::sip) fn disown(&mut self, key: ClientKey) {
        if let Some(client) = self.by_key.get_mut(&key).filter(|client| client.is_invite) {
            client.owner = Owner::Unwanted;
        }
    }

    /// Where the request went.
    pub(in crate::sip) fn flow(&self, key: ClientKey) -> Option<Flow> {
        self.by_key.get(&key).map(|client| client.flow)
    }

    /// Gives a device that was sent CANCEL so long to answer its INVITE (§9.1).
    pub(in crate::sip) fn hurry(&mut self, wire: &mut Wire, key: ClientKey) {
        if let Some(client) = self.by_key.get_mut(&key).filter(|it| it.state == State::Proceeding) {
            client.ends = wire.now.after_ms(GIVE_UP_MS);
            wire.alarms.set(key.alarm(), client.ends);
        }
    }

    /// Forgets a transaction.
    pub(in crate::sip) fn end(&mut self, wire: &mut Wire, key: ClientKey) {
        if let Some(client) = self.by_key.remove(&key) {
            self.done.remove(&(client.ends, key));
            wire.alarms.clear(key.alarm());
        }
    }

    /// Forgets what waits for answers over a flow that is gone. Says who waited.
    pub(in crate::sip) fn cut(&mut self, wire: &mut Wire, flow: Flow) -> Vec<Owner> {
        let keys: Vec<ClientKey> = self
            .by_key
            .iter()
            .filter(|(_, it)| it.flow == flow)
            .map(|(key, _)| *key)
            .collect();
        let mut owners = Vec::new();
        for key in keys {
            let waited = self
                .by_key
                .get(&key)
                .filter(|it| matches!(it.state, State::Calling | State::Proceeding));
            owners.extend(waited.map(|it| it.owner));
            self.end(wire, key);
        }
        owners
    }
}

impl Client {
    /// Sends the ACK of a final response other than 2xx (§17.1.1.3).
    fn acknowledge(&self, wire: &mut Wire, response: &View<'_>) {
        if let Ok(invite) = View::read(&self.request) {
            wire.send(self.flow, ack(&invite, response).finish());
        }
    }
}
