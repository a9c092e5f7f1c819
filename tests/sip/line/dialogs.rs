//! Troubles inside calls.

use super::Office;
use super::message::{bracketed, field, fields, method, reply, status, uri};

#[test]
fn b25_each_side_is_reached_over_its_own_transport() {
    for is_reversed in [false, true] {
        let mut office = Office::new();
        let (mut a, b) = if is_reversed {
            (office.phone(1), office.tls_phone(4))
        } else {
            (office.tls_phone(1), office.phone(4))
        };
        let (talk, other) = office.talk(&mut a, &b);
        assert_eq!(talk.routes.len(), 2, "one for each transport: {:?}", talk.routes);
        for (phone, peer, talk) in [(&a, &b, &talk), (&b, &a, &other)] {
            office.within(phone, talk, "INVITE", &[&format!("Contact: <{}>", phone.contact)]);
            let invite = office.take(peer.flow);
            assert_eq!((method(&invite), fields(&invite, "Route").len()), ("INVITE", 0));
            assert_eq!(uri(&invite), peer.contact);
            office.send(
                peer.flow,
                &reply(&invite, 200, "", &[&format!("Contact: <{}>", peer.contact)]),
            );
            assert_eq!(status(&office.take(phone.flow)), 200);
        }
        let mut odd = other.clone();
        odd.routes = vec!["<sip:192.0.2.10;lr=on>, <sip:office.example:5060;transport=tcp;lr=on>".to_owned()];
        office.within(&b, &odd, "BYE", &[]);
        let bye = office.take(a.flow);
        assert_eq!((method(&bye), fields(&bye, "Route").len()), ("BYE", 0));
        office.send(a.flow, &reply(&bye, 200, "", &[]));
        assert_eq!(status(&office.take(b.flow)), 200);
        assert!(office.stack.calls().is_empty());
    }
}

