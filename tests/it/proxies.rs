//! What proxies say of callers: who is believed, about whom, and what is read from their fields.

use linekey::http::edge::message::Method;
use serde_json::{Value, json};

use smol::net::TcpStream;

use crate::office::{Browser, ORIGIN, Office, Reply};
use crate::program::{Folder, Heard, Visitor};

const FORWARDED: &str = "Forwarded";
const OLDER: &str = "X-Forwarded-For";
const PROTO: &str = "X-Forwarded-Proto";

/// A wrong sign-in from that peer with these fields, each a line of its own.
fn sign_in(office: &Office, peer: &str, fields: &[(&str, &str)]) -> Reply {
    let mut browser: Browser<'_> = office.browser_at(peer.parse().unwrap());
    let body = json!({ "username": "nobody", "password": "wrong wrong wrong" });
    let mut request = browser.request(Method::POST, "/api/sign-in/password", &body);
    for (name, value) in fields {
        request.add_field(name, *value);
    }
    browser.send(request)
}

/// Where a request seems to come from, by what the journal shows of a refused sign-in.
fn seen_from(office: &Office, peer: &str, fields: &[(&str, &str)]) -> String {
    sign_in(office, peer, fields).refused(401, "not-signed-in");
    office.pass(3600);
    let refused = office.state.desk.refused();
    refused.newest_first().next().unwrap().address.to_string()
}

#[test]
fn only_trusted_proxies_speak_for_others_and_only_for_whom_they_saw() {
    let office = Office::open();
    let from = |peer: &str, fields: &[(&str, &str)]| seen_from(&office, peer, fields);
    // The office of these tests trusts 10.0.0.0/8.
    assert_eq!(from("192.0.2.1", &[(OLDER, "198.51.100.1")]), "192.0.2.1");
    assert_eq!(from("192.0.2.1", &[(FORWARDED, "for=198.51.100.1")]), "192.0.2.1");
    assert_eq!(from("10.0.0.1", &[]), "10.0.0.1");
    assert_eq!(from("10.0.0.1", &[(PROTO, "https")]), "10.0.0.1");
    assert_eq!(from("::ffff:10.0.0.1", &[(OLDER, "198.51.100.1")]), "198.51.100.1");
}

#[test]
fn an_address_is_read_in_every_form_that_proxies_write() {
    let office = Office::open();
    for (field, value, address) in [
        (OLDER, "198.51.100.1", "198.51.100.1"),
        (OLDER, "198.51.100.1:4711", "198.51.100.1"),
        (OLDER, "2001:db8::1", "2001:db8::1"),
        (OLDER, "2001:DB8::A", "2001:db8::a"),
        (OLDER, "[2001:db8::1]", "2001:db8::1"),
        (OLDER, "[2001:db8::1]:4711", "2001:db8::1"),
        (OLDER, "::ffff:198.51.100.1", "198.51.100.1"),
        (OLDER, "fe80::1%eth0", "fe80::1"),
        (OLDER, "[fe80::1%25wlan0]:4711", "fe80::1"),
        (FORWARDED, "for=\"[fe80::1%eth0.7]\"", "fe80::1"),
        (OLDER, "\"198.51.100.1\"", "198.51.100.1"),
        (OLDER, "\"[2001:db8::1]:4711\"", "2001:db8::1"),
        (FORWARDED, "for=198.51.100.1", "198.51.100.1"),
        (FORWARDED, "FOR=198.51.100.1;PROTO=HTTPS", "198.51.100.1"),
        (FORWARDED, "for=\"198.51.100.1:4711\"", "198.51.100.1"),
        (FORWARDED, "For=\"[2001:DB8::1]\"", "2001:db8::1"),
        (FORWARDED, "for=\"[2001:db8::1]:4711\"", "2001:db8::1"),
        (FORWARDED, "for=\"[2001:db8::1]:_obfuscated\"", "2001:db8::1"),
        (FORWARDED, "for=\"198.51.100.1:_obfuscated\"", "198.51.100.1"),
        (
            FORWARDED,
            "by=10.0.0.2; for=198.51.100.1 ;host=\"pbx.test\"",
            "198.51.100.1",
        ),
        (FORWARDED, "proto=https;for=\"[::ffff:198.51.100.1]\"", "198.51.100.1"),
    ] {
        assert_eq!(
            seen_from(&office, "10.0.0.1", &[(field, value)]),
            address,
            "{field}: {value}"
        );
    }
}

