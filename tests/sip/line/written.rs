//! Requests as phones and programs in the field write them, where other servers take them.

use super::message::{field, fields, method, quoted, reply, status};
use super::{Office, Phone, credentials, credentials_of, secret};

const OFFICE: &str = "sip:office.example";

/// Registers with these whole lines in the place of Authorization.
fn register(office: &mut Office, phone: &mut Phone, lines: &[String]) -> u16 {
    phone.cseq += 1;
    let head = [
        "From: <sip:101@office.example>;tag=r1".to_owned(),
        "To: <sip:101@office.example>".to_owned(),
        format!("Call-ID: {}", phone.call_id),
        format!("Contact: <{}>", phone.contact),
    ];
    let lines: Vec<String> = head.iter().chain(lines).cloned().collect();
    let text = office.request(phone, "REGISTER", OFFICE, &lines, None);
    office.send(phone.flow, &text);
    let answer = office.take(phone.flow);
    if status(&answer) == 401 {
        phone.challenge = field(&answer, "WWW-Authenticate").to_owned();
    }
    status(&answer)
}

#[test]
fn credentials_count_however_their_list_is_written() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    let rewrite: [fn(String) -> String; 5] = [
        |sent| sent + ", opaque=\"\", opaque=\"\", algorithm=MD5",
        |sent| sent + ";",
        |sent| sent.replace(", ", "; "),
        |sent| sent.replace(", ", " "),
        |sent| sent.replacen("Digest ", "Digest nc=00000001,", 1),
    ];
    for (round, rewrite) in rewrite.into_iter().enumerate() {
        assert_eq!(register(&mut office, &mut a, &[]), 401);
        let sent = rewrite(credentials(&a, "REGISTER", OFFICE, 1));
        let got = register(&mut office, &mut a, &[format!("Authorization: {sent}")]);
        assert_eq!(got, 200, "{round}: {sent}");
    }
    // RFC 2069's form with the later fields there, and empty.
    assert_eq!(register(&mut office, &mut a, &[]), 401);
    let nonce = quoted(&a.challenge, "nonce");
    let ha1 = super::hex(&format!("101-a:office.example:{}", secret(1).reveal()));
    let response = super::hex(&format!("{ha1}:{nonce}:{}", super::hex(&format!("REGISTER:{OFFICE}"))));
    let sent = format!(
        "Authorization: Digest username=\"101-a\", realm=\"office.example\", nonce=\"{nonce}\", uri=\"{OFFICE}\", \
         response=\"{response}\", qop=\"\", cnonce=\"\", nc="
    );
    assert_eq!(register(&mut office, &mut a, &[sent]), 200);
}

#[test]
fn of_several_credentials_those_that_are_right_count() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    let old = credentials(&a, "REGISTER", OFFICE, 1);
    let foreign = old.replace("office.example", "elsewhere.example");
    let wrong = credentials_of("101-a", "wrong", &a.challenge, "REGISTER", OFFICE, 7);
    for before in [&old, &foreign, &wrong] {
        for is_one_field in [true, false] {
            register(&mut office, &mut a, &[]);
            let new = credentials(&a, "REGISTER", OFFICE, 1);
            let lines = if is_one_field {
                vec![format!("Authorization: {before}, {new}")]
            } else {
                vec![format!("Authorization: {before}"), format!("Authorization: {new}")]
            };
            assert_eq!(register(&mut office, &mut a, &lines), 200, "{lines:?}");
        }
    }
    let wrong = format!("Authorization: {wrong}, {wrong}");
    assert_eq!(register(&mut office, &mut a, &[wrong]), 401);
}

#[test]
fn credentials_count_in_either_field() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    register(&mut office, &mut a, &[]);
    let sent = credentials(&a, "REGISTER", OFFICE, 1);
    let got = register(&mut office, &mut a, &[format!("Proxy-Authorization: {sent}")]);
    assert_eq!(got, 200);
    // Programs that choose the field by the method have a lamp too.
    let lines: Vec<String> = watch_lines(&a);
    let uri = "sip:102@office.example";
    a.cseq += 1;
    let text = office.request(&a, "SUBSCRIBE", uri, &lines, None);
    office.send(a.flow, &text);
    a.challenge = field(&office.take(a.flow), "WWW-Authenticate").to_owned();
    a.cseq += 1;
    let sent = format!("Proxy-Authorization: {}", credentials(&a, "SUBSCRIBE", uri, 1));
    let text = office.request(&a, "SUBSCRIBE", uri, &lines, Some(&sent));
    office.send(a.flow, &text);
    assert_eq!(status(&office.take(a.flow)), 200);
}

