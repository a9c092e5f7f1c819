//! RFC 3261 §16.5, RFC 5626 §5.3, RFC 6665 §4.5: whom a request means.

use super::bench::{Bench, DEVICES, codes, inside, only, to};
use crate::wire::{Message, param};

/// What a device gets of a request of device 0 to a URI.
fn sent_to(bench: &mut Bench, method: &str, uri: &str, more: &[(&str, &str)]) -> Vec<(String, Message)> {
    let mut request = bench.request(0, method, "103");
    request.start = format!("{method} {uri} SIP/2.0");
    for (name, value) in more {
        request.add(name, value);
    }
    bench.pass(0, &request).1
}

#[test]
fn a_registered_contact_is_a_device_of_ours() {
    let mut bench = Bench::registered();
    let uri = format!("sip:103@{}", DEVICES[3].2);
    for method in ["INVITE", "MESSAGE"] {
        let sent = sent_to(&mut bench, method, &uri, &[]);
        assert_eq!(to(&sent, 3)[0].uri(), uri, "{method}");
    }
    let sent = sent_to(&mut bench, "INVITE", "sip:103@10.9.9.9:5060", &[]);
    assert_eq!(codes(&sent, 0), [403]);
}

#[test]
fn replaces_at_the_contact_of_a_call_goes_to_its_phone() {
    let mut bench = Bench::registered();
    let (_, rung) = bench.call("103");
    let sent = bench.answer(3, &rung[0].1, 200);
    let answer = to(&sent, 0)[0].clone();
    let replaces = format!("{};to-tag=tag3;from-tag=from0", answer.call_id());
    let mut request = bench.request(1, "INVITE", "103").with("Replaces", &replaces);
    request.start = format!("INVITE sip:103@{} SIP/2.0", DEVICES[3].2);
    let (_, sent) = bench.pass(1, &request);
    assert_eq!(to(&sent, 3)[0].need("Replaces"), replaces);
    bench.pass(0, &inside(&answer, "BYE", 50));
}

#[test]
fn a_302_is_followed_to_a_number_and_to_a_contact() {
    for contact in ["<tel:103>".to_owned(), format!("<sip:103@{}>", DEVICES[3].2)] {
        let mut bench = Bench::registered();
        bench.register(2, 0);
        let (_, rung) = bench.call("102");
        let moved = Message::response(&rung[0].1, 302, "Moved", "m").with("Contact", &contact);
        let sent = bench.send(DEVICES[1].2, &moved);
        let got: Vec<&str> = to(&sent, 3).iter().map(|message| message.method()).collect();
        assert_eq!(got, ["INVITE"], "{contact}");
    }
}

#[test]
fn secure_addresses_are_reached_over_tls_alone() {
    let mut bench = Bench::registered();
    let sent = sent_to(&mut bench, "INVITE", "sips:103@office.example", &[]);
    assert!(to(&sent, 3).is_empty());
    assert!(codes(&sent, 0).contains(&480), "{sent:?}");
}

#[test]
fn a_foreign_route_is_refused_whatever_is_asked() {
    let mut bench = Bench::registered();
    for method in ["REGISTER", "SUBSCRIBE", "OPTIONS"] {
        let mut request = bench.request(0, method, "103").with("Event", "dialog");
        request.add("Route", "<sip:198.51.100.7;lr>");
        let (_, sent) = bench.pass(0, &request);
        assert_eq!(only(&sent).code(), 403, "{method}");
    }
}

#[test]
fn scanners_are_told_by_whole_products() {
    let mut bench = Bench::new();
    let mut answers = |agent: &str| {
        let request = bench.request(0, "REGISTER", "").with("User-Agent", agent);
        bench.send(DEVICES[0].2, &request).len()
    };
    for agent in ["AcmeSIPClient/2.1", "Kiwari 1.0", "SmapPhone"] {
        assert_eq!(answers(agent), 1, "{agent}");
    }
    for agent in ["friendly-scanner", "sipcli/v1.8", "SIPVicious (x)"] {
        assert_eq!(answers(agent), 0, "{agent}");
    }
}

