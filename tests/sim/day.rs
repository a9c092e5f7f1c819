//! An office-day: what people do, when the network is bad, and what has to be true at noon and in the evening.

use linekey::sip::stack::{Input, ListenerId, Load};

use crate::checkers::Tally;
use crate::dice::Dice;
use crate::network::Weather;
use crate::office::{Office, PHONES};
use crate::phone::{Deed, Wish};

const MINUTE_MS: u64 = 60_000;
/// Three shifts of 40 minutes, each with its weather, and a clear quarter of an hour after each.
const SHIFTS: u64 = 3;
const SHIFT_MS: u64 = 40 * MINUTE_MS;
const CLEAR_MS: u64 = 15 * MINUTE_MS;

/// What a day came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Report {
    /// SHA-256 over all inputs and actions with their times.
    pub(crate) trace: String,
    pub(crate) tally: Tally,
}

/// What somebody does, or what happens.
#[derive(Clone, Debug)]
enum Happening {
    Call,
    Cut,
    Message,
    PickUp,
    Restart,
    Stranger,
}

/// Lives through one day. Panics where something is wrong.
pub(crate) fn live(seed: u64) -> Report {
    let mut dice = Dice::new(seed ^ 0x5eed);
    let mut office = Office::open(seed, Weather::CLEAR);
    office.run_until(office.now + 2 * MINUTE_MS);
    for shift in 0..SHIFTS {
        office.network.weather = weather(&mut dice);
        work(&mut office, &mut dice);
        office.network.weather = Weather::CLEAR;
        // Some calls go on while lamps are looked at.
        for _ in 0..6 {
            call(&mut office, &mut dice);
            office.run_until(office.now + 3_000);
        }
        for _ in 0..4 {
            office.run_until(office.now + 35_000);
            look(&mut office);
        }
        office.run_until(office.now + CLEAR_MS);
        nothing_is_left(&office);
        if shift == 1 && dice.permille(500) {
            office.restart_stack();
            office.run_until(office.now + 3 * MINUTE_MS);
        }
    }
    evening(&mut office);
    Report {
        trace: office.trace(),
        tally: office.checkers.tally.clone(),
    }
}

fn weather(dice: &mut Dice) -> Weather {
    Weather {
        loss: *dice.pick(&[0, 20, 50, 120]),
        doubled: *dice.pick(&[0, 20, 100]),
        delay_ms: (1, *dice.pick(&[10, 80, 400, 900])),
    }
}

fn work(office: &mut Office, dice: &mut Dice) {
    let end = office.now + SHIFT_MS;
    let gap = *dice.pick(&[20_000, 60_000, 120_000]);
    while office.now < end {
        office.run_until(office.now + dice.between(0, gap));
        office.checkers.nobody_waits(office.now);
        let chosen = dice.pick(&[
            Happening::Call,
            Happening::Call,
            Happening::Call,
            Happening::Call,
            Happening::Call,
            Happening::Call,
            Happening::Call,
            Happening::Call,
            Happening::PickUp,
            Happening::PickUp,
            Happening::Message,
            Happening::Stranger,
            Happening::Stranger,
            Happening::Cut,
            Happening::Restart,
        ]);
        happen(office, dice, &chosen.clone());
    }
}

fn happen(office: &mut Office, dice: &mut Dice, happening: &Happening) {
    let number = usize::try_from(dice.between(0, PHONES as u64 - 1)).unwrap();
    match happening {
        Happening::Call => call(office, dice),
        Happening::Cut => office.cut(number),
        Happening::Message => {
            let to = extension(dice);
            if office.phones[number].is_registered(office.now) && office.phones[number].can_send() {
                office.phones[number].write_to(&to, office.now);
            }
            office.settle(number);
        }
        Happening::PickUp => {
            call(office, dice);
            office.run_until(office.now + dice.between(1_500, 4_000));
            let by_stars = dice.permille(500);
            for number in 0..PHONES {
                let phone = &mut office.phones[number];
                if phone.is_idle() && phone.is_registered(office.now) && phone.can_send() && dice.permille(300) {
                    phone.pick_up(by_stars, office.now);
                    office.settle(number);
                }
            }
        }
        Happening::Restart => office.restart_phone(number),
        Happening::Stranger => stranger(office, dice),
    }
}

fn extension(dice: &mut Dice) -> String {
    dice.between(101, 112).to_string()
}