#[test]
fn b27_each_prack_reaches_its_own_fork_even_after_the_answer() {
    let mut office = Office::new();
    let (mut a, b, c) = (office.phone(1), office.phone(4), office.phone(5));
    office.invite(&mut a, "102", &[]);
    let invites = [office.take(b.flow), office.take(c.flow)];
    for (phone, invite) in [(&b, &invites[0]), (&c, &invites[1])] {
        let lines = [
            "RSeq: 1".to_owned(),
            "Require: 100rel".to_owned(),
            format!("Contact: <{}>", phone.contact),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        office.send(phone.flow, &reply(invite, 100, "", &[]));
        office.send(phone.flow, &reply(invite, 183, &format!("t{}", phone.device), &lines));
        office.send(phone.flow, &reply(invite, 180, &format!("t{}", phone.device), &lines));
    }
    let heard = office.drain(a.flow);
    assert_eq!(
        heard.iter().map(|it| status(it)).collect::<Vec<_>>(),
        [183, 180, 183, 180]
    );
    let talks = [office.caller_talk(&a, &heard[0]), office.caller_talk(&a, &heard[2])];
    office.within(&a, &talks[0], "PRACK", &["RAck: 1 2 INVITE"]);
    office.send(
        c.flow,
        &reply(&invites[1], 200, "t5", &[&format!("Contact: <{}>", c.contact)]),
    );
    office.within(&a, &talks[1], "PRACK", &["RAck: 1 2 INVITE"]);
    let to_b: Vec<String> = office.drain(b.flow).iter().map(|it| method(it).to_owned()).collect();
    assert_eq!(to_b, ["PRACK", "CANCEL"]);
    assert_eq!(field(&office.take(c.flow), "RAck"), "1 2 INVITE");
}

#[test]
fn early_dialogs_side_by_side_have_each_its_own_pracks_and_updates() {
    let mut office = Office::new();
    let (mut a, b, c) = (office.tls_phone(1), office.phone(4), office.tls_phone(5));
    office.invite(&mut a, "102", &["Supported: 100rel"]);
    let invites = [office.take(b.flow), office.take(c.flow)];
    let mut talks = Vec::new();
    for (phone, invite) in [&b, &c].into_iter().zip(&invites) {
        let contact = format!("Contact: <{}>", phone.contact);
        let lines = ["RSeq: 776655", "Require: 100rel", &contact];
        office.send(phone.flow, &reply(invite, 183, &format!("t{}", phone.device), &lines));
        let heard = office.take(a.flow);
        assert_eq!((status(&heard), field(&heard, "RSeq")), (183, "776655"));
        talks.push(office.caller_talk(&a, &heard));
    }
    for (name, more) in [
        ("PRACK", "RAck: 776655 2 INVITE"),
        ("UPDATE", "Min-SE: 90"),
        ("INFO", "X: y"),
    ] {
        // The later fork first, and both before either is answered.
        for talk in talks.iter().rev() {
            office.within(&a, talk, name, &[more]);
        }
        for (phone, talk) in [&b, &c].into_iter().zip(&talks) {
            let asked = office.take(phone.flow);
            assert_eq!((method(&asked), uri(&asked)), (name, talk.target.as_str()));
            assert_eq!(
                (field(&asked, "To"), office.next(phone.flow)),
                (talk.remote.as_str(), None)
            );
            office.send(phone.flow, &reply(&asked, 200, "", &[]));
            let answer = office.take(a.flow);
            assert_eq!((status(&answer), field(&answer, "To")), (200, talk.remote.as_str()));
        }
    }
    // A second reliable answer of one fork, and UPDATE from the other phone, while both ring.
    let contact = format!("Contact: <{}>", b.contact);
    office.send(
        b.flow,
        &reply(&invites[0], 180, "t4", &["RSeq: 776656", "Require: 100rel", &contact]),
    );
    assert_eq!(field(&office.take(a.flow), "RSeq"), "776656");
    office.within(&a, &talks[0], "PRACK", &["RAck: 776656 2 INVITE"]);
    assert_eq!(field(&office.take(b.flow), "RAck"), "776656 2 INVITE");
    let ok = reply(&invites[1], 200, "t5", &[&format!("Contact: <{}>", c.contact)]);
    office.send(c.flow, &ok);
    let heard = office.take(a.flow);
    assert_eq!((status(&heard), field(&heard, "To")), (200, talks[1].remote.as_str()));
    assert_eq!(method(&office.take(b.flow)), "CANCEL");
    assert_eq!(office.next(c.flow), None);
}

#[test]
fn b31_a_blind_transfer_goes_through() {
    let mut office = Office::new();
    let (mut a, mut b, c) = (office.phone(1), office.phone(4), office.phone(7));
    let (talk, other) = office.talk(&mut a, &b);
    office.within(
        &a,
        &talk,
        "REFER",
        &[
            "Refer-To: <sip:103@office.example>",
            &format!("Contact: <{}>", a.contact),
        ],
    );
    let refer = office.take(b.flow);
    assert_eq!(field(&refer, "Refer-To"), "<sip:103@office.example>");
    office.send(b.flow, &reply(&refer, 202, "", &[&format!("Contact: <{}>", b.contact)]));
    assert_eq!(status(&office.take(a.flow)), 202);
    office.within(
        &b,
        &other,
        "NOTIFY",
        &[
            "Event: refer",
            "Subscription-State: active",
            &format!("Contact: <{}>", b.contact),
        ],
    );
    assert_eq!(method(&office.take(a.flow)), "NOTIFY");
    office.invite(&mut b, "103", &["Referred-By: <sip:101@office.example>"]);
    assert_eq!(method(&office.take(c.flow)), "INVITE");
}

#[test]
fn b31_an_attended_transfer_reaches_the_very_device_that_is_in_the_call() {
    let mut office = Office::new();
    let (mut a, mut b, c, d) = (office.phone(1), office.phone(4), office.phone(7), office.phone(8));
    let (first, _) = office.talk(&mut a, &b);
    office.invite(&mut a, "103", &[]);
    let invite = office.take(c.flow);
    office.send(
        c.flow,
        &reply(&invite, 200, "tc", &[&format!("Contact: <{}>", c.contact)]),
    );
    let ok = office.take(a.flow);
    let second = office.caller_talk(&a, &ok);
    office.within(&a, &second, "ACK", &[]);
    office.drain(c.flow);
    office.drain(d.flow);
    let refer_to = format!(
        "Refer-To: <{}?Replaces={}%3Bto-tag%3Dtc%3Bfrom-tag%3Dx>",
        second.target, second.call_id
    );
    office.within(&a, &first, "REFER", &[&refer_to, &format!("Contact: <{}>", a.contact)]);
    assert_eq!(
        format!("Refer-To: {}", field(&office.take(b.flow), "Refer-To")),
        refer_to
    );
    let from_tag = super::message::tag(&second.local).to_owned();
    let replaces = format!("Replaces: {};to-tag=tc;from-tag={from_tag}", second.call_id);
    office.invite(&mut b, "103", &[&replaces]);
    let invite = office.take(c.flow);
    assert_eq!((method(&invite), uri(&invite)), ("INVITE", c.contact.as_str()));
    assert_eq!(format!("Replaces: {}", field(&invite, "Replaces")), replaces);
    assert_eq!(office.next(d.flow), None);
    office.send(
        c.flow,
        &reply(&invite, 200, "td", &[&format!("Contact: <{}>", c.contact)]),
    );
    assert_eq!(status(&office.take(b.flow)), 200);
    office.drain(c.flow);
    for talk in [first, second] {
        office.within(&a, &talk, "BYE", &[]);
    }
    assert_eq!(method(&office.take(b.flow)), "BYE");
    assert_eq!(method(&office.take(c.flow)), "BYE");
    assert_eq!(office.stack.calls().len(), 1, "the call that came of it goes on");
}

#[test]
fn what_belongs_to_no_call_is_told_so_and_an_ack_is_never_answered() {
    let mut office = Office::new();
    let (mut a, b) = (office.phone(1), office.phone(4));
    let (talk, _) = office.talk(&mut a, &b);
    let mut foreign = talk.clone();
    foreign.target = "sip:102@198.51.100.9".to_owned();
    office.within(&a, &foreign, "INFO", &[]);
    assert_eq!(status(&office.take(a.flow)), 481);
    let mut routed = talk.clone();
    routed.routes.push("<sip:198.51.100.9;lr>".to_owned());
    office.within(&a, &routed, "BYE", &[]);
    assert_eq!(status(&office.take(a.flow)), 403);
    let mut lost = talk;
    lost.call_id = "other".to_owned();
    lost.target = "sip:x@10.9.9.9".to_owned();
    office.within(&a, &lost, "BYE", &[]);
    assert_eq!(status(&office.take(a.flow)), 481);
    office.within(&a, &lost, "ACK", &[]);
    assert_eq!(office.next(a.flow), None);
    assert_eq!(office.next(b.flow), None);
}

#[test]
fn a_call_that_rings_is_picked_up_by_its_key_and_by_number() {
    for by_key in [true, false] {
        let mut office = Office::new();
        let (mut a, b, mut c) = (office.phone(1), office.phone(4), office.phone(7));
        office.invite(&mut a, "102", &[]);
        let invite = office.take(b.flow);
        office.send(b.flow, &reply(&invite, 180, "tb", &[]));
        let ringing = office.take(a.flow);
        let caller_tag = super::message::tag(field(&ringing, "From")).to_owned();
        let call_id = field(&ringing, "Call-ID").to_owned();
        if by_key {
            let replaces = format!("Replaces: {call_id};to-tag=tb;from-tag={caller_tag}");
            office.invite(&mut c, "102", &[&replaces]);
        } else {
            office.invite(&mut c, "**102", &[]);
        }
        let taken = office.take(a.flow);
        assert_eq!(method(&taken), "INVITE", "{taken}");
        assert_eq!(uri(&taken), a.contact);
        assert_eq!(
            field(&taken, "Replaces"),
            format!("{call_id};to-tag={caller_tag};from-tag=tb")
        );
        assert_eq!(
            bracketed(field(&taken, "P-Asserted-Identity")),
            "sip:103@office.example"
        );
    }
}
