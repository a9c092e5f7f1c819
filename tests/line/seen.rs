//! What the page and the journal say of phones on the built program, and what no file ever says.

use serde_json::{Value, json};

use crate::found_again::{talk, wait_until_saved};
use crate::handset::Handset;
use crate::house::wait_for;
use crate::line::{DOMAIN, Line};
use crate::plug_and_play::{store, store_at_rest};

fn journal(line: &mut Line) -> String {
    line.house.ask("GET", "/api/journal", Value::Null).expect(200).body
}

fn failing(line: &mut Line, id: u64) -> Value {
    let shown = line.house.ask("GET", &format!("/api/devices/{id}"), Value::Null);
    shown.expect(200).json["state"]["failing"].clone()
}

#[test]
fn a_phone_with_a_wrong_secret_is_shown_with_the_reason_and_is_in_the_journal_once() {
    let mut line = Line::on();
    let device = line.device("101");
    let (id, secret) = (device.id, device.secret.clone());
    let mut phone = Handset::new(&line, device);
    phone.device.secret = "of-another-phone".to_owned();
    let tries = |phone: &mut Handset| {
        let (uri, to) = (format!("sip:{DOMAIN}"), format!("<sip:101@{DOMAIN}>"));
        phone.request("REGISTER", &uri, &to, "Expires: 600\r\n").status()
    };
    // Not before the line has heard of it is it anybody's.
    wait_for("the device on the line", || {
        assert_eq!(tries(&mut phone), Some(401));
        failing(&mut line, id).is_object().then_some(())
    });
    for _ in 0..25 {
        assert_eq!(tries(&mut phone), Some(401));
    }
    let why = failing(&mut line, id);
    assert_eq!(
        (&why["why"], &why["address"]),
        (&json!("wrong-secret"), &json!("127.0.0.1"))
    );
    // Within seconds, though nothing else happens on the line.
    wait_for("the count", || {
        let count = failing(&mut line, id)["count"].as_u64();
        count.is_some_and(|count| count > 25).then_some(())
    });
    let lines = wait_for("the journal", || {
        let lines = journal(&mut line);
        lines.contains("device-failing").then_some(lines)
    });
    assert_eq!(lines.matches("device-failing").count(), 1, "{lines}");
    assert!(lines.contains(": wrong secret"), "{lines}");
    phone.device.secret = secret;
    assert_eq!(tries(&mut phone), Some(200));
    wait_for("the page", || failing(&mut line, id).is_null().then_some(()));
}

#[test]
fn a_phone_at_another_address_is_a_line_in_the_journal_and_one_that_comes_again_is_none() {
    let mut line = Line::on();
    let device = line.device("101");
    let name = device.username.clone();
    let mut first = Handset::registered(&line, device);
    wait_until_saved(&mut line, &[&name]);
    first.register(600);
    let mut second = Handset::at("127.0.0.2", &line, first.device);
    second.register(600);
    let lines = wait_for("the journal", || {
        let lines = journal(&mut line);
        lines.contains("device-moved").then_some(lines)
    });
    assert!(lines.contains(&format!("({name}) from 127.0.0.2")), "{lines}");
    for (kind, count) in [("device-registered", 1), ("device-moved", 1)] {
        assert_eq!(lines.matches(kind).count(), count, "{kind}: {lines}");
    }
}

#[test]
fn calls_are_written_nowhere() {
    let mut line = Line::on();
    let devices = ["101", "102"].map(|extension| line.device(extension));
    let names = devices.each_ref().map(|device| device.username.clone());
    let [mut anna, mut bert] = devices.map(|device| Handset::registered(&line, device));
    wait_until_saved(&mut line, &names.each_ref().map(String::as_str));
    let (lines, bytes) = (journal(&mut line), store_at_rest(&line));
    for _ in 0..3 {
        talk(&mut anna, &bert);
        talk(&mut bert, &anna);
    }
    let nobody = format!("sip:199@{DOMAIN}");
    assert_eq!(
        anna.request("INVITE", &nobody, &format!("<{nobody}>"), "").status(),
        Some(404)
    );
    assert_eq!(journal(&mut line), lines);
    assert_eq!(store(&line), bytes);
}
