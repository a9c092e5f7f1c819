//! RFC 3261 §10.3.

use std::net::SocketAddr;
use std::sync::Arc;

use linekey::rules::id::{DisplayName, Extension};
use linekey::rules::moment::Fresh;
use linekey::rules::phones::device::{Algorithm, DeviceId, DeviceSecret};
use linekey::rules::phones::limits::{BINDINGS_OF_ONE, DEVICES as DEVICES_OF_OFFICE};
use linekey::rules::time::Tick;
use linekey::sip::stack::{Entry, Flow, Input, ListenerId, SavedBinding};

use super::bench::{Bench, DEVICES, only};
use crate::wire::{Message, address, param};

fn contacts(answer: &Message) -> Vec<(String, u32)> {
    let pair = |value: &String| {
        (
            address(value).to_owned(),
            param(value, "expires").unwrap().parse().unwrap(),
        )
    };
    answer.list("Contact").iter().map(pair).collect()
}

/// A REGISTER of device 1 with these fields in the place of its Contact.
fn ask(bench: &mut Bench, fields: &[(&str, &str)]) -> Message {
    let mut request = bench.request(1, "REGISTER", "");
    request.remove("Contact");
    for (name, value) in fields {
        request.add(name, value);
    }
    let (_, sent) = bench.pass(1, &request);
    only(&sent).clone()
}

const ONE: &str = "<sip:102@10.0.0.22:5060>";
const TWO: &str = "<sip:102@10.0.0.22:5062>";

#[test]
fn the_contact_parameter_comes_before_the_header_and_the_header_before_the_default() {
    let mut bench = Bench::new();
    let one = format!("{ONE};expires=120");
    let answer = ask(
        &mut bench,
        &[("Contact", one.as_str()), ("Contact", TWO), ("Expires", "240")],
    );
    assert_eq!(answer.code(), 200);
    let mut listed = contacts(&answer);
    listed.sort();
    assert_eq!(
        listed,
        [
            ("sip:102@10.0.0.22:5060".to_owned(), 120),
            ("sip:102@10.0.0.22:5062".to_owned(), 240)
        ]
    );
    let answer = ask(&mut Bench::new(), &[("Contact", ONE)]);
    assert_eq!(contacts(&answer), [("sip:102@10.0.0.22:5060".to_owned(), 3_600)]);
}

#[test]
fn the_answer_lists_all_bindings_with_their_seconds() {
    let mut bench = Bench::registered();
    let listed = bench.query(1);
    assert_eq!(listed.len(), 2, "{listed:?}");
    for contact in &listed {
        assert_eq!(param(contact, "expires").unwrap(), "3600");
    }
}

#[test]
fn too_brief_is_told_with_the_least_time() {
    let answer = ask(&mut Bench::new(), &[("Contact", ONE), ("Expires", "59")]);
    assert_eq!(answer.code(), 423);
    assert_eq!(answer.need("Min-Expires"), "60");
}

/// RFC 3261 §21.5.4: a registrar without room says when to come again, and takes the phone in once there is some.
#[test]
fn an_office_that_is_full_says_503_and_when_to_come_again() {
    let mut bench = Bench::new();
    let mut directory = bench.other_secrets();
    let mut fresh = Fresh::seeded([6; 32]);
    let others = 1_000..1_000 + (2 * DEVICES_OF_OFFICE / BINDINGS_OF_ONE) as u64;
    directory.devices.extend(others.clone().map(|number| Entry {
        device: DeviceId(number),
        username: format!("{number}-other"),
        secret: DeviceSecret::fresh(&mut fresh),
        algorithm: Algorithm::Md5,
        extension: Some(Extension::parse(&number.to_string()).unwrap()),
        name: DisplayName::parse("Other").unwrap(),
    }));
    bench
        .stack
        .handle(Input::Directory(Arc::new(directory)), Tick(bench.now));
    let each = others.flat_map(|number| (0..BINDINGS_OF_ONE).map(move |place| (number, place)));
    let places = each.map(|(number, place)| {
        let remote = SocketAddr::from(([10, 1, (number % 256) as u8, place as u8], number as u16));
        SavedBinding {
            device: DeviceId(number),
            contact: format!("<sip:x@{remote}>"),
            uri: format!("sip:x@{remote}"),
            instance: None,
            reg_id: None,
            call_id: "restored".to_owned(),
            cseq: 1,
            flow: Flow::Datagram {
                listener: ListenerId(0),
                remote,
            },
            seconds_left: 120,
        }
    });
    bench.stack.handle(Input::Restored(places.collect()), Tick(bench.now));
    let answer = ask(&mut bench, &[("Contact", ONE), ("Expires", "600")]);
    assert_eq!(answer.code(), 503);
    assert_eq!(answer.need("Retry-After"), "30");
    bench.wait(130_000);
    let answer = ask(&mut bench, &[("Contact", ONE), ("Expires", "600")]);
    assert_eq!(answer.code(), 200);
}

