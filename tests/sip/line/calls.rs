//! Troubles of calls that ring.

use super::message::{field, fields, method, reply, status, tag, uri};
use super::registration::cancel;
use super::{Office, Phone, config};
use linekey::sip::stack::Load;

/// Answers the newest INVITE before a phone.
fn says(office: &mut Office, phone: &Phone, code: u16, to_tag: &str) -> String {
    let invite = office.take(phone.flow);
    assert_eq!(method(&invite), "INVITE", "{invite}");
    let contact = format!("Contact: <{}>", phone.contact);
    office.send(phone.flow, &reply(&invite, code, to_tag, &[&contact]));
    invite
}

#[test]
fn b19_both_answers_and_their_copies_reach_the_caller_and_each_can_be_hung_up() {
    let mut office = Office::new();
    let (mut a, b, c) = (office.phone(1), office.phone(4), office.tls_phone(5));
    office.invite(&mut a, "102", &[]);
    let invites = [office.take(b.flow), office.take(c.flow)];
    let mut oks = Vec::new();
    for (phone, invite) in [(&b, &invites[0]), (&c, &invites[1])] {
        let contact = format!("Contact: <{}>", phone.contact);
        let ok = reply(invite, 200, &format!("t{}", phone.device), &[&contact]);
        office.send(phone.flow, &ok);
        oks.push(ok);
    }
    office.send(b.flow, &oks[0]);
    office.send(c.flow, &oks[1]);
    let heard: Vec<String> = office
        .drain(a.flow)
        .iter()
        .map(|it| tag(field(it, "To")).to_owned())
        .collect();
    assert_eq!(heard, ["t4", "t5", "t4", "t5"]);
    office.drain(c.flow);
    let talks = oks.iter().map(|ok| office.caller_talk(&a, ok)).collect::<Vec<_>>();
    office.within(&a, &talks[0], "ACK", &[]);
    office.within(&a, &talks[1], "ACK", &[]);
    assert_eq!(method(&office.take(b.flow)), "ACK");
    assert_eq!(method(&office.take(c.flow)), "ACK");
    office.within(&a, &talks[1], "BYE", &[]);
    assert_eq!(method(&office.take(c.flow)), "BYE");
    assert_eq!(office.next(b.flow), None);
    assert_eq!(office.stack.calls()[0].talking.len(), 1, "102 still talks");
}

#[test]
fn b21_losers_are_told_that_somebody_answered_and_not_where_the_caller_gave_up() {
    let mut office = Office::new();
    let (mut a, b, c) = (office.phone(1), office.phone(4), office.phone(5));
    office.invite(&mut a, "102", &[]);
    says(&mut office, &b, 180, "t4");
    says(&mut office, &c, 180, "t5");
    let invite = office.drain(a.flow);
    assert_eq!(invite.len(), 2, "both ring: {invite:?}");
    let mut office = Office::new();
    let (mut a, b, c) = (office.phone(1), office.phone(4), office.phone(5));
    office.invite(&mut a, "102", &[]);
    let invite = says(&mut office, &b, 180, "t4");
    says(&mut office, &c, 180, "t5");
    office.send(
        b.flow,
        &reply(&invite, 200, "t4", &[&format!("Contact: <{}>", b.contact)]),
    );
    let lost = office.take(c.flow);
    assert_eq!(method(&lost), "CANCEL");
    assert_eq!(
        fields(&lost, "Reason"),
        ["SIP;cause=200;text=\"Call completed elsewhere\""]
    );
    assert_eq!(office.next(b.flow), None);

    let (mut a, b) = (office.phone(7), office.phone(4));
    let (lines, _) = office.invite(&mut a, "102", &[]);
    says(&mut office, &b, 180, "t6");
    office.drain(a.flow);
    let reasons = ["Reason: SIP;cause=487;text=\"gave up\"", "Reason: Q.850;cause=16"];
    cancel(&mut office, &a, &lines, &reasons);
    let lost = office.take(b.flow);
    assert_eq!(method(&lost), "CANCEL");
    assert_eq!(
        fields(&lost, "Reason"),
        ["SIP;cause=487;text=\"gave up\"", "Q.850;cause=16"]
    );
}

