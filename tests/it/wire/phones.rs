//! What phones' files are asked for with, read by hand from bytes.

use super::house::{House, has, short, status};

/// Each make joins what DHCP hands out and a file's name by a rule of its own.
#[test]
fn phones_folder_is_theirs_however_it_is_joined_to_the_address() {
    let house = House::open(short());
    for target in [
        "//provision/a.cfg",
        "///Provision//a.cfg",
        "/PROVISION/A.CFG",
        "/provision?mac=0",
        "//provision",
        "https://a//provision/s/Tok/a.cfg",
    ] {
        // The house of these tests has no such path; what counts is who answers.
        let fetched = house.ask(&format!("GET {target} HTTP/1.1\r\nConnection: close\r\n\r\n"));
        assert_eq!(status(&fetched), 404, "{target}");
        let sent = house.ask(&format!(
            "PUT {target} HTTP/1.1\r\nHost: a\r\nContent-Length: 209715200\r\n\r\n"
        ));
        assert_eq!(status(&sent), 403, "{target}");
    }
    assert_eq!(house.reached(), 6);
    for foreign in ["/provisioning/a.cfg", "//provisions", "/a//provision/a.cfg", "/"] {
        let fetched = house.ask(&format!("GET {foreign} HTTP/1.1\r\nConnection: close\r\n\r\n"));
        assert_eq!(status(&fetched), 400, "{foreign} needs a host");
    }
}

#[test]
fn phones_need_no_host_and_what_they_would_upload_is_refused_unread() {
    let house = House::open(short());
    for request in [
        "GET /provision/249ad8000001.cfg HTTP/1.1\r\nConnection: close\r\n\r\n",
        "GET /provision/249ad8000001.cfg HTTP/1.0\r\n\r\n",
        "HEAD /provision/249ad8000001.cfg HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
    ] {
        assert_eq!(status(&house.ask(request)), 404, "{request:?}");
    }
    let reached = house.reached();
    for (method, expects) in [("PUT", true), ("PUT", false), ("POST", false), ("DELETE", false)] {
        let expect = if expects { "Expect: 100-continue\r\n" } else { "" };
        let head = format!(
            "{method} /provision/0004f2000001-app.log HTTP/1.1\r\nHost: a\r\nContent-Length: 209715200\r\n{expect}\r\n"
        );
        let answer = house.ask(&head);
        assert_eq!(status(&answer), 403, "P19: {answer}");
        assert!(
            !answer.contains("100 Continue") && has(&answer, "connection: close"),
            "{answer}"
        );
    }
    assert_eq!(house.reached(), reached);
}