/// `"$http_x_forwarded_for, $remote_addr"` in nginx, where nothing came before.
#[test]
fn an_empty_element_says_nothing_but_where_it_is_the_nearest_proxys_own() {
    let office = Office::open();
    for list in [", 198.51.100.1", ",,198.51.100.1", "198.51.100.1, , 10.0.0.2"] {
        assert_eq!(
            seen_from(&office, "10.0.0.1", &[(OLDER, list)]),
            "198.51.100.1",
            "{list}"
        );
    }
    for list in ["198.51.100.1,", "", ", "] {
        assert_eq!(sign_in(&office, "10.0.0.1", &[(OLDER, list)]).status, 400, "{list}");
    }
}

#[test]
fn a_way_is_read_from_the_right_for_as_long_as_the_proxies_are_trusted() {
    let office = Office::open();
    for (fields, address) in [
        (&[(OLDER, "1.1.1.1, 198.51.100.1, 10.0.0.2")][..], "198.51.100.1"),
        (&[(OLDER, "1.1.1.1,198.51.100.1,10.0.0.2,\t10.0.0.3")], "198.51.100.1"),
        (&[(OLDER, "rubbish, unknown, , 198.51.100.1")], "198.51.100.1"),
        (&[(OLDER, "10.0.0.3, 10.0.0.2")], "10.0.0.3"),
        (
            &[(OLDER, "1.1.1.1"), (OLDER, "198.51.100.1"), (OLDER, "10.0.0.2")],
            "198.51.100.1",
        ),
        (
            &[(
                FORWARDED,
                r#"for=1.1.1.1, for="[2001:db8::1]:4711";proto=https;by=x, for=10.0.0.2"#,
            )],
            "2001:db8::1",
        ),
        (
            &[(FORWARDED, "for=_me, for=unknown, , for=198.51.100.1")],
            "198.51.100.1",
        ),
        (&[(FORWARDED, "for=\"never closed, for=198.51.100.1")], "198.51.100.1"),
        (
            &[(FORWARDED, "for=1.1.1.1"), (FORWARDED, "for=198.51.100.1")],
            "198.51.100.1",
        ),
        (
            &[(FORWARDED, "for=198.51.100.1"), (OLDER, "1.1.1.1, 198.51.100.1")],
            "198.51.100.1",
        ),
    ] {
        assert_eq!(seen_from(&office, "10.0.0.1", fields), address, "{fields:?}");
    }
    // As many as a head holds: whoever lengthens the list on its left moves nothing.
    let long = "1.1.1.1, ".repeat(900) + "198.51.100.1" + &", 10.0.0.2".repeat(900);
    assert_eq!(seen_from(&office, "10.0.0.1", &[(OLDER, &long)]), "198.51.100.1");
}

