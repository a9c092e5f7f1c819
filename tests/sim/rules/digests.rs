//! RFC 3261 §22.

use super::bench::{Bench, ack_of, codes, only, to};
use crate::wire::challenge_field;

#[test]
fn a_registrar_asks_by_401_and_a_proxy_by_407_with_qop() {
    let mut bench = Bench::new();
    let register = bench.request(0, "REGISTER", "");
    let sent = bench.send("10.0.0.21:5060", &register);
    let answer = only(&sent);
    assert_eq!(answer.code(), 401);
    let challenge = answer.need("WWW-Authenticate");
    assert!(challenge.starts_with("Digest ") && answer.get("Proxy-Authenticate").is_none());
    assert_eq!(challenge_field(challenge, "qop").as_deref(), Some("auth"));
    assert_eq!(challenge_field(challenge, "realm").as_deref(), Some("office.example"));
    let invite = bench.request(0, "INVITE", "102");
    let sent = bench.send("10.0.0.21:5060", &invite);
    let answer = to(&sent, 0)
        .into_iter()
        .find(|answer| answer.code() >= 200)
        .unwrap()
        .clone();
    assert_eq!(answer.code(), 407);
    assert!(answer.need("Proxy-Authenticate").starts_with("Digest ") && answer.get("WWW-Authenticate").is_none());
    let challenges = answer
        .fields
        .iter()
        .filter(|(name, _)| name == "Proxy-Authenticate")
        .count();
    assert_eq!(challenges, 1, "old phones look at the first alone");
}

#[test]
fn basic_is_neither_asked_for_nor_taken() {
    let mut bench = Bench::new();
    let register = bench
        .request(0, "REGISTER", "")
        .with("Authorization", "Basic MTAxOjEwMQ==");
    let sent = bench.send("10.0.0.21:5060", &register);
    assert_eq!(only(&sent).code(), 401);
    assert!(only(&sent).need("WWW-Authenticate").starts_with("Digest "));
}

#[test]
fn ack_and_cancel_are_never_challenged() {
    let mut bench = Bench::registered();
    let (invite, rung) = bench.call("103");
    let (_, at_device) = &rung[0];
    bench.answer(3, at_device, 180);
    let sent = bench.send("10.0.0.21:5060", &invite.cancel());
    let answers = codes(&sent, 0);
    assert!(
        answers.contains(&200) && !answers.contains(&407) && !answers.contains(&401),
        "{answers:?}"
    );
    let stray = bench.request(0, "ACK", "103");
    let sent = bench.send("10.0.0.21:5060", &stray);
    assert!(
        !sent.iter().any(|(_, message)| message.is_response()),
        "an ACK is never answered: {sent:?}"
    );
}

#[test]
fn a_used_count_is_stale_and_a_wrong_secret_is_not() {
    let mut bench = Bench::new();
    let request = bench.request(0, "REGISTER", "");
    let (taken, sent) = bench.pass(0, &request);
    assert_eq!(only(&sent).code(), 200);
    let mut replay = taken.clone();
    bench.rebranch(&mut replay);
    replay.set("CSeq", "9 REGISTER");
    let sent = bench.send("10.0.0.21:5060", &replay);
    let challenge = only(&sent).need("WWW-Authenticate").to_owned();
    assert_eq!(only(&sent).code(), 401);
    assert_eq!(challenge_field(&challenge, "stale").as_deref(), Some("true"));
    let sent = bench.send("10.0.0.21:5060", &request);
    let wrong = bench.signed(1, &request, only(&sent));
    let wrong_name = wrong.need("Authorization").replace("102-bravo", "101-alpha");
    let mut wrong = wrong;
    wrong.set("Authorization", &wrong_name);
    let sent = bench.send("10.0.0.21:5060", &wrong);
    assert_eq!(only(&sent).code(), 401);
    assert!(challenge_field(only(&sent).need("WWW-Authenticate"), "stale").is_none_or(|stale| stale != "true"));
}

#[test]
fn credentials_of_another_realm_reach_the_called_device() {
    let mut bench = Bench::registered();
    let foreign = "Digest username=\"x\", realm=\"elsewhere.example\", nonce=\"n\", uri=\"sip:a\", response=\"0\"";
    let request = bench.request(0, "MESSAGE", "103");
    let sent = bench.send("10.0.0.21:5060", &request);
    let mut signed = bench.signed(0, &request, only(&sent));
    signed.add("Proxy-Authorization", foreign);
    let sent = bench.send("10.0.0.21:5060", &signed);
    let got = to(&sent, 3)[0].list("Proxy-Authorization");
    assert!(
        signed
            .fields
            .iter()
            .filter(|(name, _)| name == "Proxy-Authorization")
            .count()
            == 2
    );
    assert!(got.iter().any(|value| value.contains("elsewhere.example")), "{got:?}");
}

#[test]
fn a_407_of_a_device_goes_back_with_its_challenge() {
    let mut bench = Bench::registered();
    let (invite, rung) = bench.call("103");
    let mut answer = crate::wire::Message::response(&rung[0].1, 407, "Proxy Authentication Required", "x");
    answer.add(
        "Proxy-Authenticate",
        "Digest realm=\"elsewhere.example\", nonce=\"n\", qop=\"auth\"",
    );
    let sent = bench.send("10.0.0.24:5060", &answer);
    let back = to(&sent, 0)
        .into_iter()
        .find(|answer| answer.is_response())
        .unwrap()
        .clone();
    assert_eq!(back.code(), 407);
    assert!(back.need("Proxy-Authenticate").contains("elsewhere.example"));
    bench.send("10.0.0.21:5060", &ack_of(&invite, &back));
}
