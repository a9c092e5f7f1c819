//! RFC 3261 §16.7.

use super::bench::{Bench, DEVICES, Sent, codes, to};
use crate::wire::Message;

/// Device 0 calls 102; what each of its two devices got.
fn forked(bench: &mut Bench) -> (Message, Message, Message) {
    let (invite, rung) = bench.call("102");
    let at = |device: usize| rung.iter().find(|(to, _)| to == DEVICES[device].2).unwrap().1.clone();
    (invite, at(1), at(2))
}

fn finals(sent: &Sent) -> Vec<u16> {
    codes(sent, 0).into_iter().filter(|code| *code >= 200).collect()
}

#[test]
fn provisional_answers_go_on_and_100_does_not() {
    let mut bench = Bench::registered();
    let (_, one, _) = forked(&mut bench);
    let trying = bench.answer(1, &one, 100);
    assert!(codes(&trying, 0).is_empty());
    let ringing = bench.answer(1, &one, 183);
    assert_eq!(codes(&ringing, 0), [183]);
}

#[test]
fn an_answer_loses_our_via_alone() {
    let mut bench = Bench::registered();
    let (invite, one, _) = forked(&mut bench);
    let mut answer = Message::response(&one, 180, "Ringing", "t1").with("X-Odd", "kept");
    answer.body = "early".to_owned();
    let sent = bench.send(DEVICES[1].2, &answer);
    let got = to(&sent, 0)[0];
    let vias = got.list("Via");
    assert_eq!(vias.len(), 1);
    assert!(vias[0].contains(&invite.branch()) && vias[0].contains("received=10.0.0.21"));
    assert_eq!((got.need("X-Odd"), got.body.as_str()), ("kept", "early"));
    assert_eq!(got.tag("To").as_deref(), Some("t1"));
}

#[test]
fn a_2xx_goes_on_at_once_and_the_others_are_cancelled() {
    let mut bench = Bench::registered();
    let (_, one, two) = forked(&mut bench);
    bench.answer(2, &two, 180);
    let sent = bench.answer(1, &one, 200);
    assert_eq!(finals(&sent), [200]);
    let cancels = to(&sent, 2);
    assert_eq!(cancels[0].method(), "CANCEL");
    assert_eq!(cancels[0].branch(), two.branch());
    assert!(cancels[0].need("Reason").contains("cause=200"));
}

#[test]
fn a_second_2xx_and_its_copies_go_on_too() {
    let mut bench = Bench::registered();
    let (_, one, two) = forked(&mut bench);
    bench.answer(1, &one, 200);
    for _ in 0..2 {
        let second = bench.answer(2, &two, 200);
        assert_eq!(finals(&second), [200]);
        assert_eq!(to(&second, 0)[0].tag("To").as_deref(), Some("tag2"));
    }
}

#[test]
fn a_refusal_waits_for_the_others_and_the_best_one_is_chosen() {
    for (one_code, two_code, best) in [(480, 486, 486), (486, 404, 486), (408, 480, 480)] {
        let mut bench = Bench::registered();
        let (_, one, two) = forked(&mut bench);
        let first = bench.answer(1, &one, one_code);
        assert!(finals(&first).is_empty(), "before the other has answered");
        let second = bench.answer(2, &two, two_code);
        assert_eq!(finals(&second), [best], "{one_code} and {two_code}");
    }
}

#[test]
fn a_503_of_a_device_is_not_passed_on() {
    let mut bench = Bench::registered();
    let (_, rung) = bench.call("103");
    let sent = bench.answer(3, &rung[0].1, 503);
    assert_eq!(finals(&sent), [500]);
}

#[test]
fn a_decline_ends_its_own_branch_and_is_chosen_first() {
    let mut bench = Bench::registered();
    let (_, one, two) = forked(&mut bench);
    let declined = bench.answer(1, &one, 603);
    assert!(finals(&declined).is_empty());
    let busy = bench.answer(2, &two, 486);
    assert_eq!(finals(&busy), [603]);
}

#[test]
fn nobody_answering_at_all_is_408() {
    let mut bench = Bench::registered();
    bench.call("103");
    let sent = bench.wait(40_000);
    let last = sent
        .iter()
        .filter(|(_, to, message)| to == DEVICES[0].2 && message.is_response());
    let codes: Vec<u16> = last
        .map(|(_, _, message)| message.code())
        .filter(|code| *code >= 200)
        .collect();
    assert_eq!(codes.first(), Some(&408), "{codes:?}");
}

#[test]
fn challenges_of_all_devices_are_gathered() {
    let mut bench = Bench::registered();
    let (_, one, two) = forked(&mut bench);
    let ask = |request: &Message, realm: &str| {
        let challenge = format!("Digest realm=\"{realm}\", nonce=\"n\", qop=\"auth\"");
        Message::response(request, 401, "Unauthorized", realm).with("WWW-Authenticate", &challenge)
    };
    bench.send(DEVICES[1].2, &ask(&one, "first.example"));
    let sent = bench.send(DEVICES[2].2, &ask(&two, "second.example"));
    let answer = to(&sent, 0).into_iter().find(|answer| answer.is_response()).unwrap();
    let of_name = answer.fields.iter().filter(|(name, _)| name == "WWW-Authenticate");
    let challenges: Vec<&str> = of_name.map(|(_, value)| value.as_str()).collect();
    assert!(
        challenges.iter().any(|one| one.contains("first.example")),
        "{challenges:?}"
    );
    assert!(
        challenges.iter().any(|one| one.contains("second.example")),
        "{challenges:?}"
    );
}

#[test]
fn an_answer_that_belongs_to_nothing_goes_nowhere() {
    let mut bench = Bench::registered();
    let (_, one, _) = forked(&mut bench);
    let mut stray = Message::response(&one, 200, "OK", "x");
    stray.fields.retain(|(name, _)| name != "Via");
    stray.fields.insert(
        0,
        (
            "Via".to_owned(),
            "SIP/2.0/UDP 198.51.100.9:5060;branch=z9hG4bKother".to_owned(),
        ),
    );
    assert!(bench.send(DEVICES[1].2, &stray).is_empty());
}
