//! Guessing at passwords: slowed down for the account and for the address, and told nothing.

use linekey::rules::id::Username;
use linekey::rules::time::Date;
use serde_json::json;

use crate::office::{HOUR, MINUTE, Office};

#[test]
fn recovery_says_the_same_whoever_asks() {
    let office = Office::open();
    office.administrator();
    for name in ["admin", "nobody", "101", ""] {
        let reply = office
            .browser()
            .post("/api/sign-in/recover", json!({ "username": name }))
            .expect(202);
        assert_eq!(reply.bytes, b"", "{name:?}");
    }
}

#[test]
fn a_failed_sign_in_says_the_same_for_every_account() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    office.person(&mut administrator, "101", 1);
    administrator
        .post("/api/me/password", json!({ "password": "a sentence of some length" }))
        .expect(204);
    let told = |name: &str| {
        let reply = office
            .browser()
            .sign_in_by_password(name, "a wrong sentence")
            .refused(401, "not-signed-in");
        (reply.bytes.clone(), reply.fields().to_vec())
    };
    let unknown = told("nobody");
    assert_eq!(told("admin"), unknown);
    assert_eq!(told("101"), unknown);
}

#[test]
fn guessing_is_slowed_down_for_the_account_and_for_the_address_and_ends_by_itself() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    administrator
        .post("/api/me/password", json!({ "password": "a sentence of some length" }))
        .expect(204);
    let guess = |name: &str, address: &str| {
        office
            .browser_at(address.parse().unwrap())
            .sign_in_by_password(name, "wrong wrong wrong")
    };
    let refused = (0..20)
        .find(|_| guess("admin", "192.0.2.1").status == 429)
        .expect("guesses are slowed down");
    assert!((3..=8).contains(&refused), "after {refused} guesses");
    let wait = guess("somebody", "192.0.2.1").refused(429, "wait");
    assert!(wait.field("retry-after").unwrap().parse::<u64>().unwrap() <= 15 * MINUTE);
    guess("admin", "198.51.100.9").refused(401, "not-signed-in");
    office
        .browser_at("192.0.2.1".parse().unwrap())
        .sign_in_by_passkey(&authenticator)
        .expect(200);
    office.pass(HOUR);
    office
        .browser_at("192.0.2.1".parse().unwrap())
        .sign_in_by_password("admin", "a sentence of some length")
        .expect(200);
}

#[test]
fn guesses_made_side_by_side_are_slowed_down_as_well() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    administrator
        .post("/api/me/password", json!({ "password": "a sentence of some length" }))
        .expect(204);
    let guess = || {
        office
            .browser()
            .sign_in_by_password("admin", "wrong wrong wrong")
            .status
    };
    let told: Vec<u16> = std::thread::scope(|scope| {
        let guesses: Vec<_> = (0..24).map(|_| scope.spawn(guess)).collect();
        guesses.into_iter().map(|guess| guess.join().unwrap()).collect()
    });
    let judged = told.iter().filter(|status| **status == 401).count();
    assert!(judged <= 5, "{judged} of 24 guesses were judged");
}

#[test]
fn made_up_names_do_not_make_the_desk_forget_who_is_being_guessed_at() {
    let office = Office::open();
    let guess = || {
        office
            .browser_at("192.0.2.1".parse().unwrap())
            .sign_in_by_password("admin", "wrong wrong wrong")
    };
    (0..20)
        .find(|_| guess().status == 429)
        .expect("guesses are slowed down");
    for number in 0..5000_u32 {
        let name = Username::from_typed(&format!("made-up-{number}"));
        let from = std::net::Ipv4Addr::from_bits(0x0a00_0000 + number).into();
        office
            .state
            .desk
            .throttle()
            .admit(&name, from, false, Date(office.now()))
            .unwrap();
    }
    guess().refused(429, "wait");
    // And somebody whom the full table has never seen is counted from the first guess on.
    let other = |_| {
        office
            .browser_at("198.51.100.1".parse().unwrap())
            .sign_in_by_password("other", "wrong wrong wrong")
    };
    (0..20)
        .map(other)
        .find(|reply| reply.status == 429)
        .expect("guesses are slowed down");
}

#[test]
fn an_office_behind_one_address_signs_in_by_password_all_morning() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    administrator
        .post("/api/me/password", json!({ "password": "a sentence of some length" }))
        .expect(204);
    for _ in 0..12 {
        office
            .browser()
            .sign_in_by_password("admin", "a sentence of some length")
            .expect(200);
        administrator
            .post(
                "/api/me/proof/password",
                json!({ "password": "a sentence of some length" }),
            )
            .expect(200);
    }
}

#[test]
fn a_failed_sign_in_takes_as_long_for_an_account_that_does_not_exist() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    administrator
        .post("/api/me/password", json!({ "password": "a sentence of some length" }))
        .expect(204);
    // The quickest of some, and a wide margin: a busy machine makes single ones slow, but a check that is left out is a
    // hundred times quicker.
    let rounds = (0..6).map(|_| (time_of_a_guess(&office, "admin"), time_of_a_guess(&office, "nobody")));
    let (known, unknown): (Vec<_>, Vec<_>) = rounds.unzip();
    let (known, unknown) = (known.into_iter().min().unwrap(), unknown.into_iter().min().unwrap());
    assert!(
        unknown * 10 > known && known * 10 > unknown,
        "known {known:?}, unknown {unknown:?}"
    );
}

#[expect(clippy::disallowed_methods, reason = "how long it really takes is what is asked")]
fn time_of_a_guess(office: &Office, name: &str) -> std::time::Duration {
    office.pass(2 * HOUR);
    let began = std::time::Instant::now();
    office
        .browser()
        .sign_in_by_password(name, "wrong wrong wrong")
        .refused(401, "not-signed-in");
    began.elapsed()
}