#[test]
fn star_removes_the_devices_own_with_expires_zero_alone() {
    let mut bench = Bench::registered();
    for wrong in [
        vec![("Contact", "*")],
        vec![("Contact", "*"), ("Expires", "1")],
        vec![("Contact", "*"), ("Contact", ONE), ("Expires", "0")],
    ] {
        assert_eq!(ask(&mut bench, &wrong).code(), 400, "{wrong:?}");
        assert_eq!(bench.query(1).len(), 2);
    }
    assert_eq!(ask(&mut bench, &[("Contact", "*"), ("Expires", "0")]).code(), 200);
    assert_eq!(bench.query(1).len(), 1, "the other device's stays");
}

#[test]
fn an_update_is_made_whole_or_not_at_all() {
    let mut bench = Bench::registered();
    let brief = format!("{TWO};expires=5");
    let answer = ask(
        &mut bench,
        &[
            ("Contact", "<sip:102@10.0.0.22:5070>;expires=600"),
            ("Contact", brief.as_str()),
        ],
    );
    assert_eq!(answer.code(), 423);
    assert_eq!(bench.query(1).len(), 2);
}

#[test]
fn an_older_request_of_the_same_call_id_changes_nothing() {
    let mut bench = Bench::new();
    let mut request = bench.request(1, "REGISTER", "").with("Expires", "600");
    request.set("CSeq", "10 REGISTER");
    let (taken, sent) = bench.pass(1, &request);
    assert_eq!(only(&sent).code(), 200);
    let mut older = taken.clone();
    older.remove("Authorization");
    older.set("Expires", "0");
    older.set("CSeq", "5 REGISTER");
    bench.rebranch(&mut older);
    let (_, sent) = bench.pass(1, &older);
    assert_eq!(only(&sent).code(), 500);
    assert_eq!(bench.query(1).len(), 1);
}

#[test]
fn another_call_id_updates_and_removes() {
    let mut bench = Bench::registered();
    let other = format!("{ONE};expires=90");
    let answer = ask(&mut bench, &[("Contact", other.as_str())]);
    let own = contacts(&answer)
        .into_iter()
        .find(|(uri, _)| uri == "sip:102@10.0.0.22:5060");
    assert_eq!(own.map(|(_, seconds)| seconds), Some(90));
    let gone = format!("{ONE};expires=0");
    assert_eq!(contacts(&ask(&mut bench, &[("Contact", gone.as_str())])).len(), 1);
}

#[test]
fn an_unknown_extension_is_named_in_require() {
    let answer = ask(&mut Bench::new(), &[("Contact", ONE), ("Require", "teleport")]);
    assert_eq!(answer.code(), 420);
    assert_eq!(answer.need("Unsupported"), "teleport");
}

#[test]
fn record_route_in_a_register_is_ignored() {
    let answer = ask(
        &mut Bench::new(),
        &[("Contact", ONE), ("Record-Route", "<sip:198.51.100.1;lr>")],
    );
    assert_eq!(answer.code(), 200);
    assert!(answer.get("Record-Route").is_none());
}

#[test]
fn somebody_elses_address_is_not_to_be_had() {
    let mut bench = Bench::registered();
    let mut request = bench.request(0, "REGISTER", "").with("Expires", "600");
    request.set("To", "<sip:102@office.example>");
    let (_, sent) = bench.pass(0, &request);
    assert_eq!(only(&sent).code(), 403);
    assert_eq!(bench.query(1).len(), 2);
}

#[test]
fn an_address_of_another_domain_is_not_found() {
    let mut bench = Bench::new();
    let mut request = bench.request(1, "REGISTER", "").with("Expires", "600");
    request.set("To", "<sip:102@elsewhere.example>");
    let (_, sent) = bench.pass(1, &request);
    assert!(matches!(only(&sent).code(), 403 | 404), "{sent:?}");
}

#[test]
fn escapes_and_parameters_of_the_address_do_not_count() {
    let mut bench = Bench::new();
    let mut request = bench.request(1, "REGISTER", "").with("Expires", "600");
    request.set("To", "<sip:1%302@office.example;user=phone>");
    let (_, sent) = bench.pass(1, &request);
    assert_eq!(only(&sent).code(), 200);
    assert_eq!(bench.query(1).len(), 1);
    let (_, rung) = bench.call("102");
    assert_eq!(rung.len(), 1);
}

#[test]
fn what_was_registered_last_is_rung_at_once() {
    let mut bench = Bench::registered();
    let (_, rung) = bench.call("103");
    assert_eq!(rung.len(), 1);
    assert_eq!(rung[0].0, DEVICES[3].2);
    assert_eq!(bench.register(3, 0).code(), 200);
    let (_, rung) = bench.call("103");
    assert!(rung.is_empty());
}
