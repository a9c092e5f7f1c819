//! RFC 3261 §16.6.

use super::bench::{Bench, DEVICES, inside, to};
use crate::wire::{Message, address};

#[test]
fn the_copy_differs_only_where_it_must() {
    let mut bench = Bench::registered();
    let mut request = bench.request(0, "INVITE", "103");
    request.add("X-Odd", "one, two;three=\"four\"");
    request.add("X-Odd", "five");
    request.add("Subject", "kept as it is");
    request.add("Content-Type", "application/sdp");
    request.body = "v=0\r\no=- 1 1 IN IP4 192.168.1.20\r\n".to_owned();
    let (invite, sent) = bench.pass(0, &request);
    let got = to(&sent, 3)[0].clone();
    assert_eq!(got.body, invite.body);
    // Who calls is said by us (RFC 3325): an added field.
    let ours = [
        "P-Asserted-Identity",
        "Via",
        "Record-Route",
        "Max-Forwards",
        "Proxy-Authorization",
        "Content-Length",
        "Route",
    ];
    let rest = |message: &Message| -> Vec<(String, String)> {
        let kept = message.fields.iter().filter(|(name, _)| !ours.contains(&name.as_str()));
        kept.cloned().collect()
    };
    assert_eq!(rest(&got), rest(&invite));
}

#[test]
fn uri_hops_and_via_are_set() {
    let mut bench = Bench::registered();
    let (invite, rung) = bench.call("103");
    let got = &rung[0].1;
    assert_eq!(got.uri(), format!("sip:103@{}", DEVICES[3].2));
    assert_eq!(got.need("Max-Forwards"), "69");
    let vias = got.list("Via");
    assert_eq!(vias.len(), 2);
    assert!(vias[0].contains("10.0.0.1") && got.branch().starts_with("z9hG4bK"));
    assert!(vias[1].contains(&invite.branch()));
}

#[test]
fn hops_are_added_where_there_are_none() {
    let mut bench = Bench::registered();
    let mut request = bench.request(0, "MESSAGE", "103");
    request.remove("Max-Forwards");
    let (_, sent) = bench.pass(0, &request);
    assert_eq!(to(&sent, 3)[0].need("Max-Forwards"), "70");
}

#[test]
fn branches_of_forks_differ() {
    let mut bench = Bench::registered();
    let (_, rung) = bench.call("102");
    assert_ne!(rung[0].1.branch(), rung[1].1.branch());
}

#[test]
fn the_record_route_is_ours_loose_and_first() {
    let mut bench = Bench::registered();
    let request = bench
        .request(0, "INVITE", "103")
        .with("Record-Route", "<sip:10.0.0.77;lr>");
    let (_, sent) = bench.pass(0, &request);
    let routes = to(&sent, 3)[0].list("Record-Route");
    assert!(
        address(&routes[0]).starts_with("sip:") && routes[0].contains("10.0.0.1"),
        "{routes:?}"
    );
    assert!(routes[0].contains(";lr"));
    assert_eq!(routes.last().unwrap(), "<sip:10.0.0.77;lr>");
}

#[test]
fn a_dialog_goes_on_by_the_record_route() {
    let mut bench = Bench::registered();
    let (_, rung) = bench.call("103");
    let sent = bench.answer(3, &rung[0].1, 200);
    let answer = to(&sent, 0)[0].clone();
    let (_, sent) = bench.pass(0, &inside(&answer, "BYE", 50));
    let got = to(&sent, 3);
    assert_eq!(got.len(), 1, "{sent:?}");
    assert_eq!(got[0].method(), "BYE");
    assert!(got[0].get("Route").is_none());
}

#[test]
fn timer_c_ends_what_rings_too_long() {
    let mut bench = Bench::registered();
    let (_, rung) = bench.call("103");
    bench.answer(3, &rung[0].1, 180);
    let quiet = bench.wait(180_000);
    assert!(
        !quiet.iter().any(|(_, _, message)| message.method() == "CANCEL"),
        "before three minutes are over"
    );
    let sent = bench.wait(60_000);
    assert!(
        sent.iter()
            .any(|(_, to, message)| to == DEVICES[3].2 && message.method() == "CANCEL")
    );
    let last = sent
        .iter()
        .find(|(_, to, message)| to == DEVICES[0].2 && message.is_response() && message.code() >= 400);
    assert!(last.is_some(), "the caller is told: {sent:?}");
}

#[test]
fn a_ringing_that_goes_on_starts_timer_c_anew() {
    let mut bench = Bench::registered();
    let (_, rung) = bench.call("103");
    bench.answer(3, &rung[0].1, 180);
    bench.wait(100_000);
    bench.answer(3, &rung[0].1, 180);
    let quiet = bench.wait(150_000);
    assert!(!quiet.iter().any(|(_, _, message)| message.method() == "CANCEL"));
}

#[test]
fn more_calls_are_carried_at_once_than_there_are_places_for_answered_requests() {
    let mut bench = Bench::registered();
    for number in 0..3_000 {
        let (_, rung) = bench.call("103");
        assert_eq!(rung.len(), 1, "call {number}");
        let answered = bench.answer(3, &rung[0].1, 200);
        let answer = to(&answered, 0)[0].clone();
        assert_eq!(answer.code(), 200, "call {number}");
        let (_, sent) = bench.pass(0, &inside(&answer, "BYE", 50));
        bench.answer(3, to(&sent, 3)[0], 200);
    }
}

#[test]
fn copies_of_an_ack_have_one_branch() {
    let mut bench = Bench::registered();
    let (_, rung) = bench.call("103");
    let sent = bench.answer(3, &rung[0].1, 200);
    let answer = to(&sent, 0)[0].clone();
    let ack = inside(&answer, "ACK", answer.cseq());
    let mut passed_on = |ack: &Message| to(&bench.send(DEVICES[0].2, ack), 3)[0].branch();
    let first = passed_on(&ack);
    assert_eq!(first, passed_on(&ack));
    assert_ne!(first, passed_on(&inside(&answer, "ACK", answer.cseq() + 1)));
}
