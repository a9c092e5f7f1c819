//! One office on a hand-set tick: phones are addresses in memory, and each message is text.

mod calls;
mod dialogs;
mod lamps;
mod message;
mod noise;
mod registration;
mod secrets;
mod strangers;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;

use linekey::rules::id::{DisplayName, Extension};
use linekey::rules::moment::Fresh;
use linekey::rules::phones::device::{Algorithm, DeviceId, DeviceSecret};
use linekey::rules::time::Tick;
use linekey::sip::stack::{
    Action, Config, Directory, Entry, Event, Flow, Input, Listener, ListenerId, Stack, StreamId, Transport,
};
use md5::{Digest, Md5};
use message::{bracketed, field, fields, method, quoted, status};

const UDP: ListenerId = ListenerId(0);
const TLS: ListenerId = ListenerId(2);

/// The server, its time, and what lies before each phone.
struct Office {
    stack: Stack,
    now: u64,
    inbox: BTreeMap<Flow, VecDeque<String>>,
    events: Vec<Event>,
    closed: Vec<StreamId>,
    next: u64,
}

/// A device of an extension: at an address, or at the end of a connection.
#[derive(Clone)]
struct Phone {
    device: u64,
    extension: &'static str,
    flow: Flow,
    contact: String,
    /// Call-ID of its registrations.
    call_id: String,
    cseq: u32,
    challenge: String,
}

/// A call as one side sees it.
#[derive(Clone, Debug)]
struct Talk {
    call_id: String,
    local: String,
    remote: String,
    target: String,
    routes: Vec<String>,
    cseq: u32,
}

fn config() -> Config {
    let listener = |transport, local: &str| Listener {
        transport,
        local: local.parse().unwrap(),
    };
    Config {
        domain: "office.example".into(),
        hosts: vec!["192.0.2.10".into()],
        listeners: vec![
            listener(Transport::Udp, "192.0.2.10:5060"),
            listener(Transport::Tcp, "192.0.2.10:5060"),
            listener(Transport::Tls, "192.0.2.10:5061"),
        ],
        lan_only: false,
        decline_silences_all: false,
        hide_names: false,
        emergency: Vec::new(),
        first_number: 1_000,
    }
}

fn secret(device: u64) -> DeviceSecret {
    DeviceSecret::fresh(&mut Fresh::seeded([u8::try_from(device).unwrap(); 32]))
}

/// Devices 1 to 3 of 101, 4 to 6 of 102, 7 to 9 of 103; their names are `101-a`, `101-b`, `101-c` and so on.
fn directory(without: &[u64]) -> Arc<Directory> {
    let entry = |device: u64| Entry {
        device: DeviceId(device),
        username: username(device),
        secret: secret(device),
        algorithm: Algorithm::Md5,
        extension: Extension::parse(extension(device)).ok(),
        name: DisplayName::parse(["", "Mira & \"Co\"", "Jon <b>", "Ada"][usize::try_from((device + 2) / 3).unwrap()])
            .unwrap(),
    };
    Arc::new(Directory {
        devices: (1..=9).filter(|device| !without.contains(device)).map(entry).collect(),
    })
}

fn extension(device: u64) -> &'static str {
    ["101", "102", "103"][usize::try_from((device - 1) / 3).unwrap()]
}

fn username(device: u64) -> String {
    let letter = ["a", "b", "c"][usize::try_from((device - 1) % 3).unwrap()];
    format!("{}-{letter}", extension(device))
}

fn hex(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Md5::digest(text.as_bytes()))
}

impl Office {
    fn new() -> Self {
        Self::with(config())
    }

    fn with(config: Config) -> Self {
        Self {
            stack: Stack::new(config, directory(&[]), [7; 32], Tick(1_000)),
            now: 1_000,
            inbox: BTreeMap::new(),
            events: Vec::new(),
            closed: Vec::new(),
            next: 0,
        }
    }

    fn handle(&mut self, input: Input<'_>) {
        self.stack.handle(input, Tick(self.now));
        while let Some(action) = self.stack.next_action() {
            match action {
                Action::Send { flow, bytes } => {
                    self.inbox
                        .entry(flow)
                        .or_default()
                        .push_back(String::from_utf8_lossy(&bytes).into_owned());
                }
                Action::Close { stream } => self.closed.push(stream),
                Action::Event(event) => self.events.push(event),
            }
        }
    }

    /// Sends text as a phone does.
    fn send(&mut self, flow: Flow, text: &str) {
        self.send_bytes(flow, text.as_bytes());
    }

    fn send_bytes(&mut self, flow: Flow, bytes: &[u8]) {
        match flow {
            Flow::Datagram { listener, remote } => self.handle(Input::Datagram {
                listener,
                remote,
                bytes,
            }),
            Flow::Stream(stream) => self.handle(Input::StreamBytes { stream, bytes }),
        }
    }

    /// The next message before a phone, 100 passed over.
    fn next(&mut self, flow: Flow) -> Option<String> {
        let inbox = self.inbox.entry(flow).or_default();
        while let Some(message) = inbox.pop_front() {
            if status(&message) != 100 {
                return Some(message);
            }
        }
        None
    }

