//! A board without a battery asks time servers, here honest and lying ones on loopback; and the one way back for a
//! store that a clock once ran ahead of.

use std::net::UdpSocket;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use linekey::rules::time::Date;
use linekey::store::Store;
use serde_json::{Value, json};

use crate::house::{PASSWORD, ask, wait_for};
use crate::program::{Folder, Program, Visitor, refused};

const DAY: u64 = 86_400;
/// 2099-01-01.
const LIE: u64 = 4_070_908_800;
const AHEAD: [(&str, &str); 3] = [
    ("LD_PRELOAD", "/usr/$LIB/faketime/libfaketime.so.1"),
    ("FAKETIME", "+4000d"),
    ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
];

#[expect(clippy::disallowed_methods, reason = "what the day is, this machine says")]
fn today() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// What a server does with a question, but for saying the date that it is set to.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Honest,
    /// It answers a question that nobody asked.
    Foreign,
    /// It wants to be left alone.
    KissOfDeath,
    /// It does not know the date itself.
    Alarm,
}

/// A time server on loopback: where, what it says, and how often it was asked.
struct Server {
    place: String,
    says: Arc<AtomicU64>,
    asked: Arc<AtomicU64>,
}

impl Server {
    fn at(address: &str, date: u64, mood: Mood) -> Self {
        let socket = UdpSocket::bind((address, 0)).unwrap();
        let place = socket.local_addr().unwrap().to_string();
        let (says, asked) = (Arc::new(AtomicU64::new(date)), Arc::<AtomicU64>::default());
        let (said, counted) = (says.clone(), asked.clone());
        std::thread::spawn(move || {
            let mut question = [0; 100];
            while let Ok((48, who)) = socket.recv_from(&mut question) {
                counted.fetch_add(1, Ordering::SeqCst);
                let mut answer = [0; 48];
                answer[0] = if mood == Mood::Alarm { 0xe4 } else { 0x24 };
                answer[1] = u8::from(mood != Mood::KissOfDeath) * 2;
                answer[12..16].copy_from_slice(b"RATE");
                if mood != Mood::Foreign {
                    answer[24..32].copy_from_slice(&question[40..48]);
                }
                let seconds = (said.load(Ordering::SeqCst) + 2_208_988_800) as u32;
                answer[40..44].copy_from_slice(&seconds.to_be_bytes());
                socket.send_to(&answer, who).unwrap();
            }
        });
        Self { place, says, asked }
    }
}

fn board(data: &str, servers: &[&Server]) -> Program {
    let places: Vec<&str> = servers.iter().map(|server| server.place.as_str()).collect();
    let servers = places.join(",");
    Program::start(&[
        "--data",
        data,
        "--http",
        "127.0.0.1:0",
        "--clock",
        "none",
        "--time-server",
        &servers,
        "--admin-password",
        PASSWORD,
    ])
}

fn sign_in(program: &Program, password: &str) -> (Visitor, u16) {
    let mut visitor = Visitor::to(&program.url);
    let body = json!({ "username": "admin", "password": password });
    let heard = ask(program.port(), &mut visitor, "POST", "/api/sign-in/password", body);
    (visitor, heard.status)
}

/// Signs in once the board knows the date: what it then says of it.
fn clock_once_known(program: &Program) -> Value {
    let mut visitor = wait_for("the date", || {
        let (visitor, status) = sign_in(program, PASSWORD);
        (status == 200).then_some(visitor)
    });
    ask(program.port(), &mut visitor, "GET", "/api/clock", Value::Null)
        .expect(200)
        .json
}

fn newest(data: &str) -> Option<Date> {
    let store = Store::open(&Path::new(data).join("linekey.redb")).unwrap();
    store.read(|facts| facts.newest()).unwrap()
}

fn is_about(found: &Value, date: u64) -> bool {
    found.as_u64().unwrap().abs_diff(date) < 120
}

#[test]
fn one_server_tells_a_board_the_date_whatever_its_own_clock_says() {
    let folder = Folder::new();
    let server = Server::at("127.0.0.1", today() + 30 * DAY, Mood::Honest);
    let program = board(&folder.data(), &[&server]);
    let clock = clock_once_known(&program);
    assert!(is_about(&clock["date"], today() + 30 * DAY), "{clock}");
}

#[test]
fn a_server_that_lies_by_years_moves_nothing_and_the_truth_still_counts_later() {
    let folder = Folder::new();
    let data = folder.data();
    let server = Server::at("127.0.0.1", LIE, Mood::Honest);
    let program = board(&data, &[&server]);
    wait_for("its question", || {
        (server.asked.load(Ordering::SeqCst) >= 1).then_some(())
    });
    assert_eq!(sign_in(&program, PASSWORD).1, 503);
    server.says.store(today(), Ordering::SeqCst);
    let clock = clock_once_known(&program);
    assert!(is_about(&clock["date"], today()), "{clock}");
    program.signal("TERM");
    assert!(program.ended().0.success());
    assert!(newest(&data).unwrap().0 < today() + DAY);
}

