//! A bench for one message at a time: the stack, some devices that the test plays by hand, and a clock.

use std::sync::Arc;

use linekey::rules::id::{DisplayName, Extension};
use linekey::rules::moment::Fresh;
use linekey::rules::phones::device::{Algorithm, DeviceId, DeviceSecret};
use linekey::rules::time::Tick;
use linekey::sip::stack::{Action, Config, Directory, Entry, Flow, Input, ListenerId, Stack, StreamId};

use crate::dice::Dice;
use crate::digest::Challenge;
use crate::wire::{Message, address, cut};

/// Extension, device's name, address. 102 has two devices.
pub(crate) const DEVICES: [(&str, &str, &str); 4] = [
    ("101", "101-alpha", "10.0.0.21:5060"),
    ("102", "102-bravo", "10.0.0.22:5060"),
    ("102", "102-carol", "10.0.0.23:5060"),
    ("103", "103-delta", "10.0.0.24:5060"),
];

pub(crate) struct Bench {
    pub(crate) stack: Stack,
    pub(crate) now: u64,
    secrets: Vec<String>,
    dice: Dice,
}

/// What came out, and where to.
pub(crate) type Sent = Vec<(String, Message)>;

impl Bench {
    pub(crate) fn new() -> Self {
        let (directory, secrets) = office(7);
        let config: Config = crate::office::config(1);
        let stack = Stack::new(config, Arc::new(directory), [9; 32], Tick(50_000));
        Self {
            stack,
            now: 50_000,
            secrets,
            dice: Dice::new(1),
        }
    }

    /// The same devices with other secrets.
    pub(crate) fn other_secrets(&mut self) -> Directory {
        let (directory, secrets) = office(8);
        self.secrets = secrets;
        directory
    }

    /// One with these devices registered, each at its address.
    pub(crate) fn registered() -> Self {
        let mut bench = Self::new();
        for device in 0..DEVICES.len() {
            let answer = bench.register(device, 3_600);
            assert_eq!(answer.code(), 200, "{answer:?}");
        }
        bench
    }

    fn drain(&mut self) -> Sent {
        let mut sent = Vec::new();
        while let Some(action) = self.stack.next_action() {
            match action {
                Action::Send {
                    flow: Flow::Datagram { remote, .. },
                    bytes,
                } => {
                    sent.push((remote.to_string(), Message::read(&bytes)));
                }
                Action::Send {
                    flow: Flow::Stream(stream),
                    mut bytes,
                } => {
                    let to = format!("stream {}", stream.0);
                    while let Some(message) = cut(&mut bytes) {
                        sent.push((to.clone(), message));
                    }
                }
                Action::Close { stream } => {
                    sent.push((format!("stream {}", stream.0), Message::request("CLOSED", "-")));
                }
                Action::Event(_) => {}
            }
        }
        sent
    }

    pub(crate) fn send_bytes(&mut self, from: &str, bytes: &[u8]) -> Sent {
        let remote = from.parse().unwrap();
        let listener = ListenerId(0);
        self.stack.handle(
            Input::Datagram {
                listener,
                remote,
                bytes,
            },
            Tick(self.now),
        );
        self.drain()
    }

    pub(crate) fn send(&mut self, from: &str, message: &Message) -> Sent {
        self.send_bytes(from, &message.bytes())
    }

    /// A connection over TCP.
    pub(crate) fn open(&mut self, stream: u64, from: &str) {
        self.open_at(ListenerId(1), stream, from);
    }

    /// A connection over TLS.
    pub(crate) fn open_secure(&mut self, stream: u64, from: &str) {
        self.open_at(ListenerId(2), stream, from);
    }

    fn open_at(&mut self, listener: ListenerId, stream: u64, from: &str) {
        let (stream, remote) = (StreamId(stream), from.parse().unwrap());
        self.stack.handle(
            Input::StreamOpened {
                stream,
                listener,
                remote,
            },
            Tick(self.now),
        );
        assert!(self.drain().is_empty());
    }

    pub(crate) fn stream(&mut self, stream: u64, bytes: &[u8]) -> Sent {
        let stream = StreamId(stream);
        self.stack.handle(Input::StreamBytes { stream, bytes }, Tick(self.now));
        self.drain()
    }

