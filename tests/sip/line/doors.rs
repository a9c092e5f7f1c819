//! Settings: who may come in, by which door, and IPv6 as IPv4.

use linekey::sip::stack::{Event, Flow, Gone, Input, Listener, ListenerId, StreamId, Transport};

use super::message::{body, bracketed, field, fields, method, reply, status};
use super::{Config, Office, Phone, TLS, UDP, config};

const TCP: ListenerId = ListenerId(1);

fn options(from: &str) -> String {
    format!(
        "OPTIONS sip:office.example SIP/2.0\r\nVia: SIP/2.0/UDP {from};rport;branch=z9hG4bKo\r\n\
         From: <sip:x@office.example>;tag=1\r\nTo: <sip:office.example>\r\nCall-ID: o\r\nCSeq: 1 OPTIONS\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

fn asks(office: &mut Office, from: &str) -> Option<u16> {
    let flow = Flow::Datagram {
        listener: UDP,
        remote: from.parse().unwrap(),
    };
    office.send(flow, &options(from));
    office.next(flow).map(|answer| status(&answer))
}

#[test]
fn where_only_the_office_may_come_in_nobody_else_is_answered() {
    let mut office = Office::with(Config {
        lan_only: true,
        ..config()
    });
    let near = [
        "10.0.0.1:5060",
        "172.16.9.9:5060",
        "192.168.1.1:5060",
        "127.0.0.1:5060",
        "169.254.1.1:5060",
        "[::1]:5060",
        "[fd00::1]:5060",
        "[fe80::1]:5060",
        "[::ffff:192.168.1.1]:5060",
    ];
    for from in near {
        assert_eq!(asks(&mut office, from), Some(200), "{from}");
    }
    for from in [
        "192.0.2.1:5060",
        "172.32.0.1:5060",
        "[2001:db8::1]:5060",
        "[::ffff:192.0.2.1]:5060",
    ] {
        assert_eq!(asks(&mut office, from), None, "{from}");
    }
    let Flow::Stream(stream) = office.stream(TCP, "192.0.2.1:4000") else {
        panic!()
    };
    assert_eq!(office.closed, [stream]);
    assert_eq!(office.stack.load().streams, 0);
    office.stream(TCP, "192.168.1.1:4000");
    assert_eq!(office.stack.load().streams, 1);
    office.wait(60_000);
    let is_told = |event: &Event| matches!(event, Event::Strangers { count: 5, .. });
    assert!(office.events.iter().any(is_told), "{:?}", office.events);
}

#[test]
fn when_only_the_office_may_come_in_from_now_on_others_lose_their_connections() {
    let mut office = Office::new();
    let Flow::Stream(far) = office.stream(TLS, "192.0.2.1:4000") else {
        panic!()
    };
    office.stream(TLS, "192.168.1.1:4000");
    office.phone(4);
    office.handle(Input::Config(Config {
        lan_only: true,
        ..config()
    }));
    assert_eq!(office.closed, [far]);
    let load = office.stack.load();
    assert_eq!((load.streams, load.bindings), (1, 0));
}

/// The sockets of UDP and TCP are gone; that of TLS keeps its place.
fn tls_only() -> Config {
    let mut config = config();
    let tls = config.listeners[2];
    let nowhere = |transport| Listener { transport, ..tls };
    config.listeners = vec![nowhere(Transport::Tls), nowhere(Transport::Tls), tls];
    config
}

#[test]
fn tls_only_ends_what_came_by_udp_and_tcp_and_nothing_else() {
    let mut office = Office::new();
    let (mut a, b) = (office.tls_phone(1), office.phone(4));
    let (mut c, tcp) = (office.tls_phone(7), office.stream(TCP, "192.0.2.50:4000"));
    let (talk, _) = office.talk(&mut a, &c);
    office.invite(&mut a, "102", &[]);
    assert_eq!(method(&office.take(b.flow)), "INVITE");
    office.handle(Input::Config(tls_only()));
    let Flow::Stream(tcp) = tcp else { panic!() };
    assert!(office.closed == [tcp] && office.stack.load().streams == 2);
    let events = &office.events;
    let is_closed = |device| {
        events.contains(&Event::Unregistered {
            device: linekey::rules::phones::device::DeviceId(device),
            why: Gone::Closed,
        })
    };
    assert!(is_closed(4) && !is_closed(1) && !is_closed(7));
    assert_eq!(office.stack.load().bindings, 2);
    office.send(b.flow, &options("192.0.2.104:5060"));
    assert_eq!(office.next(b.flow), None, "nobody listens there");
    office.within(&a, &talk, "INFO", &[]);
    assert_eq!(method(&office.take(c.flow)), "INFO", "calls over TLS go on");
    assert_eq!(status(&office.register(&mut c, 3600)), 200);
    office.wait(40_000);
    let told = office.drain(a.flow);
    assert!(
        told.iter().any(|it| status(it) >= 400),
        "whoever rang there is told: {told:?}"
    );
}

/// A connection goes with the socket that it came by, whatever now has its place.
#[test]
fn a_place_that_another_kind_of_socket_took_leads_nowhere() {
    let mut office = Office::new();
    let Flow::Stream(StreamId(stream)) = office.stream(TCP, "192.0.2.50:4000") else {
        panic!()
    };
    let mut other = config();
    other.listeners[1].transport = Transport::Udp;
    office.handle(Input::Config(other));
    assert_eq!(office.closed, [StreamId(stream)]);
}

fn ipv6() -> Config {
    let mut config = config();
    config.hosts = vec!["2001:db8::10".into()];
    for listener in &mut config.listeners {
        listener.local.set_ip("2001:db8::10".parse().unwrap());
    }
    config
}

#[test]
fn phones_register_and_call_by_ipv6() {
    let mut office = Office::with(ipv6());
    let mut at = |device: u64, remote: &str| {
        let remote = remote.parse().unwrap();
        let flow = Flow::Datagram { listener: UDP, remote };
        let mut phone = office.phone_at(device, flow);
        office.register_as(&mut phone, "sip:office.example", &["Contact: *", "Expires: 0"]);
        phone.contact = format!("sip:{}@[2001:db8::{device}]:5060", phone.extension);
        let contact = format!("Contact: <{}>", phone.contact);
        let answer = office.register_as(&mut phone, "sip:[2001:DB8:0::10]", &[&contact]);
        assert_eq!(status(&answer), 200, "{answer}");
        let via = field(&answer, "Via");
        assert!(
            via.contains(&format!("received=2001:db8::{device}")) && via.contains("rport=5060"),
            "{via}"
        );
        assert!(field(&answer, "Contact").starts_with(&contact[9..]), "{answer}");
        phone
    };
    let (mut a, b): (Phone, Phone) = (at(1, "[2001:db8::1]:5060"), at(4, "[2001:db8::4]:5060"));
    office.invite(&mut a, "102", &[]);
    let invite = office.take(b.flow);
    assert_eq!(super::message::uri(&invite), "sip:102@[2001:db8::4]:5060", "{invite}");
    assert!(
        fields(&invite, "Via")[0].starts_with("SIP/2.0/UDP [2001:db8::10]:5060;"),
        "{invite}"
    );
    let route = bracketed(field(&invite, "Record-Route"));
    assert_eq!(route, "sip:[2001:db8::10]:5060;transport=udp;lr");
    let contact = format!("Contact: <{}>", b.contact);
    office.send(b.flow, &reply(&invite, 200, "t4", &[&contact]));
    let ok = office.take(a.flow);
    assert_eq!((status(&ok), body(&ok)), (200, ""));
    let talk = office.caller_talk(&a, &ok);
    office.within(&a, &talk, "ACK", &[]);
    assert_eq!(method(&office.take(b.flow)), "ACK");
    office.within(&a, &talk, "BYE", &[]);
    assert_eq!(method(&office.take(b.flow)), "BYE");
}