#[test]
fn two_servers_that_agree_are_believed_and_an_administrator_who_confirms() {
    let far = today() + 3_000 * DAY;
    let folder = Folder::new();
    let two = [
        Server::at("127.0.0.1", far, Mood::Honest),
        Server::at("127.0.0.2", far, Mood::Honest),
    ];
    let program = board(&folder.data(), &[&two[0], &two[1]]);
    let clock = clock_once_known(&program);
    assert!(is_about(&clock["date"], far), "{clock}");

    let folder = Folder::new();
    let liar = Server::at("127.0.0.1", LIE, Mood::Honest);
    let program = board(&folder.data(), &[&liar]);
    wait_for("its question", || {
        (liar.asked.load(Ordering::SeqCst) >= 1).then_some(())
    });
    let mut visitor = Visitor::to(&program.url);
    let body = json!({ "username": "admin", "password": PASSWORD, "today": today() });
    ask(program.port(), &mut visitor, "POST", "/api/sign-in/password", body).expect(200);
    let clock = ask(program.port(), &mut visitor, "GET", "/api/clock", Value::Null)
        .expect(200)
        .json;
    assert!(
        is_about(&clock["date"], today()) && clock["known"] == json!(true),
        "{clock}"
    );
}

#[test]
fn what_is_no_answer_tells_nobody_the_date() {
    let folder = Folder::new();
    let moods = [Mood::Foreign, Mood::KissOfDeath, Mood::Alarm];
    let servers = moods.map(|mood| Server::at("127.0.0.1", today(), mood));
    let program = board(&folder.data(), &[&servers[0], &servers[1], &servers[2]]);
    wait_for("its second round", || {
        let asked = servers.iter().map(|server| server.asked.load(Ordering::SeqCst));
        (asked.min() >= Some(2)).then_some(())
    });
    assert_eq!(sign_in(&program, PASSWORD).1, 503);
}

/// A store that was written eleven years ahead, by an administrator with a password of their own; their browser.
fn written_ahead(data: &str, own: &str) -> Visitor {
    let flags = ["--data", data, "--http", "127.0.0.1:0", "--admin-password", PASSWORD];
    let program = Program::start_with(&flags, &AHEAD);
    let (mut owner, status) = sign_in(&program, PASSWORD);
    assert_eq!(status, 200);
    let password = json!({ "password": own });
    ask(program.port(), &mut owner, "POST", "/api/me/password", password).expect(204);
    let card = json!({ "extension": "101", "name": "Mira" });
    ask(program.port(), &mut owner, "POST", "/api/people", card).expect(201);
    program.signal("TERM");
    assert!(program.ended().0.success());
    assert!(newest(data).unwrap().0 > today() + 3_000 * DAY, "faketime is missing");
    owner
}

#[test]
fn whoever_holds_the_flags_brings_the_date_back_and_is_told_what_that_does() {
    let (folder, own) = (Folder::new(), "a sentence of my own choice");
    let data = folder.data();
    written_ahead(&data, own);
    let (status, said) = refused(&["--data", &data, "--http", "127.0.0.1:0", "--date-is", "now"], &[]);
    assert_eq!((status, said.lines().count()), (2, 1), "{said}");
    for part in [
        "--yes",
        "sessions that end: 1",
        "links that end: 1",
        "journal",
        "office CA",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let program = Program::start(&["--data", &data, "--http", "127.0.0.1:0", "--date-is", "now", "--yes"]);
    let (mut owner, status) = sign_in(&program, own);
    assert_eq!(status, 200);
    let people = ask(program.port(), &mut owner, "GET", "/api/people", Value::Null)
        .expect(200)
        .json;
    assert_eq!(people["people"].as_array().unwrap().len(), 1);
    drop(program);
    assert!(newest(&data).unwrap().0 < today() + DAY);
    let later = Program::start(&["--data", &data, "--http", "127.0.0.1:0"]);
    assert_eq!(sign_in(&later, own).1, 200);
}

#[test]
fn an_administrator_who_is_signed_in_brings_it_back_by_a_button() {
    let (folder, own) = (Folder::new(), "a sentence of my own choice");
    let data = folder.data();
    let before = written_ahead(&data, own);
    // The port stays, where the program begins anew.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let http = format!("127.0.0.1:{port}");
    let program = Program::start(&["--data", &data, "--http", &http]);
    let mut owner = Visitor::to(&program.url);
    owner.cookie = before.cookie;
    let asked = format!("/api/clock/back?date={}", today());
    let expected = ask(port, &mut owner, "GET", &asked, Value::Null).expect(200).json;
    assert_eq!((&expected["sessions"], &expected["links"]), (&json!(1), &json!(1)));
    ask(port, &mut owner, "POST", "/api/clock/back", json!({ "date": today() })).expect(204);
    let lines = wait_for("the new beginning", || {
        let (mut owner, status) = std::panic::catch_unwind(|| sign_in(&program, own)).ok()?;
        (status == 200).then(|| {
            ask(port, &mut owner, "GET", "/api/journal", Value::Null)
                .expect(200)
                .json
        })
    });
    assert!(lines.to_string().contains("date-brought-back"), "{lines}");
    program.signal("TERM");
    assert!(program.ended().0.success());
    assert!(newest(&data).unwrap().0 < today() + DAY);
}

#[test]
fn where_the_machines_own_clock_is_right_nobody_brings_the_date_back() {
    let folder = Folder::new();
    let program = Program::start(&[
        "--data",
        &folder.data(),
        "--http",
        "127.0.0.1:0",
        "--admin-password",
        PASSWORD,
    ]);
    let (mut owner, status) = sign_in(&program, PASSWORD);
    assert_eq!(status, 200);
    let date = today() - 9 * DAY;
    let asked = format!("/api/clock/back?date={date}");
    ask(program.port(), &mut owner, "GET", &asked, Value::Null).expect(422);
    ask(
        program.port(),
        &mut owner,
        "POST",
        "/api/clock/back",
        json!({ "date": date }),
    )
    .expect(422);
    ask(program.port(), &mut owner, "GET", "/api/clock", Value::Null).expect(200);
}
