//! What the journal and the sentences say of changes and of names that are none, over HTTP.

use linekey::http::edge::message::Method;
use serde_json::{Value, json};

use crate::office::{Browser, Office};

/// Who and about whom the newest line of that event is.
fn newest(browser: &mut Browser<'_>, event: &str) -> (Value, String) {
    let told = browser.get(&format!("/api/journal?event={event}")).expect(200).json;
    let line = &told["lines"][0];
    (
        line["who"].clone(),
        line["about"].as_str().unwrap_or_default().to_owned(),
    )
}

#[test]
fn the_journal_says_whose_passkey_was_renamed_from_what_to_what_and_which_was_deleted() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    let passkeys = mira.get("/api/me/passkeys").expect(200).json;
    let passkey = passkeys["passkeys"][0].clone();
    let before = passkey["name"].as_str().unwrap().to_owned();
    let path = format!("/api/me/passkeys/{}", passkey["id"].as_str().unwrap());
    mira.patch(&path, json!({ "name": "The blue key" })).expect(200);
    let (who, about) = newest(&mut administrator, "passkey-renamed");
    assert_eq!(who, newest(&mut administrator, "passkey-added").0);
    assert!(
        about.contains("101") && about.contains(&format!("{before} → The blue key")),
        "{about}"
    );

    let id = passkey["id"].as_str().unwrap();
    administrator
        .delete(&format!("/api/people/101/passkeys/{id}"))
        .expect(204);
    let (who, about) = newest(&mut administrator, "passkey-deleted");
    assert_eq!(who, "admin");
    assert!(about.contains("101") && about.contains("The blue key"), "{about}");
}

/// The port, a scheme, an underscore: each has the sentence that says what to do.
#[test]
fn servers_names_that_are_none_are_told_by_the_mistake() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    for (server, words) in [
        ("smtp://mail.example.org", "://"),
        ("mail.example.org:587", "without a port"),
        ("my_mail.example.org", "underscore"),
        ("mail example.org", "host name"),
    ] {
        let mail = json!({ "server": server, "port": 587, "security": "starttls", "sender": "pbx@example.org" });
        let log = json!({ "server": server, "port": 514, "transport": "udp" });
        for (path, body) in [("/api/mail", mail), ("/api/syslog", log)] {
            let request = administrator.request(Method::PUT, path, &body);
            let refused = administrator.send(request).refused(422, "invalid");
            assert_eq!(refused.json["field"], "server", "{path} {server}");
            let sentence = refused.json["message"].as_str().unwrap();
            assert!(sentence.contains(words), "{path} {server}: {sentence}");
        }
        let refused = administrator.patch("/api/clock", json!({ "time_servers": "off" }));
        refused.refused(422, "invalid");
    }
    let log = json!({ "server": "log.example.org", "port": 0, "transport": "udp" });
    let request = administrator.request(Method::PUT, "/api/syslog", &log);
    let refused = administrator.send(request).refused(422, "invalid");
    let sentence = refused.json["message"].as_str().unwrap();
    assert!(sentence.contains("514") && !sentence.contains("465"), "{sentence}");
}
