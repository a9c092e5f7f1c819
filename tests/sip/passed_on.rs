//! Messages of our own, and messages that are passed on.

use std::net::SocketAddr;

use linekey::sip::codec::{Draft, Edit, Escaped, Method, Name, Request, Response, View, ack, cancel};

use crate::{corpus, message, torture};

const SOURCE: &str = "203.0.113.9:1035";

fn source() -> SocketAddr {
    SOURCE.parse().unwrap()
}

fn lines(bytes: &[u8]) -> Vec<String> {
    String::from_utf8_lossy(bytes)
        .split("\r\n")
        .map(str::to_owned)
        .collect()
}

const INVITE: [&str; 12] = [
    "INVITE sip:102@office.example SIP/2.0",
    "v: SIP/2.0/UDP 10.0.0.7:5060;rport;branch=z9hG4bK1 , SIP/2.0/TCP far;branch=z9hG4bK0",
    "Route: <sip:192.0.2.10;lr>,<sip:192.0.2.10;transport=tcp;lr=on>",
    "Record-Route: <sip:far;lr>",
    "X-Odd :  a,, ;b\t",
    "Max-Forwards: 70",
    "From: \"A, B\" <sip:101@office.example>;tag=a",
    "To: sip:102@office.example",
    "Call-ID: 1",
    "CSeq: 7 INVITE",
    "Proxy-Require: ",
    "Timestamp: 54",
];

#[test]
fn an_edit_changes_nothing_by_itself() {
    for (file, _, bytes) in corpus::messages() {
        let Ok(view) = View::read(&bytes) else { continue };
        let whole = Edit::new(&view).finish();
        let again = View::read(&whole).unwrap();
        let fields =
            |view: &View<'_>| -> Vec<Vec<u8>> { view.fields.iter().map(|field| field.line.to_vec()).collect() };
        let had = view.fields.len();
        assert_eq!(fields(&again)[..had], fields(&view), "{file}");
        assert_eq!((again.start, again.body), (view.start, view.body), "{file}");
        assert!(again.first(Name::ContentLength).is_some(), "{file}");
    }
}

#[test]
fn a_request_is_passed_on_with_its_odd_lines_as_they_were() {
    let bytes = message(&INVITE);
    let view = View::read(&bytes).unwrap();
    let mut edit = Edit::new(&view);
    edit.stamp(source());
    assert!(edit.pop(Name::Route) && edit.pop(Name::Route) && !edit.pop(Name::Route));
    edit.count_hop(Some(70));
    edit.push(Name::RecordRoute, "<sip:192.0.2.10;lr>");
    edit.push(Name::Via, "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK2");
    edit.set_uri("sip:102@10.0.0.9:5062");
    assert!(edit.remove(Name::Timestamp));
    edit.append_named("P-Own", "x\r\nEvil: y");
    assert_eq!(
        lines(&edit.finish()),
        [
            "INVITE sip:102@10.0.0.9:5062 SIP/2.0",
            "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK2",
            "Via: SIP/2.0/UDP 10.0.0.7:5060;branch=z9hG4bK1;received=203.0.113.9;rport=1035, SIP/2.0/TCP \
                far;branch=z9hG4bK0",
            "Record-Route: <sip:192.0.2.10;lr>",
            "Record-Route: <sip:far;lr>",
            "X-Odd :  a,, ;b\t",
            "Max-Forwards: 69",
            "From: \"A, B\" <sip:101@office.example>;tag=a",
            "To: sip:102@office.example",
            "Call-ID: 1",
            "CSeq: 7 INVITE",
            "Proxy-Require: ",
            "P-Own: x  Evil: y",
            "Content-Length: 0",
            "",
            "",
        ]
    );
}

#[test]
fn a_response_goes_back_without_the_own_via() {
    let bytes = message(&[
        "SIP/2.0 180 Ringing",
        "Via: SIP/2.0/UDP us;branch=z9hG4bK2, SIP/2.0/UDP them;branch=z9hG4bK1",
    ]);
    let view = View::read(&bytes).unwrap();
    let mut edit = Edit::new(&view);
    assert!(edit.pop(Name::Via));
    let sent = edit.finish();
    assert_eq!(lines(&sent)[1], "Via: SIP/2.0/UDP them;branch=z9hG4bK1");
}

