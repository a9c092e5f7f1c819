//! RFC 3261 §§16.3, 16.4, 16.5: what is passed on, and to whom.

use super::bench::{Bench, DEVICES, codes, only, to};

const A: &str = DEVICES[0].2;

#[test]
fn a_request_without_hops_left_is_answered_483() {
    let mut bench = Bench::registered();
    let mut request = bench.request(0, "MESSAGE", "103");
    request.set("Max-Forwards", "0");
    let (_, sent) = bench.pass(0, &request);
    assert_eq!(codes(&sent, 0), [483]);
    assert!(to(&sent, 3).is_empty());
}

#[test]
fn an_extension_asked_of_proxies_is_refused_by_name() {
    let mut bench = Bench::registered();
    let request = bench.request(0, "MESSAGE", "103").with("Proxy-Require", "teleport");
    let (_, sent) = bench.pass(0, &request);
    assert_eq!(codes(&sent, 0), [420]);
    assert_eq!(only(&sent).need("Unsupported"), "teleport");
}

#[test]
fn an_unknown_method_and_unknown_fields_are_passed_on() {
    let mut bench = Bench::registered();
    let request = bench.request(0, "TICKLE", "103").with("X-Feather", "goose");
    let (_, sent) = bench.pass(0, &request);
    let got = to(&sent, 3);
    assert_eq!(got[0].method(), "TICKLE");
    assert_eq!(got[0].need("X-Feather"), "goose");
}

#[test]
fn a_malformed_request_is_not_passed_on() {
    let mut bench = Bench::registered();
    let mut request = bench.request(0, "MESSAGE", "103");
    request.set("CSeq", "99999999999 MESSAGE");
    let sent = bench.send(A, &request);
    assert!(to(&sent, 3).is_empty());
    assert!(codes(&sent, 0).iter().all(|code| *code == 400), "{sent:?}");
}

#[test]
fn the_own_routes_are_taken_off() {
    let mut bench = Bench::registered();
    let mut request = bench.request(0, "MESSAGE", "103");
    request.add("Route", "<sip:10.0.0.1;lr>");
    request.add("Route", "<sip:office.example;lr=on>");
    let (_, sent) = bench.pass(0, &request);
    let got = to(&sent, 3);
    assert!(got[0].get("Route").is_none(), "{got:?}");
}

#[test]
fn a_foreign_route_is_refused() {
    let mut bench = Bench::registered();
    let request = bench
        .request(0, "MESSAGE", "103")
        .with("Route", "<sip:198.51.100.7;lr>");
    let (_, sent) = bench.pass(0, &request);
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!((400..500).contains(&only(&sent).code()));
}

#[test]
fn a_foreign_uri_is_refused() {
    let mut bench = Bench::registered();
    let mut request = bench.request(0, "MESSAGE", "103");
    request.start = "MESSAGE sip:103@198.51.100.7 SIP/2.0".to_owned();
    let (_, sent) = bench.pass(0, &request);
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!((400..500).contains(&only(&sent).code()));
}

#[test]
fn maddr_leads_nowhere_else() {
    let mut bench = Bench::registered();
    let mut request = bench.request(0, "MESSAGE", "103");
    request.start = "MESSAGE sip:103@office.example;maddr=198.51.100.7 SIP/2.0".to_owned();
    let (_, sent) = bench.pass(0, &request);
    assert!(sent.iter().all(|(to, _)| to.starts_with("10.0.0.2")), "{sent:?}");
}

#[test]
fn nobody_of_that_number_is_404_and_nobody_there_is_480() {
    let mut bench = Bench::new();
    bench.register(0, 600);
    let request = bench.request(0, "MESSAGE", "199");
    let (_, sent) = bench.pass(0, &request);
    assert_eq!(codes(&sent, 0), [404]);
    let request = bench.request(0, "MESSAGE", "103");
    let (_, sent) = bench.pass(0, &request);
    assert_eq!(codes(&sent, 0), [480]);
}

#[test]
fn each_binding_is_rung_once() {
    let mut bench = Bench::registered();
    let (_, rung) = bench.call("102");
    let mut to: Vec<&str> = rung.iter().map(|(to, _)| to.as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, [DEVICES[1].2, DEVICES[2].2]);
}

#[test]
fn the_address_is_read_as_registrations_are() {
    let mut bench = Bench::registered();
    let mut request = bench.request(0, "MESSAGE", "103");
    request.start = "MESSAGE sip:10%33@office.example;user=phone SIP/2.0".to_owned();
    let (_, sent) = bench.pass(0, &request);
    assert_eq!(to(&sent, 3).len(), 1, "{sent:?}");
}

#[test]
fn a_request_that_comes_back_unchanged_is_a_loop() {
    let mut bench = Bench::registered();
    let (_, rung) = bench.call("103");
    let mut again = rung[0].1.clone();
    again.start = "INVITE sip:103@office.example SIP/2.0".to_owned();
    again.fields.insert(
        0,
        (
            "Via".to_owned(),
            "SIP/2.0/UDP 10.0.0.24:5060;branch=z9hG4bKagain;rport".to_owned(),
        ),
    );
    let (_, sent) = bench.pass(3, &again);
    assert!(
        sent.iter().filter(|(_, message)| !message.is_response()).count() <= 1,
        "{sent:?}"
    );
    let answers = codes(&sent, 3);
    assert!(answers.contains(&482), "{answers:?}");
}
