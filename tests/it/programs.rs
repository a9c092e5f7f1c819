//! What monitors and programs send that are no browsers: other methods, other names, other encodings.

use linekey::http::edge::message::Method;
use linekey::http::front::routes::ROUTES;
use serde_json::{Value, json};

use crate::office::{Browser, Office, Reply};

/// A request as a program sends it: no browser's fields.
fn ask(browser: &mut Browser<'_>, method: Method, path: &str, fields: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut request = browser.request(method, path, &Value::Null);
    for name in ["User-Agent", "Origin", "Sec-Fetch-Site"] {
        request.remove_field(name);
    }
    for (name, value) in fields {
        request.set_field(name, *value);
    }
    request.body = body.to_vec();
    browser.send(request)
}

/// The path of a row, with something in its open parts.
fn filled(path: &str) -> String {
    path.replace(":extension", "101")
        .replace(":name", "admin")
        .replace(":id", "1")
        .replace("*asset", "none")
}

#[test]
fn head_is_answered_as_get_at_every_row() {
    let office = Office::open();
    let (administrator, _) = office.administrator();
    for route in ROUTES
        .iter()
        .filter(|route| route.method == Method::GET && route.path != "/api/journal/live")
    {
        let path = filled(route.path);
        let got = administrator.clone().get(&path);
        let mut browser = administrator.clone();
        let head = browser.send(browser.request(Method::HEAD, &path, &Value::Null));
        assert_eq!(head.status, got.status, "{path}");
        assert_eq!(head.field("content-type"), got.field("content-type"), "{path}");
    }
}

#[test]
fn a_wrong_method_is_told_which_ones_there_are() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let methods = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    let mut seen = 0;
    for route in ROUTES {
        let path = filled(route.path);
        for method in methods.iter().filter(|method| {
            !ROUTES
                .iter()
                .any(|other| other.method == **method && other.is_for(&path))
        }) {
            let refused = ask(&mut administrator, method.clone(), &path, &[], b"").refused(405, "wrong-method");
            let allowed: Vec<_> = refused.field("allow").unwrap().split(", ").collect();
            assert!(allowed.contains(&route.method.as_str()), "{path}: {allowed:?}");
            assert_eq!(
                allowed.contains(&"GET"),
                allowed.contains(&"HEAD"),
                "{path}: {allowed:?}"
            );
            assert!(!allowed.contains(&method.as_str()), "{path}: {allowed:?}");
            seen += 1;
        }
    }
    assert!(seen > 200, "{seen}");
    ask(&mut administrator, Method::PUT, "/api/none", &[], b"").refused(404, "not-found");
    let people = ask(&mut administrator, Method::DELETE, "/api/people", &[], b"");
    assert_eq!(people.field("allow"), Some("GET, POST, HEAD"));
}

#[test]
fn a_monitor_may_ask_under_any_name_from_anywhere() {
    let office = Office::open();
    for address in ["127.0.0.1", "192.0.2.9", "10.0.0.1"] {
        for host in ["localhost", "linekey", "10.1.2.3:8080", "evil.example", "my_pbx"] {
            for method in [Method::GET, Method::HEAD] {
                let mut monitor = office.browser_at(address.parse().unwrap());
                let fields = [("Host", host), ("X-Forwarded-For", "unknown")];
                ask(&mut monitor, method, "/healthz", &fields, b"").expect(200);
            }
        }
        let mut monitor = office.browser_at(address.parse().unwrap());
        let mut request = monitor.request(Method::GET, "/healthz", &Value::Null);
        request.remove_field("Host");
        monitor.send(request).expect(200);
    }
}

#[test]
fn a_program_is_asked_for_its_secret_over_tls_and_no_browser_is() {
    let office = Office::open();
    let challenged = |secure: bool, path: &str, fields: &[(&str, &str)]| {
        let mut browser = office.browser();
        browser.secure = secure;
        let reply = ask(&mut browser, Method::GET, path, fields, b"");
        (reply.status, reply.field("www-authenticate").map(str::to_owned))
    };
    let basic = Some("Basic realm=\"Linekey\", charset=\"UTF-8\"".to_owned());
    for agent in [
        "curl/8.5.0",
        "Wget/1.21",
        "Python-urllib/3.11",
        "",
        "Mozilla/5.0 (Windows NT; Windows NT 10.0; de-DE) WindowsPowerShell/5.1.19041.4291",
        "Mozilla/5.0 (Windows NT 10.0; Microsoft Windows 10.0.22631; en-US) PowerShell/7.4.2",
        "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    ] {
        for path in ["/api/people", "/api/me", "/auth/check"] {
            assert_eq!(
                challenged(true, path, &[("User-Agent", agent)]),
                (401, basic.clone()),
                "{agent} {path}"
            );
        }
    }
    assert_eq!(challenged(false, "/api/people", &[]), (401, None), "not in the clear");
    for fields in [
        ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Mode", "cors"),
        ("User-Agent", "Mozilla/5.0 (Macintosh) Version/15.6 Safari/605.1.15"),
    ] {
        assert_eq!(challenged(true, "/api/people", &[fields]), (401, None), "{fields:?}");
    }
    let mut browser = office.browser();
    browser.secure = true;
    let wrong = json!({ "username": "nobody", "password": "wrong wrong wrong" }).to_string();
    let json = [("Content-Type", "application/json")];
    let reply = ask(
        &mut browser,
        Method::POST,
        "/api/sign-in/password",
        &json,
        wrong.as_bytes(),
    )
    .expect(401);
    assert_eq!(reply.field("www-authenticate"), None);
}

