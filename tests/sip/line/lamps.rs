//! Troubles of line keys.

use super::message::{body, field, method, quoted, reply, status, tag};
use super::{Office, Phone, config, credentials};
use linekey::sip::stack::{Config, Flow};

struct Watch {
    call_id: String,
    to: String,
    number: u32,
}

fn subscribe(office: &mut Office, phone: &mut Phone, extension: &str) -> Watch {
    let call_id = format!("watch-{}", office.unique());
    let lines = lines(phone, &call_id, &format!("<sip:{extension}@office.example>"), 600);
    let answer = office.ask(phone, "SUBSCRIBE", &format!("sip:{extension}@office.example"), &lines);
    assert_eq!((status(&answer), field(&answer, "Expires")), (200, "600"), "{answer}");
    Watch {
        call_id,
        to: field(&answer, "To").to_owned(),
        number: 0,
    }
}

fn lines(phone: &Phone, call_id: &str, to: &str, expires: u32) -> Vec<String> {
    vec![
        format!("From: <sip:{}@office.example>;tag=w{}", phone.extension, phone.device),
        format!("To: {to}"),
        format!("Call-ID: {call_id}"),
        format!("Contact: <{}>", phone.contact),
        "Event: dialog".to_owned(),
        format!("Expires: {expires}"),
    ]
}

/// The next NOTIFY before a watcher, answered.
fn notified(office: &mut Office, flow: Flow) -> String {
    let notify = office.take(flow);
    assert_eq!(method(&notify), "NOTIFY", "{notify}");
    office.send(flow, &reply(&notify, 200, "", &[]));
    notify
}

fn version(notify: &str) -> u32 {
    quoted(body(notify).split("<dialog-info").nth(1).unwrap(), "version")
        .parse()
        .unwrap()
}

fn state(notify: &str) -> &str {
    let rest = body(notify).split("<state>").nth(1).unwrap_or_default();
    rest.split('<').next().unwrap_or_default()
}

#[test]
fn b37_the_lamp_is_on_until_all_calls_have_ended() {
    let mut office = Office::new();
    let (mut watcher, mut a, b, c) = (office.phone(7), office.phone(1), office.phone(4), office.phone(5));
    subscribe(&mut office, &mut watcher, "102");
    let first = notified(&mut office, watcher.flow);
    assert_eq!((state(&first), version(&first)), ("terminated", 1_001));
    office.invite(&mut a, "102", &[]);
    for phone in [&b, &c] {
        let invite = office.take(phone.flow);
        office.send(phone.flow, &reply(&invite, 180, &format!("t{}", phone.device), &[]));
        if phone.device == 5 {
            office.send(
                phone.flow,
                &reply(&invite, 200, "t5", &[&format!("Contact: <{}>", c.contact)]),
            );
        }
    }
    let early = notified(&mut office, watcher.flow);
    assert_eq!((state(&early), version(&early)), ("early", 1_002));
    let confirmed = notified(&mut office, watcher.flow);
    assert_eq!((state(&confirmed), version(&confirmed)), ("confirmed", 1_003));
    let cancel = office.take(b.flow);
    assert_eq!(method(&cancel), "CANCEL");
    office.send(b.flow, &reply(&cancel, 487, "t4", &[]).replace(" CANCEL", " INVITE"));
    assert_eq!(office.next(watcher.flow), None, "a cancelled branch says nothing");
    let ok = office.drain(a.flow).pop().unwrap();
    let talk = office.caller_talk(&a, &ok);
    office.within(&a, &talk, "ACK", &[]);
    office.drain(c.flow);
    let mut d = office.phone(2);
    let (second, _) = office.talk(&mut d, &c);
    let both = office.drain(watcher.flow);
    assert!(
        both.last().is_some_and(|it| body(it).matches("<dialog ").count() == 2),
        "{both:?}"
    );
    both.iter()
        .for_each(|notify| office.send(watcher.flow, &reply(notify, 200, "", &[])));
    office.drain(watcher.flow);
    office.within(&a, &talk, "BYE", &[]);
    let one = notified(&mut office, watcher.flow);
    assert_eq!((state(&one), body(&one).matches("<dialog ").count()), ("confirmed", 1));
    office.within(&d, &second, "BYE", &[]);
    assert_eq!(state(&notified(&mut office, watcher.flow)), "terminated");
}

fn refresh(office: &mut Office, phone: &mut Phone, watch: &mut Watch, expires: u32) -> String {
    watch.number += 1;
    phone.cseq += 1;
    let uri = "sip:192.0.2.10:5060;transport=udp";
    let head = lines(phone, &watch.call_id, &watch.to, expires);
    let credentials = format!(
        "Authorization: {}",
        credentials(phone, "SUBSCRIBE", uri, watch.number + 1)
    );
    let text = office.request(phone, "SUBSCRIBE", uri, &head, Some(&credentials));
    office.send(phone.flow, &text);
    office.take(phone.flow)
}

