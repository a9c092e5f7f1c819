//! RFC 4475, message by message.

use std::collections::BTreeSet;

use linekey::sip::codec::{Malformed, Name, Request, Response, View};

use crate::{Outcome, outcome};

const TAKEN: Outcome = Outcome::Taken;

const fn refused(why: Malformed) -> Outcome {
    Outcome::Answered(why.status().0, why)
}

/// Each message with its section and what is right for it. What is for a registrar, a proxy or a phone to refuse
/// (420, 483, 415, 406) is taken here.
fn expected() -> Vec<(&'static str, &'static str, Outcome)> {
    use Malformed as M;
    vec![
        ("wsinv", "3.1.1.1", TAKEN),
        ("intmeth", "3.1.1.2", TAKEN),
        ("esc01", "3.1.1.3", TAKEN),
        ("escnull", "3.1.1.4", TAKEN),
        ("esc02", "3.1.1.5", TAKEN),
        ("lwsdisp", "3.1.1.6", TAKEN),
        ("longreq", "3.1.1.7", TAKEN),
        ("dblreq", "3.1.1.8", TAKEN),
        ("semiuri", "3.1.1.9", TAKEN),
        ("transports", "3.1.1.10", TAKEN),
        ("mpart01", "3.1.1.11", TAKEN),
        ("unreason", "3.1.1.12", TAKEN),
        ("noreason", "3.1.1.13", TAKEN),
        ("badinv01", "3.1.2.1", refused(M::Via)),
        ("clerr", "3.1.2.2", refused(M::BodyShort)),
        ("ncl", "3.1.2.3", refused(M::ContentLength)),
        ("scalar02", "3.1.2.4", refused(M::CSeq)),
        ("scalarlg", "3.1.2.5", Outcome::Dropped(M::CSeq)),
        ("quotbal", "3.1.2.6", refused(M::To)),
        ("ltgtruri", "3.1.2.7", refused(M::Uri)),
        ("lwsruri", "3.1.2.8", refused(M::RequestLine)),
        ("lwsstart", "3.1.2.9", refused(M::RequestLine)),
        ("trws", "3.1.2.10", refused(M::RequestLine)),
        ("escruri", "3.1.2.11", refused(M::Uri)),
        // "An element shouldn't do that [refuse] unless the contents of the Date header field were important": they are
        // not.
        ("baddate", "3.1.2.12", TAKEN),
        ("regbadct", "3.1.2.13", refused(M::Contact)),
        ("badaspec", "3.1.2.14", refused(M::To)),
        ("baddn", "3.1.2.15", refused(M::From)),
        ("badvers", "3.1.2.16", refused(M::Version)),
        ("mismatch01", "3.1.2.17", refused(M::CSeqMethod)),
        ("mismatch02", "3.1.2.18", refused(M::CSeqMethod)),
        ("bigcode", "3.1.2.19", Outcome::Dropped(M::StatusLine)),
        // Taken as a message of RFC 2543, as the section allows.
        ("badbranch", "3.2.1", TAKEN),
        ("insuf", "3.3.1", refused(M::FromMissing)),
        ("unkscm", "3.3.2", refused(M::Scheme)),
        ("novelsc", "3.3.3", refused(M::Scheme)),
        ("unksm2", "3.3.4", TAKEN),
        ("bext01", "3.3.5", TAKEN),
        ("invut", "3.3.6", TAKEN),
        ("regaut01", "3.3.7", TAKEN),
        ("multi01", "3.3.8", refused(M::Repeated)),
        ("mcl01", "3.3.9", refused(M::ContentLength)),
        ("bcast", "3.3.10", TAKEN),
        ("zeromf", "3.3.11", TAKEN),
        ("cparam01", "3.3.12", TAKEN),
        ("cparam02", "3.3.13", TAKEN),
        ("regescrt", "3.3.14", TAKEN),
        ("sdp01", "3.3.15", TAKEN),
        ("inv2543", "3.4.1", TAKEN),
    ]
}

