//! What people and programs put into fields: numbers that cannot be, nothing, blanks. Each is told in a sentence about
//! its field.

use linekey::http::edge::message::Method;
use serde_json::{Value, json};

use crate::office::Office;

#[test]
fn a_field_that_does_not_fit_is_named_with_a_sentence_and_no_words_of_a_parser() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    let mail = |port: Value| {
        json!({
            "server": "mail.example.org", "port": port,
            "security": "tls", "sender": "pbx@example.org",
        })
    };
    let person = |extension: Value| json!({ "extension": extension, "name": "Mira" });
    let mut cases = vec![
        (Method::POST, "/api/people", json!({ "extension": "101" }), "name"),
        (
            Method::POST,
            "/api/people",
            json!({ "extension": "101", "name": ["Mira"] }),
            "name",
        ),
        (
            Method::PATCH,
            "/api/settings",
            json!({ "session_minutes": 5 }),
            "session_minutes",
        ),
        (
            Method::PATCH,
            "/api/settings",
            json!({ "people_set_passwords": "yes" }),
            "people_set_passwords",
        ),
        (
            Method::PATCH,
            "/api/administrators/admin",
            json!({ "ranges": "10.0.0.0/8" }),
            "ranges",
        ),
        (
            Method::POST,
            "/api/sign-in/password",
            json!({ "username": 101, "password": "x" }),
            "username",
        ),
        (
            Method::PUT,
            "/api/mail",
            json!({ "server": "mail.example.org" }),
            "port",
        ),
    ];
    for number in [json!(-1), json!(1.5), json!(1e300), json!("168"), json!(""), json!([])] {
        for field in ["session_hours", "invite_hours", "reset_minutes"] {
            cases.push((Method::PATCH, "/api/settings", json!({ field: number }), field));
        }
    }
    for port in [json!(99_999), json!(-1), json!(1.5), json!("465"), json!(0)] {
        cases.push((Method::PUT, "/api/mail", mail(port), "port"));
    }
    for extension in [json!(101), json!(""), json!(" "), json!(null)] {
        cases.push((Method::POST, "/api/people", person(extension), "extension"));
    }
    for (method, path, body, field) in cases {
        let reply = browser.send(browser.request(method, path, &body));
        let reply = reply.refused(422, "invalid");
        assert_eq!(reply.json["field"], field, "{body}");
        let sentence = reply.json["message"].as_str().unwrap();
        for word in ["column", "line ", "expected", "invalid", "u64", "u16", "`"] {
            assert!(!sentence.contains(word), "{sentence}");
        }
    }
    for broken in [
        "{",
        "",
        "{\"name\": }",
        "[1]",
        "{\"name\":\"a\",\"name\":\"b\",\"extension\":\"5\"}",
    ] {
        let mut request = browser.request(Method::POST, "/api/people", &json!({}));
        request.body = broken.into();
        let reply = browser.send(request).refused(400, "unreadable");
        assert!(!reply.json["message"].as_str().unwrap().contains("column"), "{broken}");
    }
}

/// The API's own description says what is a number, so none is forgotten.
#[test]
fn every_number_that_a_form_sends_has_a_sentence_of_its_own() {
    let description: Value = serde_json::from_str(include_str!("../../src/http/openapi.json")).unwrap();
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    office.person(&mut browser, "101", 1);
    browser
        .post(
            "/api/devices",
            json!({ "extension": "101", "mac": "24:9a:d8:00:00:01" }),
        )
        .expect(201);
    let mut seen = Vec::new();
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let mut schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if let Some(named) = schema["$ref"].as_str() {
                schema = description.pointer(named.trim_start_matches('#')).unwrap();
            }
            let Some(members) = schema["properties"].as_object() else {
                continue;
            };
            let integer = json!("integer");
            let is_number = |kind: &Value| match kind.as_array() {
                Some(kinds) => kinds.contains(&integer),
                None => *kind == integer,
            };
            // A file's length, the day of a code and which app is meant are the page's own.
            for (field, _) in members.iter().filter(|(field, has)| {
                is_number(&has["type"]) && !["length", "today", "again"].contains(&field.as_str())
            }) {
                for wrong in [json!(1.5), json!(-1), json!(""), json!("24")] {
                    let examples = json!({
                        "folder": "/", "keep": 7, "sender": "pbx@example.org", "server": "mail.example.org", "port": 25,
                        "security": "none", "extension": "101", "daily_at": null,
                    });
                    let wants = |name: &String| members.contains_key(name);
                    let mut body: serde_json::Map<String, Value> = examples.as_object().unwrap().clone();
                    body.retain(|name, _| wants(name));
                    body.insert(field.clone(), wrong);
                    let at = path
                        .replace("{id}", "1")
                        .replace("{extension}", "101")
                        .replace("{username}", "admin");
                    let method = match method.as_str() {
                        "post" => Method::POST,
                        "put" => Method::PUT,
                        _ => Method::PATCH,
                    };
                    let reply = browser
                        .send(browser.request(method, &at, &json!(body)))
                        .refused(422, "invalid");
                    assert_eq!(reply.json["field"], json!(field), "{at}");
                    let sentence = reply.json["message"].as_str().unwrap();
                    assert!(!sentence.contains("form that is wanted"), "{at} {field}: {sentence}");
                }
                seen.push(field.clone());
            }
        }
    }
    for field in ["hours", "every_hours", "keep", "port", "session_hours"] {
        assert!(seen.contains(&field.to_owned()), "{field} in {seen:?}");
    }
}

