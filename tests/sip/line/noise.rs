//! Troubles of streams, strangers and floods.

use super::message::{field, status};
use super::{Office, TLS, UDP};
use linekey::sip::stack::{Event, Flow, Input, Load, NotifyRequest, NotifyTo};

fn options(number: u64) -> String {
    format!(
        "OPTIONS sip:office.example SIP/2.0\r\nVia: SIP/2.0/TLS 10.0.0.9;branch=z9hG4bKo{number}\r\n\
        From: <sip:x@office.example>;tag=1\r\nTo: <sip:office.example>\r\nCall-ID: o{number}\r\nCSeq: 1 OPTIONS\r\n\
        Content-Length: 0\r\n\r\n"
    )
}

#[test]
fn b33_messages_and_pings_in_any_pieces_are_answered_in_order() {
    let mut office = Office::new();
    let flow = office.stream(TLS, "192.0.2.9:4000");
    let one = options(1);
    office.send(flow, &one[..1]);
    assert_eq!(office.next(flow), None);
    office.wait(20);
    office.send(flow, &one[1..]);
    assert_eq!(status(&office.take(flow)), 200);
    office.send(flow, "\r\n\r\n");
    assert_eq!(office.drain(flow), ["\r\n"]);
    office.send(flow, "\r\n");
    office.wait(90_000);
    office.send(flow, "\r\n");
    assert_eq!(office.next(flow), None);
    office.send(flow, &[options(2), options(3), "\r\n\r\n".into()].concat());
    let four = options(4);
    for piece in [&four[..20], &four[20..50], &four[50..]] {
        office.send(flow, piece);
    }
    let answers = office.drain(flow);
    let ids: Vec<&str> = answers.iter().map(|it| field(it, "Call-ID")).collect();
    assert_eq!(ids, ["o2", "o3", "", "o4"]);
    assert!(office.closed.is_empty());
}

#[test]
fn half_a_message_is_not_waited_for_longer_than_half_a_minute() {
    let mut office = Office::new();
    let flow = office.stream(TLS, "192.0.2.9:4000");
    office.send(flow, &options(1)[..40]);
    office.wait(31_000);
    assert_eq!(office.closed.len(), 1);
    assert_eq!(office.stack.load(), Load::default());
}

#[test]
fn b43_nobody_is_asked_whether_it_lives_and_a_silent_phone_keeps_its_binding() {
    let mut office = Office::new();
    let phone = office.phone(1);
    office.wait(3_590_000);
    assert_eq!(office.drain(phone.flow), Vec::<String>::new());
    assert_eq!(office.stack.load().bindings, 1);
    office.wait(20_000);
    assert_eq!(office.stack.load().bindings, 0);
}

#[test]
fn strangers_leave_nothing_behind() {
    let mut office = Office::new();
    for number in 0..20_000_u32 {
        let remote = format!("192.0.{}.{}:5060", number / 250 % 250, number % 250)
            .parse()
            .unwrap();
        let flow = Flow::Datagram { listener: UDP, remote };
        let text = format!(
            "REGISTER sip:office.example SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK{number}\r\n\
            From: <sip:{number}@office.example>;tag=1\r\nTo: <sip:{number}@office.example>\r\nCall-ID: {number}\r\n\
            CSeq: 1 REGISTER\r\nContact: <sip:1@10.0.0.9>\r\nContent-Length: 0\r\n\r\n"
        );
        office.send(flow, &text);
        assert_eq!(status(&office.take(flow)), 401);
    }
    assert_eq!(office.stack.load(), Load::default());
    assert_eq!(office.stack.next_timeout(), None);
}

#[test]
fn scanners_hear_nothing_and_are_told_of_in_bulk() {
    let mut office = Office::new();
    let flow = Flow::Datagram {
        listener: UDP,
        remote: "192.0.2.200:5060".parse().unwrap(),
    };
    for number in 0..50 {
        let text = options(number).replace("CSeq:", "User-Agent: friendly-scanner\r\nCSeq:");
        office.send(flow, &text);
    }
    assert_eq!(office.next(flow), None);
    office.wait(61_000);
    let told: Vec<&Event> = office
        .events
        .iter()
        .filter(|it| matches!(it, Event::Strangers { .. }))
        .collect();
    assert!(matches!(told[..], [Event::Strangers { count: 50, .. }]), "{told:?}");
}

