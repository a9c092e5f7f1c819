//! Two who change the same thing: nobody writes back what the other has changed meanwhile.

use linekey::http::edge::message::Method;
use serde_json::{Value, json};

use crate::office::{Browser, Office, Reply};

/// A change of what had that tag when it was read.
fn change(browser: &mut Browser<'_>, path: &str, tag: &str, body: &Value) -> Reply {
    let mut request = browser.request(Method::PATCH, path, body);
    request.set_field("If-Match", tag.to_owned());
    browser.send(request)
}

fn tag(reply: &Reply) -> String {
    reply.field("etag").unwrap().to_owned()
}

#[test]
fn a_change_of_a_person_an_administrator_or_the_settings_that_was_read_before_another_is_refused() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    office.person(&mut browser, "101", 1);
    for (path, one, other) in [
        (
            "/api/people/101",
            json!({ "name": "Mira" }),
            json!({ "email": "mira@example.org" }),
        ),
        (
            "/api/administrators/admin",
            json!({ "ranges": ["127.0.0.0/8"] }),
            json!({ "name": "Ada" }),
        ),
        (
            "/api/settings",
            json!({ "session_hours": 24 }),
            json!({ "reset_minutes": 30 }),
        ),
    ] {
        let read = tag(&browser.get(path).expect(200));
        assert_eq!(tag(&browser.get(path)), read, "nothing has changed");
        let changed = change(&mut browser, path, &read, &one).expect(200);
        assert_ne!(tag(&changed), read, "{path}");
        change(&mut browser, path, &read, &other).refused(412, "stale");
        let now = browser.get(path).expect(200);
        assert_eq!(tag(&now), tag(&changed));
        let (member, wanted) = other.as_object().unwrap().iter().next().unwrap();
        assert_ne!(&now.json[member], wanted, "{path}");
        // Any of several tags will do, and any state where it does not matter.
        let list = format!("{read}, {}", tag(&now));
        let done = change(&mut browser, path, &list, &other).expect(200);
        assert_eq!(&done.json[member], wanted, "{path}");
        let (first, kept) = one.as_object().unwrap().iter().next().unwrap();
        assert_eq!(&done.json[first], kept, "{path}: what the other changed stays");
        change(&mut browser, path, "*", &other).expect(200);
        browser.patch(path, other).expect(200);
    }
}

/// The records that are no accounts: read by one, changed by another, and then saved or taken away by the first.
#[test]
fn no_record_of_the_office_is_saved_over_a_change_that_was_not_seen() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    office.person(&mut browser, "101", 1);
    let card = json!({ "extension": "101", "mac": "24:9a:d8:00:00:01" });
    let device = browser.post("/api/devices", card).expect(201).json["id"].clone();
    let device = format!("/api/devices/{device}");
    let folder = std::env::temp_dir();
    let mail = |port: u16| {
        json!({
            "server": "mail.example.org", "port": port,
            "security": "none", "sender": "pbx@example.org",
        })
    };
    let backups = |keep: u16| {
        json!({
            "folder": folder, "daily_at": "02:30",
            "keep": keep, "passphrase": "a sentence of some length",
        })
    };
    let cases = [
        ("/api/mail", Method::PUT, mail(25), mail(26), true),
        ("/api/backups", Method::PUT, backups(3), backups(4), true),
        (
            "/api/clock",
            Method::PATCH,
            json!({ "time_servers": "a.example" }),
            json!({ "time_servers": "b.example" }),
            false,
        ),
        (
            &device,
            Method::PATCH,
            json!({ "label": "Hall" }),
            json!({ "label": "Attic" }),
            true,
        ),
    ];
    for (path, method, one, other, goes) in cases {
        let mut send = |method: Method, tag: &str, body: &Value| {
            let mut request = browser.request(method, path, body);
            request.set_field("If-Match", tag.to_owned());
            browser.send(request)
        };
        let read = tag(&send(Method::GET, "*", &json!({})).expect(200));
        send(method.clone(), &read, &one).expect(200);
        send(method.clone(), &read, &other).refused(412, "stale");
        let now = tag(&send(Method::GET, "*", &json!({})).expect(200));
        assert_ne!(now, read, "{path}");
        send(method, &now, &other).expect(200);
        if goes {
            send(Method::DELETE, &now, &json!({})).refused(412, "stale");
        }
    }
    // A password that was set meanwhile is not replaced unseen.
    let set = |browser: &mut Browser<'_>, tag: &str, password: &str| {
        let body = json!({ "password": password });
        let mut request = browser.request(Method::POST, "/api/people/101/password", &body);
        request.set_field("If-Match", tag.to_owned());
        browser.send(request)
    };
    let read = tag(&browser.get("/api/people/101").expect(200));
    set(&mut browser, &read, "a sentence of some length").expect(204);
    set(&mut browser, &read, "another sentence of length").refused(412, "stale");
    let now = tag(&browser.get("/api/people/101").expect(200));
    set(&mut browser, &now, "another sentence of length").expect(204);
}

