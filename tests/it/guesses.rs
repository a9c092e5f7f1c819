//! Guessing at passwords: strangers are slowed down for ever, and keep nobody out who belongs here.

use std::net::IpAddr;

use linekey::rules::people::letter::Kind;
use serde_json::json;

use crate::authenticator::Authenticator;
use crate::disk::Disk;
use crate::links::{letters, set_relay};
use crate::office::{Browser, MINUTE, ONE_TIME, Office, Reply};

const PASSWORD: &str = "a sentence of some length";
const HOME: &str = "203.0.113.7";

fn at<'a>(office: &'a Office, address: &str) -> Browser<'a> {
    office.browser_at(address.parse().unwrap())
}

fn guess(office: &Office, address: &str) -> Reply {
    at(office, address).sign_in_by_password("admin", "wrong wrong wrong")
}

/// An administrator with a password and a passkey; nobody is signed in any more.
fn with_password(office: &Office) -> Authenticator {
    let (mut administrator, authenticator) = office.administrator();
    let password = json!({ "password": PASSWORD });
    administrator.post("/api/me/password", password).expect(204);
    administrator.post("/api/sign-out", json!(null)).expect(204);
    authenticator
}

/// Strangers, each from an address of their own, who try whenever an account is not closed to them; `meanwhile` is done
/// every minute for `hours`. Answers how many guesses were judged.
fn besieged(office: &Office, hours: u64, mut meanwhile: impl FnMut()) -> u64 {
    let mut judged = 0;
    for minute in 0..hours * 60 {
        let stranger: IpAddr = std::net::Ipv4Addr::from_bits(0xc612_0000 + u32::try_from(minute).unwrap()).into();
        while guess(office, &stranger.to_string()).status == 401 {
            judged += 1;
        }
        meanwhile();
        office.pass(MINUTE);
    }
    judged
}

#[test]
fn a_stranger_who_guesses_for_hours_never_keeps_the_owner_out_where_they_are_at_home() {
    let office = Office::open();
    let authenticator = with_password(&office);
    at(&office, HOME).sign_in_by_passkey(&authenticator).expect(200);
    let mut elsewhere = 0;
    let judged = besieged(&office, 3, || {
        at(&office, HOME).sign_in_by_password("admin", PASSWORD).expect(200);
        elsewhere += u32::from(guess(&office, "192.0.2.200").status == 429);
    });
    assert!(judged <= 3 * 4 + 12, "{judged} guesses were judged");
    assert!(elsewhere > 150, "to others the account is closed: {elsewhere} of 180");
}

#[test]
fn where_a_session_lives_is_home_until_it_ends() {
    let office = Office::open();
    with_password(&office);
    let mut owner = at(&office, HOME);
    owner.sign_in_by_password("admin", PASSWORD).expect(200);
    besieged(&office, 1, || ());
    at(&office, HOME).sign_in_by_password("admin", PASSWORD).expect(200);
    at(&office, "203.0.113.8")
        .sign_in_by_password("admin", PASSWORD)
        .refused(429, "wait");
    // The same session moves on, and with it what is home.
    owner.address = "203.0.113.8".parse().unwrap();
    owner.get("/api/me").expect(200);
    let mut there = at(&office, "203.0.113.8");
    there.sign_in_by_password("admin", PASSWORD).expect(200);
    for mut browser in [there, owner] {
        browser.post("/api/sign-out", json!(null)).expect(204);
    }
    let nobody_is_home = at(&office, "203.0.113.8").sign_in_by_password("admin", PASSWORD);
    nobody_is_home.refused(429, "wait");
}

#[test]
fn guesses_at_home_are_slowed_down_as_well() {
    let office = Office::open();
    let authenticator = with_password(&office);
    at(&office, HOME).sign_in_by_passkey(&authenticator).expect(200);
    let refused = (0..20).find(|_| guess(&office, HOME).status == 429).unwrap();
    assert!((3..=8).contains(&refused), "after {refused} guesses");
    assert_eq!(
        guess(&office, "192.0.2.1").status,
        401,
        "elsewhere nobody has guessed yet"
    );
}

#[test]
fn one_slash_64_is_one_neighbour_and_two_are_two() {
    let office = Office::open();
    let authenticator = with_password(&office);
    at(&office, "2001:db8:0:1::7")
        .sign_in_by_passkey(&authenticator)
        .expect(200);
    besieged(&office, 1, || ());
    at(&office, "2001:db8:0:1:ffff::9")
        .sign_in_by_password("admin", PASSWORD)
        .expect(200);
    at(&office, "2001:db8:0:2::7")
        .sign_in_by_password("admin", PASSWORD)
        .refused(429, "wait");
    // And guesses spread over one /64 are one neighbour's.
    let spread = |host: u32| {
        at(&office, &format!("2001:db8:0:3::{host:x}"))
            .sign_in_by_password(&format!("made-up-{host}"), "wrong wrong wrong")
    };
    assert!((1..20).any(|host| spread(host).status == 429));
    let other = at(&office, "2001:db8:0:4::1").sign_in_by_password("made-up", "wrong wrong wrong");
    assert_eq!(other.status, 401);
}

#[test]
fn a_stranger_who_guesses_for_hours_never_keeps_a_rescue_out() {
    let office = Office::open();
    with_password(&office);
    let mut number = 0;
    besieged(&office, 2, || {
        number += 1;
        let rescue = format!("{ONE_TIME}, number {number}");
        office.arm("admin", &rescue);
        at(&office, "127.0.0.1")
            .sign_in_by_password("admin", &rescue)
            .expect(200);
    });
}

