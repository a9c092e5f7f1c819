//! A real nginx in front: it ends TLS and says who calls.

use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::front::{Behind, Front, NAME, STRIPS};
use crate::house::House;
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
    let behind = Behind::open(STRIPS, "127.0.0.9");
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
    let strict = Behind::open(STRIPS, "127.0.0.9");
    let mut owner = strict.sign_in_by_word();
    owner
        .fields
        .push(("Forwarded", "for=198.51.100.1;proto=https".to_owned()));
    let sessions = strict
        .ask(&mut owner, "GET", "/api/me/sessions", Value::Null)
        .expect(200);
    assert!(!sessions.body.contains("198.51.100.1"), "{}", sessions.body);
    let lax = Behind::open("", "127.0.0.9");
    let mut stranger = lax.visitor();
    stranger
        .fields
        .push(("Forwarded", "for=198.51.100.1;proto=https".to_owned()));
    let refused = lax.ask(&mut stranger, "GET", "/api/me", Value::Null).expect(400);
    assert_eq!(refused.json["error"], json!("proxies-disagree"));
}