fn watch_lines(phone: &Phone) -> Vec<String> {
    vec![
        format!("From: <sip:{}@office.example>;tag=w", phone.extension),
        "To: <sip:102@office.example>".to_owned(),
        "Call-ID: watch".to_owned(),
        format!("Contact: <{}>", phone.contact),
        "Event: Dialog".to_owned(),
        "Expires: 600".to_owned(),
    ]
}

#[test]
fn the_uri_of_a_digest_may_be_any_name_of_the_office_and_the_phones_own_address() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    for (uri, right) in [
        ("sip:192.0.2.10", 200),
        ("sip:192.0.2.10:5060", 200),
        ("sip:101@office.example", 200),
        ("sip:101@192.0.2.10", 200),
        ("<sip:office.example>", 200),
        ("sip:192.0.2.11", 401),
        ("sip:101@elsewhere.example", 401),
        ("office", 401),
    ] {
        register(&mut office, &mut a, &[]);
        let sent = credentials(&a, "REGISTER", uri, 1);
        let got = register(&mut office, &mut a, &[format!("Authorization: {sent}")]);
        assert_eq!(got, right, "{uri}");
    }
}

#[test]
fn what_was_signed_for_one_extension_reaches_no_other() {
    let mut office = Office::new();
    let (mut a, b) = (office.phone(1), office.phone(4));
    let uri = "sip:102@office.example";
    let lines = vec![
        "From: <sip:101@office.example>;tag=m".to_owned(),
        "To: <sip:102@office.example>".to_owned(),
        "Call-ID: m".to_owned(),
    ];
    for (signed, right) in [
        ("sip:102@192.0.2.10", 200),
        ("sip:103@192.0.2.10", 407),
        ("sip:101@office.example", 407),
    ] {
        a.cseq += 1;
        let text = office.request(&a, "MESSAGE", uri, &lines, None);
        office.send(a.flow, &text);
        a.challenge = field(&office.take(a.flow), "Proxy-Authenticate").to_owned();
        a.cseq += 1;
        let sent = format!("Proxy-Authorization: {}", credentials(&a, "MESSAGE", signed, 1));
        let text = office.request(&a, "MESSAGE", uri, &lines, Some(&sent));
        office.send(a.flow, &text);
        if let Some(message) = office.next(b.flow) {
            office.send(b.flow, &reply(&message, 200, "t", &[]));
        }
        assert_eq!(status(&office.take(a.flow)), right, "{signed}");
    }
}

#[test]
fn an_address_with_a_zone_registers_and_rings() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    for contact in [
        "sip:101@[fe80::21dd:868d:b9cc:fd78%4]",
        "sip:101@[fe80::1%25eth0]:5060;transport=udp",
    ] {
        a.contact = contact.to_owned();
        let lines = [format!("Contact: <{contact}>;expires=600"), "Expires: 600".to_owned()];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let answer = office.register_as(&mut a, OFFICE, &lines);
        assert_eq!(status(&answer), 200, "{answer}");
        assert!(
            field(&answer, "Contact").starts_with(&format!("<{contact}>")),
            "{answer}"
        );
    }
    let text = "OPTIONS sip:office.example SIP/2.0\r\nVia: SIP/2.0/UDP [fe80::1%eth0]:5060;branch=z9hG4bKzone\r\n\
        From: <sip:101@[fe80::1%eth0]>;tag=1\r\nTo: <sip:office.example>\r\nCall-ID: zone\r\nCSeq: 1 OPTIONS\r\n\
        Content-Length: 0\r\n\r\n";
    office.send(a.flow, text);
    assert_eq!(status(&office.take(a.flow)), 200);
    let mut b = office.phone(4);
    office.invite(&mut b, "101", &[]);
    let rung = office.drain(a.flow);
    let zoned = rung.iter().filter(|it| it.starts_with("INVITE sip:101@[fe80::"));
    assert_eq!(zoned.count(), 2, "{rung:?}");
}

