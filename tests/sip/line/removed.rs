//! Who is removed in the middle of a call.

use linekey::sip::stack::Input;

use super::message::{fields, method, reply, status};
use super::{Office, Phone, Talk, credentials, directory};

/// Phones of devices 1 and 4 that talk, when the person of device 4 is removed.
fn removed() -> (Office, [Phone; 2], [Talk; 2]) {
    let mut office = Office::new();
    let (mut a, b) = (office.phone(1), office.phone(4));
    let (talk, other) = office.talk(&mut a, &b);
    office.handle(Input::Directory(directory(&[4, 5, 6])));
    for phone in [&a, &b] {
        office.drain(phone.flow);
    }
    (office, [a, b], [talk, other])
}

#[test]
fn nothing_but_the_end_of_its_call_is_taken_from_a_phone_that_was_removed() {
    let (mut office, [a, b], [_, talk]) = removed();
    let contact = format!("Contact: <{}>", b.contact);
    for name in ["INVITE", "UPDATE", "INFO", "REFER", "MESSAGE", "NOTIFY", "PRACK"] {
        office.within(&b, &talk, name, &["Refer-To: <sip:103@office.example>", &contact]);
        let answer = office.take(b.flow);
        assert!(matches!(status(&answer), 401 | 403 | 407), "{name}: {answer}");
        assert_eq!(office.next(a.flow), None, "{name}");
    }
    assert_eq!(office.stack.calls().len(), 1, "the other one is in it still");
    office.within(&b, &talk, "BYE", &[]);
    let bye = office.take(a.flow);
    assert_eq!(method(&bye), "BYE");
    office.send(a.flow, &reply(&bye, 200, "", &[]));
    assert_eq!(office.drain(b.flow).last().map(|it| status(it)), Some(200));
    assert!(office.stack.calls().is_empty());
}

#[test]
fn nothing_but_the_end_of_its_call_reaches_a_phone_that_was_removed() {
    let (mut office, [a, b], [talk, _]) = removed();
    let contact = format!("Contact: <{}>", a.contact);
    for name in ["INVITE", "UPDATE", "INFO", "REFER", "MESSAGE", "NOTIFY"] {
        office.within(&a, &talk, name, &["Refer-To: <sip:103@office.example>", &contact]);
        let answers = office.drain(a.flow);
        assert_eq!(answers.last().map(|it| status(it)), Some(481), "{name}: {answers:?}");
        assert_eq!(office.next(b.flow), None, "{name}");
    }
    office.within(&a, &talk, "BYE", &[]);
    let bye = office.take(b.flow);
    assert_eq!(method(&bye), "BYE");
    office.send(b.flow, &reply(&bye, 200, "", &[]));
    assert_eq!(status(&office.take(a.flow)), 200);
    assert!(office.stack.calls().is_empty());
}

#[test]
fn a_phone_that_was_removed_neither_calls_nor_registers_nor_rings() {
    let (mut office, [mut a, mut b], _) = removed();
    let (lines, answer) = office.invite(&mut b, "103", &[]);
    assert!(matches!(status(&answer), 401 | 407), "asked once more: {answer}");
    // A right answer to the newest challenge, of a secret that is nobody's any more.
    let line = format!(
        "Proxy-Authorization: {}",
        credentials(&b, "INVITE", "sip:103@office.example", 2)
    );
    let text = office.request(&b, "INVITE", "sip:103@office.example", &lines, Some(&line));
    office.send(b.flow, &text);
    assert!(matches!(status(&office.take(b.flow)), 401 | 407));
    let answer = office.register(&mut b, 3600);
    assert_eq!(
        (status(&answer), fields(&answer, "Contact").len()),
        (401, 0),
        "{answer}"
    );
    let (_, answer) = office.invite(&mut a, "102", &[]);
    assert!(matches!(status(&answer), 404 | 480), "{answer}");
    assert_eq!(office.next(b.flow), None);
}
