//! RFC 3263 §4.3 and RFC 5626 §5.3 as an office needs them: which way a request takes to a phone, and what happens
//! where that way is gone. RFC 3261 §26.2.2: what is for a `sips:` address goes over TLS alone.

use super::bench::{Bench, DEVICES, Sent, codes, inside, only, to};
use crate::wire::Message;

/// A lost INVITE is given up after 64 × T1 (RFC 3261 §17.1.1.2, Timer B).
const TIMER_B_MS: u64 = 32_000;

fn stream(number: u64) -> String {
    format!("stream {number}")
}

/// The requests of that method that were sent, by where they went to.
fn asked(sent: &Sent, method: &str) -> Vec<String> {
    let of_method = |(_, message): &&(String, Message)| !message.is_response() && message.method() == method;
    sent.iter().filter(of_method).map(|(to, _)| to.clone()).collect()
}

fn got<'a>(sent: &'a Sent, place: &str, method: &str) -> &'a Message {
    let found = sent
        .iter()
        .find(|(to, message)| to == place && !message.is_response() && message.method() == method);
    &found.unwrap_or_else(|| panic!("no {method} to {place}: {sent:#?}")).1
}

/// A request of device 0 to a URI, past its challenge.
fn ask(bench: &mut Bench, method: &str, uri: &str) -> (Message, Sent) {
    let mut request = bench.request(0, method, "103");
    request.start = format!("{method} {uri} SIP/2.0");
    bench.pass(0, &request)
}

fn contact_of_flow(place: &str, flow: u32) -> String {
    format!("<sip:103@{place}>;+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-000000000103>\";reg-id={flow}")
}

/// Device 3 registers over UDP by one flow of its phone.
fn register_flow(bench: &mut Bench, place: &str, flow: u32) {
    let mut request = bench.request(3, "REGISTER", "").with("Supported", "outbound");
    request.add("Expires", "600");
    request.set("Contact", &contact_of_flow(place, flow));
    let challenge = only(&bench.send(place, &request)).clone();
    let again = bench.signed(3, &request, &challenge);
    assert_eq!(only(&bench.send(place, &again)).code(), 200);
}

/// Device 3 is there by UDP, and since then by connection 7, which it is called over first.
fn with_two_flows(is_secure: bool) -> Bench {
    let mut bench = Bench::new();
    bench.register(0, 3_600);
    register_flow(&mut bench, DEVICES[3].2, 1);
    let other = "10.0.0.24:49001";
    if is_secure {
        bench.open_secure(7, other);
    } else {
        bench.open(7, other);
    }
    bench.register_over(3, 7, Some(&contact_of_flow("10.0.0.24:5060;transport=tcp", 2)));
    assert_eq!(bench.stack.load().bindings, 3, "both flows of it, and device 0");
    bench
}

#[test]
fn a_secure_address_is_called_over_tls_and_its_dialog_stays_there() {
    let mut bench = Bench::registered();
    bench.register(1, 0);
    bench.open_secure(7, "10.0.0.22:49001");
    bench.register_over(1, 7, Some("<sip:102@10.0.0.22:49001;transport=tls>"));
    let (_, sent) = ask(&mut bench, "INVITE", "sips:102@office.example");
    assert_eq!(asked(&sent, "INVITE"), [stream(7)], "the other device of 102 is on UDP");
    let invite = got(&sent, &stream(7), "INVITE").clone();
    assert!(invite.list("Record-Route")[0].contains(";transport=tls"), "{invite:?}");
    let mut answer = Message::response(&invite, 200, "OK", "tag1");
    answer.add("Contact", "<sips:102@10.0.0.22:49001>");
    let sent = bench.stream(7, &answer.bytes());
    let answer = to(&sent, 0)[0].clone();
    assert_eq!(answer.code(), 200);
    let sent = bench.send(DEVICES[0].2, &inside(&answer, "ACK", answer.cseq()));
    assert_eq!(asked(&sent, "ACK"), [stream(7)]);
    let sent = bench.send(DEVICES[0].2, &inside(&answer, "BYE", 50));
    assert_eq!(got(&sent, &stream(7), "BYE").uri(), "sips:102@10.0.0.22:49001");
    assert!(bench.stack.calls().is_empty());
}

#[test]
fn a_message_to_a_secure_address_goes_over_tls_and_its_answer_comes_back() {
    let mut bench = Bench::registered();
    bench.open_secure(7, "10.0.0.24:49001");
    bench.register_over(3, 7, Some("<sip:103@10.0.0.24:49001;transport=tls>"));
    let (_, sent) = ask(&mut bench, "MESSAGE", "sips:103@office.example");
    assert_eq!(asked(&sent, "MESSAGE"), [stream(7)]);
    let answer = Message::response(got(&sent, &stream(7), "MESSAGE"), 200, "OK", "m");
    assert_eq!(codes(&bench.stream(7, &answer.bytes()), 0), [200]);
}

#[test]
fn tcp_is_not_secure() {
    let mut bench = Bench::new();
    bench.register(0, 3_600);
    bench.open(7, DEVICES[3].2);
    bench.register_over(3, 7, None);
    let (_, sent) = ask(&mut bench, "INVITE", "sips:103@office.example");
    assert_eq!((asked(&sent, "INVITE").len(), codes(&sent, 0)), (0, vec![100, 480]));
    let (_, sent) = ask(&mut bench, "INVITE", "sip:103@office.example");
    assert_eq!(asked(&sent, "INVITE"), [stream(7)]);
}

