//! What the telephone stack costs, in microseconds of CPU and without sockets: a REGISTER with digest whose nonce is
//! used again, the same message read alone, and a call of INVITE, 180, 200, ACK, BYE and 200 through the proxy.
//!
//!     tests/bench/sip/run [ROUNDS]
//!
//! The stack makes the same bytes from the same inputs. So each scene is played once with model phones, which notes all
//! inputs, and these alone are timed on a new stack.

#![allow(dead_code, unused_imports, reason = "the stack is taken whole")]

#[path = "../../../fuzz/src/rules.rs"]
mod rules;
#[path = "../../../../src/sip/mod.rs"]
mod sip;

use std::sync::Arc;
use std::time::Instant;

use data_encoding::HEXLOWER;
use md5::{Digest, Md5};

use rules::id::{DisplayName, Extension};
use rules::moment::Fresh;
use rules::phones::device::{Algorithm, DeviceId, DeviceSecret};
use rules::time::Tick;
use sip::codec::{Draft, Method, Name, Request, View};
use sip::stack::{Action, Config, Directory, Entry, Flow, Input, Listener, ListenerId, Stack, Transport};

/// Devices of the office, each with an extension of its own.
const DEVICES: usize = 200;
const URI: &str = "sip:office.example";

/// One input: when, from which phone, which bytes.
type Noted = (u64, usize, Vec<u8>);

struct Office {
    stack: Stack,
    now: u64,
    number: u64,
    secrets: Vec<String>,
    challenges: Vec<String>,
    /// How often each phone used its nonce.
    counts: Vec<u32>,
    noted: Vec<Noted>,
    /// The newest message before each phone.
    inbox: Vec<Vec<u8>>,
}

fn address(phone: usize) -> std::net::SocketAddr {
    let (high, low) = (phone / 250, phone % 250);
    ([10, 0, high as u8, low as u8 + 1], 5060).into()
}

fn extension(phone: usize) -> String {
    format!("{}", 1_000 + phone)
}

fn stack() -> (Stack, Vec<String>) {
    let mut fresh = Fresh::seeded([3; 32]);
    let entries = (0..DEVICES).map(|phone| Entry {
        device: DeviceId(phone as u64),
        username: format!("phone-{phone}"),
        secret: DeviceSecret::fresh(&mut fresh),
        algorithm: Algorithm::Md5,
        extension: Extension::parse(&extension(phone)).ok(),
        name: DisplayName::parse("Somebody").unwrap(),
    });
    let devices: Vec<Entry> = entries.collect();
    let secrets = devices.iter().map(|entry| entry.secret.reveal().to_owned()).collect();
    let config = Config {
        domain: "office.example".into(),
        hosts: Vec::new(),
        listeners: vec![Listener {
            transport: Transport::Udp,
            local: ([10, 0, 9, 9], 5060).into(),
        }],
        lan_only: true,
        decline_silences_all: false,
        hide_names: false,
        emergency: Vec::new(),
        first_number: 1,
    };
    (
        Stack::new(config, Arc::new(Directory { devices }), [4; 32], Tick(1_000)),
        secrets,
    )
}

fn feed(stack: &mut Stack, (now, phone, bytes): &Noted, mut sent: impl FnMut(Action)) {
    let input = Input::Datagram {
        listener: ListenerId(0),
        remote: address(*phone),
        bytes,
    };
    stack.handle(input, Tick(*now));
    while let Some(action) = stack.next_action() {
        sent(action);
    }
}

impl Office {
    fn new() -> Self {
        let (stack, secrets) = stack();
        Self {
            stack,
            now: 1_000,
            number: 0,
            secrets,
            challenges: vec![String::new(); DEVICES],
            counts: vec![0; DEVICES],
            noted: Vec::new(),
            inbox: vec![Vec::new(); DEVICES],
        }
    }

    fn send(&mut self, phone: usize, bytes: Vec<u8>) {
        self.now += 1;
        let noted = (self.now, phone, bytes);
        let inbox = &mut self.inbox;
        feed(&mut self.stack, &noted, |action| {
            if let Action::Send {
                flow: Flow::Datagram { remote, .. },
                bytes,
            } = action
                && !bytes.starts_with(b"SIP/2.0 100")
                && let Some(phone) = (0..DEVICES).find(|phone| address(*phone) == remote)
            {
                inbox[phone] = bytes;
            }
        });
        self.noted.push(noted);
    }

