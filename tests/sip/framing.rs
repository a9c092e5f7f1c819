//! Streams in every split.

use linekey::rules::time::Tick;
use linekey::sip::codec::{Broken, Frame, HEAD_MAX, MESSAGE_MAX, Malformed, Stream, Unreadable, View};

use crate::{message, torture};

/// What a stream brings when these pieces come, one every millisecond.
fn frames(pieces: &[&[u8]]) -> Vec<String> {
    let mut stream = Stream::new();
    let mut seen = Vec::new();
    for (piece, now) in pieces.iter().zip(0..) {
        stream.push(piece, Tick(now));
        seen.extend(taken(&mut stream));
    }
    seen
}

fn taken(stream: &mut Stream) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        match stream.frame() {
            Ok(Some(Frame::Message(bytes))) => seen.push(String::from_utf8_lossy(bytes).into_owned()),
            Ok(Some(Frame::Ping)) => seen.push("ping".to_owned()),
            Ok(None) => return seen,
            Err(broken) => seen.push(format!("{broken:?}")),
        }
    }
}

fn options(call: &str, body: &str) -> String {
    let length = format!("Content-Length: {}", body.len());
    let lines = ["OPTIONS sip:a SIP/2.0", call, &length];
    String::from_utf8(message(&lines)).unwrap() + body
}

#[test]
fn every_split_in_two_brings_the_same_frames() {
    let (one, two) = (
        options("i: 1", "\r\n\r\nbody\n\n"),
        options("i: 2", "").replace("\r\n", "\n"),
    );
    let bytes = format!("\r\n{one}{two}\r\n\r\n{one}");
    let whole = [one.clone(), two, "ping".to_owned(), one];
    for place in 0..=bytes.len() {
        let (first, second) = bytes.as_bytes().split_at(place);
        assert_eq!(frames(&[first, second]), whole, "split at {place}");
    }
    let each: Vec<&[u8]> = bytes.as_bytes().chunks(1).collect();
    assert_eq!(frames(&each), whole, "byte by byte");
    let each: Vec<&[u8]> = bytes.as_bytes().chunks(3).collect();
    assert_eq!(frames(&each), whole, "three bytes at a time");
}

#[test]
fn two_line_ends_at_once_are_a_ping_and_far_apart_are_none() {
    assert_eq!(frames(&[b"\r\n\r\n"]), ["ping"]);
    assert_eq!(frames(&[b"\r\n\r\n\r\n\r\n"]), ["ping", "ping"]);
    assert_eq!(frames(&[b"\r", b"\n", b"\r", b"\n"]), ["ping"]);
    assert!(frames(&[b"\r\n"]).is_empty());
    let mut stream = Stream::new();
    for now in [0, 90_000, 180_000] {
        stream.push(b"\r\n", Tick(now));
        assert!(taken(&mut stream).is_empty(), "at {now}");
    }
    stream.push(options("i: 1", "").as_bytes(), Tick(180_001));
    assert_eq!(taken(&mut stream).len(), 1);
    stream.push(b"\r\n", Tick(180_002));
    assert!(
        taken(&mut stream).is_empty(),
        "a line end before a message is no half of a later ping"
    );
}

#[test]
fn a_message_without_length_ends_with_its_head_unless_it_has_a_type() {
    let bare = message(&["REGISTER sip:a SIP/2.0", "i: 1"]);
    assert_eq!(frames(&[&bare, &bare]).len(), 2);
    let typed = message(&["MESSAGE sip:a SIP/2.0", "i: 1", "c: text/plain"]);
    assert!(frames(&[&typed])[0].starts_with("Length { why: ContentLength"));
}

#[test]
fn a_length_that_cannot_be_told_breaks_the_stream_once() {
    for name in ["ncl", "mcl01"] {
        let mut stream = Stream::new();
        stream.push(&torture::bytes(name), Tick(0));
        let Err(Broken::Length {
            why: Malformed::ContentLength,
            head,
        }) = stream.frame()
        else {
            panic!("{name}")
        };
        assert!(View::read(head).unwrap().is_head_ended);
        assert_eq!(stream.frame(), Ok(None));
        stream.push(b"OPTIONS", Tick(1));
        assert!(!stream.is_in_message());
    }
    // RFC 4475 §3.1.2.2: the rest may yet come.
    let mut stream = Stream::new();
    stream.push(&torture::bytes("clerr"), Tick(0));
    assert_eq!(stream.frame(), Ok(None));
    assert!(stream.is_in_message());
}

#[test]
fn what_is_no_message_or_too_long_breaks_the_stream() {
    let mut stream = Stream::new();
    stream.push(b"\x16\x03\x01\x02\x00", Tick(0));
    assert_eq!(stream.frame(), Err(Broken::Unreadable(Unreadable::NotSip)));
    let mut stream = Stream::new();
    stream.push(&vec![b'a'; HEAD_MAX], Tick(0));
    assert_eq!(stream.frame(), Ok(None));
    stream.push(b"a", Tick(1));
    assert_eq!(stream.frame(), Err(Broken::Unreadable(Unreadable::HeadTooLong)));
    let mut stream = Stream::new();
    let length = format!("l: {MESSAGE_MAX}");
    stream.push(&message(&["MESSAGE sip:a SIP/2.0", &length]), Tick(0));
    assert!(matches!(stream.frame(), Err(Broken::TooLong { head }) if head.ends_with(b"\r\n\r\n")));
}

#[test]
fn a_stream_keeps_no_more_than_one_message() {
    let one = options("i: 1", "body");
    let mut stream = Stream::new();
    let mut count = 0;
    for now in 0..10_000 {
        stream.push(one.as_bytes(), Tick(now));
        count += taken(&mut stream).len();
    }
    assert_eq!(count, 10_000);
    assert!(!stream.is_in_message());
}

#[test]
fn zeros_between_messages_are_passed_over() {
    let (one, two) = (options("1", ""), options("2", "abc"));
    let text = [b"\0\0\0\0", one.as_bytes(), b"\0\r\n\0", two.as_bytes(), b"\0"].concat();
    assert_eq!(frames(&[&text]), [one.clone(), two.clone()]);
    let pieces: Vec<&[u8]> = text.chunks(1).collect();
    assert_eq!(frames(&pieces), [one, two]);
    let mut stream = Stream::new();
    stream.push(b"\0\0", Tick(0));
    assert_eq!(stream.frame(), Ok(None));
    assert!(!stream.is_in_message());
}