#[test]
fn a_phone_out_of_its_box_is_told_of_and_answered_with_what_the_shell_says() {
    let mut office = Office::new();
    let flow = Flow::Datagram {
        listener: UDP,
        remote: "192.0.2.30:5060".parse().unwrap(),
    };
    let event = "ua-profile;profile-type=\"device\";vendor=\"snom\"";
    let text = format!(
        "SUBSCRIBE sip:MAC%3a00041396D9B4@224.0.1.75 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.30:5060;rport\r\n\
        From: <sip:MAC%3a00041396D9B4@224.0.1.75>;tag=1\r\nTo: <sip:MAC%3a00041396D9B4@224.0.1.75>\r\nCall-ID: p\r\n\
        CSeq: 1 SUBSCRIBE\r\nContact: <sip:192.0.2.30:5060>\r\nEvent: {event}\r\n\
        Expires: 0\r\nContent-Length: 0\r\n\r\n"
    );
    office.send(flow, &text);
    assert_eq!(status(&office.take(flow)), 200);
    let Some(Event::Discovered { id, event: said, .. }) = office.events.pop() else {
        panic!()
    };
    assert_eq!(said, event);
    office.handle(Input::Notify(NotifyRequest {
        id: 77,
        to: NotifyTo::Discovered(id),
        event: said,
        state: Some("terminated;reason=timeout".into()),
        body: Some(("application/url".into(), b"https://office.example/p/".to_vec())),
    }));
    let notify = office.take(flow);
    assert!(notify.ends_with("\r\n\r\nhttps://office.example/p/"), "{notify}");
    office.send(flow, &super::message::reply(&notify, 200, "", &[]));
    assert_eq!(
        office.events.pop(),
        Some(Event::Notified {
            id: 77,
            status: Some(200)
        })
    );
    office.wait(40_000);
    assert_eq!(office.stack.load(), Load::default());
}

#[test]
fn a_phone_out_of_its_box_writes_the_package_as_it_likes_and_demands_nothing_that_is_not_known_here() {
    let mut office = Office::new();
    let flow = Flow::Datagram {
        listener: UDP,
        remote: "192.0.2.30:5060".parse().unwrap(),
    };
    let mut asks = |number: u32, lines: &str| {
        let text = format!(
            "SUBSCRIBE sip:MAC%3a00041396D9B4@224.0.1.75 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.30:5060;rport\r\n\
            From: <sip:MAC%3a00041396D9B4@224.0.1.75>;tag=1\r\nTo: <sip:MAC%3a00041396D9B4@224.0.1.75>\r\n\
            Call-ID: p{number}\r\nCSeq: {number} SUBSCRIBE\r\nContact: <sip:192.0.2.30:5060>\r\n{lines}\r\n\
            Expires: 0\r\nContent-Length: 0\r\n\r\n"
        );
        office.send(flow, &text);
        office.take(flow)
    };
    assert_eq!(status(&asks(1, "Event: UA-Profile ; profile-type=\"device\"")), 200);
    let refused = asks(2, "Event: ua-profile;profile-type=\"device\"\r\nRequire: foo");
    assert_eq!(status(&refused), 420, "{refused}");
    assert!(refused.contains("Unsupported: foo"), "{refused}");
    assert_eq!(status(&asks(3, "Event: dialog\r\nRequire: foo")), 420);
    assert_eq!(status(&asks(4, "Event: presence")), 489);
}

#[test]
fn a_lone_word_that_keeps_a_way_open_is_not_answered() {
    let mut office = Office::new();
    let phone = office.phone(1);
    for bytes in [b"jaK".as_slice(), b"hello\r\n\r\n", b"\0\0\0\0", b"\r\n\r\n"] {
        office.send_bytes(phone.flow, bytes);
        assert_eq!(office.next(phone.flow), None);
    }
}
