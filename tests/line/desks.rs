//! What a free desk may call (P25), and test calls from the page.

use std::io::{Read, Write};
use std::net::TcpStream;

use rustix::net::sockopt;
use serde_json::{Value, json};

use crate::handset::Handset;
use crate::house::{ask, wait_for};
use crate::line::{DOMAIN, Line};

/// Longer than a test call rings.
const SOON: u64 = 10;

#[test]
fn p25_a_free_desk_calls_inside_and_a_number_for_emergencies_is_never_one_that_does_not_exist() {
    let mut line = Line::on();
    line.set(json!({ "emergency": ["112"] }));
    let mut desk = line.device_of(json!({ "kind": "desk", "label": "Lobby" }));
    desk.extension.clone_from(&desk.username);
    let mut desk = Handset::registered(&line, desk);
    let person = line.device("102");
    let person = Handset::registered(&line, person);
    let hang_up = desk.talk(&person);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (bye, _) = person.asked("BYE", SOON).expect("a BYE");
            person.answer(&bye, "200 OK", "");
        });
        hang_up(&mut desk);
    });
    for (number, status) in [("112", 503), ("999", 404)] {
        let uri = format!("sip:{number}@{DOMAIN}");
        let answer = desk.request("INVITE", &uri, &format!("<{uri}>"), "");
        assert_eq!(answer.status(), Some(status), "{number}: {answer:?}");
    }
    let card = json!({ "extension": "112", "name": "Fire" });
    let refused = line.house.ask("POST", "/api/people", card).expect(422);
    assert_eq!(refused.json["field"], "extension", "{}", refused.body);
    let taken = line
        .house
        .ask("PATCH", "/api/settings", json!({ "emergency": ["102"] }))
        .expect(422);
    assert_eq!(taken.json["field"], "emergency", "{}", taken.body);
}

fn ring(line: &mut Line, phone: &Handset) -> Value {
    let path = format!("/api/devices/{}/ring", phone.device.id);
    line.house.ask("POST", &path, json!({})).expect(200).json
}

/// Waits until the page is told this of the test call: the first event says how things are.
fn is_told(line: &Line, phone: &Handset, state: &str) {
    let (program, visitor) = (&line.house.program, &line.house.administrator);
    let host = visitor.origin.split_once("://").unwrap().1;
    let cookie = visitor.cookie.as_deref().unwrap();
    let request = format!("GET /api/devices/live HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n");
    let wanted = format!(r#""tested":{{"device":{},"state":"{state}"}}"#, phone.device.id);
    wait_for(&wanted, || {
        let mut stream = TcpStream::connect(("127.0.0.1", program.port())).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let (mut told, mut piece) = (String::new(), [0; 4096]);
        while !told.contains("\n\n") {
            let length = stream.read(&mut piece).unwrap();
            told += std::str::from_utf8(&piece[..length]).unwrap();
        }
        told.contains(&wanted).then_some(())
    });
}

#[test]
fn a_test_call_rings_is_given_up_by_itself_and_ends_at_once_where_somebody_answers() {
    let mut line = Line::on();
    let device = line.device("101");
    let mut phone = Handset::new(&line, device);
    assert_eq!(ring(&mut line, &phone), json!({ "ringing": false }));
    phone.register(600);
    wait_for("the phone on the page", || {
        line.is_registered(&phone.device).then_some(())
    });
    assert_eq!(ring(&mut line, &phone), json!({ "ringing": true }));
    let (invite, _) = phone.asked("INVITE", SOON).expect("a call");
    assert!(invite.body.contains("m=audio"), "{invite:?}");
    phone.answer(&invite, "180 Ringing", "");
    is_told(&line, &phone, "rings");
    let (cancel, took) = phone.asked("CANCEL", SOON).expect("its end");
    assert!((4..SOON).contains(&took.as_secs()), "{took:?}");
    phone.answer(&cancel, "200 OK", "");
    phone.answer(&invite, "487 Request Terminated", "");
    assert!(phone.asked("ACK", SOON).is_some());
    is_told(&line, &phone, "unanswered");
    assert_eq!(ring(&mut line, &phone), json!({ "ringing": true }));
    let (invite, _) = phone.asked("INVITE", SOON).expect("another call");
    phone.answer(&invite, "200 OK", "");
    assert!(phone.asked("ACK", SOON).is_some());
    let (bye, _) = phone.asked("BYE", SOON).expect("its end");
    phone.answer(&bye, "200 OK", "");
    is_told(&line, &phone, "answered");
    assert_eq!(ring(&mut line, &phone), json!({ "ringing": true }));
    let (invite, _) = phone.asked("INVITE", SOON).expect("a third call");
    phone.answer(&invite, "603 Decline", "");
    is_told(&line, &phone, "declined");
}

/// P15: a fetch that is cut after half the file spends nothing, in whatever way the phone comes back for it.
#[test]
fn p15_a_fetch_that_was_cut_is_taken_up_again_and_the_phone_registers() {
    let mut line = Line::behind_proxy();
    let device = line.device_of(json!({ "extension": "101", "mac": "249AD8000001" }));
    let port = line.house.program.port();
    let request = |more: &str| {
        format!(
            "GET /provision/249ad8000001.cfg HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Forwarded-For: 192.168.1.20\r\n\
             X-Forwarded-Proto: https\r\n{more}Connection: close\r\n\r\n"
        )
    };
    for _ in 0..3 {
        let mut cut = TcpStream::connect(("127.0.0.1", port)).unwrap();
        cut.write_all(request("").as_bytes()).unwrap();
        cut.read_exact(&mut [0; 700]).unwrap();
        // Closed with a reset.
        sockopt::set_socket_linger(&cut, Some(std::time::Duration::ZERO)).unwrap();
    }
    let fetched = |more: &str| {
        let mut whole = TcpStream::connect(("127.0.0.1", port)).unwrap();
        whole.write_all(request(more).as_bytes()).unwrap();
        let mut answer = String::new();
        whole.read_to_string(&mut answer).unwrap();
        let (head, file) = answer.split_once("\r\n\r\n").unwrap();
        (head.lines().next().unwrap().to_owned(), file.to_owned())
    };
    let (status, file) = fetched("");
    assert_eq!(status, "HTTP/1.1 200 OK");
    // Resumed, or given whole: never a piece that the phone would put at the wrong place.
    let (status, rest) = fetched("Range: bytes=700-\r\n");
    match status.as_str() {
        "HTTP/1.1 206 Partial Content" => assert_eq!(rest, file[700..]),
        other => assert_eq!((other, rest.as_str()), ("HTTP/1.1 200 OK", file.as_str())),
    }
    let value = |key: &str| {
        let line = file
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
        line.unwrap_or_else(|| panic!("no {key}")).to_owned()
    };
    let own = value("static.auto_provision.server.url");
    let own = format!(
        "/provision/{}249ad8000001.cfg",
        own.split_once("/provision/").unwrap().1
    );
    let mut phone = line.house.visitor();
    phone.fields = vec![
        ("X-Forwarded-For", "192.168.1.20".to_owned()),
        ("X-Forwarded-Proto", "https".to_owned()),
    ];
    assert_eq!(ask(port, &mut phone, "GET", &own, Value::Null).expect(200).body, file);
    // With what the file says, not with what the interface shows.
    let mut phone = Handset::new(&line, device);
    phone.device.username = value("account.1.auth_name");
    phone.device.secret = value("account.1.password");
    phone.register(600);
    assert_eq!(fetched("").0, "HTTP/1.1 404 Not Found");
}
