//! RFC 3261 §17, with RFC 6026.

use super::bench::{Bench, DEVICES, ack_of, codes, to};
use crate::wire::Message;

const A: &str = DEVICES[0].2;

fn times_of(sent: &[(u64, String, Message)], device: usize, method: &str) -> Vec<u64> {
    let its = sent
        .iter()
        .filter(|(_, to, message)| to == DEVICES[device].2 && message.method() == method);
    its.filter(|(_, _, message)| !message.is_response())
        .map(|(at, _, _)| *at)
        .collect()
}

#[test]
fn an_invite_is_repeated_at_doubling_intervals_until_64_t1() {
    let mut bench = Bench::registered();
    bench.call("103");
    let sent = bench.wait(60_000);
    assert_eq!(times_of(&sent, 3, "INVITE"), [500, 1_500, 3_500, 7_500, 15_500, 31_500]);
}

#[test]
fn another_request_is_repeated_up_to_every_t2() {
    let mut bench = Bench::registered();
    let request = bench.request(0, "MESSAGE", "103");
    bench.pass(0, &request);
    let sent = bench.wait(60_000);
    let expected = [500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    assert_eq!(times_of(&sent, 3, "MESSAGE"), expected);
}

#[test]
fn a_provisional_answer_ends_the_repetition_of_an_invite() {
    let mut bench = Bench::registered();
    let (_, rung) = bench.call("103");
    bench.answer(3, &rung[0].1, 180);
    assert!(times_of(&bench.wait(60_000), 3, "INVITE").is_empty());
}

#[test]
fn a_provisional_answer_slows_other_requests_to_t2() {
    let mut bench = Bench::registered();
    let request = bench.request(0, "MESSAGE", "103");
    let (_, sent) = bench.pass(0, &request);
    let got = to(&sent, 3)[0].clone();
    bench.answer(3, &got, 100);
    let times = times_of(&bench.wait(20_000), 3, "MESSAGE");
    assert!(
        times.len() <= 5 && times.windows(2).all(|two| two[1] - two[0] == 4_000),
        "{times:?}"
    );
}

#[test]
fn every_copy_of_a_refusal_is_acknowledged_and_not_passed_on_again() {
    let mut bench = Bench::registered();
    let (_, rung) = bench.call("103");
    let first = bench.answer(3, &rung[0].1, 486);
    let ack = to(&first, 3)[0].clone();
    let invite = &rung[0].1;
    assert_eq!(
        (ack.method(), ack.uri(), ack.call_id()),
        ("ACK", invite.uri(), invite.call_id())
    );
    assert_eq!(ack.list("Via"), [invite.list("Via")[0].clone()]);
    assert_eq!((ack.need("From"), ack.cseq()), (invite.need("From"), invite.cseq()));
    assert_eq!(ack.tag("To").as_deref(), Some("tag3"));
    assert_eq!(codes(&first, 0), [486]);
    let copy = bench.answer(3, &rung[0].1, 486);
    assert_eq!(to(&copy, 3)[0].method(), "ACK");
    assert!(codes(&copy, 0).is_empty());
}

#[test]
fn a_2xx_gets_no_ack_of_ours() {
    let mut bench = Bench::registered();
    let (_, rung) = bench.call("103");
    let sent = bench.answer(3, &rung[0].1, 200);
    assert!(to(&sent, 3).is_empty(), "{sent:?}");
}

#[test]
fn an_invite_is_tried_at_once_and_its_copies_get_the_newest_answer() {
    let mut bench = Bench::registered();
    let request = bench.request(0, "INVITE", "103");
    let (invite, sent) = bench.pass(0, &request);
    assert_eq!(codes(&sent, 0), [100]);
    let again = bench.send(A, &invite);
    assert_eq!((codes(&again, 0), to(&again, 3).len()), (vec![100], 0));
    let got = to(&sent, 3)[0].clone();
    bench.answer(3, &got, 180);
    assert_eq!(codes(&bench.send(A, &invite), 0), [180]);
}

#[test]
fn a_refusal_is_repeated_until_its_ack() {
    let mut bench = Bench::registered();
    let (invite, rung) = bench.call("103");
    let sent = bench.answer(3, &rung[0].1, 486);
    let refusal = to(&sent, 0)[0].clone();
    let copies = |sent: &[(u64, String, Message)]| -> Vec<u64> {
        let its = sent.iter().filter(|(_, to, message)| to == A && message.is_response());
        its.map(|(at, _, _)| *at).collect()
    };
    assert_eq!(copies(&bench.wait(8_000)), [500, 1_500, 3_500, 7_500]);
    assert!(
        bench.send(A, &ack_of(&invite, &refusal)).is_empty(),
        "an ACK of a refusal goes no further"
    );
    assert!(copies(&bench.wait(60_000)).is_empty());
}

#[test]
fn a_refusal_without_an_ack_is_given_up() {
    let mut bench = Bench::registered();
    let (_, rung) = bench.call("103");
    bench.answer(3, &rung[0].1, 486);
    bench.wait(33_000);
    assert!(bench.wait(60_000).is_empty());
}

#[test]
fn copies_of_another_request_get_the_same_answer() {
    let mut bench = Bench::registered();
    let request = bench.request(0, "MESSAGE", "103");
    let (message, sent) = bench.pass(0, &request);
    let got = to(&sent, 3)[0].clone();
    assert!(
        codes(&bench.send(A, &message), 0).iter().all(|code| *code == 100),
        "before there is an answer"
    );
    let answered = bench.answer(3, &got, 202);
    assert_eq!(codes(&answered, 0), [202]);
    let again = bench.send(A, &message);
    assert_eq!((codes(&again, 0), to(&again, 3).len()), (vec![202], 0));
    let other = bench.answer(3, &got, 500);
    assert!(codes(&other, 0).is_empty(), "a second final answer");
}

#[test]
fn nothing_is_left_of_a_transaction_when_its_time_is_over() {
    let mut bench = Bench::registered();
    let request = bench.request(0, "MESSAGE", "103");
    let (_, sent) = bench.pass(0, &request);
    let got = to(&sent, 3)[0].clone();
    bench.answer(3, &got, 200);
    bench.call("103");
    bench.wait(150_000);
    let load = bench.stack.load();
    assert_eq!(
        (load.server_transactions, load.client_transactions, load.forwarded),
        (0, 0, 0),
        "{load:?}"
    );
}
