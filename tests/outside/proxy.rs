//! A real nginx in front: it ends TLS and says who calls.

use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::front::{Behind, Front, LAX, NAME, OLDER, STANDARD};
use crate::house::{House, PASSWORD, ask};
use crate::program::Visitor;

fn house(proxies: &str) -> House {
    House::open(&["--name", NAME, "--trusted-proxy", proxies])
}

/// A script with the secret of the administrator's account.
fn program(house: &mut House, front: &Front) -> Visitor {
    let opened = house
        .ask("POST", "/api/administrators/admin/api", json!({}))
        .expect(201);
    let credentials = format!("admin:{}", opened.json["secret"].as_str().unwrap());
    let encoded = data_encoding::BASE64.encode(credentials.as_bytes());
    let mut visitor = front.visitor();
    visitor.fields.push(("Authorization", format!("Basic {encoded}")));
    visitor
}

#[test]
fn behind_a_trusted_proxy_the_callers_own_address_and_tls_count() {
    let mut house = House::open(&["--trusted-proxy", "10.0.0.0/8,127.0.0.9", "--name", NAME]);
    let port = house.program.port();
    let front = Front::start(port);
    let mut visitor = program(&mut house, &front);
    // nginx came over plain HTTP, but says that its caller came over TLS.
    let listed = front.ask(&mut visitor, "GET", "/api/people", Value::Null);
    assert_eq!(listed.status, 200, "{}", listed.body);
    let row = house
        .ask("GET", "/api/administrators/admin", Value::Null)
        .expect(200)
        .json;
    assert_eq!(row["api"]["address"], json!("127.0.0.1"));
    // A caller who writes the field themselves gains nothing: nginx adds the true address on the right.
    visitor.fields.push(("X-Forwarded-For", "198.51.100.1".to_owned()));
    front.ask(&mut visitor, "GET", "/api/people", Value::Null).expect(200);
    let row = house
        .ask("GET", "/api/administrators/admin", Value::Null)
        .expect(200)
        .json;
    assert_ne!(row["api"]["address"], json!("198.51.100.1"));
}

#[test]
fn without_trust_a_proxys_word_counts_for_nothing() {
    let mut house = house("192.0.2.1");
    let front = Front::start(house.program.port());
    let mut visitor = program(&mut house, &front);
    let refused = front.ask(&mut visitor, "GET", "/api/people", Value::Null);
    assert_eq!(
        (refused.status, &refused.json["error"]),
        (403, &json!("in-the-clear")),
        "{}",
        refused.body
    );
}

#[test]
fn a_browser_that_knows_nginx_alone_makes_a_passkey_and_signs_in_with_it() {
    let behind = Behind::open(OLDER, "127.0.0.9");
    let mut owner = behind.sign_in_by_word();
    assert!(owner.cookie.as_deref().unwrap().starts_with("__Host-linekey="));
    let asked = behind
        .ask(&mut owner, "POST", "/api/me/passkeys/begin", json!({}))
        .expect(200)
        .json;
    let mut authenticator = Authenticator::new(&owner.origin, 0);
    let made =
        json!({ "ticket": asked["ticket"], "credential": authenticator.create(&asked["publicKey"]), "name": "Phone" });
    behind
        .ask(&mut owner, "POST", "/api/me/passkeys/finish", made)
        .expect(201);
    let mut again = behind.visitor();
    let asked = behind
        .ask(&mut again, "POST", "/api/sign-in/passkey/begin", json!({}))
        .expect(200)
        .json;
    let answer = json!({ "ticket": asked["ticket"], "credential": authenticator.get(&asked["publicKey"]) });
    behind
        .ask(&mut again, "POST", "/api/sign-in/passkey/finish", answer)
        .expect(200);
    behind.ask(&mut again, "GET", "/api/me", Value::Null).expect(200);
}

#[test]
fn a_caller_who_writes_forwarded_themselves_gains_nothing() {
    let strict = Behind::open(OLDER, "127.0.0.9");
    let mut owner = strict.sign_in_by_word();
    owner
        .fields
        .push(("Forwarded", "for=198.51.100.1;proto=https".to_owned()));
    let sessions = strict
        .ask(&mut owner, "GET", "/api/me/sessions", Value::Null)
        .expect(200);
    assert!(!sessions.body.contains("198.51.100.1"), "{}", sessions.body);
    let lax = Behind::open(LAX, "127.0.0.9");
    let mut stranger = lax.visitor();
    stranger
        .fields
        .push(("Forwarded", "for=198.51.100.1;proto=https".to_owned()));
    let refused = lax.ask(&mut stranger, "GET", "/api/me", Value::Null).expect(400);
    assert_eq!(refused.json["error"], json!("proxies-disagree"));
}

