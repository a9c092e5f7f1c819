//! The configurations on the page of examples, as they stand there, in the proxies that they are for: each asks who is
//! there before it lets anybody through.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::front::{Behind, Front, NAME, OLDER, free_port};
use crate::program::Visitor;

/// The proxy of the example, and the one in front of Linekey itself.
const TRUSTED: &str = "127.0.0.1,127.0.0.9";
const WORDS: &str = "a quiet river at night";

/// A service that answers with the request's head as it got it.
fn service() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for line in listener.incoming() {
            let (mut line, mut head) = (line.unwrap(), Vec::new());
            while !head.ends_with(b"\r\n\r\n") {
                let mut octet = [0];
                line.read_exact(&mut octet).unwrap();
                head.extend(octet);
            }
            let length = head.len();
            let begin = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
            line.write_all(&[begin.as_bytes(), &head].concat()).unwrap();
        }
    });
    port
}

/// The example under that caption, with the names filled in as the page's script does, on the ports of this test.
fn example(caption: &str, house: &Behind, owner: &mut Visitor, port: u16) -> String {
    let page = house.ask(owner, "GET", "/examples", Value::Null).expect(200).body;
    let (_, from) = page
        .split_once(&format!("<figcaption>{caption}</figcaption>"))
        .expect("such an example");
    let (code, _) = from.split_once("<code>").unwrap().1.split_once("</code>").unwrap();
    [
        ("&lt;", "<".to_owned()),
        ("&gt;", ">".to_owned()),
        ("&amp;", "&".to_owned()),
        ("ORIGIN", format!("https://{NAME}:{}", house.front.port)),
        ("HOSTPORT", format!("{NAME}:{}", house.front.port)),
        ("HOSTNAME", NAME.to_owned()),
        ("listen 8443", format!("listen 127.0.0.1:{port}")),
        (":8443", format!(":{port}")),
        ("127.0.0.1:8080", format!("127.0.0.1:{}", house.own)),
        ("127.0.0.1:3000", format!("127.0.0.1:{}", service())),
    ]
    .into_iter()
    .fold(code.to_owned(), |text, (from, to)| text.replace(from, &to))
}

/// Mira, who has signed in.
fn mira(house: &Behind, owner: &mut Visitor) -> Visitor {
    let card = json!({ "extension": "101", "name": "Mïra" });
    house.ask(owner, "POST", "/api/people", card).expect(201);
    let words = json!({ "password": WORDS });
    house.ask(owner, "POST", "/api/people/101/password", words).expect(204);
    let mut mira = house.visitor();
    let sign_in = json!({ "username": "101", "password": WORDS });
    house
        .ask(&mut mira, "POST", "/api/sign-in/password", sign_in)
        .expect(200);
    mira
}

fn lets_through_whom_linekey_knows(house: &Behind, owner: &mut Visitor, proxy: &Front) {
    let mut stranger = proxy.visitor();
    let away = proxy.ask(&mut stranger, "GET", "/calls?day=1", Value::Null).expect(302);
    let (origin, here) = (house.visitor().origin, &stranger.origin);
    assert_eq!(
        away.field("location"),
        Some(format!("{origin}/?to={here}/calls?day=1").as_str())
    );

    // Mira has a cookie of the service beside that of Linekey, and tries to pass for somebody else.
    let mut mira = mira(house, owner);
    let sign_in = mira.cookie.take().unwrap();
    assert!(sign_in.starts_with("__Host-linekey="), "{sign_in}");
    let asked = "__Host-linekey-asked=9J7WdBgFgN0FYGHX5yvvqzpPQ2kW3vDq7zKpW1nV0-w";
    for cookies in [
        format!("theme=dark; {sign_in}; size=12"),
        format!("{sign_in}; theme=dark; size=12"),
        format!("theme=dark; size=12; {sign_in}"),
        format!("{asked}; {sign_in}; theme=dark; size=12"),
        format!("{sign_in}; theme=dark; size=12; {asked}"),
        format!("theme=dark; {asked}; size=12; {sign_in}"),
        format!("{sign_in}; {asked}"),
        sign_in,
    ] {
        let mut visitor = proxy.visitor();
        visitor.cookie = Some(cookies.clone());
        for (field, value) in [
            ("Remote-User", "admin"),
            ("Remote-Email", "admin@example.org"),
            ("Remote-Groups", "administrators"),
            ("Remote_User", "admin"),
            ("X-Forwarded-For", "198.51.100.1"),
        ] {
            visitor.fields.push((field, value.to_owned()));
        }
        let seen = proxy
            .ask(&mut visitor, "GET", "/calls?day=1", Value::Null)
            .expect(200)
            .body
            .to_lowercase();
        for line in [
            "remote-user: 101\r\n",
            "remote-name: m%c3%afra\r\n",
            "remote-groups: people\r\n",
        ] {
            assert!(seen.contains(line), "{line}{seen}");
        }
        assert!(!seen.contains("admin"), "{seen}");
        assert!(!seen.contains("linekey"), "{seen}");
        assert_eq!(
            seen.contains("theme=dark; size=12"),
            cookies.contains("theme"),
            "{seen}"
        );
        let mut owner = house.visitor();
        owner.cookie = visitor.cookie;
        let sessions = house
            .ask(&mut owner, "GET", "/api/me/sessions", Value::Null)
            .expect(200);
        assert!(!sessions.body.contains("198.51.100.1"), "{}", sessions.body);
    }
}

/// A script with an administrator's secret is let through; the service behind does not see the secret.
fn keeps_the_secrets_of_programs(house: &Behind, owner: &mut Visitor, proxy: &Front) {
    let opened = house
        .ask(owner, "POST", "/api/administrators/admin/api", json!({}))
        .expect(201);
    let credentials = format!("admin:{}", opened.json["secret"].as_str().unwrap());
    let encoded = data_encoding::BASE64.encode(credentials.as_bytes());
    let mut program = proxy.visitor();
    program.fields.push(("Authorization", format!("Basic {encoded}")));
    let seen = proxy.ask(&mut program, "GET", "/calls", Value::Null).expect(200).body;
    assert!(seen.to_lowercase().contains("remote-user: admin\r\n"), "{seen}");
    assert!(!seen.to_lowercase().contains("authorization"), "{seen}");
    assert!(!seen.contains(&encoded), "{seen}");
}

#[test]
fn the_example_for_nginx_lets_nobody_through_whom_linekey_does_not_know() {
    let (house, port) = (Behind::open(OLDER, TRUSTED), free_port());
    let mut owner = house.sign_in_by_word();
    let proxy = Front::nginx(port, &example("nginx", &house, &mut owner, port));
    lets_through_whom_linekey_knows(&house, &mut owner, &proxy);
    keeps_the_secrets_of_programs(&house, &mut owner, &proxy);
}

#[test]
fn the_example_for_caddy_lets_nobody_through_whom_linekey_does_not_know() {
    let (house, port) = (Behind::open(OLDER, TRUSTED), free_port());
    let mut owner = house.sign_in_by_word();
    let proxy = Front::caddy(port, &example("Caddy", &house, &mut owner, port));
    lets_through_whom_linekey_knows(&house, &mut owner, &proxy);
    keeps_the_secrets_of_programs(&house, &mut owner, &proxy);
}
