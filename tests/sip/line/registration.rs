//! Troubles of registrations.

use super::message::{field, fields, method, reply, status};
use super::{Office, TLS, UDP, config, directory};
use linekey::rules::phones::device::DeviceId;
use linekey::rules::time::Tick;
use linekey::sip::stack::{Event, Flow, Gone, Input, Stack, StreamId};

#[test]
fn b01_after_a_restart_udp_phones_ring_and_stream_phones_get_480_at_once() {
    let mut office = Office::new();
    let mut a = office.tls_phone(1);
    let mut b = office.phone(4);
    let saved = office.stack.bindings(Tick(office.now));
    assert_eq!(saved.iter().map(|it| it.device).collect::<Vec<_>>(), [DeviceId(4)]);
    office.stack = Stack::new(config(), directory(&[]), [9; 32], Tick(office.now));
    office.handle(Input::Restored(saved));
    let (_, answer) = office.invite(&mut b, "101", &[]);
    assert_eq!(status(&answer), 480);
    a.flow = office.stream(TLS, "192.0.2.101:40001");
    assert_eq!(status(&office.register(&mut a, 3600)), 200);
    office.invite(&mut a, "102", &[]);
    assert_eq!(method(&office.take(b.flow)), "INVITE");
    office.invite(&mut b, "101", &[]);
    assert!(office.drain(a.flow).iter().any(|it| it.starts_with("INVITE")));
}

#[test]
fn b03_a_full_extension_takes_the_living() {
    let mut office = Office::new();
    for round in 0..40 {
        let remote = format!("192.0.2.50:{}", 2_000 + round).parse().unwrap();
        let mut phone = office.phone_at(1, Flow::Datagram { listener: UDP, remote });
        phone.contact = format!("sip:101@10.0.0.1:{}", 3_000 + round);
        let answer = office.register(&mut phone, 3600);
        assert_eq!(status(&answer), 200, "{answer}");
        assert!(
            field(&answer, "Contact").starts_with(&format!("<{}>", phone.contact)),
            "{answer}"
        );
    }
    assert_eq!(office.stack.load().bindings, 16);
}

#[test]
fn b07_requests_without_rport_are_answered_and_called_where_they_came_from() {
    let mut office = Office::new();
    let remote = "192.0.2.77:1035".parse().unwrap();
    let flow = Flow::Datagram { listener: UDP, remote };
    let text = "REGISTER sip:office.example SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.11:5060;branch=z9hG4bKx\r\n\
        From: <sip:101@office.example>;tag=1\r\nTo: <sip:101@office.example>\r\nCall-ID: x\r\nCSeq: 1 REGISTER\r\n\
        Contact: <sip:101@10.0.0.11:5060>\r\nContent-Length: 0\r\n\r\n";
    office.send(flow, text);
    assert_eq!(status(&office.take(flow)), 401);
    let phone = office.phone_at(4, flow);
    let mut caller = office.phone(1);
    let (lines, _) = office.invite(&mut caller, "102", &[]);
    let invite = office.take(phone.flow);
    assert_eq!(method(&invite), "INVITE");
    office.send(phone.flow, &reply(&invite, 180, "t", &[]));
    office.take(caller.flow);
    cancel(&mut office, &caller, &lines, &[]);
    assert_eq!(method(&office.take(phone.flow)), "CANCEL");
}

/// Cancels the newest INVITE of a caller.
pub(super) fn cancel(office: &mut Office, caller: &super::Phone, lines: &[String], more: &[&str]) {
    // The branch of the INVITE is the newest that the caller made.
    let transport = if caller.flow.is_datagram() { "UDP" } else { "TLS" };
    let uri = super::message::bracketed(&lines[1]).to_owned();
    let mut text = format!(
        "CANCEL {uri} SIP/2.0\r\nVia: SIP/2.0/{transport} 10.0.0.{}:5060;rport;branch=z9hG4bK{}\r\nCSeq: {} CANCEL\r\n",
        caller.device, office.next, caller.cseq
    );
    for line in lines.iter().take(3).map(String::as_str).chain(more.iter().copied()) {
        text += &format!("{line}\r\n");
    }
    office.send(caller.flow, &(text + "Content-Length: 0\r\n\r\n"));
    let answer = office.take(caller.flow);
    assert_eq!((status(&answer), method(&answer)), (200, "CANCEL"), "{answer}");
}

#[test]
fn b11_what_is_answered_with_200_is_listed_for_another_device() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    let odd =
        "Contact: \"A, b\" <sip:101@10.0.0.1:5062;ob>;reg-id=0;+sip.instance=\"<urn:uuid:1>\";methods=\"INVITE, ACK\"";
    assert_eq!(status(&office.register_as(&mut a, "sip:office.example", &[odd])), 200);
    let mut b = office.phone(2);
    let answer = office.register_as(&mut b, "sip:office.example", &[]);
    let listed = fields(&answer, "Contact").join("\n");
    let expected = "\"A, b\" <sip:101@10.0.0.1:5062;ob>;reg-id=0;\
        +sip.instance=\"<urn:uuid:1>\";methods=\"INVITE, ACK\";expires=3600";
    assert!(listed.contains(expected), "{listed}");
    assert!(
        field(&answer, "Contact").contains("10.0.0.2"),
        "the sender's own comes first: {listed}"
    );
}