/// What a passkey's sign-in is answered with, over that way.
fn by_passkey(
    way: &Front,
    behind: &Behind,
    phone: &Authenticator,
    forged: &[(&'static str, String)],
) -> (Visitor, u16) {
    let mut visitor = behind.visitor();
    visitor.fields.extend_from_slice(forged);
    let begun = way.ask(&mut visitor, "POST", "/api/sign-in/passkey/begin", json!({}));
    let begun = begun.expect(200).json;
    let answer = json!({ "ticket": begun["ticket"], "credential": phone.get(&begun["publicKey"]) });
    let finished = way.ask(&mut visitor, "POST", "/api/sign-in/passkey/finish", answer);
    (visitor, finished.status)
}

/// The administrator may sign in from 127.0.0.5 alone; everybody comes through nginx, whose address is another.
fn holds_ranges(says: &str) {
    let behind = Behind::open(says, "127.0.0.9");
    let inside = Front::detour("127.0.0.5", behind.front.port);
    let outside = Front::detour("127.0.0.6", behind.front.port);
    let mut rescued = behind.sign_in_by_word();
    let begun = behind
        .ask(&mut rescued, "POST", "/api/me/passkeys/begin", json!({}))
        .expect(200)
        .json;
    let mut phone = Authenticator::new(&rescued.origin, 0);
    let made = json!({ "ticket": begun["ticket"], "credential": phone.create(&begun["publicKey"]) });
    behind
        .ask(&mut rescued, "POST", "/api/me/passkeys/finish", made)
        .expect(201);
    let (mut owner, status) = by_passkey(&inside, &behind, &phone, &[]);
    assert_eq!(status, 200);
    let account = "/api/administrators/admin";
    let opened = inside
        .ask(&mut owner, "POST", &format!("{account}/api"), json!({}))
        .expect(201);
    let credentials = format!("admin:{}", opened.json["secret"].as_str().unwrap());
    let basic = format!("Basic {}", data_encoding::BASE64.encode(credentials.as_bytes()));
    // A range that shuts out the one who saves it is measured by the caller's own address, too.
    let ranges = |range: &str| json!({ "ranges": [range] });
    inside
        .ask(&mut owner, "PATCH", account, ranges("127.0.0.9/32"))
        .expect(409);
    inside
        .ask(&mut owner, "PATCH", account, ranges("127.0.0.5/32"))
        .expect(200);
    let claims = |address: &str| {
        [
            ("Forwarded", format!("for={address};proto=https")),
            ("X-Forwarded-For", address.to_owned()),
        ]
    };
    let forged = [
        Vec::new(),
        claims("127.0.0.5").to_vec(),
        claims("198.51.100.1").to_vec(),
    ];
    for (way, welcome) in [(&inside, true), (&outside, false), (&behind.front, false)] {
        for forged in &forged {
            let expected = |yes: u16, no: u16| if welcome { yes } else { no };
            let mut with_cookie = behind.visitor();
            with_cookie.cookie.clone_from(&owner.cookie);
            with_cookie.fields.clone_from(forged);
            way.ask(&mut with_cookie, "GET", "/api/people", Value::Null)
                .expect(expected(200, 401));
            let mut program = behind.visitor();
            program.fields.clone_from(forged);
            program.fields.push(("Authorization", basic.clone()));
            way.ask(&mut program, "GET", "/api/people", Value::Null)
                .expect(expected(200, 401));
            assert_eq!(
                by_passkey(way, &behind, &phone, forged).1,
                expected(200, 401),
                "{forged:?}"
            );
        }
    }
}

#[test]
fn ranges_hold_for_the_callers_own_address_behind_an_nginx_that_speaks_the_older_fields() {
    holds_ranges(OLDER);
}

#[test]
fn ranges_hold_for_the_callers_own_address_behind_an_nginx_that_speaks_the_standards_field() {
    holds_ranges(STANDARD);
}

/// As a proxy may send them that adds a line of its own instead of lengthening its caller's.
#[test]
fn several_lines_of_one_field_are_one_list() {
    for lines in [
        [("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-For", "198.51.100.2")],
        [("Forwarded", "for=198.51.100.1"), ("Forwarded", "for=198.51.100.2")],
    ] {
        let mut house = House::open(&["--trusted-proxy", "127.0.0.1"]);
        let mut visitor = house.visitor();
        visitor.fields = lines.map(|(field, value)| (field, value.to_owned())).to_vec();
        let wrong = json!({ "username": "admin", "password": format!("not {PASSWORD}") });
        let port = house.program.port();
        ask(port, &mut visitor, "POST", "/api/sign-in/password", wrong).expect(401);
        let journal = house.ask("GET", "/api/journal?event=refused", Value::Null).expect(200);
        let line = &journal.json["lines"][0];
        assert_eq!(line["address"], json!("198.51.100.2"), "{line}");
    }
}
