//! The load generator. `run` calls it, and reads the line of numbers that each command prints.
//!
//!     seed-linekey ADDR FILE PASSWORD PEOPLE PASSKEYS SESSIONS   makes an office, and keeps its passkeys in a file
//!     seed-peer    ADDR FILE PEOPLE                              the same at the peer's
//!     sign-ins     ADDR FILE BROWSERS SECONDS                    count, seconds, p50 and p99 in microseconds
//!     pages        ADDR FILE TIMES                               pages of people: count, seconds, p50 and p99
//!     passwords    ADDR FILE TIMES                               sign-ins by password: count, seconds, p50 and p99
//!     guesses      ADDR SECONDS                                  wrong passwords: looked at, turned away
//!     flushes      FILE SECONDS                                  4 KiB write + fdatasync: count, seconds, p50 and p99

mod authenticator;
mod http;
mod seed;

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use http::Client;
use seed::Size;
use serde_json::json;

const PASSWORD: &str = "a quiet river at night";
/// Whose password it is: the first person.
const NAME: &str = "10000";
/// Sign-ins by password at once: while two are checked, two wait.
const TYPING: u64 = 4;
/// Strangers who guess at the same time: more than are looked at, fewer than there are connections.
const GUESSING: u64 = 32;
/// Blocks that are written over and over.
const BLOCKS: u64 = 256;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["seed-linekey", address, file, password, people, passkeys, sessions] => {
            let size = Size {
                people: count(people),
                passkeys: count(passkeys),
                sessions: count(sessions),
            };
            seed::linekey(at(address), password, file, size);
        }
        ["seed-peer", address, file, people] => seed::peer(at(address), file, count(people)),
        ["sign-ins", address, file, browsers, time] => sign_ins(at(address), file, count(browsers), seconds(time)),
        ["pages", address, file, times] => pages(at(address), file, count(times)),
        ["passwords", address, file, times] => passwords(at(address), file, count(times)),
        ["guesses", address, time] => guesses(at(address), seconds(time)),
        ["flushes", file, time] => flushes(file, seconds(time)),
        _ => panic!("no such command; see main.rs"),
    }
}

fn at(address: &str) -> SocketAddr {
    address.parse().expect("ADDR:PORT")
}

fn count(number: &str) -> u64 {
    number.parse().expect("a number")
}

fn seconds(number: &str) -> Duration {
    Duration::from_secs_f64(number.parse().expect("a number of seconds"))
}

/// Count, seconds from `began` to now, median and 99th of 100 in microseconds.
fn tell(mut times: Vec<Duration>, began: Instant) {
    let took = began.elapsed();
    times.sort();
    let quantile = |part: f64| times[((times.len() - 1) as f64 * part).round() as usize].as_secs_f64() * 1e6;
    println!(
        "{} {:.6} {:.1} {:.1}",
        times.len(),
        took.as_secs_f64(),
        quantile(0.5),
        quantile(0.99)
    );
}

/// Numbers that are spread evenly and alike in every run (Weyl's sequence by the golden ratio).
fn spread(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}

/// Each browser signs in again and again over its connection, every time as somebody else.
fn sign_ins(address: SocketAddr, file: &str, browsers: u64, time: Duration) {
    let (passkeys, _) = seed::read(file, address);
    let next = AtomicU64::new(0);
    let began = Instant::now();
    let one = || {
        let (mut client, mut times) = (Client::new(address), Vec::new());
        while began.elapsed() < time {
            let turn = spread(next.fetch_add(1, Ordering::Relaxed)) as usize % passkeys.len();
            let asked = Instant::now();
            seed::sign_in(&mut client, &passkeys[turn]);
            times.push(asked.elapsed());
        }
        times
    };
    let times = thread::scope(|scope| {
        let all: Vec<_> = (0..browsers).map(|_| scope.spawn(one)).collect();
        all.into_iter()
            .flat_map(|thread| thread.join().expect("a browser's times"))
            .collect()
    });
    tell(times, began);
}