#[test]
fn a_call_id_of_any_length_registers_and_orders() {
    let mut bench = Bench::new();
    let mut request = bench.request(1, "REGISTER", "").with("Expires", "600");
    request.set("Call-ID", &"c".repeat(300));
    let (taken, sent) = bench.pass(1, &request);
    assert_eq!(only(&sent).code(), 200);
    let mut older = taken;
    older.remove("Authorization");
    older.set("CSeq", "1 REGISTER");
    bench.rebranch(&mut older);
    let challenge = only(&bench.send(DEVICES[1].2, &older)).clone();
    let mut again = bench.signed(1, &older, &challenge);
    again.set("CSeq", "1 REGISTER");
    assert_eq!(only(&bench.send(DEVICES[1].2, &again)).code(), 500);
}

/// A watcher of 103 at device 0, with or without a From tag.
fn watch(bench: &mut Bench, from: &str) -> Vec<(String, Message)> {
    let mut request = bench.request(0, "SUBSCRIBE", "103").with("Event", "dialog");
    request.set("From", from);
    let (_, sent) = bench.pass(0, &request);
    sent
}

#[test]
fn two_keys_for_one_extension_are_two_subscriptions() {
    let mut bench = Bench::registered();
    let sent = watch(&mut bench, "<sip:101@office.example>;tag=one");
    let first = to(&sent, 0)
        .into_iter()
        .find(|it| it.method() == "NOTIFY" && !it.is_response());
    bench.send(DEVICES[0].2, &Message::response(first.unwrap(), 200, "OK", "x"));
    let sent = watch(&mut bench, "<sip:101@office.example>");
    assert!(codes(&sent, 0).contains(&200), "without a tag: {sent:?}");
    assert_eq!(bench.stack.load().subscriptions, 2);
    let notify = to(&sent, 0).into_iter().find(|it| it.need("To").contains("tag=one"));
    let gone = Message::response(notify.unwrap(), 481, "Gone", "x");
    bench.send(DEVICES[0].2, &gone);
    assert_eq!(
        bench.stack.load().subscriptions,
        1,
        "a phone that has forgotten it says so"
    );
}

#[test]
fn the_oldest_of_too_many_subscriptions_is_told_that_it_ends() {
    let mut bench = Bench::registered();
    for _ in 0..128 {
        watch(&mut bench, "<sip:101@office.example>;tag=many");
    }
    let sent = watch(&mut bench, "<sip:101@office.example>;tag=more");
    let ended = |message: &&Message| {
        let state = message.get("Subscription-State");
        state.is_some_and(|state| state.starts_with("terminated"))
    };
    assert_eq!(to(&sent, 0).into_iter().filter(ended).count(), 1);
    assert_eq!(bench.stack.load().subscriptions, 128);
}

#[test]
fn a_phone_with_two_flows_rings_over_one_and_over_the_other_if_that_is_dead() {
    let mut bench = Bench::new();
    bench.register(0, 3_600);
    for (port, flow) in [(5060, 1), (5070, 2)] {
        let from = format!("10.0.0.24:{port}");
        let mut request = bench.request(3, "REGISTER", "").with("Supported", "outbound");
        let contact = format!("<sip:103@{from}>;+sip.instance=\"<urn:uuid:1>\";reg-id={flow}");
        request.set("Contact", &contact);
        let challenge = only(&bench.send(&from, &request)).clone();
        let again = bench.signed(3, &request, &challenge);
        let answer = only(&bench.send(&from, &again)).clone();
        assert_eq!(param(&answer.list("Contact")[0], "reg-id").unwrap(), flow.to_string());
    }
    let (_, rung) = bench.call("103");
    let places = |sent: &[(String, Message)]| -> Vec<String> { sent.iter().map(|(to, _)| to.clone()).collect() };
    assert_eq!(places(&rung), ["10.0.0.24:5070"]);
    let gone = Message::response(&rung[0].1, 430, "Flow Failed", "f");
    let sent = bench.send("10.0.0.24:5070", &gone);
    let invites: Vec<String> = sent
        .iter()
        .filter(|(_, message)| message.method() == "INVITE" && !message.is_response())
        .map(|(to, _)| to.clone())
        .collect();
    assert_eq!(invites, ["10.0.0.24:5060"]);
}