#[test]
fn b18_the_address_of_the_server_is_as_good_as_its_name() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    a.cseq = 40;
    let contact = format!("Contact: <{}>", a.contact);
    let answer = office.register_as(&mut a, "sip:192.0.2.10", &[&contact]);
    assert_eq!(
        (status(&answer), fields(&answer, "Contact").len()),
        (200, 1),
        "{answer}"
    );
    let mut b = office.phone(4);
    office.invite(&mut b, "101", &[]);
    assert_eq!(method(&office.take(a.flow)), "INVITE");
}

#[test]
fn b05_whoever_asks_for_30_seconds_is_told_60_and_not_shut_out() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    for _ in 0..24 {
        office.wait(5_000);
        let answer = office.register(&mut a, 30);
        assert_eq!((status(&answer), field(&answer, "Min-Expires")), (423, "60"));
    }
    assert_eq!(status(&office.register(&mut a, 60)), 200);
}

#[test]
fn a_copy_of_a_register_gets_the_same_answer_and_nothing_is_left_in_the_end() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    a.cseq += 1;
    let uri = "sip:office.example";
    let lines = [
        "From: <sip:101@office.example>;tag=r1".to_owned(),
        "To: <sip:101@office.example>".to_owned(),
        format!("Call-ID: {}", a.call_id),
        format!("Contact: <{}>;expires=60", a.contact),
    ];
    let credentials = format!("Authorization: {}", super::credentials(&a, "REGISTER", uri, 2));
    let text = office.request(&a, "REGISTER", uri, &lines, Some(&credentials));
    office.send(a.flow, &text);
    office.send(a.flow, &text);
    let answers = office.drain(a.flow);
    assert_eq!(answers.len(), 2);
    assert_eq!(status(&answers[0]), 200, "{}", answers[0]);
    assert_eq!(answers[0], answers[1]);
    office.wait(100_000);
    assert!(office.events.contains(&Event::Unregistered {
        device: DeviceId(1),
        why: Gone::Expired
    }));
    let load = office.stack.load();
    assert_eq!(
        (load.bindings, load.server_transactions, office.stack.next_timeout()),
        (0, 0, None)
    );
}

#[test]
fn a_closed_connection_takes_its_binding_along() {
    let mut office = Office::new();
    let phone = office.tls_phone(1);
    let Flow::Stream(StreamId(stream)) = phone.flow else {
        panic!()
    };
    office.handle(Input::StreamClosed {
        stream: StreamId(stream),
    });
    assert_eq!(office.stack.load(), linekey::sip::stack::Load::default());
    assert!(office.events.contains(&Event::Unregistered {
        device: DeviceId(1),
        why: Gone::Closed
    }));
}

#[test]
fn a_removed_device_is_off_the_line_at_once() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    let b = office.phone(4);
    let (talk, _) = office.talk(&mut a, &b);
    office.handle(Input::Directory(directory(&[1])));
    assert_eq!(office.stack.load().bindings, 1);
    office.within(&a, &talk, "INVITE", &[&format!("Contact: <{}>", a.contact)]);
    assert_eq!(status(&office.take(a.flow)), 403);
    assert_eq!(office.next(b.flow), None);
}

#[test]
fn p39_an_app_that_sleeps_gets_its_push_parameters_back_is_missed_at_once_and_comes_back_with_one_binding() {
    const PUSH: &str = "pn-provider=fcm;pn-param=ABC%3Adef;pn-prid=dXNlcg:APA91b-_~x%2F%2f";
    let mut office = Office::new();
    let mut caller = office.phone(4);
    let mut app = office.tls_phone(1);
    let contact = |port: u16| {
        format!(
            "<sip:101@10.0.0.1:{port};transport=tls;{PUSH}>;pn-x=\"a;b\";+sip.instance=\"<urn:uuid:0f0e0d0c-0b0a-4908-\
             8706-050403020100>\""
        )
    };
    let register = |office: &mut Office, app: &mut super::Phone, port: u16| {
        let line = format!("Contact: {};expires=600", contact(port));
        let answer = office.register_as(app, "sip:office.example", &[&line]);
        assert_eq!(status(&answer), 200, "{answer}");
        answer
    };
    let first = register(&mut office, &mut app, 5061);
    assert!(first.contains(&format!("{};expires=600", contact(5061))), "{first}");
    let Flow::Stream(stream) = app.flow else { panic!() };
    // The mobile's system closes the connection: whoever calls is told at once, and not after half a minute.
    office.handle(Input::StreamClosed { stream });
    let began = office.now;
    let (_, answer) = office.invite(&mut caller, "101", &[]);
    assert_eq!(status(&answer), 480, "{answer}");
    assert!(office.now - began <= 2_000);
    // The same app from another port, and again while its older connection was never heard to end: one binding.
    for port in [40_001, 40_002] {
        app.flow = office.stream(TLS, &format!("192.0.2.101:{port}"));
        let again = register(&mut office, &mut app, port);
        assert_eq!(fields(&again, "Contact").len(), 1, "{again}");
        assert!(again.contains(&contact(port)), "{again}");
    }
    let (_, _) = office.invite(&mut caller, "101", &[]);
    assert!(office.drain(app.flow).iter().any(|it| it.starts_with("INVITE")));
}