    /// A request as a desk phone writes it.
    fn request(&mut self, phone: usize, method: Method<'_>, uri: &str, to: &str) {
        self.number += 1;
        let (own, number, place) = (extension(phone), self.number, address(phone));
        let call = if method == Method::Register { 0 } else { number };
        let mut draft = Draft::request(method, uri)
            .with(
                "Via",
                format_args!("SIP/2.0/UDP {place};branch=z9hG4bK{number:012x};rport"),
            )
            .with(
                "From",
                format_args!("\"Somebody\" <sip:{own}@office.example>;tag={number:010x}"),
            )
            .with("To", to)
            .with("Call-ID", format_args!("0_{call:x}_{phone}@10.0.0.1"))
            .with("CSeq", format_args!("{number} {method}"))
            .with("Contact", format_args!("<sip:{own}@{place}>"));
        if !self.challenges[phone].is_empty() {
            self.counts[phone] += 1;
            let field = if method == Method::Register {
                "Authorization"
            } else {
                "Proxy-Authorization"
            };
            draft = draft.with(field, self.credentials(phone, method, uri));
        }
        let bytes = draft
            .with(
                "Allow",
                "INVITE, INFO, PRACK, ACK, BYE, CANCEL, OPTIONS, NOTIFY, SUBSCRIBE, REFER, UPDATE, MESSAGE",
            )
            .with("Max-Forwards", 70)
            .with("User-Agent", "Deskphone T1 1.2.3.4")
            .with("Expires", 3_600)
            .with("Allow-Events", "talk,hold,conference,refer,check-sync")
            .finish();
        self.send(phone, bytes);
    }

    fn credentials(&self, phone: usize, method: Method<'_>, uri: &str) -> String {
        let (nonce, count) = (&self.challenges[phone], self.counts[phone]);
        let hex = |text: String| HEXLOWER.encode(&Md5::digest(text.as_bytes()));
        let ha1 = hex(format!("phone-{phone}:office.example:{}", self.secrets[phone]));
        let ha2 = hex(format!("{method}:{uri}"));
        let response = hex(format!("{ha1}:{nonce}:{count:08x}:0a4f113b:auth:{ha2}"));
        format!(
            "Digest username=\"phone-{phone}\", realm=\"office.example\", nonce=\"{nonce}\", uri=\"{uri}\", \
             response=\"{response}\", algorithm=MD5, cnonce=\"0a4f113b\", qop=auth, nc={count:08x}"
        )
    }

    fn register(&mut self, phone: usize) {
        self.request(
            phone,
            Method::Register,
            URI,
            &format!("<sip:{}@office.example>", extension(phone)),
        );
    }

    /// All devices are registered, and each holds a nonce.
    fn registered() -> Self {
        let mut office = Self::new();
        for phone in 0..DEVICES {
            office.register(phone);
            let answer = std::mem::take(&mut office.inbox[phone]);
            let challenge = View::read(&answer)
                .unwrap()
                .first(Name::WwwAuthenticate)
                .unwrap()
                .to_vec();
            let challenge = String::from_utf8(challenge).unwrap();
            office.challenges[phone] = challenge.split('"').nth(3).unwrap().to_owned();
            office.register(phone);
            assert!(office.inbox[phone].starts_with(b"SIP/2.0 200"));
        }
        office
    }

