//! A phone's transactions (RFC 3261 §17): what it repeats until it is answered, and what it answers again.

use super::{Fact, Phone};
use crate::wire::Message;

/// 64 × T1 in milliseconds: when a phone gives up.
pub(crate) const GIVES_UP_MS: u64 = 32_000;
const T1_MS: u64 = 500;
const T2_MS: u64 = 4_000;

/// What a request was for, and with which call or lamp it has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Register,
    Invite(u64),
    Reinvite(u64),
    Bye(u64),
    Refer(u64),
    Watch(usize),
    /// CANCEL, PRACK, UPDATE, NOTIFY, MESSAGE: whatever the answer is, nothing follows. Of that call, or of none (0).
    Plain(u64),
}

/// A request of the phone's own.
pub(crate) struct Client {
    pub(crate) message: Message,
    branch: String,
    pub(crate) purpose: Purpose,
    bytes: Vec<u8>,
    began: u64,
    /// When it is sent again, and how long after that the next time.
    again: Option<(u64, u64)>,
    pub(crate) provisional: bool,
    /// The ACK of a refused INVITE, for each copy of the refusal.
    ack: Option<Vec<u8>>,
    tries: u8,
    over: bool,
}

/// A request of somebody else's.
pub(crate) struct Server {
    pub(crate) request: Message,
    pub(crate) branch: String,
    response: Option<Vec<u8>>,
    again: Option<(u64, u64)>,
    until: u64,
    /// The INVITE's final answer has been sent.
    pub(crate) settled: bool,
}

impl Phone {
    /// Sends a request and sees to its answer. It gets its Via here.
    pub(crate) fn send(&mut self, message: Message, purpose: Purpose, now: u64) -> Message {
        self.send_again(message, purpose, 0, now)
    }

    fn send_again(&mut self, mut message: Message, purpose: Purpose, tries: u8, now: u64) -> Message {
        if message.get("Via").is_none() {
            message.fields.insert(0, ("Via".to_owned(), self.via()));
        }
        let bytes = message.bytes();
        self.out.push(bytes.clone());
        let first = if self.manner.greedy { 120 } else { T1_MS };
        self.clients.push(Client {
            branch: message.branch(),
            message: message.clone(),
            purpose,
            bytes,
            began: now,
            again: self.is_datagram().then_some((now + first, first)),
            provisional: false,
            ack: None,
            tries,
            over: false,
        });
        message
    }

    /// Sends a request for which credentials are at hand, if they are.
    pub(crate) fn send_signed(&mut self, mut message: Message, purpose: Purpose, now: u64) -> Message {
        if !self.manner.forgets_nonces {
            self.sign(&mut message);
        }
        self.send(message, purpose, now)
    }

    fn sign(&mut self, message: &mut Message) {
        let (method, uri) = (message.method().to_owned(), message.uri().to_owned());
        if let Some(challenge) = &mut self.challenge {
            let credentials = challenge.answer(&self.username, &self.secret, &method, &uri, &mut self.dice);
            let name = if matches!(method.as_str(), "REGISTER" | "SUBSCRIBE") {
                "Authorization"
            } else {
                "Proxy-Authorization"
            };
            message.set(name, &credentials);
        }
    }

    /// Answers a request, and keeps the answer for its copies.
    pub(crate) fn answer(&mut self, request: &Message, response: &Message, now: u64) {
        let (branch, method, code) = (request.branch(), request.method(), response.code());
        let datagram = self.is_datagram();
        let place = |server: &&mut Server| server.branch == branch && server.request.method() == method;
        let bytes = response.bytes();
        if let Some(server) = self.servers.iter_mut().find(place) {
            server.response = Some(bytes.clone());
            if code >= 200 {
                server.settled = true;
                server.until = now + GIVES_UP_MS;
                server.again = (datagram && method == "INVITE" && code >= 300).then_some((now + T1_MS, T1_MS));
            }
        }
        self.out.push(bytes);
    }

    /// Whether the request is a copy of one that is known; it is dealt with then.
    pub(super) fn is_copy(&mut self, request: &Message, now: u64) -> bool {
        let (branch, method) = (request.branch(), request.method().to_owned());
        let known = |server: &&mut Server| server.branch == branch;
        if method == "ACK" {
            let refused =
                |server: &&mut Server| server.branch == branch && server.request.method() == "INVITE" && server.settled;
            let Some(server) = self.servers.iter_mut().find(refused) else {
                return false;
            };
            server.again = None;
            return true;
        }
        if let Some(server) = self
            .servers
            .iter_mut()
            .filter(|it| it.request.method() == method)
            .find(known)
        {
            self.out.extend(server.response.clone());
            return true;
        }
        self.servers.push(Server {
            branch,
            request: request.clone(),
            response: None,
            again: None,
            until: now + 600_000,
            settled: false,
        });
        false
    }

