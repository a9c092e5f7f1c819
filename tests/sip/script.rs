//! An office's line from any bytes: they are read as a list of things that happen to the stack. None may make it panic,
//! and when everybody is gone nothing may be left. For the tests and for the fuzz target.

use std::collections::BTreeMap;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use linekey::rules::id::{DisplayName, Extension};
use linekey::rules::moment::Fresh;
use linekey::rules::phones::device::{Algorithm, DeviceId, DeviceSecret};
use linekey::rules::time::Tick;
use linekey::sip::codec::{Draft, Method, Name, Request, Response, View};
use linekey::sip::stack::{
    Action, Config, Directory, Entry, Flow, Input, Listener, ListenerId, Load, NotifyRequest, NotifyTo, Stack,
    StreamId, Transport,
};
use md5::{Digest, Md5};

/// Three extensions; the second has two phones.
const PHONES: [&str; 4] = ["101", "102", "102", "103"];
const URIS: [&str; 8] = [
    "sip:101@office.example",
    "sip:102@office.example",
    "sip:103@office.example",
    "sip:**102@office.example",
    "sip:office.example",
    "sip:104@office.example",
    "tel:101",
    "sip:102@elsewhere.example",
];
const METHODS: [Method<'static>; 16] = [
    Method::Invite,
    Method::Register,
    Method::Subscribe,
    Method::Invite,
    Method::Message,
    Method::Bye,
    Method::Ack,
    Method::Cancel,
    Method::Refer,
    Method::Info,
    Method::Update,
    Method::Notify,
    Method::Options,
    Method::Prack,
    Method::Publish,
    Method::Register,
];
const STATUSES: [u16; 16] = [
    180, 200, 100, 486, 603, 183, 200, 302, 401, 404, 407, 480, 487, 500, 503, 408,
];

/// Somebody at the line.
#[derive(Default)]
struct Phone {
    challenge: String,
    /// The newest requests that came and were sent, and the newest answer.
    asked: Option<Vec<u8>>,
    sent: Option<Vec<u8>>,
    answered: Option<Vec<u8>>,
}

struct Line {
    stack: Stack,
    now: u64,
    number: u32,
    phones: Vec<Phone>,
    streams: Vec<StreamId>,
    wakes: u32,
}

fn secret(device: u8) -> DeviceSecret {
    DeviceSecret::fresh(&mut Fresh::seeded([device; 32]))
}

fn config(bits: u8) -> Config {
    let listener = |transport, port| Listener {
        transport,
        local: ([10, 0, 0, 100], port).into(),
    };
    let stream = if bits & 8 == 0 { Transport::Tcp } else { Transport::Tls };
    Config {
        domain: "office.example".into(),
        hosts: Vec::new(),
        listeners: vec![listener(Transport::Udp, 5060), listener(stream, 5060)],
        lan_only: bits & 1 != 0,
        decline_silences_all: bits & 2 != 0,
        hide_names: bits & 4 != 0,
        emergency: Vec::new(),
        first_number: 1,
    }
}

/// All phones, without those of the bits.
fn directory(without: u8) -> Arc<Directory> {
    let entry = |(place, extension): (usize, &&str)| {
        let device = u8::try_from(place).unwrap();
        Entry {
            device: DeviceId(place as u64),
            username: format!("p{device}"),
            secret: secret(device),
            algorithm: Algorithm::Md5,
            extension: Extension::parse(extension).ok(),
            name: DisplayName::parse("A \"B\" <c>").unwrap(),
        }
    };
    let devices = PHONES.iter().enumerate().filter(|(place, _)| without >> place & 1 == 0);
    Arc::new(Directory {
        devices: devices.map(entry).collect(),
    })
}

fn address(phone: usize) -> std::net::SocketAddr {
    ([10, 0, 0, u8::try_from(phone).unwrap()], 5060).into()
}

impl Line {
    fn handle(&mut self, input: Input<'_>) {
        self.stack.handle(input, Tick(self.now));
        while let Some(action) = self.stack.next_action() {
            let Action::Send { flow, bytes } = action else { continue };
            let Ok(view) = View::read(&bytes) else { continue };
            let phone = match flow {
                Flow::Datagram { remote, .. } => (0..PHONES.len()).find(|phone| address(*phone) == remote),
                Flow::Stream(_) => None,
            };
            let Some(phone) = phone.and_then(|phone| self.phones.get_mut(phone)) else {
                continue;
            };
            if let Some(value) = view
                .first(Name::WwwAuthenticate)
                .or(view.first(Name::ProxyAuthenticate))
            {
                phone.challenge = String::from_utf8_lossy(value).into_owned();
            }
            if Request::parse(&view).is_ok_and(|request| request.method != Method::Ack) {
                phone.asked = Some(bytes);
            } else if Response::parse(&view).is_ok_and(|response| response.status > 100) {
                phone.answered = Some(bytes);
            }
        }
    }

