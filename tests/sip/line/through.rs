//! What passes through a call untouched, whatever it is: the office carries words and files nothing.

use super::Office;
use super::message::{body, field, method, reply, status, uri};

/// An offer with odd lines, and a blank at its end.
const SPEECH: &str = "v=0\r\no=- 1 2 IN IP4 192.168.1.20\r\ns= \r\nc=IN IP4 192.168.1.20\r\nt=0 0\r\n\
                      m=audio 4000 RTP/AVP 9 8 101\r\na=sendonly\r\na=x-odd:\t\u{1f4de}\r\n";

/// A phone's answer with a body.
fn reply_with(request: &str, code: u16, tag: &str, lines: &[&str], body: &str) -> String {
    let bare = reply(request, code, tag, lines);
    let head = bare.trim_end_matches("Content-Length: 0\r\n\r\n");
    format!(
        "{head}Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn each_method_goes_through_a_call_whole_in_both_directions_and_so_do_its_answers() {
    for secure in [false, true] {
        let mut office = Office::new();
        let mut a = office.phone(1);
        let b = if secure { office.tls_phone(4) } else { office.phone(4) };
        let (talk, other) = office.talk(&mut a, &b);
        for (from, to, talk) in [(&a, &b, &talk), (&b, &a, &other)] {
            for name in [
                "INVITE", "UPDATE", "INFO", "MESSAGE", "REFER", "NOTIFY", "PRACK", "OPTIONS", "FEATURE",
            ] {
                let contact = format!("Contact: <{}>", from.contact);
                let more = [
                    contact.as_str(),
                    "Content-Type: application/x-odd; of=\"several, things\"",
                    "Refer-To: <sip:103@office.example?Replaces=a%40b%3Bto-tag%3D1>",
                    "Session-Expires: 90;refresher=uac",
                    "Min-SE: 90",
                    "RAck: 1 2 INVITE",
                    "Info-Package: dtmf",
                    "Event: refer",
                    "X-Odd:   kept ",
                ];
                office.within_with(from, talk, name, &more, SPEECH);
                let got = office.take(to.flow);
                assert_eq!((method(&got), uri(&got)), (name, to.contact.as_str()), "{got}");
                assert_eq!(body(&got), SPEECH, "{name}");
                for line in &more {
                    let (field_name, value) = line.split_once(':').unwrap();
                    assert_eq!(field(&got, field_name), value.trim(), "{name}");
                }
                let contact = format!("Contact: <{}>", to.contact);
                let lines = [contact.as_str(), "Session-Expires: 90;refresher=uas", "X-Odd: back"];
                office.send(to.flow, &reply_with(&got, 200, "", &lines, SPEECH));
                let answer = office.take(from.flow);
                assert_eq!((status(&answer), body(&answer)), (200, SPEECH), "{name}");
                assert_eq!(field(&answer, "Session-Expires"), "90;refresher=uas", "{name}");
                assert_eq!(field(&answer, "X-Odd"), "back", "{name}");
            }
        }
    }
}

#[test]
fn early_media_reach_the_caller_as_they_were_sent() {
    let mut office = Office::new();
    let (mut a, b) = (office.phone(1), office.phone(4));
    office.invite(&mut a, "102", &["P-Early-Media: supported"]);
    let invite = office.take(b.flow);
    assert_eq!(field(&invite, "P-Early-Media"), "supported");
    let contact = format!("Contact: <{}>", b.contact);
    for (code, speech) in [(183, SPEECH), (180, ""), (183, SPEECH), (200, SPEECH)] {
        office.send(b.flow, &reply_with(&invite, code, "t4", &[&contact], speech));
        let heard = office.take(a.flow);
        assert_eq!((status(&heard), body(&heard)), (code, speech));
        assert_eq!(field(&heard, "Contact"), format!("<{}>", b.contact));
    }
}