    pub(super) fn take_response(&mut self, response: &Message, now: u64) {
        let (branch, code) = (response.branch(), response.code());
        let is_its = |client: &Client| client.branch == branch && client.message.method() == response.method();
        let Some(place) = self.clients.iter().position(is_its) else {
            return;
        };
        let client = &mut self.clients[place];
        if client.over && (200..300).contains(&code) {
            let invite = client.message.clone();
            return self.answered_again(&invite, response, now);
        }
        if let Some(ack) = &client.ack {
            if code >= 300 {
                self.out.push(ack.clone());
            }
            return;
        }
        if client.over {
            return;
        }
        let invite = client.message.method() == "INVITE";
        if code < 200 {
            client.provisional = true;
            if invite {
                client.again = None;
            }
            let purpose = client.purpose;
            return self.progress(purpose, response, now);
        }
        client.again = None;
        client.over = true;
        client.began = now;
        let (message, purpose, tries) = (client.message.clone(), client.purpose, client.tries);
        if invite && code >= 300 {
            let ack = ack_of_refusal(&message, response);
            self.out.push(ack.clone());
            let client = &mut self.clients[place];
            client.ack = Some(ack);
        } else if !invite {
            self.clients.remove(place);
        }
        if matches!(code, 401 | 407) && tries < 3 && !self.is_cancelled(purpose) {
            return self.retry(message, response, purpose, tries, now);
        }
        self.settle(purpose, &message, Some(response), now);
    }

    /// The same request with the next CSeq and with credentials (RFC 3261 §22.2).
    fn retry(&mut self, mut message: Message, response: &Message, purpose: Purpose, tries: u8, now: u64) {
        let name = if response.code() == 401 {
            "WWW-Authenticate"
        } else {
            "Proxy-Authenticate"
        };
        let challenges = response.list(name).len();
        assert!(challenges > 0, "{} without {name}", response.code());
        let challenge = super::Challenge::read(response.need(name));
        let signed_with = message.get("Authorization").or(message.get("Proxy-Authorization"));
        let other_hash = signed_with.is_some_and(|it| !it.contains(&format!("algorithm={},", challenge.algorithm)));
        self.facts.push(Fact::Challenged {
            stale: challenge.stale,
            other_hash,
            signed: tries,
        });
        self.challenge = Some(challenge);
        message.remove("Via");
        message.remove("Authorization");
        message.remove("Proxy-Authorization");
        let (cseq, method) = (message.cseq() + 1, message.method().to_owned());
        message.set("CSeq", &format!("{cseq} {method}"));
        self.count_on(purpose, cseq);
        self.sign(&mut message);
        let sent = self.send_again(message, purpose, tries + 1, now);
        self.resent(purpose, &sent);
    }

    /// The connection is gone, and with it what waited for an answer over it.
    pub(super) fn lose_transactions(&mut self, now: u64) {
        let lost: Vec<Client> = std::mem::take(&mut self.clients);
        self.servers.clear();
        for client in lost.into_iter().filter(|client| !client.over) {
            if let Purpose::Invite(key) = client.purpose {
                self.facts.push(Fact::CutOff {
                    call_id: client.message.call_id().to_owned(),
                });
                self.forget_call(key);
            } else if client.purpose != Purpose::Register {
                self.settle(client.purpose, &client.message, None, now);
            }
        }
        let ringing = |call: &super::Call| call.state == super::State::Ringing;
        let keys: Vec<u64> = self
            .calls
            .iter()
            .filter(|call| ringing(call))
            .map(|call| call.key)
            .collect();
        keys.into_iter().for_each(|key| self.forget_call(key));
    }

    pub(super) fn tick_transactions(&mut self, now: u64) {
        let greedy = self.manner.greedy;
        let mut given_up = Vec::new();
        for client in &mut self.clients {
            let invite = client.message.method() == "INVITE";
            if let Some((_, gap)) = client.again.filter(|(at, _)| *at <= now) {
                self.out.push(client.bytes.clone());
                let young = greedy && now < client.began + 1_500;
                let next = if young { gap } else { gap * 2 };
                let next = if invite { next } else { next.min(T2_MS) };
                client.again = Some((now + next, next));
            }
            let rings = invite && client.provisional;
            if !client.over && !rings && now >= client.began + GIVES_UP_MS {
                client.over = true;
                client.again = None;
                given_up.push((client.purpose, client.message.clone()));
            }
        }
        self.clients
            .retain(|client| !client.over || now < client.began + GIVES_UP_MS);
        for (purpose, message) in given_up {
            self.settle(purpose, &message, None, now);
        }
        for server in &mut self.servers {
            if let Some((_, gap)) = server.again.filter(|(at, _)| *at <= now) {
                self.out.extend(server.response.clone());
                let next = (gap * 2).min(T2_MS);
                server.again = Some((now + next, next));
            }
        }
        self.servers.retain(|server| now < server.until);
    }

    pub(super) fn next_of_transactions(&self) -> Option<u64> {
        let clients = self.clients.iter().flat_map(|client| {
            let gives_up = client.over || !(client.message.method() == "INVITE" && client.provisional);
            [
                client.again.map(|(at, _)| at),
                gives_up.then_some(client.began + GIVES_UP_MS),
            ]
        });
        let servers = self
            .servers
            .iter()
            .flat_map(|server| [server.again.map(|(at, _)| at), Some(server.until)]);
        clients.chain(servers).flatten().min()
    }
}

/// The ACK of an answer from 300 up (RFC 3261 §17.1.1.3).
fn ack_of_refusal(invite: &Message, response: &Message) -> Vec<u8> {
    let mut ack = Message::request("ACK", invite.uri());
    for (name, value) in &invite.fields {
        match name.as_str() {
            "Via" | "Max-Forwards" | "Route" | "From" | "Call-ID" => ack.add(name, value),
            _ => {}
        }
    }
    ack.add("To", response.need("To"));
    ack.add("CSeq", &format!("{} ACK", invite.cseq()));
    ack.bytes()
}
