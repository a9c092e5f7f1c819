//! How the server stops: who is under way is answered, who is idle is let go, and nobody holds it up.

use std::io::Read;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use linekey::http::edge::limits::Limits;
use linekey::net::limits as doors;

use super::house::{House, body, has, short};

#[test]
fn a_stop_answers_who_waits_and_lets_the_idle_go() {
    let house = House::open(Limits {
        idle: Duration::from_secs(30),
        ..short()
    });
    let mut idle = house.call();
    idle.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    idle.answer();
    let mut waiting = house.call();
    waiting.say("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    house.until_reached(2);
    let address = house.address;
    let began = Instant::now();
    house.stop_soon();
    assert!(idle.is_closed_silently());
    let answer = waiting.rest();
    assert_eq!(body(&answer), "at last");
    assert!(has(&answer, "connection: close"));
    house.close();
    assert!(began.elapsed() < Duration::from_secs(2));
    assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
}

#[test]
fn a_stop_waits_for_nobody_longer_than_its_farewell() {
    let house = House::open(Limits {
        doors: doors::Limits {
            farewell: Duration::from_millis(300),
            ..short().doors
        },
        ..short()
    });
    let mut clients: Vec<_> = (0..3).map(|_| house.call()).collect();
    clients[0].say("GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
    clients[1].say("GET /live HTTP/1.1\r\nHost: a\r\n\r\n");
    clients[2].say("GET /");
    house.until_reached(2);
    let began = Instant::now();
    house.close();
    assert!(began.elapsed() < Duration::from_millis(1000), "{:?}", began.elapsed());
    for client in &mut clients {
        client.stream.read_to_end(&mut client.got).ok();
    }
}

#[test]
fn an_answer_that_wants_to_know_is_told_whether_its_client_read_it_or_broke_off() {
    const ASKED: &str = "GET /receipt HTTP/1.1\r\nHost: a\r\n\r\n";
    let house = House::open(short());
    let told = || house.receipts.recv_timeout(Duration::from_secs(5)).unwrap();
    // Read to its end, and closed.
    let mut reader = house.call();
    reader.say(ASKED);
    let mut got = Vec::new();
    while got.len() < 4_000 {
        let mut piece = [0; 1_000];
        let length = reader.stream.read(&mut piece).unwrap();
        got.extend_from_slice(&piece[..length]);
    }
    reader.stream.shutdown(std::net::Shutdown::Both).unwrap();
    drop(reader);
    assert!(told());
    // Read until the server closes.
    assert!(has(&house.ask(ASKED), "connection: close"));
    assert!(told());
    // Broken off after the first octets: the kernel resets what was left unread.
    let mut cut = house.call();
    cut.say(ASKED);
    cut.stream.read_exact(&mut [0; 10]).unwrap();
    drop(cut);
    assert!(!told());
    // Left before the answer began.
    let mut gone = house.call();
    gone.say(ASKED);
    drop(gone);
    house.close();
}