#[test]
fn signing_in_does_not_make_a_record_stale() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    let (_, authenticator) = office.person(&mut browser, "101", 1);
    let read = tag(&browser.get("/api/people/101").expect(200));
    office.browser().sign_in_by_passkey(&authenticator).expect(200);
    change(&mut browser, "/api/people/101", &read, &json!({ "name": "Mira" })).expect(200);
}

#[test]
fn an_account_that_was_changed_since_is_not_deleted() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    office.person(&mut browser, "101", 1);
    let read = tag(&browser.get("/api/people/101").expect(200));
    browser.patch("/api/people/101", json!({ "name": "Mira" })).expect(200);
    for (seen, status) in [(read.as_str(), 412), ("*", 204)] {
        let mut request = browser.request(Method::DELETE, "/api/people/101", &Value::Null);
        request.set_field("If-Match", seen.to_owned());
        browser.send(request).expect(status);
    }
}

#[test]
fn a_device_that_was_changed_since_is_not_deleted_nor_given_another_secret_and_a_secret_is_a_change() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    office.person(&mut browser, "101", 1);
    let card = json!({ "extension": "101", "mac": "24:9a:d8:00:00:01" });
    let device = browser.post("/api/devices", card).expect(201).json;
    let path = format!("/api/devices/{}", device["id"]);
    let shown = device["tag"].as_str().unwrap().to_owned();
    assert_eq!(
        tag(&browser.get(&path)),
        shown,
        "the list has what the record's ETag says"
    );
    let mut send = |method: Method, path: &str, tag: &str, body: &Value| {
        let mut request = browser.request(method, path, body);
        request.set_field("If-Match", tag.to_owned());
        browser.send(request)
    };
    let secret = format!("{path}/secret");
    let rotate = json!({ "rotate": true });
    send(Method::POST, &secret, &shown, &rotate).expect(200);
    send(Method::POST, &secret, &shown, &rotate).refused(412, "stale");
    send(Method::DELETE, &path, &shown, &Value::Null).refused(412, "stale");
    let now = tag(&send(Method::GET, &path, "*", &Value::Null).expect(200));
    send(Method::PATCH, &path, &now, &json!({ "label": "Hall" })).expect(200);
    send(Method::POST, &secret, &now, &json!({})).refused(412, "stale");
    send(Method::DELETE, &path, &now, &Value::Null).refused(412, "stale");
    let now = tag(&send(Method::GET, &path, "*", &Value::Null).expect(200));
    send(Method::DELETE, &path, &now, &Value::Null).expect(204);
}

#[test]
fn another_password_alone_is_another_state_of_the_mail_server() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    let mail = |password: Option<&str>| {
        json!({
            "server": "mail.example.org", "port": 587, "security": "starttls", "username": "pbx",
            "password": password, "sender": "pbx@example.org",
        })
    };
    let mut set = |password: Option<&str>| {
        tag(&browser
            .send(browser.request(Method::PUT, "/api/mail", &mail(password)))
            .expect(200))
    };
    let (first, kept, second) = (set(Some("one")), set(None), set(Some("other")));
    assert!(first == kept && kept != second);
    let mut request = browser.request(Method::DELETE, "/api/mail", &Value::Null);
    request.set_field("If-Match", first);
    browser.send(request).refused(412, "stale");
}
