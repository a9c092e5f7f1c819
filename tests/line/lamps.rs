//! A line key at the built program: a watcher of sockets and a few lines follows calls of other people's phones.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::found_again::wait_until_saved;
use crate::handset::{Handset, Message, part};
use crate::house::wait_for;
use crate::line::{DOMAIN, Line, has};
use crate::phone::{Over, Phone};

const SOON: u64 = 10;
const KEY: &str = "Event: dialog\r\nAccept: application/dialog-info+xml\r\nExpires: 600\r\n";

/// What a NOTIFY shows: the state of its newest dialog, and its version.
fn shown(notify: &Message) -> (String, u32) {
    let (_, dialogs) = notify.body.split_once("<dialog-info").expect("dialog-info");
    let version = part(dialogs, "version").unwrap().parse().unwrap();
    let state = dialogs.split("<state>").nth(1).and_then(|rest| rest.split('<').next());
    (state.unwrap_or("none").to_owned(), version)
}

/// The next NOTIFY that shows this, answered; its version.
#[track_caller]
fn shows(watcher: &Handset, state: &str) -> (Message, u32) {
    for _ in 0..6 {
        let (notify, _) = watcher.asked("NOTIFY", SOON).unwrap_or_else(|| panic!("never {state}"));
        watcher.answer(&notify, "200 OK", "");
        let (now, version) = shown(&notify);
        if now == state {
            return (notify, version);
        }
    }
    panic!("never {state}");
}

fn subscribed(watcher: &mut Handset, extension: &str) -> Message {
    let uri = format!("sip:{extension}@{DOMAIN}");
    let answer = watcher.request("SUBSCRIBE", &uri, &format!("<{uri}>"), KEY);
    assert_eq!(answer.status(), Some(200), "{answer:?}");
    answer
}

/// The date, as numbers of subscriptions begin.
#[expect(clippy::disallowed_methods, reason = "the program's own clock is meant")]
fn seconds() -> u32 {
    let date = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    u32::try_from(date & 0x7fff_ffff).unwrap()
}

/// One call from its first ring to its end, as the key shows it; the last version.
fn follows_a_call(watcher: &Handset, anna: &mut Phone, bert: &mut Phone, first: u32) -> u32 {
    anna.call("102");
    bert.wait("CALL_INCOMING");
    let (early, one) = shows(watcher, "early");
    assert!(
        early.body.contains(&format!("sip:101@{DOMAIN}")),
        "who calls: {}",
        early.body
    );
    bert.say("accept", "");
    let (_, two) = shows(watcher, "confirmed");
    anna.wait("CALL_ESTABLISHED");
    anna.say("hangup", "");
    let (_, three) = shows(watcher, "terminated");
    bert.wait("CALL_CLOSED");
    assert!(first < one && one < two && two < three, "{first} {one} {two} {three}");
    three
}

#[test]
fn a_key_follows_real_calls_and_its_numbers_rise_over_a_kill() {
    if !has("baresip") {
        return;
    }
    let mut line = Line::on();
    let [anna, bert, carla] = ["101", "102", "103"].map(|extension| line.device(extension));
    let names = [&anna, &bert, &carla].map(|device| device.username.clone());
    let mut watcher = Handset::registered(&line, carla);
    let mut first = Phone::registered(&line, &anna, Over::Udp);
    let mut second = Phone::registered(&line, &bert, Over::Udp);
    let subscription = subscribed(&mut watcher, "102");
    let (_, idle) = shows(&watcher, "terminated");
    let last = follows_a_call(&watcher, &mut first, &mut second, idle);
    wait_until_saved(&mut line, &names.each_ref().map(String::as_str));
    // Numbers begin at the seconds of the date, which are ahead of them once a call has lasted as long as a call does.
    wait_for("a later second", || (seconds() > last).then_some(()));
    let mut line = line.killed();
    wait_for("the phone on the line", || line.is_registered(&bert).then_some(()));
    // A refresh of what the killed one had: it is over, and a phone subscribes anew (RFC 6665 §4.1.2.2).
    let call = subscription.field("call-id").to_owned();
    let refresh = watcher.request_within(
        &call,
        "SUBSCRIBE",
        &subscription.contact(),
        subscription.field("to"),
        KEY,
    );
    assert_eq!(refresh.status(), Some(481), "{refresh:?}");
    subscribed(&mut watcher, "102");
    let (_, idle) = shows(&watcher, "terminated");
    assert!(idle > last, "{idle} after {last}");
    follows_a_call(&watcher, &mut first, &mut second, idle);
}

/// Whether the page shows these devices in a call.
fn wait_until_busy(line: &mut Line, devices: &[u64], is_busy: bool) {
    for id in devices {
        wait_for("the page", || {
            let shown = line.house.ask("GET", &format!("/api/devices/{id}"), Value::Null);
            let busy = &shown.expect(200).json["state"]["busy"];
            (busy == is_busy).then_some(())
        });
    }
}

#[test]
fn both_ends_of_a_call_are_busy_for_their_colleagues_as_long_as_it_lasts() {
    let mut line = Line::on();
    let devices = ["101", "102", "103", "104"].map(|extension| line.device(extension));
    let [one, two, three, _] = devices.each_ref().map(|device| device.id);
    let [mut anna, bert, mut carla, mut dora] = devices.map(|device| Handset::registered(&line, device));
    for (watcher, extension) in [(&mut carla, "101"), (&mut dora, "102")] {
        subscribed(watcher, extension);
        shows(watcher, "terminated");
    }
    for _ in 0..2 {
        let hang_up = anna.talk(&bert);
        for (watcher, other) in [(&carla, "102"), (&dora, "101")] {
            let (notify, _) = shows(watcher, "confirmed");
            assert!(
                notify.body.contains(&format!("sip:{other}@{DOMAIN}")),
                "{}",
                notify.body
            );
        }
        wait_until_busy(&mut line, &[one, two], true);
        wait_until_busy(&mut line, &[three], false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let (bye, _) = bert.asked("BYE", SOON).expect("a BYE");
                bert.answer(&bye, "200 OK", "");
            });
            hang_up(&mut anna);
        });
        for watcher in [&carla, &dora] {
            shows(watcher, "terminated");
        }
        wait_until_busy(&mut line, &[one, two], false);
    }
}
