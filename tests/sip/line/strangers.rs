//! Messages of real phones, whole and damaged, at an office that knows none of them.

use super::message::status;
use super::{Office, TLS, UDP};
use crate::corpus;
use linekey::sip::stack::{Flow, ListenerId, Load};

const TCP: ListenerId = ListenerId(1);

/// What comes back first: a status, `CRLF`, `stun`, `close` or `none`.
fn first_answer(office: &mut Office, flow: Flow, bytes: &[u8]) -> String {
    office.send_bytes(flow, bytes);
    match office.next(flow) {
        Some(text) if text == "\r\n" => "CRLF".to_owned(),
        Some(text) if status(&text) == 0 => "stun".to_owned(),
        Some(text) => status(&text).to_string(),
        None if !office.closed.is_empty() => "close".to_owned(),
        None => "none".to_owned(),
    }
}

#[test]
fn each_message_of_the_corpus_gets_an_answer_that_is_right_and_leaves_nothing() {
    let Some(folder) = corpus::folder() else { return };
    let index = std::fs::read(format!("{folder}/index.json")).unwrap();
    let index: serde_json::Value = serde_json::from_slice(&index).unwrap();
    let mut wrong = Vec::new();
    for entry in index.as_array().unwrap() {
        let file = entry["file"].as_str().unwrap();
        let bytes = std::fs::read(format!("{folder}/{file}")).unwrap();
        let right: Vec<&str> = entry["answer"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|it| it.as_str())
            .collect();
        for transport in entry["transport"].as_str().unwrap().split('|') {
            let mut office = Office::new();
            let flow = match transport {
                "udp" => Flow::Datagram {
                    listener: UDP,
                    remote: "192.0.2.99:5060".parse().unwrap(),
                },
                "tcp" => office.stream(TCP, "192.0.2.99:4000"),
                _ => office.stream(TLS, "192.0.2.99:4000"),
            };
            let got = first_answer(&mut office, flow, &bytes);
            let fits = |answer: &&str| {
                answer.starts_with(got.as_str()) && (!answer.contains(" on ") || answer.contains(transport))
            };
            if !right.iter().any(fits) {
                wrong.push(format!("{file} over {transport}: {got} where {right:?} is right"));
            }
            let load = office.stack.load();
            assert_eq!(Load { streams: 0, ..load }, Load::default(), "{file}");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn damaged_messages_of_phones_that_are_in_calls_break_nothing() {
    let mut office = Office::new();
    let (mut a, b, mut c) = (office.phone(1), office.tls_phone(4), office.phone(5));
    let mut samples: Vec<Vec<u8>> = corpus::messages().into_iter().map(|(.., bytes)| bytes).collect();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut dice = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 16).unwrap()
    };
    for round in 0..30_000 {
        if round % 500 == 0 {
            office.invite(&mut a, "102", &[]);
            office.invite(&mut c, "101", &[]);
        }
        for phone in [&a, &b, &c] {
            for message in office.drain(phone.flow) {
                let answer = super::message::reply(&message, 180, "t", &["Contact: <sip:102@10.0.0.4>"]);
                let more = [message.into_bytes(), answer.into_bytes()];
                samples.extend(more.into_iter().filter(|it| it.starts_with(b"SIP") || it.len() > 100));
            }
        }
        let excess = samples.len().saturating_sub(400);
        samples.drain(..excess);
        let mut bytes = samples[dice() % samples.len()].clone();
        for _ in 0..dice() % 4 {
            let place = dice() % bytes.len().max(1);
            match dice() % 3 {
                0 => bytes[place] = u8::try_from(dice() % 256).unwrap(),
                1 => bytes.truncate(place.max(1)),
                _ => {
                    let piece = bytes[place..(place + 20).min(bytes.len())].to_vec();
                    bytes.splice(place..place, piece);
                }
            }
        }
        let flow = [a.flow, c.flow][dice() % 2];
        office.send_bytes(flow, &bytes);
        if round % 50 == 0 {
            office.wait(u64::try_from(dice() % 2_000).unwrap());
        }
    }
    office.wait(13 * 3_600_000);
    assert_eq!(office.stack.load().bindings, 0);
    assert_eq!(
        Load {
            streams: 0,
            ..office.stack.load()
        },
        Load::default()
    );
}
