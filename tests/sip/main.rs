//! The wire of telephony: RFC 4475, phones as they are, every split of a stream, and a million damaged messages.

#![cfg(test)]

mod address;
mod corpus;
mod damaged;
#[allow(unreachable_pub, reason = "the fuzz targets' package takes it too")]
mod exercise;
mod framing;
#[path = "../it/left_out.rs"]
#[allow(unreachable_pub, reason = "shared with other targets")]
mod left_out;
mod line;
mod passed_on;
#[allow(
    clippy::as_conversions,
    unreachable_pub,
    reason = "the fuzz targets' package takes it too, and is written for that"
)]
mod script;
mod torture;

use linekey::sip::codec::{Malformed, Refused, Request, Response, Unreadable, View};

/// What becomes of one message that came as a datagram.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Taken,
    Answered(u16, Malformed),
    Dropped(Malformed),
    Unreadable(Unreadable),
}

fn outcome(bytes: &[u8]) -> Outcome {
    let view = match View::read(bytes) {
        Ok(view) => view,
        Err(why) => return Outcome::Unreadable(why),
    };
    let result = if view.is_response() {
        Response::parse(&view).map(|_| ())
    } else {
        Request::parse(&view).map(|_| ())
    };
    match result {
        Ok(()) => Outcome::Taken,
        Err(Refused {
            why,
            answer: Some((status, _)),
        }) => Outcome::Answered(status, why),
        Err(Refused { why, answer: None }) => Outcome::Dropped(why),
    }
}

/// Lines with CRLF between, an empty line at the end.
fn message(lines: &[&str]) -> Vec<u8> {
    let mut text = lines.join("\r\n");
    text.push_str("\r\n\r\n");
    text.into_bytes()
}

#[test]
fn whatever_happens_to_a_line_nothing_is_left_of_it() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds/sip_stack");
    let seeds = folder.read_dir().unwrap();
    let lives = seeds.map(|seed| script::live(&std::fs::read(seed.unwrap().path()).unwrap()));
    assert!(lives.count() > 10);
}