#[test]
fn an_extension_is_found_behind_what_is_added_to_it() {
    let mut office = Office::new();
    let (mut a, b) = (office.phone(1), office.phone(4));
    for (uri, right) in [
        ("sip:102;phone-context=office.example@office.example;user=phone", 200),
        ("sip:102;phone-context=+49@office.example;user=phone", 200),
        ("sip:1-0.2@office.example;user=phone", 200),
        ("tel:(1)02", 200),
        ("sip:102%40office.example@office.example", 200),
        ("sip:1-02@office.example", 404),
        ("sip:102%40elsewhere.example@elsewhere.example", 403),
    ] {
        let lines = vec![
            "From: <sip:101%40office.example@192.0.2.10>;tag=m".to_owned(),
            format!("To: <{uri}>"),
            format!("Call-ID: m{}", office.unique()),
        ];
        a.cseq += 1;
        let answer = office.ask(&mut a, "MESSAGE", uri, &lines);
        let got = match office.next(b.flow) {
            Some(message) => {
                office.send(b.flow, &reply(&message, 200, "t", &[]));
                status(&office.take(a.flow))
            }
            None => status(&answer),
        };
        assert_eq!(got, right, "{uri}");
    }
}

#[test]
fn a_display_name_in_an_older_encoding_registers() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    register(&mut office, &mut a, &[]);
    a.cseq += 1;
    let sent = credentials(&a, "REGISTER", OFFICE, 1);
    let head = [
        "From: \"J@rgen\" <sip:101@office.example>;tag=r1".to_owned(),
        "To: <sip:101@office.example>".to_owned(),
        format!("Call-ID: {}", a.call_id),
        format!("Contact: \"J@rgen\" <{}>;expires=600", a.contact),
    ];
    let text = office.request(&a, "REGISTER", OFFICE, &head, Some(&format!("Authorization: {sent}")));
    let latin: Vec<u8> = text
        .replace("J@rgen", "J\u{1}rgen")
        .bytes()
        .map(|it| if it == 1 { 0xfc } else { it })
        .collect();
    office.send_bytes(a.flow, &latin);
    let answer = office.take(a.flow);
    assert_eq!(status(&answer), 200, "{answer}");
    assert!(
        field(&answer, "Contact").contains(&format!("<{}>;expires=600", a.contact)),
        "{answer}"
    );
}

#[test]
fn a_watched_extension_may_be_named_in_to_alone() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    let lines = watch_lines(&a);
    let answer = office.ask(&mut a, "SUBSCRIBE", "sip:192.0.2.10:5060", &lines);
    assert_eq!(status(&answer), 200, "{answer}");
    let notify = office.take(a.flow);
    assert_eq!((method(&notify), fields(&notify, "Event")), ("NOTIFY", vec!["Dialog"]));
    assert!(notify.contains("entity=\"sip:102@office.example\""), "{notify}");
}

#[test]
fn an_empty_route_is_none_and_one_without_brackets_is_ours() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    for route in [
        "",
        "sip:192.0.2.10;lr",
        "sip:office.example:5060;transport=udp;lr, <sip:192.0.2.10;lr>",
    ] {
        let lines = [
            format!("Contact: <{}>;expires=600", a.contact),
            format!("Route: {route}"),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let answer = office.register_as(&mut a, OFFICE, &lines);
        assert_eq!(status(&answer), 200, "{route}: {answer}");
    }
    for (route, right) in [("sip:192.0.2.11;lr", 403), ("<sip:192.0.2.10;lr", 400)] {
        let answer = office.register_as(&mut a, OFFICE, &[&format!("Route: {route}")]);
        assert_eq!(status(&answer), right, "{route}: {answer}");
    }
}

#[test]
fn expires_that_is_no_number_is_an_hour() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    for expires in ["", "Thu, 01 Dec 2027 16:00:00 GMT", "600;x=y", "-1"] {
        let lines = [format!("Contact: <{}>", a.contact), format!("Expires: {expires}")];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let answer = office.register_as(&mut a, OFFICE, &lines);
        assert_eq!(status(&answer), 200, "{expires}: {answer}");
        assert!(field(&answer, "Contact").ends_with(";expires=3600"), "{answer}");
    }
}