/// What stands in quotes parts nothing; and whatever a caller writes, half a quoted string too, the element that the
/// trusted proxy put behind it is the one that counts.
#[test]
fn commas_in_quotes_name_nobody() {
    let office = Office::open();
    for (fields, address) in [
        (&[r#"for=198.51.100.1;host="a,b";proto=https"#][..], "198.51.100.1"),
        (&[r#"for=198.51.100.1;host="x, for=192.168.1.5;a=""#], "198.51.100.1"),
        (&[r#"for=198.51.100.1;host="\", for=192.168.1.5, \"""#], "198.51.100.1"),
        (&[r#"by="a, b";for="[2001:db8::1]:80";ext="1,2""#], "2001:db8::1"),
        (
            &[r#"for=198.51.100.1;host="a,b", for=10.0.0.2;host="c,d""#],
            "198.51.100.1",
        ),
        (&[r#"for="192.168.1.5, for=198.51.100.1"#], "198.51.100.1"),
        (
            &[r#"for=192.168.1.5;host=", for="198.51.100.1";host="a""#],
            "198.51.100.1",
        ),
        (&[r#"for="192.168.1.5"#, r#"for="198.51.100.1""#], "198.51.100.1"),
        (
            &[r#"for="192.168.1.5\"#, r#"for="198.51.100.1", for=10.0.0.2"#],
            "198.51.100.1",
        ),
    ] {
        let fields: Vec<_> = fields.iter().map(|value| (FORWARDED, *value)).collect();
        assert_eq!(seen_from(&office, "10.0.0.1", &fields), address, "{fields:?}");
    }
    for own in [
        r#"for=198.51.100.1, for="10.0.0.2"#,
        r#"for="198.51.100.1", for=10.0.0.2 x"#,
        "for=198.51.100.1,",
        "for =198.51.100.1",
        r#"for="198.51.100.1"x"#,
    ] {
        let reply = sign_in(&office, "10.0.0.1", &[(FORWARDED, own)]);
        assert_eq!(reply.status, 400, "{own}");
    }
}

/// A proxy that sets the one field lets the other pass as its caller wrote it.
#[test]
fn a_proxy_that_contradicts_itself_or_hides_its_caller_is_not_taken_for_them() {
    let office = Office::open();
    for fields in [
        &[(FORWARDED, "for=192.168.1.5;proto=https"), (OLDER, "198.51.100.1")][..],
        &[(FORWARDED, "for=unknown"), (OLDER, "198.51.100.1")],
        &[(FORWARDED, "for=198.51.100.1"), (OLDER, "unknown")],
        &[(FORWARDED, "")],
        &[(FORWARDED, "for=")],
        &[(FORWARDED, "for=unknown")],
        &[(FORWARDED, "for=_hidden")],
        &[(FORWARDED, "for=\"_SEVKISEK\"")],
        &[(FORWARDED, "by=10.0.0.1")],
        &[(FORWARDED, "198.51.100.1")],
        &[(FORWARDED, "for=198.51.100.1, for=unknown")],
        &[(FORWARDED, "for=198.51.100.1, for=unknown, for=10.0.0.2")],
        &[(FORWARDED, "for=198.51.100.1"), (FORWARDED, "for=_hidden")],
        &[(FORWARDED, "for=\"2001:db8::1]\"")],
        &[(FORWARDED, "for=198.51.100.1;for=192.168.1.5")],
        &[(OLDER, "")],
        &[(OLDER, "rubbish")],
        &[(OLDER, "unknown")],
        &[(OLDER, "198.51.100.1,")],
        &[(OLDER, "198.51.100.1, 10.0.0.2, unknown")],
        &[(OLDER, "198.51.100.1"), (OLDER, "")],
        &[(OLDER, "198.51.100")],
        &[(OLDER, "198.51.100.1:99999")],
        &[(OLDER, "198.51.100.1 10.0.0.2")],
        &[(OLDER, "[198.51.100.1]")],
        &[(OLDER, "]2001:db8::1[")],
        &[(OLDER, "fe80::1%")],
        &[(OLDER, "198.51.100.1%eth0")],
        &[(OLDER, "[fe80::1%eth0")],
        &[(OLDER, "fe80::1%eth 0")],
        &[(OLDER, "pbx.test")],
    ] {
        let reply = sign_in(&office, "10.0.0.1", fields);
        assert_eq!(reply.status, 400, "{fields:?}");
        reply.refused(400, "proxies-disagree");
    }
    assert_eq!(office.state.desk.refused().newest_first().count(), 0);
}

#[test]
fn a_programs_secret_counts_only_where_the_caller_came_over_tls() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let opened = administrator
        .post("/api/administrators/admin/api", json!({}))
        .expect(201)
        .json;
    let credentials = format!("admin:{}", opened["secret"].as_str().unwrap());
    let basic = format!("Basic {}", data_encoding::BASE64.encode(credentials.as_bytes()));
    let ask = |fields: &[(&str, &str)]| {
        let mut program = office.browser_at("10.0.0.1".parse().unwrap());
        let mut request = program.request(Method::GET, "/api/people", &Value::Null);
        request.set_field("Authorization", &*basic);
        for (name, value) in fields {
            request.add_field(name, *value);
        }
        program.send(request)
    };
    for secure in [
        &[(FORWARDED, "for=198.51.100.1;proto=https")][..],
        &[(FORWARDED, "for=1.1.1.1;proto=http, for=198.51.100.1;proto=HTTPS")],
        &[(FORWARDED, "for=198.51.100.1;proto=\"https\", for=10.0.0.2;proto=http")],
        &[(OLDER, "198.51.100.1"), (PROTO, "https")],
        &[(OLDER, "198.51.100.1"), (PROTO, "wss")],
        &[(FORWARDED, "for=198.51.100.1;proto=WSS")],
        &[(OLDER, "198.51.100.1"), (PROTO, "http, https")],
        &[(OLDER, "198.51.100.1"), (PROTO, "http"), (PROTO, "https")],
    ] {
        assert_eq!(ask(secure).status, 200, "{secure:?}");
    }
    for in_the_clear in [
        &[][..],
        &[(PROTO, "https")],
        &[(FORWARDED, "for=198.51.100.1")],
        &[(FORWARDED, "for=198.51.100.1;proto=http")],
        &[(FORWARDED, "for=1.1.1.1;proto=https, for=198.51.100.1;proto=http")],
        &[(FORWARDED, "for=198.51.100.1;proto=httpsx")],
        &[(FORWARDED, "for=198.51.100.1;proto=http;proto=https")],
        &[(OLDER, "198.51.100.1")],
        &[(OLDER, "198.51.100.1"), (PROTO, "http")],
        &[(OLDER, "198.51.100.1"), (PROTO, "ws")],
        &[(OLDER, "198.51.100.1"), (PROTO, "https, http")],
        &[
            (OLDER, "198.51.100.1"),
            (PROTO, "https"),
            (FORWARDED, "for=198.51.100.1"),
        ],
    ] {
        let reply = ask(in_the_clear);
        assert!(matches!(reply.status, 400 | 403), "{in_the_clear:?}: {}", reply.status);
        assert_ne!(reply.json["error"], json!("not-signed-in"), "{in_the_clear:?}");
    }
}

/// What a page answers behind a proxy that ends TLS for `https://pbx.test`, where it says this of its caller.
fn behind(door: &str, origin: &str, fields: &[(&'static str, &str)]) -> Heard {
    let mut visitor = Visitor::to(origin);
    visitor.fields = fields
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    smol::block_on(async {
        let door = TcpStream::connect(door).await.unwrap();
        visitor.ask(door, "GET", "/?to=%2Fme", &Value::Null).await
    })
}

#[test]
fn a_proxy_that_leaves_https_out_gets_a_sentence_in_place_of_an_endless_redirect() {
    let folder = Folder::new();
    let log = folder.path().join("log");
    let door = crate::boot::free_port();
    let (data, port) = (folder.data(), "https://pbx.test:8443");
    let start = |origin: &str| {
        let flags = [
            "--data",
            &data,
            "--http",
            &door,
            "--origin",
            origin,
            "--trusted-proxy",
            "127.0.0.1",
        ];
        crate::signals::heard(&flags, &[], &log)
    };
    let usual = "https://pbx.test";
    let program = start(usual);
    let (caller, fetch) = ((OLDER, "192.0.2.9"), ("Sec-Fetch-Site", "none"));
    for _ in 0..3 {
        for fields in [
            &[caller][..],
            &[caller, (PROTO, "")],
            &[(FORWARDED, "for=192.0.2.9")],
            &[caller, (PROTO, "http"), fetch],
        ] {
            let heard = behind(&door, usual, fields).expect(400);
            assert!(
                heard.body.contains("X-Forwarded-Proto: https"),
                "{fields:?}: {}",
                heard.body
            );
            assert_eq!(heard.field("content-type"), Some("text/plain; charset=utf-8"));
        }
    }
    // Somebody who really came in the clear, at the other port, is sent to HTTPS.
    let sent = behind(&door, usual, &[caller, (PROTO, "http")]).expect(303);
    assert_eq!(sent.field("location"), Some("https://pbx.test/?to=%2Fme"));
    behind(&door, usual, &[caller, (PROTO, "https"), fetch]).expect(200);
    let said = std::fs::read_to_string(&log).unwrap();
    assert_eq!(said.matches("X-Forwarded-Proto: https").count(), 1, "{said}");
    drop(program);
    let _program = start(port);
    behind(&door, port, &[caller, (PROTO, "http")]).expect(400);
    behind(&door, "http://pbx.test", &[caller, (PROTO, "http")]).expect(303);
}

/// Traefik's forwardAuth asks under the name that it knows Linekey by.
#[test]
fn a_proxy_that_asks_under_its_own_name_for_us_is_answered() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let ask = |cookie: Option<String>, path: &str, accept: &str| {
        let mut browser = office.browser_at("10.0.0.1".parse().unwrap());
        browser.cookie = cookie;
        let mut request = browser.request(Method::GET, path, &Value::Null);
        for (name, value) in [
            ("Host", "linekey:8080"),
            (OLDER, "192.0.2.9"),
            ("X-Forwarded-Host", "wiki.test"),
            (PROTO, "http"),
            ("X-Forwarded-Uri", "/page?x=1"),
            ("Accept", accept),
        ] {
            request.set_field(name, value);
        }
        browser.send(request)
    };
    let cookie = administrator.cookie.clone();
    let told = ask(cookie.clone(), "/auth/check?group=administrators", "text/html").expect(204);
    assert_eq!(told.field("remote-user"), Some("admin"));
    ask(None, "/auth/check", "text/html").refused(401, "signed-out");
    let path = "/auth/check?sign-in=redirect&group=people";
    let sent = ask(None, path, "text/html,*/*;q=0.8").expect(303);
    let location = format!("{ORIGIN}/?to=http://wiki.test/page?x=1");
    assert_eq!(sent.field("location"), Some(location.as_str()));
    ask(None, path, "application/json").refused(401, "signed-out");
    ask(cookie, path, "text/html").refused(403, "not-allowed");
    ask(None, "/api/site", "text/html").refused(421, "wrong-name");
    let mut stranger = administrator.clone();
    let mut request = stranger.request(Method::GET, "/auth/check", &Value::Null);
    request.set_field("Host", "linekey:8080");
    stranger.send(request).refused(421, "wrong-name");
    administrator.get("/auth/check?sign-in=page").refused(400, "unreadable");
}