pub(crate) fn bytes(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/sip/torture/{name}.dat", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_message_of_rfc_4475_is_taken_or_refused_as_its_section_says() {
    let mut wrong = Vec::new();
    for (name, section, right) in expected() {
        let got = outcome(&bytes(name));
        if got != right {
            wrong.push(format!("{name} ({section}): {got:?} instead of {right:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_of_the_torture_folder_is_judged() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sip/torture");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|entry| {
            entry
                .unwrap()
                .file_name()
                .to_str()?
                .strip_suffix(".dat")
                .map(str::to_owned)
        })
        .collect();
    let judged: BTreeSet<String> = expected().into_iter().map(|(name, ..)| name.to_owned()).collect();
    assert_eq!(files, judged);
}

#[test]
fn a_short_but_tortuous_invite_is_understood_in_every_field() {
    let bytes = bytes("wsinv");
    let view = View::read(&bytes).unwrap();
    let invite = Request::parse(&view).unwrap();
    assert_eq!(invite.to.tag(), Some("1918181833n"));
    assert_eq!(invite.from.tag(), Some("98asjd8"));
    assert_eq!(invite.from.display_meant(), "J Rosenberg \\\"");
    assert_eq!((invite.max_forwards, invite.cseq), (Some(68), 9));
    let branches: Vec<_> = invite.vias.iter().map(|via| via.branch).collect();
    assert_eq!(
        branches,
        [Some("390skdjuw"), Some("z9hG4bK9ikj8"), Some("z9hG4bK30239")]
    );
    assert!(invite.vias[0].cookie_branch().is_none());
    assert!(invite.routes[0].uri.sip().unwrap().is_loose());
    assert_eq!(invite.contacts.each()[0].q, Some(330));
    assert_eq!(view.body.len(), 150);
}

#[test]
fn escapes_are_compared_by_what_they_mean_and_never_decoded_elsewhere() {
    let bytes = bytes("esc02");
    let view = View::read(&bytes).unwrap();
    let request = Request::parse(&view).unwrap();
    assert_eq!(request.method.as_str(), "RE%47IST%45R");
    // C%6Fntact is not Contact.
    assert_eq!(request.contacts.each().len(), 2);
    let bytes = crate::torture::bytes("esc01");
    let view = View::read(&bytes).unwrap();
    let request = Request::parse(&view).unwrap();
    assert_eq!(request.uri.sip().unwrap().user_meant(), "sips:user@example.com");
    let contact = request.contacts.each()[0].address.uri;
    let contact = contact.sip().unwrap();
    assert_eq!(contact.user_meant(), "caller");
    assert!(contact.is_loose());
}

#[test]
fn a_second_message_in_one_datagram_is_left_out() {
    let bytes = bytes("dblreq");
    let view = View::read(&bytes).unwrap();
    assert!(view.body.is_empty());
    assert_eq!(
        view.first(Name::CallId),
        Some(&b"dblreq.0ha0isndaksdj99sdfafnl3lk233412"[..])
    );
}

#[test]
fn a_reason_phrase_may_be_empty_or_in_any_script() {
    for (name, length) in [("noreason", 0), ("unreason", 74)] {
        let bytes = bytes(name);
        let view = View::read(&bytes).unwrap();
        let response = Response::parse(&view).unwrap();
        assert_eq!(response.reason.len(), length, "{name}");
    }
}

#[test]
fn expiries_beyond_32_bits_are_the_longest_there_is() {
    let bytes = String::from_utf8(bytes("scalar02"))
        .unwrap()
        .replace("36893488147419103232", "1");
    let bytes = bytes.replace("Max-Forwards: 300", "Max-Forwards: 30");
    let view = View::read(bytes.as_bytes()).unwrap();
    let register = Request::parse(&view).unwrap();
    assert_eq!(
        (register.expires, register.contacts.each()[0].expires),
        (Some(u32::MAX), Some(u32::MAX))
    );
    assert_eq!(
        outcome(bytes.replace("s: 30", "s: 256").as_bytes()),
        refused(Malformed::MaxForwards)
    );
}
