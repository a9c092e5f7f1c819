//! What is said, and what is answered.

use super::house::{House, body, has, short, status};

#[test]
fn many_requests_travel_on_one_connection() {
    let house = House::open(short());
    let mut client = house.call();
    for _ in 0..3 {
        client.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        let answer = client.answer();
        assert_eq!((status(&answer), body(&answer)), (200, "hello"));
        assert!(!has(&answer, "connection: close"));
    }
}

#[test]
fn requests_sent_at_once_are_answered_in_order() {
    let house = House::open(short());
    let mut client = house.call();
    client.say(
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none\
         POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n\
         GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n\
         GET /length HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    let answers: Vec<_> = (0..3).map(|_| body(&client.answer()).to_owned()).collect();
    assert_eq!(answers, ["one", "two", "hello"]);
    assert_eq!(client.rest(), "", "nothing is answered after a close");
    assert_eq!(house.reached(), 3);
}

#[test]
fn a_request_may_arrive_byte_by_byte() {
    let house = House::open(short());
    let mut client = house.call();
    for byte in b"\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n\
        3;note=\"x\"\r\nabc\r\n02\r\nde\r\n0\r\nLate: field\r\n\r\n"
    {
        client.say([*byte]);
    }
    assert_eq!(body(&client.answer()), "abcde");
    client.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(
        body(&client.answer()),
        "hello",
        "the next request begins where the body ended"
    );
}

#[test]
fn head_is_answered_as_get_without_the_body() {
    let house = House::open(short());
    let answer =
        house.ask("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nHEAD /chunks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let (first, second) = answer.split_once("\r\n\r\n").unwrap();
    assert!(first.contains("content-length: 5"));
    assert!(second.contains("transfer-encoding: chunked"));
    assert_eq!(body(second), "");
}

#[test]
fn an_old_client_gets_its_answer_and_a_close() {
    let house = House::open(short());
    let answer = house.ask("GET / HTTP/1.0\r\n\r\n");
    assert_eq!((status(&answer), body(&answer)), (200, "hello"));
    assert!(has(&answer, "connection: close"));
    let answer = house.ask("GET /chunks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assert_eq!(body(&answer), "onetwothree");
    assert!(!answer.contains("transfer-encoding"));
}

/// As a proxy does whose upstream was written with `https://`.
#[test]
fn who_speaks_tls_to_a_plain_door_is_refused_before_the_time_for_a_head_is_over() {
    let house = House::open(short());
    let answer = house.ask("\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{3}\u{3}");
    assert_eq!(status(&answer), 400, "{answer}");
}

#[test]
fn every_answer_has_a_date_where_it_is_known() {
    let house = House::open(short());
    for request in [
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "HEAD /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "BREW / HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        let answer = house.ask(request);
        assert!(has(&answer, "date: Mon, 23 Nov 2026 08:00:00 GMT"), "{answer}");
    }
}

#[test]
fn a_monitor_needs_no_host_and_everybody_else_does() {
    let house = House::open(short());
    for (request, expected) in [
        ("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
        ("GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", 404),
        ("HEAD /healthz HTTP/1.0\r\n\r\n", 404),
        ("GET /healthz HTTP/1.0\r\nHost:\r\n\r\n", 404),
        ("GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET /healthz/more HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
    ] {
        // The house of these tests has no such path; what counts is who answers.
        assert_eq!(status(&house.ask(request)), expected, "{request:?}");
    }
    assert_eq!(house.reached(), 4);
}

#[test]
fn an_answer_of_unknown_length_is_chunked() {
    let house = House::open(short());
    let answer = house.ask("GET /chunks HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(has(&answer, "transfer-encoding: chunked"));
    assert_eq!(body(&answer), "3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n");
}

#[test]
fn a_large_answer_arrives_whole() {
    let house = House::open(short());
    let answer = house.ask("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(has(&answer, "content-length: 1000000"));
    assert_eq!(body(&answer).len(), 1_000_000);
}

#[test]
fn answers_without_a_body_have_no_length() {
    let house = House::open(short());
    for path in ["/nothing", "/unchanged"] {
        let answer = house.ask(&format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
        assert!(!answer.contains("content-length"), "{answer}");
        assert_eq!(body(&answer), "");
    }
}

#[test]
fn who_waits_for_100_continue_gets_it() {
    let house = House::open(short());
    let mut client = house.call();
    client.say("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-Continue\r\n\r\n");
    assert_eq!(client.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.say("body");
    assert_eq!(body(&client.answer()), "body");
}

#[test]
fn who_sends_the_body_at_once_is_not_told_to_continue() {
    let house = House::open(short());
    let mut client = house.call();
    client.say("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\nbody");
    assert_eq!(status(&client.answer()), 200);
}

#[test]
fn a_body_that_will_be_refused_is_not_asked_for() {
    let house = House::open(short());
    let answer = house.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(status(&answer), 413);
}

#[test]
fn a_client_that_closed_its_side_still_hears_the_answer() {
    let house = House::open(short());
    let mut client = house.call();
    client.say("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    client.half_close();
    assert_eq!(body(&client.rest()), "at last");
}

/// Else guesses of strangers who have left wait their turn for ten seconds after a flood, and take memory.
#[test]
fn a_client_that_closed_its_side_is_not_waited_for_without_end() {
    let house = House::open(short());
    let mut client = house.call();
    client.say("GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
    client.half_close();
    assert_eq!(client.rest(), "", "no answer, for nobody waits for one");
}

#[test]
fn the_application_learns_who_asks_and_for_whom() {
    let house = House::open(short());
    let mut client = house.call();
    client.say("GET /peer HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n");
    assert_eq!(body(&client.answer()), "127.0.0.1 false");
    client.say("GET /host?q=1 HTTP/1.1\r\nHost: Office.local:8080\r\n\r\n");
    assert_eq!(body(&client.answer()), "Office.local:8080 http://localhost/host?q=1");
    client.say("GET HTTP://named.example/host HTTP/1.1\r\nHost: other\r\n\r\n");
    assert_eq!(body(&client.answer()), "named.example http://localhost/host");
}

#[test]
fn a_field_in_another_alphabet_is_kept_but_equals_nothing() {
    let house = House::open(short());
    let mut client = house.call();
    client.say(b"GET /field HTTP/1.1\r\nHost: a\r\nX-Name: J\xc3\xbcrgen\r\n\r\n");
    assert_eq!(body(&client.answer()), "J??rgen");
}

#[test]
fn every_answer_carries_the_safety_fields() {
    let house = House::open(short());
    let mut client = house.call();
    client.say("GET /asset HTTP/1.1\r\nHost: a\r\n\r\n");
    let asset = client.answer();
    assert!(has(&asset, "cache-control: immutable") && !asset.contains("no-store"));
    client.say("GET /no-such HTTP/1.1\r\nHost: a\r\n\r\n");
    let missing = client.answer();
    let refused = house.ask("nonsense\r\n\r\n");
    assert_eq!((status(&missing), status(&refused)), (404, 400));
    for answer in [asset, missing, refused] {
        for (name, value) in linekey::http::edge::headers::ALWAYS
            .iter()
            .filter(|(name, _)| *name != "cache-control")
        {
            assert!(
                has(&answer, &format!("{name}: {value}")),
                "{name} is missing in {answer}"
            );
        }
        assert!(!answer.contains("strict-transport-security"), "not over plain HTTP");
    }
}

#[test]
fn a_line_break_in_a_field_of_ours_is_never_sent() {
    let house = House::open(short());
    let answer = house.ask("GET /split HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(status(&answer), 500);
    assert!(!answer.contains("set-cookie"));
}

#[test]
fn a_body_of_ours_that_breaks_off_is_no_success() {
    let house = House::open(short());
    assert_eq!(status(&house.ask("GET /short HTTP/1.1\r\nHost: a\r\n\r\n")), 500);
}

/// Request, status: refused, with a JSON error and a close, and never seen by the application.
const REFUSED: &[(&str, u16)] = &[
    ("GET / HTTP/1.1\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: \r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: user@a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400),
    ("GET http://a@b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\nHost: a\n\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n folded\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", 400),
    ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /\r\nHost: a\r\n\r\n", 400),
    ("GET / of ours\r\nHost: a\r\n\r\n", 400),
    ("GET /#part HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET /ü HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        400,
    ),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc", 400),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", 400),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nabc", 400),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\nabc", 400),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc", 400),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    (
        "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        501,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        501,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n",
        501,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        400,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
        400,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        400,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
        400,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n 3\r\nabc\r\n0\r\n\r\n",
        400,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n",
        400,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        413,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n",
        413,
    ),
    ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", 413),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        413,
    ),
    (
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: tea\r\n\r\nabc",
        417,
    ),
    ("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    ("get / HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    ("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 501),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505),
];

#[test]
fn what_two_readers_could_read_differently_is_refused() {
    let house = House::open(short());
    for (request, expected) in REFUSED {
        let answer = house.ask(request);
        assert_eq!(status(&answer), *expected, "{request:?} → {answer}");
        assert!(has(&answer, "connection: close"), "{request:?}");
        let told: serde_json::Value = serde_json::from_str(body(&answer)).unwrap();
        assert!(told["error"].is_string() && told["message"].is_string(), "{request:?}");
    }
    assert_eq!(house.reached(), 0);
}

#[test]
fn no_refusal_is_followed_by_an_answer_to_what_was_smuggled_behind_it() {
    let house = House::open(short());
    for (request, _) in REFUSED {
        let answer = house.ask(&format!("{request}GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert_eq!(
            answer.matches("connection: close\r\n").count(),
            1,
            "{request:?} → {answer}"
        );
    }
    assert_eq!(house.reached(), 0);
}

/// RFC 9110 §9.3.7.
#[test]
fn a_star_is_the_server_for_options_and_nothing_for_others() {
    let house = House::open(short());
    let mut client = house.call();
    for _ in 0..2 {
        client.say("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(status(&client.answer()), 204);
    }
    for line in ["GET *", "POST *", "OPTIONS **", "OPTIONS *?a"] {
        let answer = house.ask(&format!("{line} HTTP/1.1\r\nHost: a\r\n\r\n"));
        assert_eq!(status(&answer), 400, "{line}");
    }
}