    /// A call that is answered and hung up, of 7 messages to the stack.
    fn call(&mut self, caller: usize, callee: usize) {
        let uri = format!("sip:{}@office.example", extension(callee));
        self.request(caller, Method::Invite, &uri, &format!("<{uri}>"));
        let invite = self.inbox[callee].clone();
        let view = View::read(&invite).unwrap();
        assert_eq!(view.method(), Some(Method::Invite));
        for (status, reason) in [(180, "Ringing"), (200, "OK")] {
            let answer = Draft::response(&view, address(callee), status, reason, "callee-tag").with(
                "Contact",
                format_args!("<sip:{}@{}>", extension(callee), address(callee)),
            );
            self.send(callee, answer.finish());
        }
        let ok = self.inbox[caller].clone();
        let view = View::read(&ok).unwrap();
        assert!(ok.starts_with(b"SIP/2.0 200"));
        for method in [Method::Ack, Method::Bye] {
            self.number += 1;
            let cseq = view.first(Name::CSeq).unwrap().to_vec();
            let cseq: u64 = String::from_utf8(cseq)
                .unwrap()
                .split(' ')
                .next()
                .unwrap()
                .parse()
                .unwrap();
            let cseq = if method == Method::Bye { cseq + 1 } else { cseq };
            let draft = Draft::request(method, &format!("sip:{}@{}", extension(callee), address(callee)))
                .with(
                    "Via",
                    format_args!(
                        "SIP/2.0/UDP {};branch=z9hG4bK{:012x};rport",
                        address(caller),
                        self.number
                    ),
                )
                .with("Max-Forwards", 70)
                .with_all(&view, Name::From)
                .with_all(&view, Name::To)
                .with_all(&view, Name::CallId)
                .with("CSeq", format_args!("{cseq} {method}"))
                .with_all_reversed(&view);
            self.send(caller, draft.finish());
        }
        let bye = self.inbox[callee].clone();
        let view = View::read(&bye).unwrap();
        assert_eq!(view.method(), Some(Method::Bye));
        self.send(callee, Draft::response(&view, address(callee), 200, "OK", "").finish());
        assert!(self.inbox[caller].starts_with(b"SIP/2.0 200"));
    }
}

trait Routed {
    /// The Record-Routes of an answer, as Routes.
    fn with_all_reversed(self, view: &View<'_>) -> Self;
}

impl Routed for Draft {
    fn with_all_reversed(self, view: &View<'_>) -> Self {
        let routes: Vec<&[u8]> = view.elements(Name::RecordRoute).collect();
        routes
            .iter()
            .rev()
            .fold(self, |draft, route| draft.with_raw("Route", route))
    }
}

/// Microseconds of this thread's CPU so far.
fn cpu_us() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ')
        .next()
        .and_then(|ns| ns.parse::<f64>().ok())
        .unwrap_or_default()
        / 1_000.0
}

/// Plays what was noted on a new stack: the CPU of what came after the first so many inputs.
fn timed(noted: &[Noted], before: usize) -> f64 {
    let (mut stack, _) = stack();
    let (prelude, scene) = noted.split_at(before);
    let mut bytes = 0;
    let mut count = |action| {
        if let Action::Send { bytes: sent, .. } = action {
            bytes += sent.len();
        }
    };
    prelude.iter().for_each(|input| feed(&mut stack, input, &mut count));
    let start = cpu_us();
    scene.iter().for_each(|input| feed(&mut stack, input, &mut count));
    let took = cpu_us() - start;
    std::hint::black_box(bytes);
    took
}

fn told(what: &str, each: usize, mut run: impl FnMut() -> f64) {
    let mut all: Vec<f64> = (0..7).map(|_| run() / each as f64).collect();
    all.sort_by(f64::total_cmp);
    println!(
        "{what}: {:.2} µs of CPU (median of 7; {:.2} to {:.2})",
        all[3], all[0], all[6]
    );
}

fn main() {
    let rounds: usize = std::env::args()
        .nth(1)
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(50);
    let only = std::env::args().nth(2).unwrap_or_default();
    let start = Instant::now();

    let mut office = Office::registered();
    let before = office.noted.len();
    for _ in 0..rounds {
        (0..DEVICES).for_each(|phone| office.register(phone));
        assert!(office.inbox.iter().all(|answer| answer.starts_with(b"SIP/2.0 200")));
    }
    let sample = office.noted.last().unwrap().2.clone();
    println!(
        "a REGISTER of {} bytes; {DEVICES} devices, {rounds} rounds",
        sample.len()
    );
    if only.is_empty() || only == "register" {
        told("REGISTER with a used nonce, over UDP", rounds * DEVICES, || {
            timed(&office.noted, before)
        });
    }
    if only.is_empty() || only == "parse" {
        let times = rounds * DEVICES;
        told("that message read alone", times, || {
            let start = cpu_us();
            for _ in 0..times {
                let view = View::read(std::hint::black_box(&sample)).unwrap();
                std::hint::black_box(Request::parse(&view).unwrap());
            }
            cpu_us() - start
        });
    }
    if only.is_empty() || only == "call" {
        let mut office = Office::registered();
        let before = office.noted.len();
        let calls = rounds * DEVICES / 4;
        for call in 0..calls {
            office.call(call % DEVICES, (call + 7) % DEVICES);
            office.now += 50;
        }
        told("a call of 7 messages", calls, || timed(&office.noted, before));
    }
    println!("{:.1} s in all", start.elapsed().as_secs_f64());
}
