//! What nobody can take: more bytes, more time or more connections than their share.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use linekey::http::edge::limits::Limits;
use linekey::net::limits as doors;

use super::house::{Client, House, body, has, short, status};
use crate::wait::let_pass;

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

/// A program that sends its table as it makes it says no length before.
#[test]
fn a_table_in_chunks_is_as_long_as_one_of_known_length_and_a_longer_one_is_told_the_same() {
    let house = House::open(short());
    let limits = Limits::appliance();
    for path in ["/api/people/import", "/api/devices/import"] {
        let longest = limits.of(path).body;
        let head = |framing: &str| format!("POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{framing}\r\n\r\n");
        let chunked = |count: usize| {
            let chunk = format!("2000\r\n{}\r\n", "x".repeat(8192));
            head("Transfer-Encoding: chunked") + &chunk.repeat(count) + "0\r\n\r\n"
        };
        assert_eq!(longest % 8192, 0);
        assert_eq!(
            status(&house.ask(&chunked(longest / 8192))),
            404,
            "it reached the application"
        );
        let (in_chunks, counted) = (
            house.ask(&chunked(longest / 8192 + 1)),
            house.ask(&head(&format!("Content-Length: {}", longest + 1))),
        );
        assert_eq!((status(&in_chunks), body(&in_chunks)), (413, body(&counted)));
        assert!(body(&in_chunks).contains("512 KiB"), "{in_chunks}");
    }
    let elsewhere = house.ask(&format!(
        "POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n",
        limits.body + 1
    ));
    assert!(status(&elsewhere) == 413 && !body(&elsewhere).contains("KiB"));
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
        let_pass(Duration::from_millis(50));
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
        let_pass(Duration::from_millis(50));
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

/// The appliance's times, with so many places in all, and for each address.
fn places(connections: usize, per_address: usize) -> Limits {
    Limits {
        doors: doors::Limits {
            connections,
            per_address,
            exempt: Vec::new(),
            ..doors::Limits::appliance()
        },
        ..Limits::appliance()
    }
}

/// What a browser at another address of the loopback asks; `None`: it was closed without an answer.
/// Longer than a stranger has a place for sure.
const HELD: Duration = Duration::from_millis(1100);

fn asks(client: &mut Client<TcpStream>, path: &str) -> Option<u16> {
    client.say(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
    client.try_answer().map(|answer| status(&answer))
}

#[test]
fn when_all_places_are_taken_a_stranger_who_does_nothing_makes_room() {
    let house = House::open(places(4, 4));
    let mut silent = house.call();
    let (mut known, mut other) = (house.call_from(2), house.call_from(3));
    assert_eq!(asks(&mut known, "/known"), Some(200));
    assert_eq!(asks(&mut other, "/"), Some(200));
    let mut half = house.call_from(4);
    half.say("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nx");
    let_pass(HELD);
    let began = Instant::now();
    let mut newcomer = house.call_from(5);
    assert_eq!(asks(&mut newcomer, "/"), Some(200));
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
    assert!(silent.is_closed_silently(), "it did nothing for longest");
    assert_eq!(asks(&mut known, "/"), Some(200), "who showed a session stays in");
    let mut next = house.call_from(6);
    assert_eq!(asks(&mut next, "/"), Some(200));
    assert_eq!(asks(&mut other, "/"), None, "it asked before the half body began");
    assert_eq!(asks(&mut newcomer, "/"), Some(200), "nobody else was sent away");
}

#[test]
fn keeping_on_asking_does_not_keep_a_strangers_place() {
    let house = House::open(places(2, 2));
    let (mut keeper, mut known) = (house.call_from(2), house.call_from(3));
    assert_eq!(asks(&mut known, "/known"), Some(200));
    for number in 4..20 {
        assert_eq!(asks(&mut keeper, "/"), Some(200));
        assert_eq!(asks(&mut house.call_from(number), "/"), Some(200), "newcomer {number}");
        assert_eq!(asks(&mut keeper, "/"), None);
        keeper = house.call_from(2);
    }
    assert_eq!(asks(&mut known, "/"), Some(200));
}

#[test]
fn whoever_holds_most_makes_room_first() {
    let house = House::open(places(20, 20));
    let mut modest = house.call_from(2);
    assert_eq!(asks(&mut modest, "/"), Some(200));
    let greedy: Vec<_> = (0..19).map(|_| house.call_from(3)).collect();
    let_pass(HELD);
    for number in 4..12 {
        assert_eq!(asks(&mut house.call_from(number), "/"), Some(200));
    }
    assert_eq!(asks(&mut modest, "/"), Some(200));
    drop(greedy);
}

#[test]
fn a_strangers_slow_answer_makes_room_where_nobody_is_idle() {
    let house = House::open(places(2, 2));
    let mut slow = house.call_from(2);
    slow.say("GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
    let mut known = house.call_from(3);
    assert_eq!(asks(&mut known, "/known"), Some(200));
    let_pass(HELD);
    assert_eq!(asks(&mut house.call_from(4), "/"), Some(200));
    assert!(slow.is_closed_silently());
    assert_eq!(asks(&mut known, "/"), Some(200));
}

#[test]
fn of_strangers_who_wait_for_an_answer_the_first_keeps_waiting() {
    let house = House::open(places(2, 2));
    let never = |host: u8| {
        let mut client = house.call_from(host);
        client.say("GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
        house.until_reached(usize::from(host) - 1);
        client
    };
    let (mut first, mut second) = (never(2), never(3));
    let_pass(HELD);
    assert_eq!(asks(&mut house.call_from(4), "/"), Some(200));
    assert!(second.is_closed_silently());
    let soon = Some(Duration::from_millis(200));
    first.stream.set_read_timeout(soon).unwrap();
    assert!(!first.is_closed_silently());
}

#[test]
fn where_everybody_is_known_and_at_work_the_newest_waits() {
    let house = House::open(places(1, 1));
    let mut known = house.call_from(2);
    assert_eq!(asks(&mut known, "/known"), Some(200));
    known.say("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    house.until_reached(2);
    let began = Instant::now();
    assert_eq!(asks(&mut house.call_from(3), "/"), Some(200));
    assert!(began.elapsed() > Duration::from_millis(200), "{:?}", began.elapsed());
    assert_eq!(status(&known.answer()), 200, "who is at work stays to the end of it");
}

#[test]
fn an_address_at_its_cap_loses_its_idlest_and_nobody_elses() {
    let house = House::open(places(8, 2));
    let mut other = house.call_from(3);
    let (mut first, mut second) = (house.call_from(2), house.call_from(2));
    for client in [&mut other, &mut first, &mut second] {
        assert_eq!(asks(client, "/"), Some(200));
    }
    let mut third = house.call_from(2);
    assert_eq!(asks(&mut third, "/"), Some(200), "silent ones do not keep it out");
    assert_eq!(asks(&mut first, "/"), None);
    assert_eq!(asks(&mut second, "/known"), Some(200));
    assert_eq!(asks(&mut third, "/known"), Some(200));
    assert!(house.call_from(2).is_closed_silently(), "all that it holds is known");
    assert_eq!(asks(&mut other, "/"), Some(200));
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