#[test]
fn b23_the_answer_of_a_person_wins_over_that_of_a_machine() {
    let mut office = Office::new();
    let (mut a, b, c, d) = (office.phone(1), office.phone(4), office.phone(5), office.phone(6));
    office.invite(&mut a, "102", &[]);
    says(&mut office, &b, 480, "t4");
    says(&mut office, &c, 486, "t5");
    assert_eq!(office.next(a.flow), None, "the third is waited for");
    office.wait(33_000);
    assert!(office.drain(d.flow).len() > 5, "it was sent again and again");
    assert_eq!(status(&office.take(a.flow)), 486);

    let mut office = Office::new();
    let (mut a, b, c) = (office.phone(1), office.phone(4), office.phone(5));
    office.invite(&mut a, "102", &[]);
    says(&mut office, &b, 503, "t4");
    says(&mut office, &c, 404, "t5");
    assert_eq!(status(&office.take(a.flow)), 404);
    let mut a = office.phone(7);
    office.invite(&mut a, "102", &[]);
    office
        .drain(c.flow)
        .iter()
        .filter(|it| method(it) == "INVITE")
        .for_each(|invite| {
            office.send(c.flow, &reply(invite, 503, "t7", &[]));
        });
    office
        .drain(b.flow)
        .iter()
        .filter(|it| method(it) == "INVITE")
        .for_each(|invite| {
            office.send(b.flow, &reply(invite, 503, "t8", &[]));
        });
    assert_eq!(status(&office.take(a.flow)), 500);
}

#[test]
fn a_declined_call_goes_on_ringing_elsewhere_unless_the_office_sets_otherwise() {
    for silences in [false, true] {
        let mut office = Office::with(linekey::sip::stack::Config {
            decline_silences_all: silences,
            ..config()
        });
        let (mut a, b, c) = (office.phone(1), office.phone(4), office.phone(5));
        office.invite(&mut a, "102", &[]);
        says(&mut office, &c, 180, "t5");
        office.drain(a.flow);
        says(&mut office, &b, 603, "t4");
        office.take(b.flow);
        assert_eq!(office.next(c.flow).is_some_and(|it| method(&it) == "CANCEL"), silences);
    }
}

#[test]
fn b29_two_phones_that_forward_to_each_other_end_the_call_at_once() {
    let mut office = Office::new();
    let (mut a, b, c) = (office.phone(7), office.phone(1), office.phone(4));
    office.invite(&mut a, "101", &[]);
    let mut count = 0;
    for _ in 0..10 {
        for (phone, other) in [(&b, "102"), (&c, "101")] {
            for invite in office.drain(phone.flow).iter().filter(|it| method(it) == "INVITE") {
                count += 1;
                let contact = format!("Contact: <sip:{other}@office.example>");
                office.send(phone.flow, &reply(invite, 302, "t", &[&contact]));
            }
        }
    }
    assert_eq!(count, 2);
    assert_eq!(status(&office.take(a.flow)), 480);
}

#[test]
fn b29_an_invite_that_comes_back_is_a_loop() {
    let mut office = Office::new();
    let (mut a, b) = (office.phone(7), office.phone(1));
    office.invite(&mut a, "101", &[]);
    let invite = office.take(b.flow);
    let via = format!("{}\r\nVia:", office.via(&b));
    let again = invite.replacen("Via:", &via, 1);
    office.send(b.flow, &again);
    assert_eq!(status(&office.take(b.flow)), 482);
    let original = again.replacen(uri(&invite), "sip:101@office.example", 1);
    office.send(b.flow, &original.replace("branch=z9hG4bK", "branch=z9hG4bKx"));
    assert_eq!(
        status(&office.take(b.flow)),
        407,
        "a branch that was changed is nobody's"
    );
    office.send(b.flow, &original.replacen(";branch=z9hG4bK", ";branch=z9hG4bKy", 1));
    assert_eq!(status(&office.take(b.flow)), 482);
    let spent = original
        .replace("Max-Forwards: 69", "Max-Forwards: 0")
        .replacen("z9hG4bK", "z9hG4bKz", 1);
    office.send(b.flow, &spent);
    assert_eq!(status(&office.take(b.flow)), 483);
}