    fn datagram(&mut self, phone: usize, bytes: &[u8]) {
        let (listener, remote) = (ListenerId(0), address(phone));
        self.handle(Input::Datagram {
            listener,
            remote,
            bytes,
        });
    }

    fn wait(&mut self, milliseconds: u64) {
        let end = self.now + milliseconds;
        while let Some(at) = self.stack.next_timeout().filter(|at| at.0 <= end) {
            self.now = self.now.max(at.0);
            self.wakes += 1;
            assert!(self.wakes < 1_000_000, "it never comes to rest");
            self.handle(Input::Timeout);
        }
        self.now = end;
    }

    fn send(&mut self, phone: usize, bytes: Vec<u8>) {
        self.datagram(phone, &bytes);
        if let Some(phone) = self.phones.get_mut(phone) {
            phone.sent = Some(bytes);
        }
    }

    /// A request outside a dialog, and once more with credentials.
    fn request(&mut self, phone: usize, kind: u8, uri: u8, more: &[u8]) {
        let method = METHODS[usize::from(kind) % METHODS.len()];
        let uri = if method == Method::Register {
            URIS[4]
        } else {
            URIS[usize::from(uri) % URIS.len()]
        };
        let own = format!("<sip:{}@office.example>", PHONES[phone]);
        self.number += 1;
        let number = self.number;
        for field in ["", "Authorization", "Proxy-Authorization"] {
            let to = if method == Method::Register {
                own.clone()
            } else {
                format!("<{uri}>")
            };
            let mut draft = Draft::request(method, uri)
                .with(
                    "Via",
                    format_args!("SIP/2.0/UDP {};branch=z9hG4bK{number}{field}", address(phone)),
                )
                .with("From", format_args!("{own};tag=f{phone}"))
                .with("To", to)
                .with(
                    "Call-ID",
                    format_args!("{phone}-{}", if method == Method::Register { 0 } else { number }),
                )
                .with("CSeq", format_args!("{} {method}", number * 3 + field.len() as u32 % 3))
                .with("Contact", format_args!("<sip:{}@{}>", PHONES[phone], address(phone)))
                .with("Supported", "replaces")
                .with("Event", "dialog");
            if !field.is_empty() {
                draft = draft.with(field, self.credentials(phone, method, uri));
            }
            draft = draft.with_raw(if more.is_empty() { "X" } else { "Expires" }, more);
            self.send(phone, draft.finish());
            let code = self.phones[phone]
                .answered
                .as_deref()
                .and_then(|answer| answer.get(8..11).map(<[u8]>::to_vec));
            if !matches!(code.as_deref(), Some(b"401" | b"407")) {
                return;
            }
        }
    }

