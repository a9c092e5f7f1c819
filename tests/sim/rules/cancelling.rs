//! RFC 3261 §§16.8, 16.9, 16.10.

use super::bench::{Bench, DEVICES, ack_of, codes, to};
use crate::wire::Message;

const A: &str = DEVICES[0].2;

#[test]
fn a_cancel_is_answered_at_once_and_reaches_every_device_that_rings() {
    let mut bench = Bench::registered();
    let (invite, rung) = bench.call("102");
    let at = |device: usize| rung.iter().find(|(to, _)| to == DEVICES[device].2).unwrap().1.clone();
    bench.answer(1, &at(1), 180);
    bench.answer(2, &at(2), 180);
    let sent = bench.send(A, &invite.cancel());
    assert!(codes(&sent, 0).contains(&200));
    for device in [1, 2] {
        let cancel = to(&sent, device)[0];
        let invite = at(device);
        assert_eq!((cancel.method(), cancel.branch()), ("CANCEL", invite.branch()));
        assert_eq!((cancel.uri(), cancel.call_id()), (invite.uri(), invite.call_id()));
        assert!(cancel.get("Reason").is_none_or(|reason| !reason.contains("cause=200")));
    }
    bench.answer(1, &at(1), 487);
    let sent = bench.answer(2, &at(2), 487);
    assert!(codes(&sent, 0).contains(&487));
}

#[test]
fn a_device_is_not_cancelled_before_it_has_said_anything() {
    let mut bench = Bench::registered();
    let (invite, rung) = bench.call("103");
    let sent = bench.send(A, &invite.cancel());
    assert!(!to(&sent, 3).iter().any(|message| message.method() == "CANCEL"));
    let sent = bench.answer(3, &rung[0].1, 180);
    assert!(
        to(&sent, 3).iter().any(|message| message.method() == "CANCEL"),
        "{sent:?}"
    );
}

#[test]
fn a_cancel_of_nothing_is_481() {
    let mut bench = Bench::registered();
    let invite = bench.request(0, "INVITE", "103");
    let sent = bench.send(A, &invite.cancel());
    assert_eq!(codes(&sent, 0), [481]);
    assert!(to(&sent, 3).is_empty());
}

#[test]
fn a_connection_that_closes_counts_as_an_answer() {
    let mut bench = Bench::registered();
    bench.open(5, "10.0.0.24:40000");
    let mut register = bench.request(3, "REGISTER", "").with("Expires", "600");
    register.set("Via", "SIP/2.0/TCP 10.0.0.24:40000;branch=z9hG4bKreg1");
    register.set("Contact", "<sip:103@10.0.0.24:40000;transport=tcp>");
    let sent = bench.stream(5, &register.bytes());
    let signed = bench.signed(3, &register, &sent[0].1);
    assert_eq!(bench.stream(5, &signed.bytes())[0].1.code(), 200);
    assert_eq!(bench.register(3, 0).code(), 200, "the binding over UDP goes");
    let (invite, rung) = bench.call("103");
    assert_eq!(rung[0].0, "stream 5");
    let sent = bench.close(5);
    let answers: Vec<&Message> = to(&sent, 0)
        .into_iter()
        .filter(|message| message.is_response())
        .collect();
    assert_eq!(answers.len(), 1, "{sent:?}");
    assert!(matches!(answers[0].code(), 480 | 500), "{answers:?}");
    bench.send(A, &ack_of(&invite, answers[0]));
    let (_, rung) = bench.call("103");
    assert!(rung.is_empty());
}
