//! RFC 3261 §§12.2, 15: what is inside a call, whoever of it is lost.

use std::sync::Arc;

use linekey::rules::time::Tick;
use linekey::sip::stack::Input;

use super::bench::{Bench, DEVICES, Sent, codes, inside, to};
use crate::wire::{Message, address};

/// Device 0 calls 103, whose phone is at a connection, and is answered.
fn talking_to_a_stream(bench: &mut Bench) -> Message {
    bench.register(0, 3_600);
    bench.open(7, DEVICES[3].2);
    bench.register_over(3, 7, None);
    let (_, rung) = bench.call("103");
    let mut answer = Message::response(&rung[0].1, 200, "OK", "tag3");
    answer.add("Contact", &format!("<sip:103@{};transport=tcp>", DEVICES[3].2));
    let sent = bench.stream(7, &answer.bytes());
    assert_eq!(bench.stack.calls()[0].talking.len(), 1);
    to(&sent, 0)[0].clone()
}

#[test]
fn who_hangs_up_is_out_although_the_other_phone_is_lost() {
    let mut bench = Bench::new();
    let answer = talking_to_a_stream(&mut bench);
    bench.close(7);
    let (_, sent) = bench.pass(0, &inside(&answer, "BYE", 50));
    assert_eq!(codes(&sent, 0), [481]);
    assert!(bench.stack.calls().is_empty());
}

#[test]
fn a_call_of_nobody_who_can_be_reached_ends_soon() {
    let mut bench = Bench::new();
    talking_to_a_stream(&mut bench);
    bench.close(7);
    bench.wait(400_000);
    assert_eq!(bench.stack.calls().len(), 1, "the caller is there still");
    assert_eq!(bench.register(0, 0).code(), 200);
    bench.register(0, 60);
    bench.wait(61_000);
    assert_eq!(bench.stack.calls().len(), 1, "it may come back");
    bench.wait(200_000);
    assert!(bench.stack.calls().is_empty());
}

fn answered(bench: &mut Bench) -> (Message, Message) {
    let (_, rung) = bench.call("103");
    let sent = bench.answer(3, &rung[0].1, 200);
    (rung[0].1.clone(), to(&sent, 0)[0].clone())
}

/// The same call as the callee sends in it.
fn from_callee(rung: &Message, method: &str) -> Message {
    let via = format!("SIP/2.0/UDP {};branch=z9hG4bKback{method};rport", DEVICES[3].2);
    Message::request(method, address(rung.need("Contact")))
        .with("Via", &via)
        .with("Max-Forwards", "70")
        .with("From", &format!("{};tag=tag3", rung.need("To")))
        .with("To", rung.need("From"))
        .with("Call-ID", rung.call_id())
        .with("CSeq", &format!("70 {method}"))
}

#[test]
fn a_call_stays_at_the_flow_that_it_came_from_though_its_phone_registers_elsewhere() {
    let mut bench = Bench::registered();
    let other = "10.0.0.21:5090";
    let mut request = bench.request(0, "INVITE", "103");
    request.set("Contact", &format!("<sip:101@{other}>"));
    let challenge = bench.send(other, &request)[0].1.clone();
    let again = bench.signed(0, &request, &challenge);
    let sent = bench.send(other, &again);
    let rung = to(&sent, 3)[0].clone();
    bench.answer(3, &rung, 200);
    bench.wait(5_000);
    bench.register(0, 3_600);
    let sent = bench.send(DEVICES[3].2, &from_callee(&rung, "BYE"));
    let got: Vec<&str> = sent
        .iter()
        .filter(|(_, message)| !message.is_response())
        .map(|(to, _)| to.as_str())
        .collect();
    assert_eq!(got, [other]);
}

#[test]
fn another_secret_leaves_a_call_its_end_alone() {
    let mut bench = Bench::registered();
    let (_, answer) = answered(&mut bench);
    let others = bench.other_secrets();
    let at = Tick(bench.now);
    bench.stack.handle(Input::Directory(Arc::new(others)), at);
    while bench.stack.next_action().is_some() {}
    for (method, cseq) in [("INFO", 50), ("REFER", 51), ("INVITE", 52)] {
        let mut request = inside(&answer, method, cseq);
        request.add("Contact", &format!("<sip:101@{}>", DEVICES[0].2));
        let sent = bench.send(DEVICES[0].2, &request);
        assert_eq!((codes(&sent, 0), to(&sent, 3).len()), (vec![407], 0), "{method}");
    }
    let sent = bench.send(DEVICES[0].2, &inside(&answer, "BYE", 60));
    assert_eq!(to(&sent, 3)[0].method(), "BYE");
    assert!(bench.stack.calls().is_empty());
}

#[test]
fn a_caller_without_a_tag_calls_and_is_hung_up_on() {
    let mut bench = Bench::registered();
    let mut request = bench.request(0, "INVITE", "103");
    request.set("From", "<sip:101@office.example>");
    let (_, sent) = bench.pass(0, &request);
    let rung = to(&sent, 3)[0].clone();
    let sent = bench.answer(3, &rung, 200);
    let answer = to(&sent, 0)[0].clone();
    assert_eq!(answer.code(), 200);
    let ack = inside(&answer, "ACK", answer.cseq());
    assert_eq!(to(&bench.send(DEVICES[0].2, &ack), 3)[0].method(), "ACK");
    let sent: Sent = bench.send(DEVICES[3].2, &from_callee(&rung, "BYE"));
    assert_eq!(to(&sent, 0)[0].method(), "BYE");
    assert!(bench.stack.calls().is_empty());
}
