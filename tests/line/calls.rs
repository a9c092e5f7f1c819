//! Two desk phones of another maker call each other over each transport.

use serde_json::json;

use crate::house::wait_for;
use crate::line::{Line, has};
use crate::phone::{Over, Phone};

/// Two phones that are registered.
struct Pair {
    line: Line,
    anna: Phone,
    bert: Phone,
}

impl Pair {
    fn over(over: Over) -> Self {
        let mut line = Line::on();
        let (anna, bert) = (line.device("101"), line.device("102"));
        let anna = Phone::registered(&line, &anna, over);
        let bert = Phone::registered(&line, &bert, over);
        Self { line, anna, bert }
    }

    /// Anna calls, Bert's phone rings.
    fn ring(&mut self) {
        self.anna.call("102");
        self.bert.wait("CALL_INCOMING");
        self.anna.wait("CALL_RINGING");
    }

    fn talk(&mut self) {
        self.ring();
        self.bert.say("accept", "");
        self.anna.wait("CALL_ESTABLISHED");
        self.bert.wait("CALL_ESTABLISHED");
    }
}

fn over_each(test: impl Fn(Pair)) {
    if !has("baresip") {
        return;
    }
    for over in Over::ALL {
        eprintln!("over {over:?}");
        test(Pair::over(over));
    }
}

#[test]
fn a_call_is_answered_and_hung_up_by_the_caller() {
    over_each(|mut pair| {
        pair.talk();
        pair.anna.say("hangup", "");
        pair.bert.wait("CALL_CLOSED");
        pair.anna.wait("CALL_CLOSED");
    });
}

#[test]
fn a_call_is_answered_and_hung_up_by_the_one_who_was_called() {
    over_each(|mut pair| {
        pair.talk();
        pair.bert.say("hangup", "");
        pair.anna.wait("CALL_CLOSED");
        pair.bert.wait("CALL_CLOSED");
    });
}

#[test]
fn a_call_that_rings_is_cancelled() {
    over_each(|mut pair| {
        pair.ring();
        pair.anna.say("hangup", "");
        pair.bert.wait("CALL_CLOSED");
        pair.talk();
    });
}

#[test]
fn a_call_that_rings_is_declined() {
    over_each(|mut pair| {
        pair.ring();
        pair.bert.say("hangup", "");
        let closed = pair.anna.wait("CALL_CLOSED");
        assert!(closed["param"].as_str().unwrap().starts_with("486"), "{closed}");
        pair.talk();
    });
}

#[test]
fn who_talks_is_busy_for_a_third_one() {
    over_each(|mut pair| {
        pair.talk();
        let carla = pair.line.device("103");
        let mut carla = Phone::registered(&pair.line, &carla, Over::Udp);
        carla.call("102");
        let closed = carla.wait("CALL_CLOSED");
        assert!(closed["param"].as_str().unwrap().starts_with("486"), "{closed}");
        assert!(!pair.anna.heard("CALL_CLOSED") && !pair.bert.heard("CALL_CLOSED"));
    });
}

#[test]
fn nobody_there_and_nobody_registered_are_told_at_once() {
    if !has("baresip") {
        return;
    }
    let mut line = Line::on();
    let (anna, _away) = (line.device("101"), line.device("102"));
    let mut anna = Phone::registered(&line, &anna, Over::Udp);
    anna.call("102");
    let closed = anna.wait("CALL_CLOSED");
    assert!(closed["param"].as_str().unwrap().starts_with("480"), "{closed}");
    anna.call("199");
    let closed = anna.wait("CALL_CLOSED");
    assert!(closed["param"].as_str().unwrap().starts_with("404"), "{closed}");
}

#[test]
fn a_phone_whose_secret_is_another_is_off_the_line_at_once() {
    if !has("baresip") {
        return;
    }
    let mut line = Line::on();
    let (anna, bert) = (line.device("101"), line.device("102"));
    let mut first = Phone::registered(&line, &anna, Over::Udp);
    let _second = Phone::registered(&line, &bert, Over::Udp);
    line.rotate(&bert);
    wait_for("the page", || (!line.is_registered(&bert)).then_some(()));
    first.call("102");
    let closed = first.wait("CALL_CLOSED");
    assert!(closed["param"].as_str().unwrap().starts_with("480"), "{closed}");
}

#[test]
fn after_a_restart_phones_on_udp_are_found_again_and_those_on_connections_are_not() {
    if !has("baresip") {
        return;
    }
    let mut line = Line::on();
    let [anna, bert, carla] = ["101", "102", "103"].map(|extension| line.device(extension));
    let mut first = Phone::registered(&line, &anna, Over::Udp);
    let mut second = Phone::registered(&line, &bert, Over::Udp);
    let third = Phone::registered(&line, &carla, Over::Tcp);
    wait_for("the page", || line.is_registered(&carla).then_some(()));
    let mut line = line.again();
    // It would come back by itself.
    drop(third);
    first.call("102");
    second.wait("CALL_INCOMING");
    second.say("hangup", "");
    first.wait("CALL_CLOSED");
    first.call("103");
    let closed = first.wait("CALL_CLOSED");
    assert!(closed["param"].as_str().unwrap().starts_with("480"), "{closed}");
    wait_for("the page", || line.is_registered(&anna).then_some(()));
    assert!(!line.is_registered(&carla));
}

#[test]
fn the_page_and_the_journal_say_where_a_phone_is() {
    if !has("baresip") {
        return;
    }
    let mut line = Line::on();
    let anna = line.device("101");
    let _phone = Phone::registered(&line, &anna, Over::Tls);
    let state = wait_for("the page", || {
        let shown = line.show(&anna);
        (shown["state"]["registered"] == true).then(|| shown["state"].clone())
    });
    assert_eq!(state["bindings"][0]["transport"], "tls");
    assert_eq!(state["bindings"][0]["address"], "127.0.0.1");
    let lines = wait_for("the journal", || {
        let lines = line.house.ask("GET", "/api/journal", json!(null)).expect(200).body;
        lines.contains("device-registered").then_some(lines)
    });
    assert!(
        lines.contains(&format!("({}) from 127.0.0.1", anna.username)),
        "{lines}"
    );
}