    fn take(&mut self, flow: Flow) -> String {
        self.next(flow).expect("something lies before this phone")
    }

    /// Everything that lies before a phone.
    fn drain(&mut self, flow: Flow) -> Vec<String> {
        std::iter::from_fn(|| self.next(flow)).collect()
    }

    /// Lets time pass, and all that is due happen at its time.
    fn wait(&mut self, milliseconds: u64) {
        let end = self.now + milliseconds;
        while let Some(at) = self.stack.next_timeout().filter(|at| at.0 <= end) {
            self.now = self.now.max(at.0);
            self.handle(Input::Timeout);
        }
        self.now = end;
    }

    fn stream(&mut self, listener: ListenerId, remote: &str) -> Flow {
        self.next += 1;
        let stream = StreamId(self.next);
        let remote = remote.parse().unwrap();
        self.handle(Input::StreamOpened {
            stream,
            listener,
            remote,
        });
        Flow::Stream(stream)
    }

    /// A phone of a device over UDP.
    fn phone(&mut self, device: u64) -> Phone {
        let remote: SocketAddr = format!("192.0.2.{}:5060", 100 + device).parse().unwrap();
        self.phone_at(device, Flow::Datagram { listener: UDP, remote })
    }

    /// A phone of a device over TLS.
    fn tls_phone(&mut self, device: u64) -> Phone {
        let flow = self.stream(TLS, &format!("192.0.2.{}:40000", 100 + device));
        self.phone_at(device, flow)
    }

    fn phone_at(&mut self, device: u64, flow: Flow) -> Phone {
        let transport = if flow.is_datagram() { "udp" } else { "tls" };
        let call_id = format!("reg-{}", self.unique());
        let mut phone = Phone {
            call_id,
            device,
            extension: extension(device),
            flow,
            contact: format!("sip:{}@10.0.0.{device}:5060;transport={transport}", extension(device)),
            cseq: 0,
            challenge: String::new(),
        };
        let answer = self.register(&mut phone, 3600);
        assert_eq!(status(&answer), 200, "{answer}");
        phone
    }