#[test]
fn b28_session_timers_pass_untouched() {
    let mut office = Office::new();
    let (mut a, b) = (office.phone(1), office.phone(4));
    let (lines, _) = office.invite(&mut a, "102", &["Session-Expires: 90", "Min-SE: 90"]);
    let invite = office.take(b.flow);
    assert_eq!(
        (field(&invite, "Session-Expires"), field(&invite, "Min-SE")),
        ("90", "90")
    );
    office.send(b.flow, &reply(&invite, 422, "t", &["Min-SE: 120"]));
    let answer = office.take(a.flow);
    assert_eq!((status(&answer), field(&answer, "Min-SE")), (422, "120"));
    assert_eq!(method(&office.take(b.flow)), "ACK");
    let branch = office.next;
    let sent = format!(
        "INVITE sip:102@office.example SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bK{branch}\r\n"
    );
    let sent = sent + &lines.join("\r\n") + &format!("\r\nCSeq: {} INVITE\r\n\r\n", a.cseq);
    let ack = office.ack_of(&sent, &answer);
    office.send(a.flow, &ack);
    let (talk, other) = office.talk(&mut a, &b);
    for round in 0..6 {
        office.wait(45_000);
        let (phone, peer, talk, name) = if round % 2 == 0 {
            (&a, &b, &talk, "UPDATE")
        } else {
            (&b, &a, &other, "INVITE")
        };
        office.within(
            phone,
            talk,
            name,
            &["Session-Expires: 120", &format!("Contact: <{}>", phone.contact)],
        );
        let refresh = office.take(peer.flow);
        assert_eq!((method(&refresh), field(&refresh, "Session-Expires")), (name, "120"));
        office.send(peer.flow, &reply(&refresh, 200, "", &["Session-Expires: 120"]));
        assert_eq!(status(&office.take(phone.flow)), 200);
        if name == "INVITE" {
            office.drain(peer.flow);
        }
    }
    assert_eq!(office.stack.calls().len(), 1);
}

#[test]
fn a_caller_who_gives_up_before_anything_rings_hears_487_and_nothing_is_left() {
    let mut office = Office::new();
    let (mut a, b, c) = (office.phone(1), office.phone(4), office.phone(5));
    let (lines, _) = office.invite(&mut a, "102", &[]);
    says(&mut office, &c, 180, "t5");
    office.take(a.flow);
    cancel(&mut office, &a, &lines, &[]);
    let cancelled = office.take(c.flow);
    assert_eq!(method(&cancelled), "CANCEL");
    office.send(c.flow, &reply(&cancelled, 200, "t5", &[]));
    let invite = office.take(b.flow);
    let gone = reply(&cancelled, 487, "t5", &[]).replace("CSeq: 3 CANCEL", "CSeq: 3 INVITE");
    office.send(c.flow, &gone.replace("CANCEL", "INVITE"));
    assert_eq!(status(&office.take(a.flow)), 487);
    // The second answers all the same: it is hung up on.
    office.send(
        b.flow,
        &reply(&invite, 200, "t4", &[&format!("Contact: <{}>", b.contact)]),
    );
    let last: Vec<String> = office.drain(b.flow).iter().map(|it| method(it).to_owned()).collect();
    assert_eq!(last, ["ACK", "BYE"]);
    office.wait(200_000);
    let load = office.stack.load();
    assert_eq!(
        load,
        Load {
            bindings: 3,
            ..Load::default()
        }
    );
}

