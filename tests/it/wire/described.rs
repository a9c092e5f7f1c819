//! What the edge itself answers, for whatever address, is what the API's description promises at each of its
//! operations: the code, and the fields that always come.

use std::collections::BTreeSet;

use crate::schema::Schema;
use linekey::http::edge::limits::Limits;
use serde_json::{Value, json};

use crate::house::{House, body, has, short, status};
use crate::secure::Papers;

/// As programs read it.
const DOCUMENT: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));

/// The edge's answers, each from a request that deserves it.
fn answers() -> Vec<String> {
    let house = House::open(short());
    let impatient = House::open(Limits {
        answer: std::time::Duration::from_millis(200),
        ..short()
    });
    let papers = Papers::new("described");
    let (secure, _) = House::secure(short(), &papers.certificate(), &papers.key());
    let long = "x".repeat(70_000);
    vec![
        house.ask("GET / HTTP/1.1\r\n\r\n"),
        house.ask("GET / HTTP/1.1\r\nHost"),
        house.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"),
        house.ask("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n"),
        house.ask(&format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n")),
        house.ask("GET / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\n\r\n"),
        house.ask(&format!("GET / HTTP/1.1\r\nHost: a\r\nCookie: {long}\r\n\r\n")),
        house.ask("BREW / HTTP/1.1\r\nHost: a\r\n\r\n"),
        house.ask("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"),
        house.ask("GET / HTTP/3.0\r\nHost: a\r\n\r\n"),
        house.ask("GET /split HTTP/1.1\r\nHost: a\r\n\r\n"),
        impatient.ask("GET /never HTTP/1.1\r\nHost: a\r\n\r\n"),
        secure.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(to) => document.pointer(to.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

#[test]
fn whatever_the_edge_answers_stands_at_every_operation() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let answers = answers();
    let (mut told, mut held) = (BTreeSet::new(), 0);
    for answer in &answers {
        let (status, body) = (status(answer).to_string(), body(answer));
        let body: Value = serde_json::from_str(body).unwrap_or_else(|why| panic!("{why}: {answer}"));
        assert!(has(answer, "content-type: application/json"), "{answer}");
        told.insert(format!("{status} {}", body["error"].as_str().unwrap()));
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap().iter().filter(|(key, _)| *key != "parameters") {
                let promise = resolved(&document, &operation["responses"][&status]);
                let schema = &promise["content"]["application/json"]["schema"];
                assert!(schema.is_object(), "{method} {path} does not promise {status}");
                let schema = json!({ "components": document["components"], "allOf": [schema] });
                let wrong = Schema::of(schema).wrong(&body);
                assert_eq!(wrong, None, "{method} {path}: {status}: {body}");
                for (field, promised) in promise["headers"].as_object().into_iter().flatten() {
                    let required = resolved(&document, promised)["required"] == true;
                    let there = answer
                        .lines()
                        .any(|line| line.starts_with(&format!("{}: ", field.to_lowercase())));
                    assert!(there || !required, "{method} {path}: {status} lacks {field}");
                }
                let comes_again = answer.contains("\r\nretry-after: ");
                let says_so = promise["headers"]["Retry-After"].is_object();
                assert_eq!(comes_again, says_so, "{method} {path}: {status}: Retry-After");
                held += 1;
            }
        }
    }
    // Every sentence of `wire/bad.rs` but the variations of one code.
    let all = [
        "400 malformed",
        "400 speak-tls",
        "408 too-slow",
        "413 too-large",
        "414 too-large",
        "417 expectation",
        "431 too-large",
        "500 fault",
        "501 no-such-coding",
        "501 no-such-method",
        "503 busy",
        "505 no-such-version",
    ];
    assert_eq!(told, all.map(str::to_owned).into());
    assert!(held > 70 * answers.len(), "{held}");
}
