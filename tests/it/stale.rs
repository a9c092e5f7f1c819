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
