//! Buckets of other makers: what a server answers becomes a sentence that says what to do. The server is bytes by hand.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use linekey::http::edge::message::Method;
use serde_json::json;

use crate::office::{Browser, Office};

/// Gives everybody that answer; ends with the test's process.
fn server(status: &'static str, body: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap(), status, body);
        }
    });
    port
}

fn answer(mut stream: TcpStream, status: &str, body: &str) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .ok();
}

fn said(administrator: &mut Browser<'_>, endpoint: &str) -> String {
    let body = json!({
        "bucket": {
            "endpoint": endpoint, "name": "backups", "region": "", "access_key": "KEY", "secret": "secret",
        },
        "every_hours": 1, "keep": 3, "passphrase": "four words on paper",
    });
    let reply = administrator.send(administrator.request(Method::PUT, "/api/backups", &body));
    assert_eq!(reply.status, 422, "{reply:?}");
    reply.json["message"].as_str().unwrap().to_owned()
}

#[test]
fn what_servers_of_other_makers_refuse_is_told_so_that_somebody_can_mend_it() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let region = "another region";
    let code = |code: &str| -> &'static str {
        format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>").leak()
    };
    for (status, body, word) in [
        // Garage, MinIO and Amazon: restic/restic, Altinity/clickhouse-backup#1110, siderolabs/omni#98.
        ("400 Bad Request", code("AuthorizationHeaderMalformed"), region),
        ("400 Bad Request", code("InvalidRegion"), region),
        ("301 Moved Permanently", code("PermanentRedirect"), region),
        ("307 Temporary Redirect", code("TemporaryRedirect"), region),
        // A wrong account in the server's name (offen/docker-volume-backup#564), a hotel's page.
        ("301 Moved Permanently", "<html>cloudflare</html>", "leads elsewhere"),
        ("302 Found", "", "leads elsewhere"),
        ("403 Forbidden", code("QuotaExceeded"), "no room"),
        ("507 Insufficient Storage", code("XMinioStorageFull"), "no room"),
        ("400 Bad Request", code("EntityTooLarge"), "no room"),
        ("503 Service Unavailable", code("SlowDown"), "later try"),
        ("500 Internal Server Error", code("InternalError"), "later try"),
        ("502 Bad Gateway", "<html>nginx</html>", "later try"),
        ("403 Forbidden", code("AllAccessDisabled"), "account is closed"),
        ("403 Forbidden", "<html>nginx</html>", "may not do that"),
        ("401 Unauthorized", "", "may not do that"),
        ("404 Not Found", "", "no such bucket"),
        ("404 Not Found", code("NoSuchKey"), "no such bucket"),
        ("400 Bad Request", code("InvalidBucketName"), "no such bucket"),
        ("418 Teapot", "", "status 418"),
    ] {
        let port = server(status, body);
        let said = said(&mut administrator, &format!("http://127.0.0.1:{port}"));
        assert!(said.contains(word), "{status} {body}: {said}");
    }
    let port = server("302 Found", "");
    let said = said(&mut administrator, &format!("HTTP://LocalHost:{port}/"));
    assert!(said.contains("leads elsewhere"), "letter case does not count: {said}");
}