#[test]
fn an_extension_calls_its_other_devices_and_never_the_caller() {
    let mut office = Office::new();
    let (mut a, b) = (office.phone(1), office.phone(2));
    office.invite(&mut a, "101", &[]);
    assert_eq!(method(&office.take(b.flow)), "INVITE");
    assert_eq!(office.next(a.flow), None);
    for (number, code) in [("103", 480), ("999", 404)] {
        assert_eq!(status(&office.invite(&mut a, number, &[]).1), code);
    }
}

#[test]
fn nothing_goes_to_a_foreign_address_or_route() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    let _b = office.phone(4);
    let lines = |to: &str| {
        vec![
            "From: <sip:101@office.example>;tag=1".to_owned(),
            format!("To: <{to}>"),
            "Call-ID: f".to_owned(),
            format!("Contact: <{}>", a.contact.clone()),
        ]
    };
    let foreign = lines("sip:x@elsewhere.example");
    let mut routed = lines("sip:102@office.example");
    routed.push("Route: <sip:198.51.100.1;lr>".to_owned());
    assert_eq!(
        status(&office.ask(&mut a, "INVITE", "sip:x@elsewhere.example", &foreign)),
        403
    );
    assert_eq!(
        status(&office.ask(&mut a, "INVITE", "sip:102@office.example", &routed)),
        403
    );
    assert_eq!(office.stack.load().forwarded, 0);
}

#[test]
fn an_invite_larger_than_a_datagram_goes_by_the_stream_that_a_device_has_or_whole() {
    let mut office = Office::new();
    let (mut a, b, c) = (office.phone(1), office.phone(4), office.phone(5));
    let stream = office.stream(super::TLS, "192.0.2.104:40000");
    let mut second = Phone {
        flow: stream,
        contact: "sip:102@10.0.0.4:5061;transport=tls".to_owned(),
        ..b.clone()
    };
    assert_eq!(status(&office.register(&mut second, 3600)), 200);
    let padding = format!("X-Padding: {}", "x".repeat(1_400));
    office.invite(&mut a, "102", &[&padding]);
    assert_eq!(method(&office.take(stream)), "INVITE");
    assert_eq!(office.next(b.flow), None);
    assert!(office.take(c.flow).contains(&padding));
}

#[test]
fn a_device_that_was_removed_while_it_rings_is_cancelled() {
    let mut office = Office::new();
    let (mut a, b) = (office.phone(1), office.phone(4));
    office.invite(&mut a, "102", &[]);
    says(&mut office, &b, 180, "t4");
    office.take(a.flow);
    office.handle(linekey::sip::stack::Input::Directory(super::directory(&[4])));
    assert_eq!(method(&office.take(b.flow)), "CANCEL");
    assert_eq!(status(&office.take(a.flow)), 480);
}

#[test]
fn a_device_that_was_removed_before_it_said_anything_is_cancelled_once_it_rings_and_hung_up_if_it_answers() {
    let mut office = Office::new();
    let (mut a, b) = (office.phone(1), office.phone(4));
    for code in [180, 200] {
        office.invite(&mut a, "102", &[]);
        let invite = office.take(b.flow);
        office.handle(linekey::sip::stack::Input::Directory(super::directory(&[4])));
        assert_eq!(status(&office.take(a.flow)), 480);
        assert_eq!(
            office.next(b.flow),
            None,
            "nothing may be cancelled before it has said anything"
        );
        office.send(
            b.flow,
            &reply(&invite, code, "t4", &["Contact: <sip:102@10.0.0.4:5060>"]),
        );
        let told: Vec<String> = office.drain(b.flow).iter().map(|it| method(it).to_owned()).collect();
        let right: &[&str] = if code == 180 { &["CANCEL"] } else { &["ACK", "BYE"] };
        assert_eq!(told, right);
        assert_eq!(office.next(a.flow), None);
        office.handle(linekey::sip::stack::Input::Directory(super::directory(&[])));
        office.phone(4);
    }
}