/// An administrator turns the pages of the list of people, from the first to the last and again.
fn pages(address: SocketAddr, file: &str, times: u64) {
    let (_, administrator) = seed::read(file, address);
    let mut client = Client::new(address);
    client.cookie = seed::sign_in(&mut client, &administrator.expect("an administrator"));
    let (began, mut took, mut after) = (Instant::now(), Vec::new(), None::<String>);
    for _ in 0..times {
        let path = after.map_or("/api/people".to_owned(), |after| format!("/api/people?after={after}"));
        let asked = Instant::now();
        let reply = client.get(&path);
        took.push(asked.elapsed());
        let page = reply.json(200);
        assert!(
            page["people"].as_array().is_some_and(|people| !people.is_empty()),
            "{path} is empty"
        );
        after = page["next"].as_str().map(ToOwned::to_owned);
    }
    tell(took, began);
}

/// The first person is given a password, and signs in with it.
fn passwords(address: SocketAddr, file: &str, times: u64) {
    let (_, administrator) = seed::read(file, address);
    let mut client = Client::new(address);
    client.cookie = seed::sign_in(&mut client, &administrator.expect("an administrator"));
    client
        .post(
            &format!("/api/people/{NAME}/password"),
            &json!({ "password": PASSWORD }),
        )
        .expect(204);
    let (next, began) = (AtomicU64::new(0), Instant::now());
    let one = || {
        let (mut client, mut took) = (Client::new(address), Vec::new());
        while next.fetch_add(1, Ordering::Relaxed) < times {
            let asked = Instant::now();
            client
                .post(
                    "/api/sign-in/password",
                    &json!({ "username": NAME, "password": PASSWORD }),
                )
                .json(200);
            took.push(asked.elapsed());
        }
        took
    };
    let took = thread::scope(|scope| {
        let all: Vec<_> = (0..TYPING).map(|_| scope.spawn(one)).collect();
        all.into_iter()
            .flat_map(|thread| thread.join().expect("a browser's times"))
            .collect()
    });
    tell(took, began);
}

/// Wrong passwords, each from another address of 127.0.0.0/8, half of them for the name that has one and half for names
/// of nobody. Prints how many were looked at, and how many were turned away.
fn guesses(address: SocketAddr, time: Duration) {
    let (next, wrong, closed) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let began = Instant::now();
    let one = || {
        while began.elapsed() < time {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            let [_, _, c, d] = (turn as u32).to_be_bytes();
            let source = Ipv4Addr::new(127, 1, c, d.max(1));
            let name = if turn.is_multiple_of(2) {
                NAME.to_owned()
            } else {
                format!("{}", 20_000 + turn)
            };
            let mut client = Client::from(address, source);
            let guess = json!({ "username": name, "password": "wrong wrong wrong" });
            let count = match client.post("/api/sign-in/password", &guess).status {
                401 => &wrong,
                429 => &closed,
                status => panic!("a wrong password is answered with {status}"),
            };
            count.fetch_add(1, Ordering::Relaxed);
        }
    };
    thread::scope(|scope| {
        for _ in 0..GUESSING {
            scope.spawn(one);
        }
    });
    println!("{} {}", wrong.load(Ordering::Relaxed), closed.load(Ordering::Relaxed));
}

/// What the disk gives to whoever wants one block to last.
fn flushes(file: &str, time: Duration) {
    let block = [7; 4096];
    let disk = File::create(file).expect("a file on the same disk");
    for number in 0..BLOCKS {
        disk.write_all_at(&block, number * 4096).expect("room for a megabyte");
    }
    disk.sync_all().expect("a disk");
    let (began, mut times) = (Instant::now(), Vec::new());
    while began.elapsed() < time {
        let asked = Instant::now();
        disk.write_all_at(&block, times.len() as u64 % BLOCKS * 4096)
            .expect("a disk");
        disk.sync_data().expect("a disk");
        times.push(asked.elapsed());
    }
    tell(times, began);
}
