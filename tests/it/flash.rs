//! What an office writes to its flash in a day: thirty people with sixty devices, over a disk that counts. And what
//! strangers make it write: nothing.

use std::time::Duration;

use linekey::appliance::upkeep::sweep::keep_up;
use linekey::http::edge::message::Method;
use linekey::rules::change::Change;
use linekey::rules::office::journal::Actor;
use linekey::rules::phones::change::PhoneChange;
use linekey::rules::verdict::Verdict;
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::disk::Disk;
use crate::office::{Browser, DAY, HOUR, MINUTE, Office};

const PEOPLE: u32 = 30;
/// Bytes of a day (the bar).
const A_DAY: u64 = 5 << 20;
const STRANGERS: u32 = 100_000;

struct Colleague<'a> {
    browser: Browser<'a>,
    key: Authenticator,
    /// Minutes after eight at which they sign in.
    comes: u64,
}

fn hired<'a>(office: &'a Office, administrator: &mut Browser<'a>) -> Vec<Colleague<'a>> {
    let hire = |number: u32| {
        let extension = (100 + number).to_string();
        let seed = u8::try_from(number + 1).unwrap();
        let (browser, key) = office.person(administrator, &extension, seed);
        for kind in ["phone", "app"] {
            let device = json!({ "kind": kind, "label": format!("{kind} of {extension}") });
            let path = format!("/api/people/{extension}/devices");
            administrator.post(&path, device).expect(201);
        }
        Colleague {
            browser,
            key,
            comes: u64::from(number) * 2,
        }
    };
    (0..PEOPLE).map(hire).collect()
}

/// Lets so many minutes pass as the appliance lives them: `each` is what people do in that minute.
fn live(office: &Office, minutes: u64, each: impl Fn(u64)) {
    let (left, minute) = (std::cell::Cell::new(minutes), std::cell::Cell::new(0));
    let pause = |time: Duration| {
        for _ in 0..(time.as_secs() / MINUTE).min(left.get()) {
            office.pass(MINUTE);
            each(minute.get());
            minute.set(minute.get() + 1);
            left.set(left.get() - 1);
        }
        let over = left.get() == 0;
        async move {
            smol::future::yield_now().await;
            if over {
                std::future::pending::<()>().await;
            }
        }
    };
    let kept = keep_up(office.state.clone(), pause);
    let over = async {
        while left.get() > 0 {
            smol::future::yield_now().await;
        }
    };
    smol::block_on(smol::future::or(over, kept));
    office.state.write_down().unwrap();
}

/// What the phones' keeper writes of sixty devices that registered.
fn phones_come_back(office: &Office) {
    let devices = office.state.store.read(|facts| facts.devices()).unwrap();
    assert_eq!(devices.len(), 60);
    let from = "192.0.2.1".parse().unwrap();
    let changes: Vec<Change> = devices
        .into_iter()
        .map(|device| PhoneChange::AddressChanged(device, from).into())
        .collect();
    let turn = office
        .state
        .store
        .turn_now(Actor::APPLIANCE, office.state.moment(), |_, _| {
            Ok(Verdict::yes((), changes))
        });
    turn.unwrap().unwrap();
}

#[test]
fn a_day_of_thirty_people_with_sixty_devices_writes_five_mebibytes_at_most_and_a_night_nothing() {
    let disk = Disk::empty();
    let office = Office::over(disk.clone(), 0);
    let (mut administrator, key) = office.administrator();
    let people = hired(&office, &mut administrator);
    office.state.write_down().unwrap();
    office.pass(DAY);
    let (began, commits) = (disk.octets(), office.state.store.tally().commits());
    let colleagues = std::cell::RefCell::new((administrator, people));
    // From eight to six: they come, sign in, and have a page open that asks now and then; one change an hour.
    live(&office, 10 * HOUR / MINUTE, |minute| {
        let (administrator, people) = &mut *colleagues.borrow_mut();
        for person in people.iter_mut() {
            if person.comes == minute {
                person.browser.sign_in_by_passkey(&person.key).expect(200);
            } else if minute > person.comes && minute % 7 == 0 {
                person.browser.get("/api/me").expect(200);
            }
        }
        if minute % 60 == 30 {
            administrator.sign_in_by_passkey(&key).expect(200);
            let card = json!({ "name": format!("Person of minute {minute}") });
            administrator.patch("/api/people/107", card).expect(200);
        }
        if minute == 90 {
            phones_come_back(&office);
        }
    });
    let day = disk.octets() - began;
    let evening = (disk.octets(), disk.syncs());
    live(&office, 14 * HOUR / MINUTE, |_| {});
    let night = (disk.octets() - evening.0, disk.syncs() - evening.1);
    let commits = office.state.store.tally().commits() - commits;
    println!(
        "a day: {day} bytes in {commits} commits; its night: {} bytes, {} syncs",
        night.0, night.1
    );
    assert!(day + night.0 <= A_DAY, "{day}");
    assert_eq!(night, (0, 0));
}

#[test]
fn while_people_only_look_there_is_one_batch_an_hour() {
    let disk = Disk::empty();
    let office = Office::over(disk.clone(), 0);
    let (administrator, _) = office.administrator();
    office.state.write_down().unwrap();
    let before = office.state.store.tally().commits();
    live(&office, 6 * HOUR / MINUTE, |_| {
        administrator.clone().get("/api/me").expect(200);
    });
    let commits = office.state.store.tally().commits() - before;
    // Six, and what is written at the end.
    assert!((6..=7).contains(&commits), "{commits}");
}

#[test]
fn a_hundred_thousand_strangers_write_nothing() {
    let disk = Disk::empty();
    let office = Office::over(disk.clone(), 0);
    let (mut administrator, _) = office.administrator();
    office.person(&mut administrator, "101", 1);
    office.state.write_down().unwrap();
    let before = (disk.octets(), disk.syncs(), disk.length());
    for number in 0..STRANGERS {
        let stranger = office.browser_at(
            format!("198.51.{}.{}", number / 250 % 250, number % 250)
                .parse()
                .unwrap(),
        );
        let (method, path, body) = match number % 8 {
            0 => (Method::POST, "/api/sign-in/link", json!({ "token": "A".repeat(43) })),
            1 => (Method::POST, "/api/sign-in/passkey/begin", json!({})),
            2 => (Method::GET, "/metrics", Value::Null),
            3 => (Method::GET, "/api/people", Value::Null),
            4 => (Method::POST, "/api/people", json!({ "extension": "1", "name": "x" })),
            5 => (Method::GET, "/provision/805ec0123456.cfg", Value::Null),
            6 => (Method::DELETE, "/api/people/101", Value::Null),
            _ => (Method::GET, "/no/such/path", Value::Null),
        };
        let request = stranger.request(method, path, &body);
        office.answered(request, stranger.peer());
    }
    office.state.write_down().unwrap();
    println!("{STRANGERS} requests of strangers: {} bytes", disk.octets() - before.0);
    assert_eq!((disk.octets(), disk.syncs(), disk.length()), before);
}