    fn credentials(&self, phone: usize, method: Method<'_>, uri: &str) -> String {
        let challenge = &self.phones[phone].challenge;
        let nonce = challenge
            .split("nonce=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .unwrap_or_default();
        let hex = |text: String| HEXLOWER.encode(&Md5::digest(text.as_bytes()));
        let secret = secret(u8::try_from(phone).unwrap());
        let ha1 = hex(format!("p{phone}:office.example:{}", secret.reveal()));
        let ha2 = hex(format!("{method}:{uri}"));
        let response = hex(format!("{ha1}:{nonce}:00000001:c:auth:{ha2}"));
        format!(
            "Digest username=\"p{phone}\", realm=\"office.example\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", qop=auth, cnonce=\"c\", nc=00000001"
        )
    }

    /// Answers the newest request.
    fn answer(&mut self, phone: usize, status: u8, tag: u8) {
        let status = STATUSES[usize::from(status) % STATUSES.len()];
        let Some(asked) = self.phones[phone].asked.clone() else {
            return;
        };
        let view = View::read(&asked).unwrap();
        let bytes = Draft::response(&view, address(phone), status, "Said", &format!("t{phone}{}", tag % 3))
            .with(
                "Contact",
                format_args!("<sip:{}@{}>", PHONES[usize::from(tag) % 4], address(phone)),
            )
            .finish();
        self.datagram(phone, &bytes);
    }

    /// A request inside the call of the newest answer or of the newest request; CANCEL and ACK of the newest INVITE.
    fn inside(&mut self, phone: usize, kind: u8, as_callee: bool) {
        let method = METHODS[usize::from(kind) % METHODS.len()];
        let base = &self.phones[phone];
        let source = match (method, as_callee) {
            (Method::Cancel, _) => base.sent.clone(),
            (_, true) => base.asked.clone(),
            (_, false) => base.answered.clone(),
        };
        let Some(source) = source else { return };
        let view = View::read(&source).unwrap();
        let uri = URIS[usize::from(kind / 16) % URIS.len()];
        let (from, to) = if as_callee {
            (Name::To, Name::From)
        } else {
            (Name::From, Name::To)
        };
        self.number += 1;
        let branch = format!("SIP/2.0/UDP {};branch=z9hG4bKi{}", address(phone), self.number);
        let via = view
            .first(Name::Via)
            .filter(|_| method == Method::Cancel)
            .unwrap_or(branch.as_bytes());
        let mut from = view.first(from).unwrap_or_default().to_vec();
        if as_callee {
            from.extend_from_slice(format!(";tag=t{phone}0").as_bytes());
        }
        let cseq = view.first(Name::CSeq).unwrap_or_default();
        let old: String = cseq
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .map(|byte| char::from(*byte))
            .collect();
        let is_old = matches!(method, Method::Ack | Method::Cancel);
        let number = if is_old {
            old
        } else {
            (self.number * 3 + 1_000).to_string()
        };
        let bytes = Draft::request(method, uri)
            .with_raw("Via", via)
            .with_raw("From", &from)
            .with_raw("To", view.first(to).unwrap_or_default())
            .with_all(&view, Name::CallId)
            .with("CSeq", format_args!("{number} {method}"))
            .with("Contact", format_args!("<sip:{}@{}>", PHONES[phone], address(phone)))
            .finish();
        self.send(phone, bytes);
    }

    /// One thing that happens.
    fn happen(&mut self, op: u8, at: u8, payload: &[u8]) {
        let phone = usize::from(at) % PHONES.len();
        let (one, two) = (
            payload.first().copied().unwrap_or(0),
            payload.get(1).copied().unwrap_or(0),
        );
        let rest = payload.get(2..).unwrap_or_default();
        match op % 12 {
            0 | 1 => self.request(phone, one, two, rest),
            2 | 3 => self.answer(phone, one, two),
            4 => self.inside(phone, one, two & 1 == 0),
            5 => self.wait(u64::from(at) * u64::from(at) * (1 + u64::from(one))),
            6 => self.datagram(phone, payload),
            7 => {
                let stream = StreamId(self.streams.len() as u64);
                self.streams.push(stream);
                let (listener, remote) = (ListenerId(1), address(phone));
                self.handle(Input::StreamOpened {
                    stream,
                    listener,
                    remote,
                });
            }
            8 => {
                let stream = StreamId(u64::from(at) % (1 + self.streams.len() as u64));
                self.handle(Input::StreamBytes { stream, bytes: payload });
            }
            9 => {
                let base = &self.phones[phone];
                let bytes = [&base.sent, &base.asked, &base.answered][usize::from(one) % 3].clone();
                let mut bytes = bytes.unwrap_or_default();
                let place = usize::from(two) * bytes.len() / 256;
                let end = (place + rest.len() / 2).min(bytes.len());
                bytes.splice(place..end, rest.iter().copied());
                self.datagram(phone, &bytes);
            }
            10 => self.handle(match at % 4 {
                0 => Input::Config(config(one)),
                1 => Input::Restored(self.stack.bindings(Tick(self.now))),
                _ => Input::Directory(directory(one & two)),
            }),
            _ => self.handle(Input::Notify(NotifyRequest {
                id: u64::from(one),
                to: if two & 1 == 0 {
                    NotifyTo::Device(DeviceId(phone as u64))
                } else {
                    NotifyTo::Discovered(0)
                },
                event: "check-sync;reboot=false".into(),
                state: None,
                body: None,
            })),
        }
    }
}

/// Lives through all of it: each thing is an operation, a place, a length and so many bytes.
pub fn live(mut bytes: &[u8]) {
    let mut line = Line {
        stack: Stack::new(config(0), directory(0), [1; 32], Tick(1_000)),
        now: 1_000,
        number: 0,
        phones: PHONES.iter().map(|_| Phone::default()).collect(),
        streams: Vec::new(),
        wakes: 0,
    };
    for phone in 0..PHONES.len() {
        line.request(phone, 1, 0, &[]);
    }
    assert_eq!(line.stack.load().bindings, PHONES.len());
    while let Some(([op, at, length], rest)) = bytes.split_first_chunk::<3>() {
        // Long pieces are possible, short ones usual.
        let length = if *length < 200 {
            usize::from(*length)
        } else {
            (usize::from(*length) - 199) * 40
        };
        let (payload, rest) = rest.split_at(length.min(rest.len()));
        bytes = rest;
        line.happen(*op, *at, payload);
    }
    for stream in line.streams.clone() {
        line.handle(Input::StreamClosed { stream });
    }
    // The longest call without a word, and what lingers after it.
    line.wait(13 * 3_600_000);
    assert_eq!(line.stack.load(), Load::default());
    assert_eq!(line.stack.next_timeout(), None);
    let left: BTreeMap<_, _> = line
        .stack
        .devices(Tick(line.now))
        .iter()
        .map(|it| (it.device, it.bindings.len()))
        .collect();
    assert!(left.values().all(|bindings| *bindings == 0), "{left:?}");
}
