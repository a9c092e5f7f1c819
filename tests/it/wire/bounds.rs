//! What nobody can take: more bytes, more time or more connections than their share.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use linekey::http::edge::limits::Limits;
use linekey::net::limits as doors;

use super::house::{House, body, has, short, status};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn a_head_is_as_long_as_the_limit_and_no_longer() {
    let house = House::open(short());
    let padded = |length: usize| {
        let rest = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: \r\n\r\n".len();
        format!(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: {}\r\n\r\n",
            "x".repeat(length - rest)
        )
    };
    let limit = Limits::appliance().head;
    assert_eq!(status(&house.ask(&padded(limit))), 200);
    assert_eq!(status(&house.ask(&padded(limit + 1))), 431);
    assert_eq!(status(&house.ask(&padded(1_000_000))), 431);
}

#[test]
fn fields_are_counted() {
    let house = House::open(short());
    let with = |count: usize| {
        format!(
            "GET / HTTP/1.1\r\nHost: a\r\n{}Connection: close\r\n\r\n",
            "X: y\r\n".repeat(count)
        )
    };
    assert_eq!(status(&house.ask(&with(62))), 200);
    assert_eq!(status(&house.ask(&with(63))), 431);
}

#[test]
fn a_target_is_as_long_as_the_limit_and_no_longer() {
    let house = House::open(short());
    let with = |length: usize| {
        format!(
            "GET /{} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "x".repeat(length - 1)
        )
    };
    assert_eq!(status(&house.ask(&with(2048))), 404);
    assert_eq!(status(&house.ask(&with(2049))), 414);
    assert_eq!(status(&house.ask(&"x".repeat(100_000))), 414);
}