#[test]
fn a_rescue_cannot_be_guessed_at_for_nothing_where_the_account_is_closed() {
    let office = Office::open();
    with_password(&office);
    besieged(&office, 1, || ());
    office.arm("admin", "four other words this time");
    let mut tries: Vec<_> = (0..20)
        .map(|_| guess(&office, "192.0.2.77").refused(429, "wait"))
        .collect();
    let last = tries
        .pop()
        .unwrap()
        .field("retry-after")
        .unwrap()
        .parse::<u64>()
        .unwrap();
    assert!(last > 0);
    at(&office, "192.0.2.77")
        .sign_in_by_password("admin", "four other words this time")
        .refused(429, "wait");
    at(&office, "192.0.2.78")
        .sign_in_by_password("admin", "four other words this time")
        .expect(200);
}

#[test]
fn step_up_by_password_waits_for_nobodys_guesses_but_its_own() {
    let office = Office::open();
    with_password(&office);
    let mut owner = at(&office, HOME);
    owner.sign_in_by_password("admin", PASSWORD).expect(200);
    let mut other = at(&office, "203.0.113.9");
    other.sign_in_by_password("admin", PASSWORD).expect(200);
    besieged(&office, 2, || {
        owner
            .post("/api/me/proof/password", json!({ "password": PASSWORD }))
            .expect(200);
    });
    let wrong = |browser: &mut Browser<'_>| {
        browser
            .post("/api/me/proof/password", json!({ "password": "wrong wrong wrong" }))
            .status
    };
    let refused = (0..20)
        .find(|_| wrong(&mut other) == 429)
        .expect("guesses in a session are slowed down");
    assert!((3..=8).contains(&refused), "after {refused} guesses");
    owner
        .post("/api/me/proof/password", json!({ "password": PASSWORD }))
        .expect(200);
    office.pass(16 * MINUTE);
    other
        .post("/api/me/proof/password", json!({ "password": PASSWORD }))
        .expect(200);
}

/// Guesses at that account, from addresses of its own, up to the one that sets off its alarm.
fn until_the_alarm(office: &Office, username: &str, addresses: u32) -> Vec<u16> {
    let guess = |number: u32| {
        office.pass(20 * MINUTE);
        let from = std::net::Ipv4Addr::from_bits(addresses + number).into();
        let guessed = office
            .browser_at(from)
            .sign_in_by_password(username, "wrong wrong wrong");
        guessed.status
    };
    (0..14).map(guess).collect()
}

/// An alarm is written beside the answer, so what it does shows a moment later.
#[track_caller]
pub fn soon(what: impl Fn() -> bool) {
    for _ in 0..3_000 {
        if what() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("it never came");
}

#[test]
fn an_alarm_is_in_the_journal_where_nobody_can_get_a_letter() {
    let office = Office::open();
    with_password(&office);
    besieged(&office, 1, || ());
    let guessed = || {
        let lines = office
            .state
            .store
            .read(|facts| facts.journal(None, 100, |line| line.event == "password-guessed"));
        lines.unwrap()
    };
    soon(|| !guessed().is_empty());
    let lines = guessed();
    assert_eq!(lines.len(), 1, "once a day: {lines:?}");
    let line = &lines[0].1;
    assert!(
        line.who.is_empty() && line.about.starts_with("admin: from 198."),
        "{line:?}"
    );
}

#[test]
fn an_alarm_that_cannot_be_written_changes_no_answer() {
    let disk = Disk::empty();
    let office = Office::over(disk.clone(), 1);
    let (mut administrator, _) = office.administrator();
    set_relay(&mut administrator);
    administrator
        .patch("/api/administrators/admin", json!({ "email": "owner@example.org" }))
        .expect(200);
    disk.cut_at_sync(1);
    let told = until_the_alarm(&office, "admin", 0xc000_0200);
    assert_eq!(told, [401; 14]);
    soon(|| disk.is_dead());
}

#[test]
fn guesses_at_eight_accounts_hide_none_at_the_ninth() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    set_relay(&mut administrator);
    administrator
        .patch("/api/administrators/admin", json!({ "email": "owner@example.org" }))
        .expect(200);
    let people = (0..9_u32).map(|number| (number, (101 + number).to_string()));
    for (_, extension) in people.clone() {
        let card = json!({ "extension": extension, "name": "Somebody" });
        administrator.post("/api/people", card).expect(201);
    }
    for (number, extension) in people {
        until_the_alarm(&office, &extension, 0xc000_0200 + 256 * number);
    }
    let alarms = || {
        letters(&office)
            .iter()
            .filter(|(_, letter)| letter.kind == Kind::LockedOut)
            .count()
    };
    soon(|| alarms() == 9);
}

#[test]
fn slow_work_keeps_its_place_to_its_end_even_if_nobody_waits_for_it() {
    use smol::future::{FutureExt, poll_once};

    let office = Office::open();
    let passwords = &office.state.passwords;
    let (begun, begins) = std::sync::mpsc::channel();
    let (leave, left) = smol::channel::unbounded::<()>();
    smol::block_on(async {
        let mut at_work: Vec<_> = (0..2)
            .map(|_| {
                let (begun, left) = (begun.clone(), left.clone());
                let work = move || {
                    begun.send(()).unwrap();
                    left.recv_blocking().unwrap();
                };
                passwords.at_a_place(work).boxed()
            })
            .collect();
        for work in &mut at_work {
            assert!(poll_once(work).await.is_none());
            begins.recv().unwrap();
        }
        drop(at_work);
        let mut check = passwords.belongs(PASSWORD, None).boxed();
        for _ in 0..5 {
            assert!(poll_once(&mut check).await.is_none(), "both places are taken");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        for _ in 0..2 {
            leave.send(()).await.unwrap();
        }
        assert!(!check.await);
    });
}
