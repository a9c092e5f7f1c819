//! Guessing at passwords: strangers are slowed down for ever, and keep nobody out who belongs here.

use std::net::IpAddr;

use serde_json::json;

use crate::authenticator::Authenticator;
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
        office.pass(MINUTE);
        let stranger: IpAddr = std::net::Ipv4Addr::from_bits(0xc612_0000 + u32::try_from(minute).unwrap()).into();
        while guess(office, &stranger.to_string()).status == 401 {
            judged += 1;
        }
        meanwhile();
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
    // 20 at once, and one in three minutes.
    assert!(judged <= 20 + 3 * 20 + 1, "{judged} guesses were judged");
    assert!(elsewhere > 100, "to others the account is closed: {elsewhere} of 180");
}

#[test]
fn one_stranger_closes_an_account_to_nobody_else_however_long_they_guess() {
    let office = Office::open();
    with_password(&office);
    let mut judged = 0;
    for hour in 0..12_u8 {
        for _ in 0..60 {
            while guess(&office, "192.0.2.1").status == 401 {
                judged += 1;
            }
            office.pass(MINUTE);
        }
        // Somebody with a password alone, who was never seen where they are now.
        let mut owner = at(&office, &format!("198.51.100.{hour}"));
        owner.sign_in_by_password("admin", PASSWORD).expect(200);
        owner.post("/api/sign-out", json!(null)).expect(204);
    }
    assert!(judged <= 12 * 4 + 12, "{judged} guesses were judged");
}

#[test]
fn where_strangers_have_closed_a_name_nobody_waits_for_more_than_three_minutes() {
    let office = Office::open();
    with_password(&office);
    let closed = |name: &str| {
        let told = (0..40_u8)
            .map(|number| at(&office, &format!("192.0.2.{number}")).sign_in_by_password(name, "wrong wrong wrong"));
        let closed: Vec<Reply> = told.filter(|reply| reply.status == 429).collect();
        assert_eq!(closed.len(), 20);
        let wait = closed[0].field("retry-after").unwrap().parse::<u64>().unwrap();
        assert!(wait <= 3 * MINUTE, "{wait} s");
        let mut fields = closed[0].fields().to_vec();
        fields.sort();
        (closed[0].bytes.clone(), fields)
    };
    assert_eq!(closed("admin"), closed("nobody"), "and it tells nothing");
    office.pass(3 * MINUTE);
    at(&office, "198.51.100.1")
        .sign_in_by_password("admin", PASSWORD)
        .expect(200);
}

#[test]
fn guesses_at_one_name_of_an_account_tell_nothing_of_its_other() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let card = json!({ "extension": "101", "name": "Mira", "email": "mira@example.org" });
    administrator.post("/api/people", card).expect(201);
    let closed = |name: &str| {
        (0..40_u8).any(|number| {
            at(&office, &format!("192.0.2.{number}"))
                .sign_in_by_password(name, "wrong wrong wrong")
                .status
                == 429
        })
    };
    assert!(closed("101"));
    at(&office, "198.51.100.1")
        .sign_in_by_password("mira@example.org", "wrong wrong wrong")
        .refused(401, "not-signed-in");
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
    assert_eq!(guess(&office, "192.0.2.201").status, 429);
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
fn one_machines_guesses_at_invented_names_hold_up_no_colleague_at_the_same_address() {
    let office = Office::open();
    let authenticator = with_password(&office);
    at(&office, HOME).sign_in_by_passkey(&authenticator).expect(200);
    let invented =
        |number: u32| at(&office, HOME).sign_in_by_password(&format!("made-up-{number}"), "wrong wrong wrong");
    let closed = (0..60).filter(|number| invented(*number).status == 429).count();
    assert!(closed > 50, "the one who guesses is slowed down: {closed}");
    for _ in 0..20 {
        at(&office, HOME).sign_in_by_password("admin", PASSWORD).expect(200);
        invented(100).refused(429, "wait");
    }
    let refused = (0..20).find(|_| guess(&office, HOME).status == 429).unwrap();
    assert!(
        (3..=8).contains(&refused),
        "their own name is closed to them after {refused} guesses"
    );
}

#[test]
fn on_the_lan_a_neighbour_is_an_address_in_ipv6_too() {
    let office = Office::open();
    with_password(&office);
    for lan in ["fd00:1:2:3::", "fe80::", "192.168.1."] {
        let closed = (0..60).filter(|number| {
            let guess =
                at(&office, &format!("{lan}7")).sign_in_by_password(&format!("x-{number}"), "wrong wrong wrong");
            guess.status == 429
        });
        assert!(closed.count() > 50);
        let mut colleague = at(&office, &format!("{lan}8"));
        colleague.sign_in_by_password("admin", PASSWORD).expect(200);
        colleague.post("/api/sign-out", json!(null)).expect(204);
    }
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
    for far in ["192.0.2.77", "192.0.2.78"] {
        at(&office, far)
            .sign_in_by_password("admin", "four other words this time")
            .refused(429, "wait");
    }
    at(&office, "192.168.1.78")
        .sign_in_by_password("admin", "four other words this time")
        .expect(200);
}

/// Whoever is in front of the board is not held up by strangers, but by their own guesses, whatever else they are good
/// at.
#[test]
fn a_rescue_cannot_be_guessed_at_from_the_lan_either() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let near = "192.168.1.7";
    office.arm("admin", "four other words this time");
    administrator
        .post("/api/me/password", json!({ "password": PASSWORD }))
        .expect(204);
    administrator
        .post("/api/administrators", json!({ "name": "Eve", "username": "eve" }))
        .expect(201);
    administrator
        .post("/api/administrators/eve/password", json!({ "password": PASSWORD }))
        .expect(204);
    let mut guessed = 0;
    for _ in 0..200 {
        guessed += u32::from(guess(&office, near).status == 401);
        at(&office, near).sign_in_by_password("eve", PASSWORD);
    }
    assert!(guessed <= 8, "{guessed} guesses were judged");
    at(&office, near)
        .sign_in_by_password("admin", "four other words this time")
        .refused(429, "wait");
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