#[test]
fn a_body_is_as_long_as_the_limit_and_no_longer() {
    let house = House::open(short());
    let limit = Limits::appliance().body;
    let counted = |length: usize| {
        let head = format!("POST /length HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
        head + &"x".repeat(length)
    };
    assert_eq!(body(&house.ask(&counted(limit))), limit.to_string());
    assert_eq!(status(&house.ask(&counted(limit + 1))), 413);
    assert_eq!(
        status(&house.ask(&counted(1_000_000))),
        413,
        "the answer arrives though the client is still sending"
    );
    let chunked = |count: usize| {
        let head =
            "POST /length HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned();
        head + &format!("1000\r\n{}\r\n", "x".repeat(4096)).repeat(count) + "0\r\n\r\n"
    };
    assert_eq!(body(&house.ask(&chunked(16))), limit.to_string());
    assert_eq!(status(&house.ask(&chunked(17))), 413);
}

#[test]
fn chunk_framing_is_bounded_too() {
    let house = House::open(short());
    let head = "POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let long_line = format!("{head}1;{}\r\nx\r\n0\r\n\r\n", "e".repeat(300));
    let many_lines = head.to_owned() + &format!("1;{}\r\nx\r\n", "e".repeat(200)).repeat(400) + "0\r\n\r\n";
    let trailers = head.to_owned() + "0\r\n" + &"Late: field\r\n".repeat(10_000) + "\r\n";
    for request in [long_line, many_lines, trailers] {
        assert_eq!(status(&house.ask(&request)), 400);
    }
}

#[test]
fn a_slow_head_is_told_so_and_closed() {
    let house = House::open(short());
    let mut client = house.call();
    let began = Instant::now();
    for byte in GET.bytes().cycle().filter(|byte| *byte != b'\n').take(10) {
        client.say([byte]);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(status(&client.rest()), 408);
    assert!(
        began.elapsed() < Duration::from_millis(1500),
        "each byte must not buy more time"
    );
}

#[test]
fn a_slow_body_is_told_so_and_closed() {
    let house = House::open(short());
    let mut client = house.call();
    let began = Instant::now();
    client.say("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
    for _ in 0..10 {
        client.say("x");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(status(&client.rest()), 408);
    assert!(began.elapsed() < Duration::from_millis(1500));
    assert_eq!(house.reached(), 0);
}

#[test]
fn an_idle_connection_is_closed_without_a_word() {
    let house = House::open(short());
    let mut silent = house.call();
    let mut kept = house.call();
    kept.say(GET);
    kept.answer();
    let began = Instant::now();
    assert!(silent.is_closed_silently() && kept.is_closed_silently());
    assert!((Duration::from_millis(400)..Duration::from_secs(2)).contains(&began.elapsed()));
}

#[test]
fn the_last_request_of_a_connection_says_close() {
    let house = House::open(Limits { requests: 3, ..short() });
    let mut client = house.call();
    client.say(GET.repeat(5));
    let closes: Vec<_> = (0..3).map(|_| has(&client.answer(), "connection: close")).collect();
    assert_eq!(closes, [false, false, true]);
    assert_eq!(client.rest(), "");
    assert_eq!(house.reached(), 3);
}

#[test]
fn when_all_places_are_taken_the_newest_waits() {
    let house = House::open(Limits {
        idle: Duration::from_secs(5),
        doors: doors::Limits {
            connections: 2,
            ..short().doors
        },
        ..short()
    });
    let (mut first, mut second) = (house.call(), house.call());
    for client in [&mut first, &mut second] {
        client.say(GET);
        client.answer();
    }
    let mut third = house.call();
    third.say(GET);
    third.stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let mut byte = [0];
    assert!(third.stream.read(&mut byte).is_err(), "the third waits");
    first.say(GET);
    assert_eq!(status(&first.answer()), 200, "who is in stays in");
    drop(second);
    third.stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    assert_eq!(status(&third.answer()), 200, "a place is free");
}

#[test]
fn an_address_at_its_cap_is_closed_at_once() {
    let house = House::open(Limits {
        doors: doors::Limits {
            per_address: 2,
            exempt: Vec::new(),
            ..short().doors
        },
        ..short()
    });
    let mut inside: Vec<_> = (0..2).map(|_| house.call()).collect();
    for client in &mut inside {
        client.say(GET);
        client.answer();
    }
    let began = Instant::now();
    assert!(house.call().is_closed_silently());
    assert!(began.elapsed() < Duration::from_millis(200));
    inside.pop();
    // The server sees the end of the line a moment later.
    let mut next = loop {
        let (mut client, mut first) = (house.call(), [0]);
        client.stream.write_all(GET.as_bytes()).ok();
        if client.stream.read(&mut first).is_ok_and(|length| length == 1) {
            client.got.extend(first);
            break client;
        }
    };
    assert_eq!(status(&next.answer()), 200, "a place is free again");
}

#[test]
fn an_answer_that_never_comes_is_given_up() {
    let house = House::open(Limits {
        answer: Duration::from_millis(200),
        ..short()
    });
    let answer = house.ask("GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(status(&answer), 503);
    assert!(has(&answer, "retry-after: 5"));
}

#[test]
fn a_client_that_does_not_take_its_answer_is_let_go() {
    let house = House::open(Limits {
        write: Duration::from_millis(200),
        doors: doors::Limits {
            connections: 1,
            ..short().doors
        },
        ..short()
    });
    let mut client = house.call();
    client.say("GET /large HTTP/1.1\r\nHost: a\r\n\r\n".repeat(40));
    let mut next = house.call();
    next.stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    next.say(GET);
    assert_eq!(status(&next.answer()), 200, "its place is free");
}

#[test]
fn a_silent_stream_is_closed() {
    let house = House::open(Limits {
        silence: Duration::from_millis(200),
        ..short()
    });
    let answer = house.ask("GET /live HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(body(&answer), "", "and without the last chunk: it broke off");
}

#[test]
fn a_stream_whose_client_left_frees_its_place() {
    let house = House::open(Limits {
        doors: doors::Limits {
            connections: 1,
            ..short().doors
        },
        ..short()
    });
    let mut client = house.call();
    client.say("GET /live HTTP/1.1\r\nHost: a\r\n\r\n");
    client.answer();
    drop(client);
    let mut next = house.call();
    next.say(GET);
    assert_eq!(status(&next.answer()), 200);
}
