//! RFC 3261 §18, with RFC 3581.

use super::bench::{Bench, DEVICES, only, to};
use crate::wire::{Message, param};

#[test]
fn the_senders_address_is_noted_in_its_via() {
    let mut bench = Bench::new();
    let mut request = bench.request(0, "REGISTER", "");
    request.set("Via", "SIP/2.0/UDP phone.lan:5060;branch=z9hG4bKx;rport");
    let sent = bench.send("10.0.0.21:1035", &request);
    let via = only(&sent).list("Via")[0].clone();
    assert_eq!(param(&via, "received").as_deref(), Some("10.0.0.21"));
    assert_eq!(param(&via, "rport").as_deref(), Some("1035"));
}

#[test]
fn an_answer_goes_to_where_the_request_came_from() {
    let mut bench = Bench::new();
    let mut request = bench.request(0, "REGISTER", "");
    request.set("Via", "SIP/2.0/UDP 192.168.7.7:5060;branch=z9hG4bKx");
    let sent = bench.send("10.0.0.21:1035", &request);
    assert_eq!(sent[0].0, "10.0.0.21:1035");
}

#[test]
fn what_stands_behind_the_body_of_a_datagram_is_dropped() {
    let mut bench = Bench::new();
    let mut bytes = bench.request(0, "REGISTER", "").bytes();
    bytes.extend_from_slice(b"REGISTER sip:x SIP/2.0\r\n\r\n");
    assert_eq!(only(&bench.send_bytes("10.0.0.21:5060", &bytes)).code(), 401);
}

#[test]
fn a_datagram_shorter_than_it_says_is_answered_400_and_such_an_answer_is_dropped() {
    let mut bench = Bench::registered();
    let request = bench.request(0, "MESSAGE", "103");
    let text = String::from_utf8(request.bytes())
        .unwrap()
        .replace("Content-Length: 0", "Content-Length: 40");
    assert_eq!(only(&bench.send_bytes("10.0.0.21:5060", text.as_bytes())).code(), 400);
    let (_, rung) = bench.call("103");
    let answer = Message::response(&rung[0].1, 200, "OK", "x").bytes();
    let text = String::from_utf8(answer)
        .unwrap()
        .replace("Content-Length: 0", "Content-Length: 40");
    assert!(bench.send_bytes(DEVICES[3].2, text.as_bytes()).is_empty());
}

#[test]
fn a_stream_is_answered_over_itself_with_a_length() {
    let mut bench = Bench::new();
    bench.open(1, "10.0.0.21:40000");
    let mut request = bench.request(0, "REGISTER", "");
    request.set("Via", "SIP/2.0/TCP 10.0.0.21:5060;branch=z9hG4bKx");
    let sent = bench.stream(1, &request.bytes());
    assert_eq!(sent[0].0, "stream 1");
    assert_eq!(only(&sent).need("Content-Length"), "0");
}

#[test]
fn a_large_message_is_taken_and_passed_on() {
    let mut bench = Bench::registered();
    let mut request = bench.request(0, "MESSAGE", "103").with("Content-Type", "text/plain");
    request.body = "x".repeat(20_000);
    let (_, sent) = bench.pass(0, &request);
    assert_eq!(to(&sent, 3)[0].body.len(), 20_000);
}

#[test]
fn an_answer_with_anothers_via_is_dropped() {
    let mut bench = Bench::registered();
    let (_, rung) = bench.call("103");
    let mut answer = Message::response(&rung[0].1, 200, "OK", "x");
    let via = answer.need("Via").replace("10.0.0.1", "198.51.100.1");
    answer.set("Via", &via);
    assert!(bench.send(DEVICES[3].2, &answer).is_empty());
}