#[test]
fn blanks_that_were_pasted_with_a_value_are_no_part_of_it() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    let card = json!({ "extension": " 101\n", "name": "\tMira Okafor ", "email": " mira@example.org\r\n" });
    let person = browser.post("/api/people", card).expect(201).json["person"].clone();
    assert_eq!(
        (&person["extension"], &person["name"], &person["email"]),
        (&json!("101"), &json!("Mira Okafor"), &json!("mira@example.org"))
    );
    let relay = json!({
        "server": " mail.example.org ", "port": 465, "security": "tls", "sender": " pbx@example.org\n",
        "username": " pbx ", "password": "a password",
    });
    let relay = browser
        .send(browser.request(Method::PUT, "/api/mail", &relay))
        .expect(200)
        .json["relay"]
        .clone();
    assert_eq!(
        (&relay["server"], &relay["sender"], &relay["username"]),
        (&json!("mail.example.org"), &json!("pbx@example.org"), &json!("pbx"))
    );
    let ranges = json!({ "ranges": [" 127.0.0.0/8 ", "\t::1\n"] });
    let limited = browser.patch("/api/administrators/admin", ranges).expect(200).json;
    assert_eq!(limited["ranges"], json!(["127.0.0.0/8", "::1/128"]));
}

#[test]
fn a_name_that_people_mistake_and_what_is_pasted_with_something_that_nobody_sees() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    for (name, words) in [
        ("https://pbx.example.org", "no https://"),
        ("pbx.example.org/", "no slash"),
        ("pbx.example.org:8443", "without a port"),
        ("my_pbx.example.org", "underscore"),
        ("büro.example", "xn--"),
        ("192.168.1.1", "IP address"),
    ] {
        let refused = browser
            .patch("/api/settings", json!({ "name": name }))
            .refused(422, "invalid");
        let message = refused.json["message"].as_str().unwrap().to_owned();
        assert!(
            refused.json["field"] == "name" && message.contains(words),
            "{name}: {message}"
        );
    }
    let odd = |text: &str| {
        let (front, back) = text.split_at(2);
        format!("\u{feff}\u{202a}{front}\u{200b}{back}\u{202c}\u{a0}")
    };
    let settings = json!({ "emergency": [odd("112")], "time_zone": odd("Europe/Berlin") });
    let set = browser.patch("/api/settings", settings).expect(200).json;
    assert_eq!(
        (&set["emergency"], &set["time_zone"]),
        (&json!(["112"]), &json!("Europe/Berlin"))
    );
    let ranges = json!({ "ranges": [odd("127.0.0.0/8"), odd("::1")] });
    let set = browser.patch("/api/administrators/admin", ranges).expect(200).json;
    assert_eq!(set["ranges"], json!(["127.0.0.0/8", "::1/128"]));
    office.person(&mut browser, "101", 1);
    let card = json!({ "extension": odd("101"), "mac": odd("24:9a:d8:00:00:01") });
    assert_eq!(
        browser.post("/api/devices", card).expect(201).json["mac"],
        json!("249ad8000001")
    );
    let mail = json!({
        "server": odd("192.168.1.5"), "port": 25, "security": "none", "sender": odd("pbx@example.org"),
    });
    assert_eq!(
        browser
            .send(browser.request(Method::PUT, "/api/mail", &mail))
            .expect(200)
            .json["relay"]["server"],
        json!("192.168.1.5")
    );
}
