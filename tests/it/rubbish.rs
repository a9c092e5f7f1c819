//! What nobody would send who means well.

use linekey::http::edge::message::Method;
use linekey::http::front::route::Route;
use linekey::http::front::routes::ROUTES;
use serde_json::json;

use crate::office::Office;
use crate::wall::{changes, path_of};

#[test]
fn a_message_that_is_not_declared_as_json_is_not_read() {
    let office = Office::open();
    let (administrator, _) = office.administrator();
    let reads = |route: &&Route| matches!(route.method, Method::POST | Method::PATCH) && route.path != "/api/sign-out";
    for route in ROUTES.iter().filter(reads) {
        for kind in [
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("multipart/form-data"),
            None,
        ] {
            let mut browser = administrator.clone();
            let mut request = browser.request(route.method.clone(), &path_of(route), &json!({}));
            request.remove_field("Content-Type");
            if let Some(kind) = kind {
                request.set_field("Content-Type", kind);
            }
            let reply = browser.send(request);
            // Rows about what is not there may say that first: an administrator's own devices, ACME and backups by
            // themselves, which are not set up here.
            let absent = ["/api/me/devices/app", "/api/acme/order", "/api/backups/make"].contains(&route.path);
            let unknown = (route.path.contains(':') || absent) && reply.status == 404;
            assert!(
                reply.status == 415 || unknown,
                "{kind:?} {} {}: {}",
                route.method,
                route.path,
                reply.status
            );
        }
    }
}

#[test]
fn rubbish_is_refused_as_rubbish_everywhere() {
    let office = Office::open();
    let (administrator, _) = office.administrator();
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let deep_member = format!(
        "{{\"ticket\":\"x\",\"credential\":{}1{}}}",
        "{\"a\":".repeat(5000),
        "}".repeat(5000)
    );
    let huge_number = format!("{{\"session_hours\":{}}}", "9".repeat(5000));
    let rubbish = [
        "",
        "null",
        "0",
        "\"\"",
        "{",
        "{}{}",
        "{\"ticket\":1}",
        "{\"ticket\":\"x\",\"ticket\":\"y\"}",
        "{\"username\":\"\\ud800\",\"password\":\"x\"}",
        "{\"extension\":{},\"name\":[]}",
        "{\"ticket\":\"\",\"credential\":{\"id\":\"=\",\"rawId\":\"=\",\"type\":\"public-key\",\"response\":{}}}",
        "\u{feff}\u{feff}{}",
        deep.as_str(),
        deep_member.as_str(),
        huge_number.as_str(),
    ];
    for route in ROUTES.iter().filter(|route| changes(route)) {
        for text in rubbish {
            // A sign-out would end this session on the server; what comes with it is not read, nor what comes with a
            // deletion of what is there.
            let deleted = ["/api/me/sessions", "/api/metrics"].contains(&route.path) && route.method == Method::DELETE;
            if route.path == "/api/sign-out" || deleted {
                continue;
            }
            let mut browser = administrator.clone();
            let mut request = browser.request(route.method.clone(), &path_of(route), &json!({}));
            request.body = text.into();
            request.set_field("Content-Type", "application/json");
            let reply = browser.send(request);
            let shown: String = text.chars().take(40).collect();
            let row = format!("{} {} {shown}: {}", route.method, route.path, reply.status);
            // Members that a row does not know are ignored, so some objects are right for some rows.
            let object = text.starts_with("{\"");
            let may_be_empty = route.path == "/api/devices/rotate" && text.is_empty();
            assert!(
                (400..500).contains(&reply.status) || ((object || may_be_empty) && reply.status < 300),
                "{row}"
            );
            assert!(reply.status < 300 || reply.json["message"].is_string(), "{row}");
        }
    }
}

#[test]
fn odd_parts_of_a_path_find_nothing() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let long = "9".repeat(1500);
    for part in [
        "%00",
        "%2e%2e",
        "%ff",
        "..%2f",
        "admin",
        "101%20",
        long.as_str(),
        "%F0%9F%98%80",
        "-1",
        "0x65",
    ] {
        for path in [
            format!("/api/people/{part}"),
            format!("/api/people/{part}/passkeys"),
            format!("/api/people/{part}/sessions/{part}"),
            format!("/api/me/sessions/{part}"),
            format!("/api/me/passkeys/{part}"),
        ] {
            let reply = administrator.delete(&path);
            assert_eq!(reply.status, 404, "{path}");
        }
    }
}
