//! Neighbours who do their worst, from one address to a thousand: whoever has a passkey is signed in.
//!
//! All of it takes place in a network namespace of its own, where 10.77.0.0/16 is this machine: the program exempts
//! this machine's usual addresses from some of its bounds. It takes root, unshare and ip.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketType};
use serde_json::{Value, json};
use smol::Async;

use crate::apart::Apart;
use crate::authenticator::Authenticator;
use crate::house::PASSWORD;
use crate::program::{Folder, Heard, Program, Visitor};
use crate::wait::let_pass;

const SERVER: &str = "10.77.0.1";
/// A person signs in so often while each number of addresses does its worst.
const SIGN_INS: u32 = 20;
/// Other tests run beside this one; that it takes no second is measured by `tests/bench/flood/run`.
const WITHIN: Duration = Duration::from_secs(10);

/// Runs one of the tests below in a network of its own.
fn in_its_own_network(test: &str) {
    let network = "ip link set lo up && ip route add local 10.77.0.0/16 dev lo
        for host in 1 7 8; do ip addr add 2001:db8::$host/64 dev lo nodad; done";
    Apart::Network.run(network, &[test]);
}

#[test]
fn a_person_signs_in_by_passkey_while_a_thousand_addresses_do_their_worst() {
    in_its_own_network("siege::besieged");
}

#[test]
fn a_machine_that_shares_our_slash_64_and_guesses_holds_up_nobody_else_in_it() {
    in_its_own_network("siege::guessed_at");
}

#[test]
#[ignore = "runs in a network that another test makes"]
fn guessed_at() {
    let folder = Folder::new();
    let data = folder.data();
    let flags = [
        "--data",
        &data,
        "--http",
        "[2001:db8::1]:0",
        "--admin-password",
        PASSWORD,
        "--name",
        "localhost",
    ];
    let program = Program::start(&flags);
    let server = SocketAddr::new("2001:db8::1".parse().unwrap(), program.port());
    let sign_in = |source: &str, username: &str, password: &str| {
        let line = from(source.parse().unwrap(), server).unwrap();
        let body = json!({ "username": username, "password": password });
        let mut visitor = Visitor::to(&program.url);
        let asking = visitor.ask(Async::new(line).unwrap(), "POST", "/api/sign-in/password", &body);
        smol::block_on(asking).status
    };
    let closed = (0..30).filter(|number| sign_in("2001:db8::7", &format!("x-{number}"), "wrong wrong wrong") == 429);
    assert!(closed.count() > 20);
    assert_eq!(sign_in("2001:db8::8", "x", "wrong wrong wrong"), 401);
    assert_eq!(sign_in("2001:db8::8", "admin", PASSWORD), 200);
}

#[test]
#[ignore = "runs in a network that another test makes"]
fn besieged() {
    let folder = Folder::new();
    let (data, door) = (folder.data(), format!("{SERVER}:0"));
    let flags = [
        "--data",
        &data,
        "--http",
        &door,
        "--admin-password",
        PASSWORD,
        "--name",
        "localhost",
    ];
    let program = Program::start(&flags);
    let server: SocketAddr = (SERVER.parse::<Ipv4Addr>().unwrap(), program.port()).into();
    let person = Person::enrolled(&program, server, Ipv4Addr::new(10, 77, 255, 1));
    println!("in peace: {:?}", person.slowest_sign_in());
    for addresses in [1, 10, 1000] {
        let over = Arc::new(AtomicBool::new(false));
        std::thread::scope(|scope| {
            for worst in WORST {
                let over = &over;
                scope.spawn(move || besiege(worst, addresses, Ipv4Addr::new(10, 77, 0, 0), server, over));
            }
            let_pass(Duration::from_secs(3));
            let slowest = std::panic::catch_unwind(|| person.slowest_sign_in());
            over.store(true, Ordering::Relaxed);
            println!("{addresses} addresses: {slowest:?}");
            assert!(slowest.unwrap() <= WITHIN);
        });
    }
}

pub struct Person {
    origin: String,
    /// An address where nobody does anything bad.
    at: Ipv4Addr,
    server: SocketAddr,
    authenticator: Authenticator,
}

