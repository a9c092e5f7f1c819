//! Refused sign-ins as a log server gets them.

use std::net::UdpSocket;
use std::time::Duration;

use serde_json::json;

use crate::house::{House, PASSWORD, ask};

const TRIES: usize = 60;

#[test]
fn refused_sign_ins_are_told_one_by_one_and_of_a_flood_how_many_more_there_were() {
    let mut house = House::open(&[]);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let port = socket.local_addr().unwrap().port();
    let syslog = json!({ "server": "127.0.0.1", "port": port, "transport": "udp" });
    house.ask("PUT", "/api/syslog", syslog).expect(200);
    for number in 0..TRIES {
        let mut visitor = house.visitor();
        let wrong =
            json!({ "username": if number % 2 == 0 { "admin" } else { "nobody" }, "password": "never right at all" });
        let refused = ask(
            house.program.port(),
            &mut visitor,
            "POST",
            "/api/sign-in/password",
            wrong,
        );
        assert!([401, 429].contains(&refused.status), "{}", refused.status);
    }
    let (mut single, mut more) = (0, 0);
    let mut bytes = [0; 4096];
    while single + more < TRIES {
        let length = socket.recv(&mut bytes).unwrap();
        let line = std::str::from_utf8(&bytes[..length]).unwrap();
        for secret in [PASSWORD, "never right", "Cookie"] {
            assert!(!line.contains(secret), "{line}");
        }
        if let Some((_, words)) = line.split_once(" linekey - refused - ") {
            let words = words.trim_start_matches('\u{feff}');
            match words.strip_suffix(" more sign-ins were refused") {
                Some(count) => more += count.parse::<usize>().unwrap(),
                None => {
                    assert!(words.starts_with("refused") && words.contains("127.0.0.1"), "{line}");
                    single += 1;
                }
            }
        }
    }
    assert_eq!(single + more, TRIES);
    assert!(more > 0, "all of a flood were told one by one");
}