#[test]
fn who_is_sent_on_to_a_secure_address_is_sent_on_over_tls() {
    for is_secure in [true, false] {
        let mut bench = Bench::registered();
        bench.register(2, 0);
        bench.register(3, 0);
        if is_secure {
            bench.open_secure(7, DEVICES[3].2);
        } else {
            bench.open(7, DEVICES[3].2);
        }
        bench.register_over(3, 7, None);
        let (_, rung) = bench.call("102");
        let moved = Message::response(&rung[0].1, 302, "Moved", "m").with("Contact", "<sips:103@office.example>");
        let sent = bench.send(DEVICES[1].2, &moved);
        let reached = asked(&sent, "INVITE");
        if is_secure {
            assert_eq!(reached, [stream(7)]);
        } else {
            assert_eq!((reached.len(), codes(&sent, 0)), (0, vec![480]));
        }
    }
}

#[test]
fn a_connection_that_closes_before_it_answered_hands_the_call_to_the_other_flow_at_once() {
    for is_secure in [true, false] {
        let mut bench = with_two_flows(is_secure);
        let (_, rung) = bench.call("103");
        assert_eq!(asked(&rung, "INVITE"), [stream(7)], "over the newest alone");
        let sent = bench.close(7);
        assert_eq!(asked(&sent, "INVITE"), [DEVICES[3].2]);
        assert!(codes(&sent, 0).is_empty(), "{sent:?}");
        let invite = got(&sent, DEVICES[3].2, "INVITE").clone();
        let sent = bench.answer(3, &invite, 200);
        assert_eq!(codes(&sent, 0), [200]);
    }
}

#[test]
fn a_flow_that_says_nothing_is_left_after_timer_b_and_is_the_last_to_be_asked_since_then() {
    let mut bench = Bench::new();
    bench.register(0, 3_600);
    for (place, flow) in [("10.0.0.24:5060", 1), ("10.0.0.24:5070", 2)] {
        register_flow(&mut bench, place, flow);
    }
    let (_, rung) = bench.call("103");
    assert_eq!(asked(&rung, "INVITE"), ["10.0.0.24:5070"]);
    let sent: Sent = bench
        .wait(TIMER_B_MS)
        .into_iter()
        .map(|(_, to, message)| (to, message))
        .collect();
    let invite = got(&sent, "10.0.0.24:5060", "INVITE").clone();
    let busy = bench.answer(3, &invite, 486);
    assert_eq!(codes(&busy, 0), [486]);
    let (_, rung) = bench.call("103");
    assert_eq!(asked(&rung, "INVITE"), ["10.0.0.24:5060"]);
}

#[test]
fn a_phone_whose_one_connection_closes_while_it_is_called_is_away_at_once() {
    for method in ["INVITE", "MESSAGE"] {
        let mut bench = Bench::new();
        bench.register(0, 3_600);
        bench.open(7, DEVICES[3].2);
        bench.register_over(3, 7, None);
        let (_, sent) = ask(&mut bench, method, "sip:103@office.example");
        assert_eq!(asked(&sent, method), [stream(7)]);
        assert_eq!(codes(&bench.close(7), 0), [480], "{method}, while it is called");
        let (_, sent) = ask(&mut bench, method, "sip:103@office.example");
        assert_eq!(codes(&sent, 0).last(), Some(&480), "{method}, later");
    }
}

#[test]
fn a_phone_that_rang_over_a_connection_that_closes_is_not_rung_a_second_time() {
    let mut bench = with_two_flows(false);
    let (_, rung) = bench.call("103");
    let ringing = Message::response(got(&rung, &stream(7), "INVITE"), 180, "Ringing", "r");
    assert_eq!(codes(&bench.stream(7, &ringing.bytes()), 0), [180]);
    let sent = bench.close(7);
    assert_eq!((asked(&sent, "INVITE").len(), codes(&sent, 0)), (0, vec![480]));
}

#[test]
fn what_is_for_a_secure_address_goes_over_no_other_flow_although_its_own_closes() {
    let mut bench = with_two_flows(true);
    let (_, sent) = ask(&mut bench, "INVITE", "sips:103@office.example");
    assert_eq!(asked(&sent, "INVITE"), [stream(7)]);
    let sent = bench.close(7);
    assert_eq!((asked(&sent, "INVITE").len(), codes(&sent, 0)), (0, vec![480]));
}

#[test]
fn a_call_that_was_given_up_is_not_handed_to_another_flow() {
    let mut bench = with_two_flows(false);
    let (invite, _) = bench.call("103");
    let sent = bench.send(DEVICES[0].2, &invite.cancel());
    assert!(codes(&sent, 0).contains(&487), "{sent:?}");
    assert!(asked(&bench.close(7), "INVITE").is_empty());
}

#[test]
fn a_connection_is_closed_and_opened_again_and_the_phone_rings_there() {
    let mut bench = Bench::new();
    bench.register(0, 3_600);
    for number in [7, 8] {
        bench.open_secure(number, DEVICES[3].2);
        bench.register_over(3, number, None);
        let (_, sent) = ask(&mut bench, "INVITE", "sips:103@office.example");
        assert_eq!(asked(&sent, "INVITE"), [stream(number)]);
        bench.close(number);
    }
}
