//! What watchers see of a line.

use crate::rules::phones::limits;
use crate::rules::phones::line_state::{CallKey, Direction, Event, ExtensionLine, Names, Party, first_number};
use crate::rules::time::Date;

fn mira() -> Party {
    Party {
        uri: "sip:102@office.example".to_owned(),
        name: Some("Mira".to_owned()),
    }
}

fn caller() -> Party {
    Party {
        uri: "sip:101@office.example".to_owned(),
        name: Some("A & <B> \"C\"\u{7}".to_owned()),
    }
}

fn call(call_id: &str) -> CallKey {
    CallKey {
        call_id: call_id.to_owned(),
        caller_tag: "caller".to_owned(),
        direction: Direction::Recipient,
    }
}

fn shown(line: &ExtensionLine) -> String {
    String::from_utf8(line.document(&mira(), 1, Names::Shown)).unwrap()
}

fn states(line: &ExtensionLine) -> Vec<String> {
    let text = shown(line);
    let ends = text
        .split("<state>")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap().to_owned());
    ends.collect()
}

#[test]
fn b41_a_ringing_line_says_all_that_a_key_needs() {
    let mut line = ExtensionLine::default();
    assert!(line.take(&call("c&1"), &caller(), Event::Rings("fork-1")));
    let text = String::from_utf8(line.document(&mira(), 7, Names::Shown)).unwrap();
    let id = text.split("<dialog id=\"").nth(1).unwrap().split('"').next().unwrap();
    let expected = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n\
         <dialog-info xmlns=\"urn:ietf:params:xml:ns:dialog-info\" \
         version=\"7\" state=\"full\" entity=\"sip:102@office.example\">\r\n\
         <dialog id=\"{id}\" call-id=\"c&amp;1\" local-tag=\"fork-1\" remote-tag=\"caller\" direction=\"recipient\">\
         <state>early</state>\
         <local><identity display=\"Mira\">sip:102@office.example</identity>\
         <target uri=\"sip:102@office.example\"/></local>\
         <remote><identity display=\"A &amp; &lt;B&gt; &quot;C&quot;\">sip:101@office.example</identity>\
         <target uri=\"sip:101@office.example\"/></remote></dialog>\r\n</dialog-info>\r\n"
    );
    assert_eq!(text, expected);
}

#[test]
fn b41_an_idle_line_names_a_dialog_that_is_terminated() {
    assert_eq!(states(&ExtensionLine::default()), ["terminated"]);
    let mut line = ExtensionLine::default();
    line.take(&call("1"), &caller(), Event::Answered("t"));
    let id = |line: &ExtensionLine| {
        shown(line)
            .split(" id=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned()
    };
    let during = id(&line);
    line.take(&call("1"), &caller(), Event::Over);
    assert_eq!((states(&line), id(&line)), (vec!["terminated".to_owned()], during));
    assert!(!shown(&line).contains("101@"));
}

#[test]
fn b41_an_office_may_hide_who_calls() {
    let mut line = ExtensionLine::default();
    line.take(&call("1"), &caller(), Event::Rings("t"));
    let text = String::from_utf8(line.document(&mira(), 1, Names::Hidden)).unwrap();
    assert!(!text.contains("101@") && !text.contains("&lt;B"), "{text}");
    assert!(
        text.contains("<remote><identity>sip:anonymous@anonymous.invalid</identity>"),
        "{text}"
    );
    assert!(text.contains("call-id=\"1\""), "{text}");
}

#[test]
fn b37_forks_that_are_cancelled_change_nothing() {
    let mut line = ExtensionLine::default();
    let (key, who) = (call("1"), caller());
    let mut take = |event| line.take(&key, &who, event);
    assert!(take(Event::Rings("a")));
    assert!(!take(Event::Rings("b")));
    assert!(!take(Event::Rings("c")));
    assert!(!take(Event::LegOver("a")));
    assert!(take(Event::Answered("b")));
    assert!(!take(Event::LegOver("c")));
    assert!(!take(Event::Rings("b")));
    assert!(!take(Event::Answered("b")));
    assert!(take(Event::LegOver("b")));
    assert!(!take(Event::LegOver("b")));
    assert!(!take(Event::Over));
}

#[test]
fn b37_a_second_call_has_its_own_name_and_keeps_the_lamp_on() {
    let mut line = ExtensionLine::default();
    line.take(&call("1"), &caller(), Event::Answered("a"));
    line.take(&call("2"), &caller(), Event::Rings("b"));
    assert_eq!(states(&line), ["confirmed", "early"]);
    assert!(line.take(&call("1"), &caller(), Event::Over));
    assert_eq!(states(&line), ["early"]);
    assert!(line.take(&call("2"), &caller(), Event::Over));
    assert_eq!(states(&line), ["terminated", "terminated"]);
    assert!(line.is_idle());
    line.take(&call("3"), &caller(), Event::Rings("c"));
    line.take(&call("3"), &caller(), Event::Over);
    assert_eq!(states(&line), ["terminated"]);
}

#[test]
fn b19_of_two_that_answered_the_one_that_is_left_keeps_the_line_busy() {
    let mut line = ExtensionLine::default();
    assert!(line.take(&call("1"), &caller(), Event::Answered("a")));
    assert!(!line.take(&call("1"), &caller(), Event::Answered("b")));
    assert!(line.take(&call("1"), &caller(), Event::LegOver("a")));
    assert!(shown(&line).contains("local-tag=\"b\""));
    assert_eq!(states(&line), ["confirmed"]);
    assert!(line.take(&call("1"), &caller(), Event::LegOver("b")));
    assert!(line.is_idle());
}

#[test]
fn who_calls_has_the_tags_the_other_way_round_and_who_calls_themselves_has_two_dialogs() {
    let mut line = ExtensionLine::default();
    let out = CallKey {
        direction: Direction::Initiator,
        ..call("1")
    };
    assert!(line.take(&out, &mira(), Event::Rings("t")));
    assert!(shown(&line).contains("local-tag=\"caller\" remote-tag=\"t\" direction=\"initiator\""));
    assert!(line.take(&call("1"), &mira(), Event::Rings("t")));
    let text = shown(&line);
    let ids: Vec<&str> = text.split(" id=\"").skip(1).map(|rest| &rest[..16]).collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn calls_forks_and_names_beyond_measure_are_not_kept() {
    let mut line = ExtensionLine::default();
    for number in 0..100 {
        line.take(&call(&number.to_string()), &caller(), Event::Rings("t"));
    }
    assert_eq!(states(&line).len(), limits::DIALOGS_OF_ONE);
    for number in 0..100 {
        line.take(&call("0"), &caller(), Event::Rings(&number.to_string()));
    }
    assert!(line.take(&call("0"), &caller(), Event::Answered("the hundredth")));
    let mut line = ExtensionLine::default();
    let long = "x".repeat(limits::TOKEN_OCTETS + 1);
    assert!(!line.take(&call(&long), &caller(), Event::Rings("t")));
    assert!(!line.take(&call("1"), &caller(), Event::Rings(&long)));
    assert!(line.is_idle());
}

#[test]
fn b39_numbers_rise_over_a_restart_and_fit_31_bits() {
    assert!(first_number(Date(1_800_000_060)) > first_number(Date(1_800_000_000)) + 59);
    assert!(first_number(Date(u64::MAX)) < 1 << 31);
}
