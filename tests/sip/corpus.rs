//! Messages of real phones and apps: `../shared/sip/corpus`, beside the checkout. Skipped where that folder is missing.

use linekey::sip::codec::{Algorithm, Contacts, Name, Request, Response, Rport, Stun, Unreadable, View};

use crate::left_out::left_out;
use crate::{Outcome, outcome};

/// The folder of the corpus, if it is there.
pub(crate) fn folder() -> Option<&'static str> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/sip/corpus");
    if std::fs::exists(folder).unwrap() {
        return Some(folder);
    }
    left_out("../shared/sip/corpus is not there");
    None
}

/// The files of all messages with what is expected of them.
pub(crate) fn messages() -> Vec<(String, String, Vec<u8>)> {
    let Some(folder) = folder() else { return Vec::new() };
    let index = std::fs::read(format!("{folder}/index.json")).unwrap();
    let index: serde_json::Value = serde_json::from_slice(&index).unwrap();
    let text = |entry: &serde_json::Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let each = index.as_array().unwrap().iter();
    each.map(|entry| {
        let file = text(entry, "file");
        let bytes = std::fs::read(format!("{folder}/{file}")).unwrap();
        (file, text(entry, "expect"), bytes)
    })
    .collect()
}

/// The message whose file begins with this number; none without the corpus.
fn numbered(number: &str) -> Option<Vec<u8>> {
    let wanted = format!("messages/{number}-");
    messages()
        .into_iter()
        .find(|(file, ..)| file.starts_with(&wanted))
        .map(|(.., bytes)| bytes)
}