#[test]
fn a_response_is_made_as_rfc_3261_8_2_6_says() {
    let bytes = message(&INVITE);
    let view = View::read(&bytes).unwrap();
    let trying = lines(&Draft::response(&view, source(), 100, "Trying", "t").finish());
    assert!(trying.contains(&"Timestamp: 54".to_owned()) && trying.contains(&"To: sip:102@office.example".to_owned()));
    assert!(!trying.iter().any(|line| line.starts_with("Record-Route")));
    let ringing = lines(
        &Draft::response(&view, source(), 180, "Ringing", "t")
            .with("X", "a\nb")
            .finish(),
    );
    assert_eq!(
        ringing,
        [
            "SIP/2.0 180 Ringing",
            "Via: SIP/2.0/UDP 10.0.0.7:5060;branch=z9hG4bK1;received=203.0.113.9;rport=1035, \
             SIP/2.0/TCP far;branch=z9hG4bK0",
            "Record-Route: <sip:far;lr>",
            "From: \"A, B\" <sip:101@office.example>;tag=a",
            "To: sip:102@office.example;tag=t",
            "Call-ID: 1",
            "CSeq: 7 INVITE",
            "X: a b",
            "Content-Length: 0",
            "",
            "",
        ]
    );
}

#[test]
fn every_answer_to_a_readable_request_can_itself_be_read() {
    for (name, ..) in [
        ("wsinv", 0),
        ("intmeth", 0),
        ("longreq", 0),
        ("esc02", 0),
        ("semiuri", 0),
        ("transports", 0),
    ] {
        let bytes = torture::bytes(name);
        let view = View::read(&bytes).unwrap();
        let request = Request::parse(&view).unwrap();
        let answer = Draft::response(&view, source(), 404, "Not Found", "t").finish();
        let answer = View::read(&answer).unwrap();
        let response = Response::parse(&answer).unwrap_or_else(|why| panic!("{name}: {why:?}"));
        assert_eq!(
            (response.status, response.vias.len()),
            (404, request.vias.len()),
            "{name}"
        );
        assert_eq!(
            (response.cseq, response.method),
            (request.cseq, request.method),
            "{name}"
        );
        assert!(response.to.tag().is_some(), "{name}");
    }
}

#[test]
fn received_is_added_where_sent_by_is_not_the_source_and_rport_only_where_asked() {
    let via = |value: &'static str| -> String {
        let via = linekey::sip::codec::Via::parse(value.as_bytes()).unwrap();
        String::from_utf8(via.stamped(source())).unwrap()
    };
    assert_eq!(
        via("SIP/2.0/UDP 203.0.113.9:5062;branch=z9hG4bK1"),
        "SIP/2.0/UDP 203.0.113.9:5062;branch=z9hG4bK1"
    );
    assert_eq!(
        via("SIP/2.0/UDP phone;branch=x"),
        "SIP/2.0/UDP phone;branch=x;received=203.0.113.9"
    );
    assert_eq!(
        via("SIP/2.0/UDP [::ffff:203.0.113.9];a=\"q,\""),
        "SIP/2.0/UDP [::ffff:203.0.113.9];a=\"q,\""
    );
    assert_eq!(
        via("SIP/2.0/UDP 203.0.113.9;rport=1;received=1.2.3.4"),
        "SIP/2.0/UDP 203.0.113.9;received=203.0.113.9;rport=1035"
    );
}

#[test]
fn a_cancel_and_an_ack_belong_to_their_invite() {
    let bytes = message(&INVITE);
    let view = View::read(&bytes).unwrap();
    let reason = "SIP;cause=200;text=\"Call completed elsewhere\"";
    let bytes = cancel(&view).with("Reason", reason).finish();
    let sent = View::read(&bytes).unwrap();
    let sent = Request::parse(&sent).unwrap();
    assert_eq!(
        (sent.method, sent.cseq, sent.uri.as_str()),
        (Method::Cancel, 7, "sip:102@office.example")
    );
    assert_eq!(
        (sent.vias.len(), sent.top_via().unwrap().branch, sent.routes.len()),
        (1, Some("z9hG4bK1"), 2)
    );
    assert_eq!(
        (sent.from.tag(), sent.to.tag(), sent.reasons().unwrap()[0].cause),
        (Some("a"), None, Some(200))
    );

    let busy = Draft::response(&view, source(), 486, "Busy Here", "t").finish();
    let busy = View::read(&busy).unwrap();
    let bytes = ack(&view, &busy).finish();
    let sent = View::read(&bytes).unwrap();
    let sent = Request::parse(&sent).unwrap();
    assert_eq!((sent.method, sent.cseq, sent.to.tag()), (Method::Ack, 7, Some("t")));
    assert_eq!(
        sent.top_via().unwrap().raw,
        b"SIP/2.0/UDP 10.0.0.7:5060;rport;branch=z9hG4bK1"
    );
}

