//! Digests of real phones, where the corpus lies beside the checkout.

use std::path::Path;

use super::digest::REALM;
use super::left_out::left_out;
use crate::rules::moment::Fresh;
use crate::rules::phones::device::{Algorithm, DeviceSecret};
use crate::rules::phones::digest::{Credentials, Guard, Holder, Outcome, Request};
use crate::rules::phones::nonce::Used;
use crate::rules::time::Tick;

#[test]
fn the_corpus_digests_marked_valid_are_right_over_their_own_nonces() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/sip/corpus");
    let Ok(index) = std::fs::read_to_string(corpus.join("index.json")) else {
        left_out("../shared/sip/corpus is not there");
        return;
    };
    let index: Vec<serde_json::Value> = serde_json::from_str(&index).unwrap();
    let marked = |case: &&serde_json::Value| case["digest"].as_str().is_some_and(|text| text.starts_with("valid"));
    let cases: Vec<&serde_json::Value> = index.iter().filter(marked).collect();
    assert!(cases.len() >= 10, "{}", cases.len());
    for case in cases {
        let bytes = std::fs::read(corpus.join(case["file"].as_str().unwrap())).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let head = text.split_once("\r\n\r\n").map_or(&*text, |(head, _)| head);
        let first: Vec<&str> = head.lines().next().unwrap().split(' ').collect();
        let is_credentials = |line: &&str| {
            let name = line.split(':').next().unwrap_or_default();
            name.eq_ignore_ascii_case("authorization") || name.eq_ignore_ascii_case("proxy-authorization")
        };
        let line = head.lines().find(is_credentials).unwrap();
        let fields = line.split_once("Digest").unwrap().1;
        // No field of the corpus has a comma in quotation marks.
        let field = |name: &str| {
            let mut fields = fields.split(',').filter_map(|field| field.trim().split_once('='));
            fields
                .find(|(key, _)| key.trim() == name)
                .map(|(_, value)| value.trim().trim_matches('"'))
        };
        let said = Credentials {
            username: field("username").unwrap(),
            realm: field("realm").unwrap(),
            nonce: field("nonce").unwrap(),
            uri: field("uri").unwrap(),
            response: field("response").unwrap(),
            algorithm: field("algorithm"),
            qop: field("qop"),
            nc: field("nc"),
            cnonce: field("cnonce"),
        };
        let algorithm = said
            .algorithm
            .map_or(Algorithm::Md5, |name| Algorithm::parse(name).unwrap());
        let secret = DeviceSecret::known("corpus-secret");
        let guard = Guard::new(REALM.to_owned(), &mut Fresh::seeded([5; 32]));
        let holder = || {
            Some(Holder {
                secret: &secret,
                algorithm,
            })
        };
        // An ACK repeats its INVITE's credentials and is never asked for any.
        let is_ack = first[0] == "ACK";
        let request = Request {
            method: if is_ack { "INVITE" } else { first[0] },
            uri: if is_ack { said.uri } else { first[1] },
        };
        let outcome = guard.check(&said, &request, holder(), Used::Never, Tick(0));
        assert_eq!(outcome, Outcome::Stale, "{}", case["file"]);
        let other = Request {
            method: "OPTIONS",
            ..request
        };
        assert_eq!(
            guard.check(&said, &other, holder(), Used::Never, Tick(0)),
            Outcome::Wrong,
            "{}",
            case["file"]
        );
    }
}