#[test]
fn b39_ten_refreshes_leave_one_subscription_and_a_restart_is_told() {
    let mut office = Office::new();
    let mut watcher = office.phone(7);
    let mut watch = subscribe(&mut office, &mut watcher, "102");
    let mut last = notified(&mut office, watcher.flow);
    for _ in 0..10 {
        let answer = refresh(&mut office, &mut watcher, &mut watch, 600);
        assert_eq!(status(&answer), 200, "{answer}");
        let next = notified(&mut office, watcher.flow);
        assert!(version(&next) > version(&last));
        assert!(field(&next, "CSeq") > field(&last, "CSeq"));
        last = next;
    }
    assert_eq!(office.stack.load().subscriptions, 1);
    let stack = Office::with(Config {
        first_number: 5_000,
        ..config()
    })
    .stack;
    office.stack = stack;
    assert_eq!(status(&refresh(&mut office, &mut watcher, &mut watch, 600)), 481);
    watcher.challenge.clear();
    subscribe(&mut office, &mut watcher, "102");
    let first = office.take(watcher.flow);
    assert!(version(&first) > version(&last));
    office.send(watcher.flow, &reply(&first, 481, "", &[]));
    assert_eq!(office.stack.load().subscriptions, 0);
}

#[test]
fn b15_a_stale_nonce_in_a_subscription_is_challenged_and_the_retry_refreshes() {
    let mut office = Office::new();
    let mut watcher = office.phone(7);
    let mut watch = subscribe(&mut office, &mut watcher, "102");
    notified(&mut office, watcher.flow);
    office.wait(400_000);
    let answer = refresh(&mut office, &mut watcher, &mut watch, 600);
    assert_eq!(status(&answer), 401);
    watcher.challenge = field(&answer, "WWW-Authenticate").to_owned();
    assert!(watcher.challenge.contains("stale=true"), "{answer}");
    watch.number = 0;
    assert_eq!(status(&refresh(&mut office, &mut watcher, &mut watch, 600)), 200);
}

#[test]
fn b40_one_lost_notify_ends_nothing_and_late_answers_stack_nothing() {
    let mut office = Office::new();
    let (mut watcher, mut a, b) = (office.phone(7), office.phone(1), office.phone(4));
    subscribe(&mut office, &mut watcher, "102");
    let first = office.take(watcher.flow);
    office.invite(&mut a, "102", &[]);
    let invite = office.take(b.flow);
    office.send(b.flow, &reply(&invite, 180, "t4", &[]));
    office.send(
        b.flow,
        &reply(&invite, 200, "t4", &[&format!("Contact: <{}>", b.contact)]),
    );
    office.wait(5_000);
    let copies = office.drain(watcher.flow);
    assert!(
        copies.iter().all(|it| *it == first),
        "nothing new while the first is not answered"
    );
    office.send(watcher.flow, &reply(&first, 200, "", &[]));
    assert_eq!(
        state(&office.take(watcher.flow)),
        "confirmed",
        "the newest state, not each between"
    );
    // This one is never answered. What happens next is told all the same.
    office.wait(7_000);
    office.drain(watcher.flow);
    let ok = office.drain(a.flow).pop().unwrap();
    let talk = office.caller_talk(&a, &ok);
    office.within(&a, &talk, "BYE", &[]);
    assert_eq!(state(&office.take(watcher.flow)), "terminated");
    office.wait(100_000);
    assert_eq!(office.stack.load().subscriptions, 1);
    office.wait(500_000);
    let last = office.drain(watcher.flow).pop().unwrap();
    assert!(field(&last, "Subscription-State").starts_with("terminated"));
    assert_eq!(office.stack.load().subscriptions, 0);
}

#[test]
fn b41_a_lamp_says_all_that_a_key_needs_unless_names_are_hidden() {
    for hide_names in [false, true] {
        let mut office = Office::with(Config { hide_names, ..config() });
        let (mut watcher, mut a, b) = (office.phone(7), office.phone(1), office.phone(4));
        subscribe(&mut office, &mut watcher, "102");
        notified(&mut office, watcher.flow);
        office.invite(&mut a, "102", &[]);
        let invite = office.take(b.flow);
        office.send(b.flow, &reply(&invite, 180, "t4", &[]));
        let notify = notified(&mut office, watcher.flow);
        let xml = roxmltree::Document::parse(body(&notify)).unwrap();
        let dialog = xml
            .descendants()
            .find(|node| node.has_tag_name(("urn:ietf:params:xml:ns:dialog-info", "dialog")))
            .unwrap();
        let attributes =
            ["direction", "call-id", "local-tag", "remote-tag"].map(|name| dialog.attribute(name).unwrap());
        assert_eq!(
            attributes,
            [
                "recipient",
                field(&invite, "Call-ID"),
                "t4",
                tag(field(&invite, "From"))
            ]
        );
        let remote = dialog
            .children()
            .find(|node| node.tag_name().name() == "remote")
            .unwrap();
        let identity = remote
            .children()
            .find(|node| node.tag_name().name() == "identity")
            .unwrap();
        let shown = (identity.attribute("display"), identity.text().unwrap());
        if hide_names {
            assert_eq!(shown, (None, "sip:anonymous@anonymous.invalid"));
        } else {
            assert_eq!(shown, (Some("Mira & \"Co\""), "sip:101@office.example"));
        }
    }
}

#[test]
fn what_we_do_not_offer_gets_one_answer() {
    let mut office = Office::new();
    let phone = office.phone(1);
    for package in ["presence", "message-summary"] {
        let mut lines = lines(&phone, package, "<sip:101@office.example>", 600);
        lines[4] = format!("Event: {package}");
        let text = office.request(&phone, "SUBSCRIBE", "sip:101@office.example", &lines, None);
        office.send(phone.flow, &text);
        let answer = office.take(phone.flow);
        assert_eq!((status(&answer), field(&answer, "Allow-Events")), (489, "dialog"));
        assert_eq!(office.next(phone.flow), None);
    }
}
