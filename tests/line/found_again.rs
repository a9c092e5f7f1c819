//! B01 of the list of phones' troubles: who is on the line after the program stopped, or was killed, and started again.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::handset::{Handset, Message};
use crate::house::wait_for;
use crate::line::{DOMAIN, Line, has};
use crate::phone::{Over, Phone};

/// A call arrives, or is refused, within so many seconds.
const SOON: u64 = 5;
/// "At once", for whoever calls a phone whose connection is gone.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Waits until the journal tells of these phones. Their bindings are saved in the same turn.
pub fn wait_until_saved(line: &mut Line, usernames: &[&str]) {
    wait_for("the journal's lines", || {
        let lines = line.house.ask("GET", "/api/journal", Value::Null).expect(200).body;
        let has = |name: &&str| lines.contains(&format!("({name}) from 127.0.0.1"));
        usernames.iter().all(has).then_some(())
    });
}

/// The answer to a call to that extension, and how long it took.
#[expect(clippy::disallowed_methods, reason = "how soon a caller is told is what is asked")]
fn called(phone: &mut Handset, extension: &str) -> (Message, Duration) {
    let began = Instant::now();
    let uri = format!("sip:{extension}@{DOMAIN}");
    let answer = phone.request("INVITE", &uri, &format!("<{uri}>"), "");
    (answer, began.elapsed())
}

/// A call from its beginning to its end.
pub fn talk(caller: &mut Handset, callee: &Handset) {
    let hang_up = caller.talk(callee);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (bye, _) = callee.asked("BYE", SOON).expect("a BYE");
            callee.answer(&bye, "200 OK", "");
        });
        hang_up(caller);
    });
}

/// Phones on UDP do not notice it: nobody registers again, and each is called. Whoever was on a connection is told of
/// as away at once, and rings when they are back.
fn phones_are_found_again(restarted: impl Fn(Line) -> Line) {
    let mut line = Line::on();
    let devices = ["101", "102"].map(|extension| line.device(extension));
    let names = devices.each_ref().map(|device| device.username.clone());
    let [mut anna, mut bert] = devices.map(|device| Handset::registered(&line, device));
    let mut on_connections = Vec::new();
    if has("baresip") {
        for (extension, over) in [("103", Over::Tcp), ("104", Over::Tls)] {
            let device = line.device(extension);
            let phone = Phone::registered(&line, &device, over);
            wait_for("the page", || line.is_registered(&device).then_some(()));
            // It would come back by itself.
            phone.freeze();
            on_connections.push((device, phone, over));
        }
    }
    wait_until_saved(&mut line, &names.each_ref().map(String::as_str));
    let mut line = restarted(line);
    for (device, ..) in &on_connections {
        let (answer, took) = called(&mut anna, &device.extension);
        assert_eq!(answer.status(), Some(480), "{answer:?}");
        assert!(took < AT_ONCE, "{took:?}");
        assert!(!line.is_registered(device));
    }
    // In both directions, and to the end: each is known as caller and as the one who is called.
    talk(&mut anna, &bert);
    talk(&mut bert, &anna);
    for (device, phone, over) in on_connections {
        drop(phone);
        let mut phone = Phone::registered(&line, &device, over);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                phone.wait("CALL_INCOMING");
                phone.say("hangup", "");
            });
            assert_eq!(called(&mut anna, &device.extension).0.status(), Some(486));
        });
    }
}

#[test]
fn phones_on_udp_are_found_again_after_a_kill_and_callers_of_others_are_told_at_once() {
    phones_are_found_again(Line::killed);
}

#[test]
fn phones_on_udp_are_found_again_after_a_stop_and_callers_of_others_are_told_at_once() {
    phones_are_found_again(Line::again);
}

/// A phone that was there once, whose line in the journal is old, and that comes from another port.
#[test]
fn a_phone_that_comes_from_another_port_is_found_there_after_a_stop() {
    let mut line = Line::on();
    let [anna, bert] = ["101", "102"].map(|extension| line.device(extension));
    let (name, number) = (bert.username.clone(), bert.extension.clone());
    let mut anna = Handset::registered(&line, anna);
    let mut first = Handset::registered(&line, bert);
    wait_until_saved(&mut line, &[&name]);
    first.register(0);
    let second = Handset::registered(&line, first.device);
    let _line = line.again();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (invite, _) = second.asked("INVITE", SOON).expect("a call");
            second.answer(&invite, "486 Busy Here", "");
        });
        assert_eq!(called(&mut anna, &number).0.status(), Some(486));
    });
}
