//! A model phone: a small user agent without sockets, on its own reader and writer, with manners of its own.

mod answering;
mod call;
mod calling;
mod dialog;
mod lamp;
mod registration;
mod transactions;
mod transfer;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

pub(crate) use call::{Call, Deed, State};
pub(crate) use calling::Wish;
pub(crate) use dialog::Dialog;
pub(crate) use lamp::{Lamp, Shows, extension_of};
use registration::Registration;
use transactions::{Client, Purpose, Server};

use crate::dice::Dice;
use crate::digest::Challenge;
use crate::wire::{Message, cut};

/// How a phone is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Udp,
    Tcp,
    Tls,
}

/// What a phone does its own way.
#[derive(Clone, Debug)]
pub(crate) struct Manner {
    pub(crate) via: Via,
    pub(crate) rport: bool,
    pub(crate) instance: bool,
    pub(crate) expires: u32,
    pub(crate) forgets_nonces: bool,
    pub(crate) ignores_min_expires: bool,
    /// The answer to OPTIONS; none: silence.
    pub(crate) options: Option<u16>,
    /// Sends its requests again at every opportunity.
    pub(crate) greedy: bool,
    pub(crate) forwards_to: Option<String>,
    /// Asks for reliable provisional answers, and gives them (RFC 3262).
    pub(crate) reliable: bool,
    /// Refreshes its calls by UPDATE (RFC 4028).
    pub(crate) refreshes: bool,
    /// Calls are declined in so many of a thousand cases.
    pub(crate) declines: u64,
    /// Calls are left ringing in so many of a thousand cases.
    pub(crate) absent: u64,
}

/// Something that checkers want to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// The connection closed, or the phone was switched off, while an INVITE waited for its answer.
    CutOff {
        call_id: String,
    },
    Challenged {
        stale: bool,
        /// It asks for another hash than the one that was answered.
        other_hash: bool,
        signed: u8,
    },
    Invited {
        call_id: String,
    },
    NotRegistered {
        code: u16,
    },
    NotWatching,
    Registered,
    /// A call was taken over (RFC 3891).
    Replaced,
    /// A new INVITE that is in no dialog came.
    Rings {
        call_id: String,
        from_tag: String,
        dialled: String,
    },
    Settled {
        call_id: String,
        code: u16,
    },
    TooBrief,
    Up {
        call_id: String,
    },
    Down {
        call_id: String,
    },
    /// Its connection is gone, and with it what it was ringing for.
    Unconnected,
    /// Something that does not fit what the phone knows.
    Odd(String),
}

/// One phone.
pub(crate) struct Phone {
    pub(crate) number: usize,
    pub(crate) extension: String,
    pub(crate) username: String,
    secret: String,
    pub(crate) manner: Manner,
    pub(crate) port: u16,
    domain: String,
    dice: Dice,
    challenge: Option<Challenge>,
    clients: Vec<Client>,
    servers: Vec<Server>,
    pub(crate) registration: Registration,
    brief_tries: u32,
    pub(crate) calls: Vec<Call>,
    pub(crate) lamps: Vec<Lamp>,
    /// The ACKs of 2xx: of which, the bytes, until when they are kept.
    acks: Vec<(String, Vec<u8>, u64)>,
    next_key: u64,
    /// A stream: whether it is up, and what has come so far of a message.
    pub(crate) connected: bool,
    buffer: Vec<u8>,
    /// What it sends now.
    pub(crate) out: Vec<Vec<u8>>,
    pub(crate) facts: Vec<Fact>,
    /// Everyone has gone home: no new calls are taken.
    pub(crate) closing: bool,
    /// It ends its subscriptions and makes no new ones.
    unwatching: bool,
}

