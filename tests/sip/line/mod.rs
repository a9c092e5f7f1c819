//! One office on a hand-set tick: phones are addresses in memory, and each message is text.

mod calls;
mod dialogs;
mod doors;
mod lamps;
mod message;
mod noise;
mod offers;
mod phones;
mod registration;
mod removed;
mod secrets;
mod strangers;
mod through;
mod written;

use std::collections::{BTreeMap, VecDeque};

use std::sync::Arc;

use linekey::rules::id::{DisplayName, Extension};
use linekey::rules::moment::Fresh;
use linekey::rules::phones::device::{Algorithm, DeviceId, DeviceSecret};
use linekey::rules::time::Tick;
use linekey::sip::stack::{
    Action, Config, Directory, Entry, Event, Flow, Input, Listener, ListenerId, Stack, StreamId, Transport,
};
use md5::{Digest, Md5};
use message::{bracketed, field, fields, quoted, status};

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
    directory_of(without, &[])
}

/// The same, with SHA-256 set for some devices.
fn directory_of(without: &[u64], sha256: &[u64]) -> Arc<Directory> {
    let entry = |device: u64| Entry {
        device: DeviceId(device),
        username: username(device),
        secret: secret(device),
        algorithm: if sha256.contains(&device) {
            Algorithm::Sha256
        } else {
            Algorithm::Md5
        },
        extension: Extension::parse(extension(device)).ok(),
        name: DisplayName::parse(["", "Mira & \"Co\"", "Jon <b>", "Ada"][usize::try_from(device.div_ceil(3)).unwrap()])
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