    fn unique(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn via(&mut self, phone: &Phone) -> String {
        let transport = if phone.flow.is_datagram() { "UDP" } else { "TLS" };
        format!(
            "Via: SIP/2.0/{transport} 10.0.0.{}:5060;rport;branch=z9hG4bK{}",
            phone.device,
            self.unique()
        )
    }

    /// Registers, with one challenge at most; the last answer.
    fn register(&mut self, phone: &mut Phone, expires: u32) -> String {
        let contact = format!("Contact: <{}>;expires={expires}", phone.contact);
        self.register_as(phone, "sip:office.example", &[&contact])
    }

    fn register_as(&mut self, phone: &mut Phone, uri: &str, lines: &[&str]) -> String {
        let user = phone.extension;
        let host = uri.trim_start_matches("sip:").to_owned();
        let head = vec![
            format!("From: <sip:{user}@{host}>;tag=r{}", phone.device),
            format!("To: <sip:{user}@{host}>"),
            format!("Call-ID: {}", phone.call_id),
        ];
        let lines: Vec<String> = head
            .into_iter()
            .chain(lines.iter().map(|line| (*line).to_owned()))
            .collect();
        self.ask(phone, "REGISTER", uri, &lines)
    }

    /// Sends a request, answers one challenge, and gives the first answer after that which is not 100.
    fn ask(&mut self, phone: &mut Phone, method: &str, uri: &str, lines: &[String]) -> String {
        phone.cseq += 1;
        let text = self.request(phone, method, uri, lines, None);
        self.send(phone.flow, &text);
        let Some(answer) = self.next(phone.flow) else {
            return String::new();
        };
        if !matches!(status(&answer), 401 | 407) {
            return answer;
        }
        phone.challenge = [field(&answer, "WWW-Authenticate"), field(&answer, "Proxy-Authenticate")].concat();
        if method == "INVITE" {
            let ack = self.ack_of(&text, &answer);
            self.send(phone.flow, &ack);
        }
        phone.cseq += 1;
        let name = if status(&answer) == 401 {
            "Authorization"
        } else {
            "Proxy-Authorization"
        };
        let credentials = format!("{name}: {}", credentials(phone, method, uri, 1));
        let text = self.request(phone, method, uri, lines, Some(&credentials));
        self.send(phone.flow, &text);
        self.next(phone.flow).unwrap_or_default()
    }

    fn request(&mut self, phone: &Phone, method: &str, uri: &str, lines: &[String], more: Option<&str>) -> String {
        let mut text = format!("{method} {uri} SIP/2.0\r\n{}\r\nMax-Forwards: 70\r\n", self.via(phone));
        text += &format!("CSeq: {} {method}\r\n", phone.cseq);
        for line in lines.iter().map(String::as_str).chain(more) {
            text += &format!("{line}\r\n");
        }
        text + "Content-Length: 0\r\n\r\n"
    }

    /// The ACK of a response other than 2xx.
    fn ack_of(&self, invite: &str, response: &str) -> String {
        let number = field(invite, "CSeq").split(' ').next().unwrap();
        format!(
            "ACK {} SIP/2.0\r\nVia: {}\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {number} ACK\r\nContent-Length: 0\r\n\r\n",
            message::uri(invite),
            field(invite, "Via"),
            field(invite, "From"),
            field(response, "To"),
            field(invite, "Call-ID"),
        )
    }

    /// Calls a number: the lines of the INVITE, and the first answer (empty: it rings nowhere yet).
    fn invite(&mut self, phone: &mut Phone, number: &str, more: &[&str]) -> (Vec<String>, String) {
        let id = self.unique();
        let mut lines = vec![
            format!("From: <sip:{}@office.example>;tag=caller{id}", phone.extension),
            format!("To: <sip:{number}@office.example>"),
            format!("Call-ID: call-{id}"),
            format!("Contact: <{}>", phone.contact),
            "Supported: replaces".to_owned(),
        ];
        lines.extend(more.iter().map(|line| (*line).to_owned()));
        let uri = format!("sip:{number}@office.example");
        let answer = self.ask(phone, "INVITE", &uri, &lines);
        (lines, answer)
    }

    /// A call that is answered: the caller's and the callee's view of it.
    fn talk(&mut self, caller: &mut Phone, callee: &Phone) -> (Talk, Talk) {
        self.invite(caller, callee.extension, &[]);
        let invite = self.take(callee.flow);
        assert_eq!(method(&invite), "INVITE", "{invite}");
        let contact = format!("Contact: <{}>", callee.contact);
        self.send(
            callee.flow,
            &message::reply(&invite, 200, &format!("t{}", callee.device), &[&contact]),
        );
        let ok = self.take(caller.flow);
        assert_eq!(status(&ok), 200, "{ok}");
        let talks = (self.caller_talk(caller, &ok), callee_talk(&invite, &ok));
        self.within(caller, &talks.0, "ACK", &[]);
        assert_eq!(method(&self.take(callee.flow)), "ACK");
        talks
    }

    fn caller_talk(&self, caller: &Phone, ok: &str) -> Talk {
        let routes = fields(ok, "Record-Route")
            .iter()
            .rev()
            .map(|route| (*route).to_owned())
            .collect();
        Talk {
            call_id: field(ok, "Call-ID").to_owned(),
            local: field(ok, "From").to_owned(),
            remote: field(ok, "To").to_owned(),
            target: bracketed(field(ok, "Contact")).to_owned(),
            routes,
            cseq: caller.cseq,
        }
    }

    /// Sends a request inside a call, with its Routes.
    fn within(&mut self, phone: &Phone, talk: &Talk, method: &str, more: &[&str]) -> String {
        let cseq = if method == "ACK" {
            talk.cseq
        } else {
            talk.cseq + 100 + u32::try_from(self.unique()).unwrap()
        };
        let mut text = format!(
            "{method} {} SIP/2.0\r\n{}\r\nMax-Forwards: 70\r\n",
            talk.target,
            self.via(phone)
        );
        for route in &talk.routes {
            text += &format!("Route: {route}\r\n");
        }
        text += &format!(
            "From: {}\r\nTo: {}\r\nCall-ID: {}\r\n",
            talk.local, talk.remote, talk.call_id
        );
        text += &format!("CSeq: {cseq} {method}\r\n");
        for line in more {
            text += &format!("{line}\r\n");
        }
        text += "Content-Length: 0\r\n\r\n";
        self.send(phone.flow, &text);
        text
    }
}

fn callee_talk(invite: &str, ok: &str) -> Talk {
    Talk {
        call_id: field(invite, "Call-ID").to_owned(),
        local: field(ok, "To").to_owned(),
        remote: field(invite, "From").to_owned(),
        target: bracketed(field(invite, "Contact")).to_owned(),
        routes: fields(invite, "Record-Route")
            .iter()
            .map(|route| (*route).to_owned())
            .collect(),
        cseq: 1,
    }
}

/// The value of Authorization over the phone's newest challenge.
fn credentials(phone: &Phone, method: &str, uri: &str, count: u32) -> String {
    let name = username(phone.device);
    credentials_of(
        &name,
        secret(phone.device).reveal(),
        &phone.challenge,
        method,
        uri,
        count,
    )
}

fn credentials_of(name: &str, secret: &str, challenge: &str, method: &str, uri: &str, count: u32) -> String {
    let (realm, nonce) = (quoted(challenge, "realm"), quoted(challenge, "nonce"));
    let ha1 = hex(&format!("{name}:{realm}:{secret}"));
    let ha2 = hex(&format!("{method}:{uri}"));
    let response = hex(&format!("{ha1}:{nonce}:{count:08x}:c:auth:{ha2}"));
    format!(
        "Digest username=\"{name}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", response=\"{response}\", \
         algorithm=MD5, qop=auth, cnonce=\"c\", nc={count:08x}"
    )
}