#[test]
fn a_message_from_parts_is_well_formed() {
    let bytes = Draft::request(Method::Notify, "sip:102@10.0.0.9")
        .with("Via", "SIP/2.0/TLS 192.0.2.10:5061;branch=z9hG4bK5")
        .with("From", "<sip:101@office.example>;tag=a")
        .with("To", "<sip:102@office.example>;tag=b")
        .with("Call-ID", "x")
        .with("CSeq", "3 NOTIFY")
        .with("Contact", "<sip:192.0.2.10>")
        .with("Event", "dialog;id=4")
        .with("Subscription-State", "active;expires=599")
        .finish_with("application/dialog-info+xml", b"<x/>");
    let view = View::read(&bytes).unwrap();
    let notify = Request::parse(&view).unwrap();
    let (event, state) = (
        notify.event().unwrap().unwrap(),
        notify.subscription_state().unwrap().unwrap(),
    );
    assert_eq!(
        (event.package, event.id, state.state, state.expires),
        ("dialog", Some("4"), "active", Some(599))
    );
    assert_eq!(
        (notify.content_type, view.body),
        (Some("application/dialog-info+xml"), &b"<x/>"[..])
    );
}

#[test]
fn an_odd_message_is_shown_on_one_bounded_line() {
    assert_eq!(Escaped::new(b"A\r\n\x00\xc3z", 100).to_string(), "A\\r\\n\\x00\\xc3z");
    assert_eq!(Escaped::new(b"abcdef", 4).to_string(), "abcd … and 2 bytes more");
}

/// Found by the fuzz target: each comma became a line.
#[test]
fn a_via_of_commas_gets_no_answer_that_is_much_longer_than_itself() {
    let commas = ",".repeat(1_000);
    let bytes = message(&[
        "OPTIONS sip:x SIP/2.0",
        &format!("Via: SIP/2.0/UDP h;branch=z9hG4bK1{commas}"),
    ]);
    let view = View::read(&bytes).unwrap();
    let answer = Draft::response(&view, "192.0.2.7:5060".parse().unwrap(), 400, "Bad Request", "t").finish();
    assert!(answer.len() < bytes.len() + 200, "{}", answer.len());
}

/// As sems#98, SIP.js#56 and rsipstack#49 report them: the very same field twice.
#[test]
fn a_field_that_says_the_same_twice_is_read_once_and_passed_on_once() {
    let twice = [
        "INVITE sip:102@office.example SIP/2.0",
        "Via: SIP/2.0/UDP 10.0.0.7:5060;branch=z9hG4bK1",
        "Max-Forwards: 70",
        "Max-Forwards:70",
        "From: <sip:101@office.example>;tag=a",
        "To: sip:102@office.example",
        "Call-ID: 1",
        "i: 1",
        "CSeq: 7 INVITE",
        "CSeq: 7 INVITE",
        "Content-Type: application/sdp",
        "c: application/sdp",
        "X-Odd: 1",
        "X-Odd: 1",
        "Supported: 100rel",
        "Supported: 100rel",
        "Content-Length: 3",
        "l: 3",
    ];
    let bytes = [&message(&twice)[..], b"v=0"].concat();
    let view = View::read(&bytes).unwrap();
    assert_eq!(view.body, b"v=0");
    let request = Request::parse(&view).unwrap();
    assert_eq!(
        (request.max_forwards, request.content_type),
        (Some(70), Some("application/sdp"))
    );
    let sent = lines(&Edit::new(&view).finish());
    // Lists and unknown fields are as they were.
    let dropped = ["Max-Forwards:70", "i: 1", "c: application/sdp", "l: 3"];
    let mut wanted: Vec<&str> = twice.into_iter().filter(|line| !dropped.contains(line)).collect();
    wanted.dedup_by(|one, other| one == other && one.starts_with("CSeq"));
    wanted.extend(["", "v=0"]);
    assert_eq!(sent, wanted);
}

/// RFC 3261 §7.3.1.
#[test]
fn a_field_that_says_two_different_things_is_refused() {
    for (line, other) in [
        ("Max-Forwards: 70", "Max-Forwards: 69"),
        ("Content-Type: application/sdp", "c: text/plain"),
        ("Content-Length: 0", "l: 3"),
        ("Content-Length: x", "Content-Length: x"),
        ("Call-ID: 1", "i: 2"),
        ("CSeq: 7 INVITE", "CSeq: 8 INVITE"),
    ] {
        let name = line.split(':').next().unwrap();
        let mut head: Vec<&str> = INVITE.into_iter().filter(|line| !line.starts_with(name)).collect();
        head.extend([line, other]);
        let bytes = message(&head);
        let view = View::read(&bytes).unwrap();
        let refused = Request::parse(&view).err().unwrap();
        assert_eq!(refused.why.status().0, 400, "{line}, {other}: {refused:?}");
    }
}