    pub(crate) fn close(&mut self, stream: u64) -> Sent {
        let stream = StreamId(stream);
        self.stack.handle(Input::StreamClosed { stream }, Tick(self.now));
        self.drain()
    }

    /// Lets time pass, and tells what was sent when.
    pub(crate) fn wait(&mut self, milliseconds: u64) -> Vec<(u64, String, Message)> {
        let (began, end) = (self.now, self.now + milliseconds);
        let mut all = Vec::new();
        while let Some(due) = self.stack.next_timeout().filter(|due| due.0 <= end) {
            self.now = due.0.max(self.now);
            self.stack.handle(Input::Timeout, Tick(self.now));
            let at = self.now - began;
            all.extend(self.drain().into_iter().map(|(to, message)| (at, to, message)));
        }
        self.now = end;
        all
    }

    /// A request of a device outside any dialog.
    pub(crate) fn request(&mut self, device: usize, method: &str, to: &str) -> Message {
        let (extension, _, address) = DEVICES[device];
        let (branch, call_id) = (self.dice.hex(), self.dice.hex());
        let mut message = Message::request(method, &format!("sip:{to}@office.example"))
            .with("Via", &format!("SIP/2.0/UDP {address};branch=z9hG4bK{branch};rport"))
            .with("Max-Forwards", "70")
            .with("From", &format!("<sip:{extension}@office.example>;tag=from{device}"))
            .with("To", &format!("<sip:{to}@office.example>"))
            .with("Call-ID", &call_id)
            .with("CSeq", &format!("1 {method}"))
            .with("Contact", &format!("<sip:{extension}@{address}>"));
        if method == "REGISTER" {
            message.start = "REGISTER sip:office.example SIP/2.0".to_owned();
            message.set("To", &format!("<sip:{extension}@office.example>"));
        }
        message
    }

    /// The request again, with credentials for the challenge that is in that answer.
    pub(crate) fn signed(&mut self, device: usize, request: &Message, answer: &Message) -> Message {
        let (ask, tell) = match answer.code() {
            401 => ("WWW-Authenticate", "Authorization"),
            407 => ("Proxy-Authenticate", "Proxy-Authorization"),
            other => panic!("no challenge: {other}"),
        };
        let mut challenge = Challenge::read(answer.need(ask));
        let (name, secret) = (DEVICES[device].1, self.secrets[device].clone());
        let credentials = challenge.answer(name, &secret, request.method(), request.uri(), &mut self.dice);
        let mut again = request.clone();
        again.set(tell, &credentials);
        again.set("CSeq", &format!("{} {}", request.cseq() + 1, request.method()));
        self.rebranch(&mut again);
        again
    }

    /// Makes it another transaction.
    pub(crate) fn rebranch(&mut self, message: &mut Message) {
        let old = message.branch();
        let via = message
            .need("Via")
            .replace(&old, &format!("z9hG4bK{}", self.dice.hex()));
        message.set("Via", &via);
    }

    /// Sends a request until it is past its challenge; what came of it, and the request that got there.
    pub(crate) fn pass(&mut self, device: usize, request: &Message) -> (Message, Sent) {
        let from = DEVICES[device].2;
        let sent = self.send(from, request);
        let challenge = sent
            .iter()
            .find(|(_, message)| message.is_response() && matches!(message.code(), 401 | 407));
        let Some((_, challenge)) = challenge.cloned() else {
            return (request.clone(), sent);
        };
        if challenge.method() == "INVITE" {
            self.send(from, &ack_of(request, &challenge));
        }
        let again = self.signed(device, request, &challenge);
        let sent = self.send(from, &again);
        (again, sent)
    }

    pub(crate) fn register(&mut self, device: usize, expires: u32) -> Message {
        let mut request = self.request(device, "REGISTER", "");
        request.add("Expires", &expires.to_string());
        let (_, sent) = self.pass(device, &request);
        only(&sent).clone()
    }

