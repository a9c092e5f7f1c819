//! What a sign-in and a list cost in an office of a thousand and in one of ten, and whether time tells which accounts
//! exist. The whole server without its sockets, over real files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::disallowed_methods,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a benchmark reads the clock, panics as its report, and shares the tests' world"
)]

#[path = "../../it/authenticator.rs"]
mod authenticator;
#[path = "../../it/disk.rs"]
mod disk;
#[path = "../../it/office.rs"]
mod office;
#[path = "../../it/scale.rs"]
mod scale;

/// The tests hold every answer against the API's description; here that would be timed.
mod openapi {
    pub fn check(_: tide::http::Method, _: &str, _: &crate::office::Reply) {}
}

use std::time::{Duration, Instant};

use linekey::http::passwords::USUAL;
use office::{HOUR, Office};
use redb::backends::FileBackend;
use serde_json::json;
use tide::http::Method;

const SIGN_INS: usize = 400;
const TRIES: usize = 200;
const WORDS: &str = "a quiet river at night";

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let began = Instant::now();
    let outcome = work();
    (began.elapsed(), outcome)
}

/// The time below which that part of all lies.
fn quantile(times: &mut [Duration], part: f64) -> f64 {
    times.sort();
    let place = ((times.len() - 1) as f64 * part).round() as usize;
    times[place].as_secs_f64() * 1000.0
}

fn told(what: &str, value: f64, bar: f64, unit: &str) {
    let verdict = if value <= bar { "met" } else { "MISSED" };
    println!("{what:<58} {value:>9.3} {unit:<2}  bar {bar} {verdict}");
}

fn open(folder: &std::path::Path, people: u64) -> Office {
    let path = folder.join(format!("{people}.redb"));
    let file = std::fs::File::options()
        .create(true)
        .truncate(true)
        .read(true)
        .write(true)
        .open(path)
        .unwrap();
    let office = Office::over(FileBackend::new(file).unwrap(), people);
    scale::fill(&office, people);
    office
}

fn main() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (small, large) = (open(&folder, 10), open(&folder, 1_000));

    let offices = [&small, &large].map(|office| {
        let (mut administrator, _) = office.administrator();
        let (_, phone) = office.person(&mut administrator, "101", 1);
        (office, administrator, phone)
    });
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..SIGN_INS {
        for side in [round % 2, 1 - round % 2] {
            let (office, _, phone) = &offices[side];
            let mut browser = office.browser();
            let (took, reply) = timed(|| browser.sign_in_by_passkey(phone));
            reply.expect(200);
            times[side].push(took);
        }
    }
    let [few, many] = &mut times;
    let ratio = quantile(many, 0.99) / quantile(few, 0.99);
    println!(
        "sign-in by passkey, median: {:.3} ms of 10, {:.3} ms of 1,000",
        quantile(few, 0.5),
        quantile(many, 0.5)
    );
    told("sign-in by passkey, 99th of 100: 1,000 people ÷ 10", ratio, 1.3, "×");

    let (large, mut administrator, _) = {
        let [_, (office, administrator, phone)] = offices;
        (office, administrator, phone)
    };
    scale::fill_outbox(large);
    let lists = [
        "/api/people",
        "/api/people?after=10499",
        "/api/people/10500",
        "/api/administrators",
        "/api/journal",
        "/api/journal?text=nowhere",
        "/api/people.csv",
        "/api/mail/outbox",
    ];
    for path in lists {
        let mut times: Vec<Duration> = (0..50)
            .map(|_| {
                let (took, reply) = timed(|| administrator.get(path));
                reply.expect(200);
                took
            })
            .collect();
        told(
            &format!("GET {path}, median of 50"),
            quantile(&mut times, 0.5),
            50.0,
            "ms",
        );
    }

    large.state.passwords.tune(USUAL);
    let relay = json!({ "server": "127.0.0.1", "port": 1, "security": "none", "sender": "pbx@example.org" });
    administrator
        .send(administrator.request(Method::Put, "/api/mail", &relay))
        .expect(200);
    administrator
        .post("/api/people/10001/password", json!({ "password": WORDS }))
        .expect(204);
    let compare = |what: &str, ask: &dyn Fn(&str) -> Duration| {
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..TRIES {
            for side in [round % 2, 1 - round % 2] {
                large.pass(HOUR);
                times[side].push(ask(["10001", "20001"][side]));
            }
        }
        let [known, unknown] = &mut times;
        let (known, unknown) = (quantile(known, 0.5), quantile(unknown, 0.5));
        println!("{what}: median {known:.4} ms for a known account, {unknown:.4} ms for an unknown one");
        told(
            &format!("{what}: difference"),
            (known / unknown - 1.0).abs() * 100.0,
            5.0,
            "%",
        );
    };
    compare("password that is wrong", &|username| {
        let mut browser = large.browser();
        let (took, reply) = timed(|| browser.sign_in_by_password(username, "wrong wrong wrong"));
        reply.expect(401);
        took
    });
    compare("asking for a link", &|username| {
        let mut browser = large.browser();
        let (took, reply) = timed(|| browser.post("/api/sign-in/recover", json!({ "username": username })));
        reply.expect(202);
        // What comes after the answer must not be in the way of the next one.
        while (0..16).map_while(|_| large.state.recovering.try_acquire()).count() < 16 {
            std::thread::yield_now();
        }
        took
    });
    std::fs::remove_dir_all(&folder).ok();
}
