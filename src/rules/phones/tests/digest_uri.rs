//! What the `uri` of a digest may name in the place of the request's.

use super::digest::{Door, answer, auth, count_of};
use crate::rules::phones::device::Algorithm;
use crate::rules::phones::digest::{Credentials, Holder, Request};
use crate::rules::phones::nonce::Used;

#[test]
fn the_office_stands_for_its_extensions_and_nobody_else_does() {
    for (asked, uri, right) in [
        ("sip:102@office.example", "sip:office.example", true),
        ("sip:102@office.example", "sip:sip:office.example", true),
        ("sip:102@192.0.2.10:5062", "sip:192.0.2.10:5062", true),
        ("sip:102@192.0.2.10", "sip:office.example", true),
        ("sip:102@office.example", "sip:sip:102@office.example", true),
        ("sip:102@office.example", "sip:103@office.example", false),
        ("sip:102@office.example", "sip:sip:103@office.example", false),
        ("sip:102@office.example", "sip:192.0.2.10", false),
        ("sip:102@office.example", "sip:office.example.invalid", false),
        ("sip:102@192.0.2.10:5062", "sip:192.0.2.10:5063", false),
        ("tel:102", "sip:office.example", false),
    ] {
        let mut door = Door::of(Algorithm::Sha256);
        let nonce = door.nonce();
        let said = Credentials {
            uri,
            algorithm: Some("SHA-256"),
            ..auth(&nonce, "00000001")
        };
        let response = answer(Algorithm::Sha256, &said, "INVITE", "corpus-secret");
        let said = Credentials {
            response: &response,
            ..said
        };
        let holder = Holder {
            secret: &door.secret,
            algorithm: Algorithm::Sha256,
        };
        let request = Request {
            method: "INVITE",
            uri: asked,
        };
        let outcome = door.guard.check(&said, &request, Some(holder), Used::Never, door.now);
        assert_eq!(count_of(outcome).is_some(), right, "{uri} for {asked}");
    }
}