impl Phone {
    pub(crate) fn new(number: usize, extension: &str, account: (&str, &str), manner: Manner, mut dice: Dice) -> Self {
        let first = dice.between(100, 20_000);
        let expires = manner.expires;
        let registration = Registration::new(dice.hex(), dice.hex(), expires, first);
        Self {
            number,
            extension: extension.to_owned(),
            username: account.0.to_owned(),
            secret: account.1.to_owned(),
            manner,
            port: 5060,
            domain: crate::office::DOMAIN.to_owned(),
            dice,
            challenge: None,
            clients: Vec::new(),
            servers: Vec::new(),
            registration,
            brief_tries: 0,
            calls: Vec::new(),
            lamps: Vec::new(),
            acks: Vec::new(),
            next_key: 1,
            connected: false,
            buffer: Vec::new(),
            out: Vec::new(),
            facts: Vec::new(),
            closing: false,
            unwatching: false,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        let last = u8::try_from(self.number + 10).unwrap();
        SocketAddr::new(IpAddr::V4(Ipv4Addr::new(10, 0, 0, last)), self.port)
    }

    pub(crate) fn is_datagram(&self) -> bool {
        self.manner.via == Via::Udp
    }

    pub(crate) fn can_send(&self) -> bool {
        self.is_datagram() || self.connected
    }

    fn via(&mut self) -> String {
        let branch = self.dice.hex();
        let rport = if self.manner.rport { ";rport" } else { "" };
        let name = match self.manner.via {
            Via::Udp => "UDP",
            Via::Tcp => "TCP",
            Via::Tls => "TLS",
        };
        let shown = self.shown();
        format!("SIP/2.0/{name} {shown};branch=z9hG4bK{branch}{rport}")
    }

    /// The address that it believes to have. A phone without rport is behind a router, as others with the same one are.
    fn shown(&self) -> String {
        if self.manner.rport {
            self.address().to_string()
        } else {
            "192.168.1.20:5060".to_owned()
        }
    }

    fn contact_uri(&self) -> String {
        let transport = match self.manner.via {
            Via::Udp => "",
            Via::Tcp => ";transport=tcp",
            Via::Tls => ";transport=tls",
        };
        format!("sip:{}@{}{transport}", self.extension, self.shown())
    }

    fn contact(&self) -> String {
        format!("<{}>", self.contact_uri())
    }

    fn contact_with_instance(&self) -> String {
        let instance = format!(
            ";+sip.instance=\"<urn:uuid:00000000-0000-4000-8000-{:012}>\"",
            self.number
        );
        format!(
            "{}{}",
            self.contact(),
            if self.manner.instance { instance.as_str() } else { "" }
        )
    }

    /// A dialog that is about to begin with an extension.
    fn new_dialog(&mut self, extension: &str) -> Dialog {
        let aor = |user: &str| format!("sip:{user}@{}", self.domain);
        let (own, target) = (aor(&self.extension), aor(extension));
        let (call_id, tag) = (self.dice.hex(), self.dice.hex());
        Dialog::begin(
            call_id,
            format!("\"Phone, {}\" <{own}>;tag={tag}", self.number),
            format!("<{target}>"),
            target,
        )
    }

    /// A datagram came.
    pub(crate) fn take_datagram(&mut self, bytes: &[u8], now: u64) {
        if bytes != b"\r\n" {
            self.take(&Message::read(bytes), now);
        }
        self.tick(now);
    }

    /// A piece of a stream came.
    pub(crate) fn take_piece(&mut self, bytes: &[u8], now: u64) {
        self.buffer.extend_from_slice(bytes);
        while let Some(message) = cut(&mut self.buffer) {
            self.take(&message, now);
        }
        self.tick(now);
    }

    /// Its connection is up.
    pub(crate) fn opened(&mut self, now: u64) {
        self.connected = true;
        self.registration.next = Some(now);
        self.tick(now);
    }

    /// Its connection is gone, and the registration and the subscriptions with it.
    pub(crate) fn lost(&mut self, now: u64) {
        self.connected = false;
        self.facts.push(Fact::Unconnected);
        self.buffer.clear();
        self.registration.until = 0;
        self.forget_lamps(now);
        self.lose_transactions(now);
    }

    /// The plug was pulled: it comes back from another port, with another Call-ID, and knows nothing any more.
    pub(crate) fn restart(&mut self, now: u64) {
        for call in std::mem::take(&mut self.calls) {
            let call_id = call.dialog.call_id;
            let waits = call.state == State::Calling;
            self.facts.push(if waits {
                Fact::CutOff { call_id }
            } else {
                Fact::Down { call_id }
            });
        }
        self.port = if self.port == 5060 { 40_000 } else { self.port + 1 };
        self.registration = Registration::new(self.dice.hex(), self.dice.hex(), self.manner.expires, now + 3_000);
        self.challenge = None;
        self.clients.clear();
        self.lost(now);
    }

    fn take(&mut self, message: &Message, now: u64) {
        if message.is_response() {
            return self.take_response(message, now);
        }
        if message.method() == "OPTIONS" && self.manner.options.is_none() {
            return;
        }
        if self.is_copy(message, now) {
            return;
        }
        match message.method() {
            "INVITE" if message.tag("To").is_none() => self.invited(message, now),
            "CANCEL" => self.cancelled(message, now),
            "OPTIONS" => {
                let code = self.manner.options.unwrap_or(200);
                self.reply(message, code, "Options", now);
            }
            "MESSAGE" => self.reply(message, 200, "OK", now),
            "NOTIFY" if message.get("Event") == Some("dialog") => self.notified(message, now),
            _ => self.in_dialog(message, now),
        }
    }

    /// A plain answer.
    fn reply(&mut self, request: &Message, code: u16, reason: &str, now: u64) {
        let tag = self.dice.hex();
        let answer = Message::response(request, code, reason, &tag);
        self.answer(request, &answer, now);
    }

    /// What has become of a request: an answer, or none within 32 s.
    fn settle(&mut self, purpose: Purpose, request: &Message, response: Option<&Message>, now: u64) {
        match purpose {
            Purpose::Register => self.registered(response, now),
            Purpose::Invite(key) => self.invite_settled(key, response, now),
            Purpose::Reinvite(key) => self.reinvite_settled(key, request, response, now),
            Purpose::Bye(key) => self.forget_call(key),
            Purpose::Refer(key) => self.refer_settled(key, response, now),
            Purpose::Watch(place) => self.watched(place, request, response, now),
            Purpose::Plain(_) => {}
        }
    }

    /// A request gets this CSeq now, because it is sent again with credentials.
    fn count_on(&mut self, purpose: Purpose, cseq: u32) {
        match purpose {
            Purpose::Register => self.registration.cseq = cseq,
            Purpose::Watch(place) => {
                if let Some(dialog) = &mut self.lamps[place].dialog {
                    dialog.cseq = dialog.cseq.max(cseq);
                }
            }
            Purpose::Invite(key)
            | Purpose::Reinvite(key)
            | Purpose::Bye(key)
            | Purpose::Refer(key)
            | Purpose::Plain(key) => {
                if let Some(call) = self.call(key) {
                    call.dialog.cseq = call.dialog.cseq.max(cseq);
                }
            }
        }
    }

    pub(crate) fn tick(&mut self, now: u64) {
        self.tick_registration(now);
        self.tick_transactions(now);
        self.tick_calls(now);
        self.tick_lamps(now);
    }

    pub(crate) fn next(&self, now: u64) -> Option<u64> {
        let ready = self.is_registered(now) && self.can_send();
        let lamps = self.lamps.iter().filter(|_| ready).filter_map(|lamp| lamp.next);
        let registration = self.registration.next.filter(|_| self.can_send());
        let all = [registration, self.next_of_transactions(), self.next_of_calls()];
        all.into_iter().flatten().chain(lamps).min()
    }
}