/// Somebody who is free calls somebody.
fn call(office: &mut Office, dice: &mut Dice) {
    let number = usize::try_from(dice.between(0, PHONES as u64 - 1)).unwrap();
    let now = office.now;
    let phone = &mut office.phones[number];
    if !phone.is_idle() || !phone.is_registered(now) || !phone.can_send() {
        return;
    }
    let (to, third) = (extension(dice), extension(dice));
    let patience = *dice.pick(&[3_000, 12_000, 25_000, 40_000, 400_000]);
    let mut then = Vec::new();
    if phone.manner.refreshes {
        then.push((45_000, Deed::Refresh));
    }
    match dice.between(0, 9) {
        0 => then.push((5_000, Deed::Blind(third))),
        1 => then.push((5_000, Deed::Consult(third))),
        2 | 3 => then.extend([(4_000, Deed::Hold), (12_000, Deed::Resume)]),
        _ => {}
    }
    if dice.permille(500) {
        then.push((dice.between(1_000, 150_000), Deed::HangUp));
    }
    let wish = Wish {
        patience_ms: Some(patience),
        then,
        ..Wish::default()
    };
    phone.place(&to, wish, now);
    office.settle(number);
}

/// Somebody without an account: nothing rings, nothing is remembered, and at most one answer goes back.
fn stranger(office: &mut Office, dice: &mut Dice) {
    let (branch, to) = (dice.hex(), extension(dice));
    let (method, from) = *dice.pick(&[
        ("INVITE", "10.0.0.99:5060"),
        ("OPTIONS", "10.0.0.99:5060"),
        ("REGISTER", "10.0.0.99:5070"),
        ("SUBSCRIBE", "10.0.0.99:5060"),
        ("MESSAGE", "10.0.0.99:5060"),
        ("INVITE", "203.0.113.9:5060"),
    ]);
    let text = format!(
        "{method} sip:{to}@office.example SIP/2.0\r\nVia: SIP/2.0/UDP {from};branch=z9hG4bK{branch};rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:{to}@office.example>;tag=s\r\nTo: <sip:{to}@office.example>\r\n\
         Call-ID: stranger-{branch}\r\nCSeq: 1 {method}\r\nContact: <sip:x@{from}>\r\nEvent: dialog\r\n\
         Content-Length: 0\r\n\r\n"
    );
    let before = remembered(&office.load());
    let input = Input::Datagram {
        listener: ListenerId(0),
        remote: from.parse().unwrap(),
        bytes: text.as_bytes(),
    };
    let answers = office.tell(input, text.as_bytes());
    // An event about strangers in bulk may come with the answer.
    assert!(answers <= 2, "{answers} actions for a stranger's {method}");
    if from.starts_with("203") {
        assert_eq!(answers, 0, "somebody outside the LAN was answered");
    }
    assert!(
        remembered(&office.load()) <= before,
        "a stranger's {method} is remembered"
    );
}

fn remembered(load: &Load) -> usize {
    let transactions = load.server_transactions + load.client_transactions + load.forwarded;
    transactions + load.calls + load.subscriptions + load.bindings
}

/// A look around while people talk.
fn look(office: &mut Office) {
    office.checkers.nobody_waits(office.now);
    office.checkers.calls_agree(&office.phones);
    office.checkers.lamps_are_true(&office.phones, office.now);
}

/// A quarter of an hour after the last call began.
fn nothing_is_left(office: &Office) {
    let load = office.load();
    let talks = office.phones.iter().filter(|phone| !phone.is_idle()).count();
    assert_eq!(talks, 0, "phones are in calls still");
    assert_eq!(load.forwarded, 0, "{load:?}");
    let watching: usize = office.phones.iter().map(|phone| phone.lamps.len()).sum();
    // Of a phone that was restarted, the stack cannot know that its subscriptions are no good before it notifies.
    assert!(
        load.subscriptions <= 4 * watching.max(1),
        "{load:?}, and {watching} lamps"
    );
}

/// All go home: what was there is gone.
fn evening(office: &mut Office) {
    for number in 0..PHONES {
        office.phones[number].closing = true;
    }
    office.run_until(office.now + 2 * MINUTE_MS);
    look(office);
    for number in 0..PHONES {
        office.phones[number].unwatch(office.now);
        office.settle(number);
    }
    office.run_until(office.now + MINUTE_MS);
    for number in 0..PHONES {
        office.phones[number].leave(office.now);
        office.settle(number);
    }
    office.run_until(office.now + 62 * MINUTE_MS);
    for number in 0..PHONES {
        office.cut(number);
    }
    office.run_until(office.now + 2 * MINUTE_MS);
    let load = office.load();
    let calls_of_the_lost = load.calls;
    let rest = Load { calls: 0, ..load };
    assert_eq!(rest, Load::default(), "left over at the end of the day");
    assert!(
        calls_of_the_lost <= office.checkers.orphans(),
        "{load:?}: calls that nobody is in"
    );
}
