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
#[path = "../../it/browser.rs"]
mod browser;
#[path = "../../it/disk.rs"]
mod disk;
#[path = "../../it/hand.rs"]
mod hand;
#[path = "../../it/office.rs"]
mod office;
#[path = "../../it/scale.rs"]
mod scale;

/// The tests hold every answer against the API's description; here that would be timed.
mod openapi {
    pub fn check(_: &linekey::http::edge::message::Method, _: &str, _: &crate::office::Reply) {}
}

use std::cell::Cell;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use linekey::http::edge::message::Method;
use linekey::office::passwords::USUAL;
use redb::backends::FileBackend;
use serde_json::json;

use office::{Browser, HOUR, Office};

const SIGN_INS: usize = 400;
const TRIES: usize = 200;
const LOOKS: usize = 100;
const WORDS: &str = "a quiet river at night";
/// Somebody with an e-mail address and a password, and a number that nobody has.
const SIDES: [&str; 2] = ["10001", "20001"];

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let began = Instant::now();
    let outcome = work();
    (began.elapsed(), outcome)
}

/// The time below which that part of all lies, in milliseconds.
fn quantile(times: &mut [Duration], part: f64) -> f64 {
    times.sort();
    let place = ((times.len() - 1) as f64 * part).round() as usize;
    times[place].as_secs_f64() * 1000.0
}

/// What was measured against its bars.
#[derive(Default)]
struct Bars {
    missed: Cell<u32>,
}

impl Bars {
    fn told(&self, what: &str, value: f64, bar: f64, unit: &str) {
        let met = value <= bar;
        self.missed.set(self.missed.get() + u32::from(!met));
        let verdict = if met { "met" } else { "MISSED" };
        println!("{what:<58} {value:>9.3} {unit:<2}  bar {bar} {verdict}");
    }

    /// Whether the medians tell a known account (the first) from an unknown one.
    fn alike(&self, what: &str, times: &mut [Vec<Duration>; 2]) {
        let [known, unknown] = times;
        let (known, unknown) = (quantile(known, 0.5), quantile(unknown, 0.5));
        println!("{what}: median {known:.4} ms for a known account, {unknown:.4} ms for an unknown one");
        let apart = (known / unknown - 1.0).abs() * 100.0;
        self.told(&format!("{what}: difference"), apart, 5.0, "%");
    }
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

fn main() -> ExitCode {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let bars = Bars::default();
    let (small, large) = (open(&folder, 10), open(&folder, 1_000));
    let mut administrator = sign_ins(&bars, [&small, &large]);

    large.state.passwords.tune(USUAL);
    let relay = json!({ "server": "127.0.0.1", "port": 1, "security": "none", "sender": "pbx@example.org" });
    administrator
        .send(administrator.request(Method::PUT, "/api/mail", &relay))
        .expect(200);
    administrator
        .post("/api/people/10001/password", json!({ "password": WORDS }))
        .expect(204);
    passwords(&bars, &large);
    recoveries(&bars, &large);
    lists(&bars, &large, &mut administrator);
    std::fs::remove_dir_all(&folder).ok();
    ExitCode::from(u8::from(bars.missed.get() > 0))
}

/// By passkey, in the small office and the large one in turn. Answers with the large one's administrator.
fn sign_ins<'a>(bars: &Bars, offices: [&'a Office; 2]) -> Browser<'a> {
    let [small, large] = offices.map(|office| {
        let (mut administrator, _) = office.administrator();
        let (_, phone) = office.person(&mut administrator, "101", 1);
        (office, administrator, phone)
    });
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..SIGN_INS {
        for side in [round % 2, 1 - round % 2] {
            let (office, _, phone) = [&small, &large][side];
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
    bars.told("sign-in by passkey, 99th of 100: 1,000 people ÷ 10", ratio, 1.3, "×");
    large.1
}

/// Both sides in turn, half an hour apart: nobody has to wait, and the administrator stays signed in.
fn in_turn(office: &Office, mut ask: impl FnMut(usize)) {
    for round in 0..TRIES {
        for side in [round % 2, 1 - round % 2] {
            office.pass(HOUR / 2);
            ask(side);
        }
    }
}

fn passwords(bars: &Bars, office: &Office) {
    let mut times = [Vec::new(), Vec::new()];
    in_turn(office, |side| {
        let mut browser = office.browser();
        let (took, reply) = timed(|| browser.sign_in_by_password(SIDES[side], "wrong wrong wrong"));
        reply.expect(401);
        times[side].push(took);
    });
    bars.alike("password that is wrong", &mut times);
}

/// The answer, and one that follows at once, while a letter is written for the one and none for the other.
fn recoveries(bars: &Bars, office: &Office) {
    let (mut answers, mut probes) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    let mut newest = None;
    // A letter is begun at some time within a second; here that is a tenth, which hides it less.
    office.sleeps.store(true, std::sync::atomic::Ordering::SeqCst);
    let nobodys = "A".repeat(43);
    in_turn(office, |side| {
        let (mut asking, mut probing) = (office.browser(), office.browser());
        let body = json!({ "username": SIDES[side] });
        let (took, reply) = timed(|| asking.post("/api/sign-in/recover", body));
        let (next, probe) = timed(|| probing.sign_in_by_link(&nobodys));
        reply.expect(202);
        probe.expect(410);
        answers[side].push(took);
        probes[side].push(next);
        // What comes after the answer must not be in the way of the next one.
        let free = || (0..16).map_while(|_| office.state.recovering.try_acquire());
        while free().collect::<Vec<_>>().len() < 16 {
            std::thread::yield_now();
        }
        let letters = office.state.store.read(|facts| facts.letters()).unwrap();
        let letter = letters.last().map(|(id, _)| *id);
        assert_eq!(
            letter != newest,
            side == 0,
            "a letter for who is known, and for nobody else"
        );
        newest = letter;
    });
    bars.alike("asking for a link", &mut answers);
    bars.alike("what is asked right after that", &mut probes);
}

fn lists(bars: &Bars, office: &Office, administrator: &mut Browser<'_>) {
    scale::fill_outbox(office);
    for path in [
        "/api/people",
        "/api/people?after=10499",
        "/api/people/10500",
        "/api/administrators",
        "/api/journal",
        "/api/journal?text=nowhere",
        "/api/people.csv",
        "/api/mail/outbox",
    ] {
        let look = || {
            let (took, reply) = timed(|| administrator.get(path));
            reply.expect(200);
            took
        };
        let mut times: Vec<Duration> = std::iter::repeat_with(look).take(LOOKS).collect();
        let median = quantile(&mut times, 0.5);
        println!("GET {path}: median {median:.3} ms of {LOOKS}");
        bars.told(
            &format!("GET {path}, 99th of 100"),
            quantile(&mut times, 0.99),
            50.0,
            "ms",
        );
    }
}