impl Person {
    pub fn enrolled(program: &Program, server: SocketAddr, at: Ipv4Addr) -> Self {
        let mut person = Self {
            origin: program.url.clone(),
            at,
            server,
            authenticator: Authenticator::new(&program.url, 0),
        };
        let mut visitor = Visitor::to(&person.origin);
        let body = json!({ "username": "admin", "password": PASSWORD });
        person.asks(&mut visitor, "/api/sign-in/password", body).expect(200);
        let asked = person
            .asks(&mut visitor, "/api/me/passkeys/begin", json!({}))
            .expect(200)
            .json;
        let credential = person.authenticator.create(&asked["publicKey"]);
        let body = json!({ "ticket": asked["ticket"], "credential": credential });
        person.asks(&mut visitor, "/api/me/passkeys/finish", body).expect(201);
        person
    }

    /// Each request on a connection of its own.
    fn asks(&self, visitor: &mut Visitor, path: &str, body: Value) -> Heard {
        let line = from(self.at.into(), self.server).unwrap();
        smol::block_on(visitor.ask(Async::new(line).unwrap(), "POST", path, &body))
    }

    /// After how long it is done.
    #[expect(clippy::disallowed_methods, reason = "how long it really takes is what is asked")]
    pub fn sign_in(&self) -> Duration {
        let began = Instant::now();
        let mut visitor = Visitor::to(&self.origin);
        let asked = self
            .asks(&mut visitor, "/api/sign-in/passkey/begin", json!({}))
            .expect(200)
            .json;
        let body = json!({ "ticket": asked["ticket"], "credential": self.authenticator.get(&asked["publicKey"]) });
        self.asks(&mut visitor, "/api/sign-in/passkey/finish", body).expect(200);
        began.elapsed()
    }

    fn slowest_sign_in(&self) -> Duration {
        let times = (0..SIGN_INS).map(|_| {
            let took = self.sign_in();
            let_pass(Duration::from_millis(100));
            took
        });
        times.max().unwrap()
    }
}

/// What one address does in its turn with a connection of its own, which is then kept open.
pub type Worst = fn(&mut TcpStream, u32) -> std::io::Result<()>;

/// Every kind.
pub const WORST: [Worst; 5] = [tickets, silence, keepers, half_bodies, wrong_passwords];

/// One kind of worst, from so many addresses in turn, until it is over. Each address keeps a number of connections
/// open.
pub fn besiege(worst: Worst, addresses: u32, network: Ipv4Addr, server: SocketAddr, over: &AtomicBool) {
    let mut open = std::collections::VecDeque::new();
    let mut number = 0;
    while !over.load(Ordering::Relaxed) {
        number += 1;
        let host = 256 + number % addresses;
        let source = Ipv4Addr::from_bits(network.to_bits() + host);
        if let Ok(mut line) = from(source.into(), server) {
            line.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
            worst(&mut line, number).ok();
            open.push_back(line);
        }
        if open.len() > 1000 {
            open.pop_front();
        }
    }
}

fn says(line: &mut TcpStream, method: &str, path: &str, length: usize, body: &str) -> std::io::Result<()> {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: \
            {length}\r\n\r\n"
    );
    line.write_all((head + body).as_bytes())
}

/// Some of an answer.
fn heard(line: &mut TcpStream) -> std::io::Result<()> {
    line.read(&mut [0; 4096]).map(drop)
}

fn tickets(line: &mut TcpStream, _: u32) -> std::io::Result<()> {
    for _ in 0..50 {
        says(line, "POST", "/api/sign-in/passkey/begin", 2, "{}")?;
        heard(line)?;
    }
    Ok(())
}

fn silence(_: &mut TcpStream, _: u32) -> std::io::Result<()> {
    let_pass(Duration::from_millis(1));
    Ok(())
}

/// Asks for as little as can be, again and again.
fn keepers(line: &mut TcpStream, _: u32) -> std::io::Result<()> {
    says(line, "GET", "/healthz", 0, "")?;
    heard(line)
}

fn half_bodies(line: &mut TcpStream, _: u32) -> std::io::Result<()> {
    says(line, "POST", "/api/sign-in/passkey/finish", 60_000, &"x".repeat(50_000))
}

fn wrong_passwords(line: &mut TcpStream, number: u32) -> std::io::Result<()> {
    let body = json!({ "username": format!("made-up-{number}"), "password": "wrong wrong wrong" }).to_string();
    says(line, "POST", "/api/sign-in/password", body.len(), &body)
}

/// A connection from that address of this machine.
fn from(source: IpAddr, to: SocketAddr) -> std::io::Result<TcpStream> {
    let family = if source.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    let socket = rustix::net::socket(family, SocketType::STREAM, None)?;
    rustix::net::bind(&socket, &SocketAddr::new(source, 0))?;
    rustix::net::connect(&socket, &to)?;
    Ok(TcpStream::from(socket))
}