#[test]
fn json_may_have_a_byte_order_mark_and_must_be_utf_8() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let json = [("Content-Type", "application/json; charset=iso-8859-1")];
    let mut add = |body: &[u8]| ask(&mut administrator, Method::POST, "/api/people", &json, body);
    add("\u{feff}{\"extension\": \"101\", \"name\": \"J\u{fc}rgen\"}".as_bytes()).expect(201);
    let latin = add(b"{\"extension\": \"102\", \"name\": \"J\xfcrgen\"}").refused(400, "unreadable");
    assert!(
        latin.json["message"].as_str().unwrap().contains("Send it in UTF-8"),
        "{latin:?}"
    );
    let utf16: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(
        add(&utf16).refused(400, "unreadable").json["message"]
            .as_str()
            .unwrap()
            .contains("UTF-8")
    );
}

#[test]
fn a_compressed_message_is_refused_and_told_what_would_be_taken() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let mut add = |codings: &[&str], extension: &str| {
        let mut fields = vec![("Content-Type", "application/json")];
        fields.extend(codings.iter().map(|coding| ("Content-Encoding", *coding)));
        let body = format!(r#"{{"extension": "{extension}", "name": "Mira"}}"#);
        ask(
            &mut administrator,
            Method::POST,
            "/api/people",
            &fields,
            body.as_bytes(),
        )
    };
    for coding in ["gzip", "br", "x-gzip", "identity, gzip", "aws-chunked"] {
        let refused = add(&[coding], "101").refused(415, "encoded");
        assert_eq!(refused.field("accept-encoding"), Some("identity"), "{coding}");
        let told = refused.json["message"].as_str().unwrap();
        assert!(told.contains("Content-Encoding"), "{told}");
    }
    for (number, coding) in ["identity", "Identity", ""].into_iter().enumerate() {
        add(&[coding], &format!("11{number}")).expect(201);
    }
}

/// RFC 9110 §9.3.7.
#[test]
fn options_may_ask_for_the_server_as_a_whole() {
    let office = Office::open();
    let mut browser = office.browser();
    let mut request = browser.request(Method::OPTIONS, "/", &Value::Null);
    request.path = "*".to_owned();
    let answer = browser.send(request);
    assert_eq!((answer.status, answer.bytes.len()), (204, 0));
    let allowed = answer.field("allow").unwrap();
    for route in ROUTES {
        assert!(allowed.split(", ").any(|method| method == route.method.as_str()));
    }
}

/// RFC 9110 §13.1.2.
#[test]
fn if_none_match_with_a_star_is_answered_304_where_there_is_something() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let card = json!({ "extension": "101", "name": "Mira" });
    administrator.post("/api/people", card).expect(201);
    let any = [("If-None-Match", "*")];
    let stranger = office.browser();
    for (path, asking) in [
        ("/", &stranger),
        ("/api/people/101", &administrator),
        ("/api/settings", &administrator),
    ] {
        let tag = asking.clone().get(path).field("etag").map(str::to_owned);
        for method in [Method::GET, Method::HEAD] {
            let answer = ask(&mut asking.clone(), method, path, &any, b"");
            assert_eq!((answer.status, answer.bytes.len()), (304, 0), "{path}");
            assert_eq!(answer.field("etag").map(str::to_owned), tag, "{path}");
        }
    }
    ask(&mut administrator, Method::GET, "/api/people/109", &any, b"").refused(404, "not-found");
    // Sessions are not part of a record's tag, so it does not keep them back.
    let tag = administrator.get("/api/people/101").field("etag").unwrap().to_owned();
    let fields = [("If-None-Match", tag.as_str())];
    ask(&mut administrator, Method::GET, "/api/people/101", &fields, b"").expect(200);
}