    /// A device registers over a connection, with that Contact or the one that it always has.
    pub(crate) fn register_over(&mut self, device: usize, stream: u64, contact: Option<&str>) {
        let mut request = self.request(device, "REGISTER", "").with("Expires", "600");
        let via = request.need("Via").replace("/UDP", "/TCP");
        request.set("Via", &via);
        if let Some(contact) = contact {
            request.add("Supported", "outbound");
            request.set("Contact", contact);
        }
        let challenge = self.stream(stream, &request.bytes())[0].1.clone();
        let again = self.signed(device, &request, &challenge);
        assert_eq!(self.stream(stream, &again.bytes())[0].1.code(), 200);
    }

    /// The Contacts that a device is told when it asks.
    pub(crate) fn query(&mut self, device: usize) -> Vec<String> {
        let mut request = self.request(device, "REGISTER", "");
        request.remove("Contact");
        let (_, sent) = self.pass(device, &request);
        let answer = only(&sent);
        assert_eq!(answer.code(), 200);
        answer.list("Contact")
    }

    /// Device 0 calls an extension: its INVITE as it was taken, and what the devices got.
    pub(crate) fn call(&mut self, to: &str) -> (Message, Sent) {
        let request = self.request(0, "INVITE", to);
        let (invite, sent) = self.pass(0, &request);
        let rung = sent.into_iter().filter(|(_, message)| !message.is_response()).collect();
        (invite, rung)
    }

    /// A device answers what it got.
    pub(crate) fn answer(&mut self, device: usize, request: &Message, code: u16) -> Sent {
        let (extension, _, address) = DEVICES[device];
        let mut answer = Message::response(request, code, "Answer", &format!("tag{device}"));
        if code < 300 {
            answer.add("Contact", &format!("<sip:{extension}@{address}>"));
        }
        self.send(address, &answer)
    }
}

/// The devices with their secrets.
fn office(seed: u8) -> (Directory, Vec<String>) {
    let mut fresh = Fresh::seeded([seed; 32]);
    let (mut devices, mut secrets) = (Vec::new(), Vec::new());
    for (number, (extension, name, _)) in DEVICES.iter().enumerate() {
        let secret = DeviceSecret::fresh(&mut fresh);
        secrets.push(secret.reveal().to_owned());
        devices.push(Entry {
            device: DeviceId(1 + number as u64),
            username: (*name).to_owned(),
            secret,
            algorithm: Algorithm::Md5,
            extension: Some(Extension::parse(extension).unwrap()),
            name: DisplayName::parse(name).unwrap(),
        });
    }
    (Directory { devices }, secrets)
}

/// The ACK of a refusal.
pub(crate) fn ack_of(invite: &Message, response: &Message) -> Message {
    let mut ack = Message::request("ACK", invite.uri());
    for (name, value) in &invite.fields {
        if matches!(name.as_str(), "Via" | "Max-Forwards" | "Route" | "From" | "Call-ID") {
            ack.add(name, value);
        }
    }
    ack.with("To", response.need("To"))
        .with("CSeq", &format!("{} ACK", invite.cseq()))
}

/// What the caller sends inside the dialog of that 200.
pub(crate) fn inside(answer: &Message, method: &str, cseq: u32) -> Message {
    let branch = format!("z9hG4bK{method}{cseq}{}", answer.call_id());
    let via = format!("SIP/2.0/UDP {};branch={branch};rport", DEVICES[0].2);
    let mut request = Message::request(method, address(answer.need("Contact")))
        .with("Via", &via)
        .with("Max-Forwards", "70");
    for route in answer.list("Record-Route").iter().rev() {
        request.add("Route", route);
    }
    request
        .with("From", answer.need("From"))
        .with("To", answer.need("To"))
        .with("Call-ID", answer.call_id())
        .with("CSeq", &format!("{cseq} {method}"))
}

/// The one message that was sent.
#[track_caller]
pub(crate) fn only(sent: &Sent) -> &Message {
    let [(_, message)] = sent.as_slice() else {
        panic!("not one message: {sent:#?}");
    };
    message
}

/// What went to a device.
pub(crate) fn to(sent: &Sent, device: usize) -> Vec<&Message> {
    let address = DEVICES[device].2;
    sent.iter()
        .filter(|(to, _)| to == address)
        .map(|(_, message)| message)
        .collect()
}

/// The codes that a device got.
pub(crate) fn codes(sent: &Sent, device: usize) -> Vec<u16> {
    to(sent, device)
        .iter()
        .filter(|message| message.is_response())
        .map(|message| message.code())
        .collect()
}
