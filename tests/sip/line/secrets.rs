//! Troubles of digest.

use super::message::{field, fields, quoted, status};
use super::{Office, Phone, credentials, credentials_of};

fn register(office: &mut Office, phone: &mut Phone, credentials: &str) -> String {
    phone.cseq += 1;
    let lines = [
        "From: <sip:101@office.example>;tag=r1".to_owned(),
        "To: <sip:101@office.example>".to_owned(),
        format!("Call-ID: {}", phone.call_id),
        format!("Contact: <{}>", phone.contact),
    ];
    let line = format!("Authorization: {credentials}");
    let text = office.request(phone, "REGISTER", "sip:office.example", &lines, Some(&line));
    office.send(phone.flow, &text);
    office.take(phone.flow)
}

#[test]
fn b13_stale_is_said_exactly_where_the_secret_was_right() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    office.wait(400_000);
    let uri = "sip:office.example";
    let old = credentials(&a, "REGISTER", uri, 2);
    let answer = register(&mut office, &mut a, &old);
    let stale = field(&answer, "WWW-Authenticate").to_owned();
    assert_eq!(status(&answer), 401);
    assert!(
        stale.contains("stale=true") && quoted(&stale, "nonce") != quoted(&a.challenge, "nonce"),
        "{stale}"
    );
    let shape = |answer: &str| {
        let challenge = field(answer, "WWW-Authenticate");
        (
            status(answer),
            challenge.replace(quoted(challenge, "nonce"), ""),
            fields(answer, "WWW-Authenticate").len(),
        )
    };
    let wrong = credentials_of("101-a", "wrong", &a.challenge, "REGISTER", uri, 3);
    let wrong = register(&mut office, &mut a, &wrong);
    let nobody = credentials_of("nobody", "wrong", &a.challenge, "REGISTER", uri, 3);
    let nobody = register(&mut office, &mut a, &nobody);
    assert!(!wrong.contains("stale"));
    assert_eq!(shape(&wrong), shape(&nobody));
    a.challenge = stale;
    let newest = credentials(&a, "REGISTER", uri, 1);
    assert_eq!(status(&register(&mut office, &mut a, &newest)), 200);
}

#[test]
fn a_count_that_was_used_is_stale() {
    let mut office = Office::new();
    let mut a = office.phone(1);
    let used = credentials(&a, "REGISTER", "sip:office.example", 1);
    let answer = register(&mut office, &mut a, &used);
    assert_eq!(status(&answer), 401);
    assert!(answer.contains("stale=true"));
}

#[test]
fn many_wrong_secrets_from_an_address_get_silence_and_right_ones_from_there_get_in() {
    let mut office = Office::new();
    let at = |port: u16| linekey::sip::stack::Flow::Datagram {
        listener: super::UDP,
        remote: ([192, 0, 2, 101], port).into(),
    };
    let mut registered = office.phone_at(1, at(5060));
    let mut stranger = office.phone_at(2, at(9_000));
    stranger.flow = at(9_001);
    let guess = |office: &mut Office, name: &str| {
        let sent = credentials_of(name, "wrong", &stranger.challenge, "REGISTER", "sip:office.example", 9);
        let line = format!("Authorization: {sent}");
        let lines = [
            "From: <sip:101@office.example>;tag=r1".to_owned(),
            "To: <sip:101@office.example>".to_owned(),
            format!("Call-ID: {}", office.unique()),
        ];
        let text = office.request(&stranger, "REGISTER", "sip:office.example", &lines, Some(&line));
        office.send(stranger.flow, &text);
        office.next(at(9_001)).map(|answer| status(&answer))
    };
    let answered = (0..500)
        .take_while(|_| guess(&mut office, "101-a") == Some(401))
        .count();
    assert_eq!(answered, 400);
    assert_eq!(guess(&mut office, "nobody"), None);
    assert_eq!(status(&office.register(&mut registered, 3600)), 200);
    // One that was not registered yet gets in too.
    office.phone_at(3, at(5_062));
    assert_eq!(guess(&mut office, "101-a"), None);
    // Each is forgotten after its share of the minute.
    office.wait(300);
    let answered = (0..9).take_while(|_| guess(&mut office, "nobody") == Some(401)).count();
    assert_eq!(answered, 2);
    office.wait(60_000);
    let answered = (0..500)
        .take_while(|_| guess(&mut office, "101-a") == Some(401))
        .count();
    assert_eq!(answered, 400);
}

#[test]
fn guesses_count_each_in_whatever_company_they_come() {
    let at = |port: u16| linekey::sip::stack::Flow::Datagram {
        listener: super::UDP,
        remote: ([192, 0, 2, 101], port).into(),
    };
    let uri = "sip:office.example";
    let wrong = |stranger: &Phone, name: &str| credentials_of(name, "wrong", &stranger.challenge, "REGISTER", uri, 9);
    // Three guesses behind a set that no phone would send, four at once, and one before a right set of their own.
    type Company = fn(&str, &str, &str) -> String;
    let companies: [(Company, usize); 3] = [
        (|odd, guess, _| format!("{odd}, {guess}, {guess}, {guess}"), 134),
        (|_, guess, _| format!("{guess}, {guess}, {guess}, {guess}"), 100),
        (|_, guess, right| format!("{guess}, {right}"), 400),
    ];
    for (company, most) in companies {
        let mut office = Office::new();
        let mut stranger = office.phone_at(2, at(9_000));
        stranger.flow = at(9_001);
        let odd = wrong(&stranger, "nobody").replace("qop=auth", "qop=auth-int");
        let guess = wrong(&stranger, "101-a");
        let mut answered = 0;
        for count in 2..600 {
            let right = credentials(&stranger, "REGISTER", uri, count);
            let line = format!("Authorization: {}", company(&odd, &guess, &right));
            let lines = [
                "From: <sip:101@office.example>;tag=r1".to_owned(),
                "To: <sip:101@office.example>".to_owned(),
                format!("Call-ID: {}", office.unique()),
            ];
            let text = office.request(&stranger, "REGISTER", uri, &lines, Some(&line));
            office.send(stranger.flow, &text);
            if office.next(stranger.flow).is_none() {
                break;
            }
            answered += 1;
        }
        assert_eq!(answered, most);
    }
}