#[test]
fn what_phones_send_is_taken() {
    let mut wrong = Vec::new();
    for (file, expected, bytes) in messages() {
        let got = outcome(&bytes);
        let is_right = match expected.as_str() {
            "accept" => got == Outcome::Taken,
            // Refused by its meaning: for the registrar or the proxy, save where the topmost Via does not parse.
            "reject" => matches!(got, Outcome::Taken | Outcome::Answered(400, _)),
            // Scanners and stray answers are well-formed; keep-alives and STUN are no messages.
            "drop" => matches!(
                got,
                Outcome::Taken | Outcome::Unreadable(Unreadable::Empty | Unreadable::NotSip)
            ),
            other => panic!("{file}: {other}"),
        };
        if !is_right {
            wrong.push(format!("{file}: {got:?} where {expected} is expected"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_ipv6_address_without_brackets_is_refused() {
    let Some(bytes) = numbered("28") else { return };
    assert_eq!(
        outcome(&bytes),
        Outcome::Answered(400, linekey::sip::codec::Malformed::Via)
    );
}

#[test]
fn a_fold_inside_an_instance_is_no_part_of_it() {
    let Some(bytes) = numbered("03") else { return };
    let view = View::read(&bytes).unwrap();
    let register = Request::parse(&view).unwrap();
    let [contact] = register.contacts.each() else {
        panic!("one contact")
    };
    assert_eq!(
        contact.instance,
        Some("<urn:uuid:e960df68-8f5d-4fec-aab4-000413000103>")
    );
    assert_eq!((contact.reg_id, contact.q), (Some(1), Some(1000)));
}

#[test]
fn commas_inside_quotes_split_nothing() {
    for number in ["06", "53"] {
        let Some(bytes) = numbered(number) else { return };
        let view = View::read(&bytes).unwrap();
        assert_eq!(Request::parse(&view).unwrap().contacts.each().len(), 1, "{number}");
    }
}

#[test]
fn two_contact_lines_of_one_instance_stay_two() {
    let Some(bytes) = numbered("13") else { return };
    let view = View::read(&bytes).unwrap();
    let register = Request::parse(&view).unwrap();
    let [new, old] = register.contacts.each() else {
        panic!("two contacts")
    };
    assert_eq!(new.instance, old.instance);
    assert_eq!((old.expires, new.expires == Some(0)), (Some(0), false));
}

#[test]
fn a_star_stands_for_all_bindings() {
    let Some(bytes) = numbered("34") else { return };
    let view = View::read(&bytes).unwrap();
    let register = Request::parse(&view).unwrap();
    assert!(matches!(register.contacts, Contacts::All));
    assert_eq!(register.expires, Some(0));
}

#[test]
fn a_message_of_rfc_2543_has_neither_branch_nor_tag() {
    let Some(bytes) = numbered("18") else { return };
    let view = View::read(&bytes).unwrap();
    let register = Request::parse(&view).unwrap();
    let via = register.top_via().unwrap();
    assert_eq!(
        (via.branch, via.rport, register.from.tag()),
        (None, Rport::Port(5060), None)
    );
    assert_eq!(register.max_forwards, None);
    let source = "203.0.113.9:1035".parse().unwrap();
    let stamped = b"SIP/2.0/UDP 192.168.2.233:5060;received=203.0.113.9;rport=1035";
    assert_eq!(via.stamped(source), stamped);
    let credentials = register.credentials(Name::ProxyAuthorization).next().unwrap().unwrap();
    assert_eq!(credentials.username_meant(), "sip:117@office.example:5060");
}

#[test]
fn credentials_are_read_whatever_is_quoted() {
    let mut read = 0;
    for (file, _, bytes) in messages() {
        let Ok(view) = View::read(&bytes) else { continue };
        let Ok(request) = Request::parse(&view) else { continue };
        for name in [Name::Authorization, Name::ProxyAuthorization] {
            for credentials in request.credentials(name) {
                let credentials = credentials.unwrap_or_else(|why| panic!("{file}: {why:?}"));
                assert_eq!(credentials.realm, "office.example", "{file}");
                let digits = if credentials.algorithm == Some(Algorithm::Sha256) {
                    64
                } else {
                    32
                };
                assert_eq!(credentials.response.len(), digits, "{file}");
                read += 1;
            }
        }
    }
    assert!(read >= 10 || folder().is_none(), "{read} credentials");
    let Some(bytes) = numbered("60") else { return };
    let view = View::read(&bytes).unwrap();
    let invite = Request::parse(&view).unwrap();
    let nc = invite
        .credentials(Name::ProxyAuthorization)
        .chain(invite.credentials(Name::Authorization));
    let nc = nc.map(|credentials| credentials.unwrap().nc.unwrap()).next().unwrap();
    assert_eq!((nc.text, nc.value, nc.is_well_formed), ("1", 1, false));
}

#[test]
fn a_stray_answer_is_a_well_formed_response() {
    let Some(bytes) = numbered("89") else { return };
    let view = View::read(&bytes).unwrap();
    let response = Response::parse(&view).unwrap();
    assert_eq!(
        (response.status, response.vias.len(), response.to.tag()),
        (481, 1, None)
    );
}

#[test]
fn a_stun_request_on_the_sip_port_is_told_and_answered() {
    let request = *b"\0\x01\0\0\x21\x12\xa4\x42LINEKEYSTUN1";
    let stun = Stun::read(&request).unwrap();
    let answer = stun.answer("192.0.2.1:32853".parse().unwrap()).unwrap();
    // The address of RFC 5769 §2.2: port 32853 and 192.0.2.1, masked with the cookie.
    let head = b"\x01\x01\0\x0c\x21\x12\xa4\x42LINEKEYSTUN1";
    assert_eq!(answer[..20], head[..]);
    assert_eq!(answer[20..], [0, 0x20, 0, 8, 0, 1, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43]);
    assert!(
        Stun::read(&answer)
            .unwrap()
            .answer("192.0.2.1:1".parse().unwrap())
            .is_none()
    );
    for (number, is_stun) in [("43", true), ("41", false), ("01", false)] {
        if let Some(bytes) = numbered(number) {
            assert_eq!(Stun::read(&bytes).is_some(), is_stun, "{number}");
        }
    }
}
