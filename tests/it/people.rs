//! Accounts, links, passwords and the last way in.

use linekey::desk::throttle::Tried;
use linekey::rules::id::Username;
use linekey::rules::moment::UnixTime;
use serde_json::json;

use crate::authenticator::Authenticator;
use crate::office::{DAY, HOUR, MINUTE, ONE_TIME, ORIGIN, Office, token_of};

#[test]
fn a_first_run_leads_from_the_one_time_password_to_an_administrator_with_a_passkey() {
    let office = Office::open();
    office.arm("admin", ONE_TIME);
    let mut browser = office.browser();
    let reply = browser.sign_in_by_password(" Admin ", ONE_TIME).expect(200);
    assert_eq!(reply.json, json!({ "next": "/welcome" }));
    let me = browser.get("/api/me").expect(200).json;
    assert_eq!(
        (&me["kind"], &me["username"]),
        (&json!("administrator"), &json!("admin"))
    );
    assert_eq!(
        (&me["passkeys"], &me["has_password"], &me["may_set_password"]),
        (&json!(0), &json!(false), &json!(true))
    );
    assert_eq!(me["session"]["by"], "one-time");
    let mut authenticator = Authenticator::new(ORIGIN, 0);
    browser.add_passkey(&mut authenticator).expect(201);
    browser.post("/api/sign-out", json!(null)).expect(204);
    assert_eq!(
        browser.sign_in_by_passkey(&authenticator).expect(200).json,
        json!({ "next": "/home" })
    );
}

#[test]
fn a_one_time_password_works_once() {
    let office = Office::open();
    office.arm("admin", ONE_TIME);
    office.browser().sign_in_by_password("admin", ONE_TIME).expect(200);
    office
        .browser()
        .sign_in_by_password("admin", ONE_TIME)
        .refused(401, "not-signed-in");
}

#[test]
fn a_one_time_password_stays_spent_when_the_same_flags_arm_it_again() {
    let office = Office::open();
    office.arm("admin", ONE_TIME);
    office.browser().sign_in_by_password("admin", ONE_TIME).expect(200);
    office.arm("admin", ONE_TIME);
    office
        .browser()
        .sign_in_by_password("admin", ONE_TIME)
        .refused(401, "not-signed-in");
}

#[test]
fn another_one_time_password_lets_the_same_administrator_in_with_their_passkeys() {
    let office = Office::open();
    let (_, authenticator) = office.administrator();
    office.arm("admin", "another five words this time");
    let mut rescued = office.browser();
    rescued
        .sign_in_by_password("admin", "another five words this time")
        .expect(200);
    assert_eq!(rescued.get("/api/me").expect(200).json["passkeys"], 1);
    office.browser().sign_in_by_passkey(&authenticator).expect(200);
}

#[test]
fn a_one_time_password_for_another_name_makes_a_second_administrator() {
    let office = Office::open();
    office.administrator();
    office.arm("second", ONE_TIME);
    let mut second = office.browser();
    second.sign_in_by_password("second", ONE_TIME).expect(200);
    assert_eq!(second.get("/api/me").json["username"], "second");
}

#[test]
fn a_person_comes_in_by_link_and_comes_back_by_passkey() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let card = json!({ "extension": "101", "name": "Mira Lindt", "email": "Mira@Example.org" });
    let added = administrator.post("/api/people", card).expect(201).json;
    assert_eq!(added["person"]["extension"], "101");
    assert_eq!(added["invite"]["until"], office.now() + 7 * DAY);
    assert!(
        added["invite"]["link"]
            .as_str()
            .unwrap()
            .starts_with("http://localhost:8080/join#"),
        "{added}"
    );
    assert!(
        added["invite"]["qr"]["path"].as_str().unwrap().starts_with("M0 0"),
        "{added}"
    );
    let mut mira = office.browser();
    assert_eq!(
        mira.sign_in_by_link(&token_of(&added["invite"])).expect(200).json,
        json!({ "next": "/welcome" })
    );
    let me = mira.get("/api/me").expect(200).json;
    assert_eq!(
        (&me["kind"], &me["extension"], &me["rights"]),
        (&json!("person"), &json!("101"), &json!([]))
    );
    let mut authenticator = Authenticator::new(ORIGIN, 1);
    mira.add_passkey(&mut authenticator).expect(201);
    mira.post("/api/sign-out", json!(null)).expect(204);
    mira.sign_in_by_passkey(&authenticator).expect(200);
    assert_eq!(mira.get("/api/me").expect(200).json["name"], "Mira Lindt");
}

#[test]
fn a_link_works_once() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let added = administrator
        .post("/api/people", json!({ "extension": "101", "name": "Mira" }))
        .expect(201);
    let token = token_of(&added.json["invite"]);
    office.browser().sign_in_by_link(&token).expect(200);
    office.browser().sign_in_by_link(&token).refused(410, "link-spent");
}

#[test]
fn a_newer_link_ends_the_older_one() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let added = administrator
        .post("/api/people", json!({ "extension": "101", "name": "Mira" }))
        .expect(201);
    let newer = administrator.post("/api/people/101/invite", json!({})).expect(201);
    office
        .browser()
        .sign_in_by_link(&token_of(&added.json["invite"]))
        .refused(410, "link-spent");
    office.browser().sign_in_by_link(&token_of(&newer.json)).expect(200);
}

#[test]
fn a_link_works_for_seven_days_and_not_a_second_longer() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let first = administrator
        .post("/api/people", json!({ "extension": "101", "name": "Mira" }))
        .expect(201);
    let second = administrator
        .post("/api/people", json!({ "extension": "102", "name": "Jonas" }))
        .expect(201);
    office.pass(7 * DAY - 1);
    office
        .browser()
        .sign_in_by_link(&token_of(&first.json["invite"]))
        .expect(200);
    office.pass(1);
    office
        .browser()
        .sign_in_by_link(&token_of(&second.json["invite"]))
        .refused(410, "link-spent");
}

#[test]
fn an_unknown_link_is_answered_as_a_spent_one_is() {
    let office = Office::open();
    for token in [
        "",
        "x",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "\u{0}",
        &"A".repeat(9000),
    ] {
        office.browser().sign_in_by_link(token).refused(410, "link-spent");
    }
}

#[test]
fn looking_at_a_link_does_not_use_it_up() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let added = administrator
        .post("/api/people", json!({ "extension": "101", "name": "Mira" }))
        .expect(201);
    let token = token_of(&added.json["invite"]);
    for path in [
        "/join".to_owned(),
        format!("/join?token={token}"),
        format!("/api/sign-in/link?token={token}"),
    ] {
        assert!(office.browser().get(&path).field("set-cookie").is_none(), "{path}");
    }
    office.browser().sign_in_by_link(&token).expect(200);
}

#[test]
fn a_deleted_person_is_out_at_once() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, authenticator) = office.person(&mut administrator, "101", 1);
    let invite = administrator.post("/api/people/101/invite", json!({})).expect(201);
    administrator.delete("/api/people/101").expect(204);
    mira.get("/api/me").refused(401, "signed-out");
    office
        .browser()
        .sign_in_by_passkey(&authenticator)
        .refused(401, "unknown-passkey");
    office
        .browser()
        .sign_in_by_link(&token_of(&invite.json))
        .refused(410, "link-spent");
    administrator.get("/api/people/101").refused(404, "not-found");
}

#[test]
fn an_extension_or_address_belongs_to_one_person() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let mira = json!({ "extension": "101", "name": "Mira", "email": "mira@example.org" });
    administrator.post("/api/people", mira).expect(201);
    let same_number = administrator.post("/api/people", json!({ "extension": "101", "name": "Other" }));
    assert_eq!(same_number.refused(409, "taken").json["field"], "extension");
    let same_address = json!({ "extension": "102", "name": "Other", "email": "MIRA@example.org" });
    assert_eq!(
        administrator
            .post("/api/people", same_address)
            .refused(409, "taken")
            .json["field"],
        "email"
    );
    administrator
        .post("/api/people", json!({ "extension": "102", "name": "Jonas" }))
        .expect(201);
    let moved = administrator.patch("/api/people/102", json!({ "extension": "101" }));
    assert_eq!(moved.refused(409, "taken").json["field"], "extension");
    administrator.delete("/api/people/101").expect(204);
    administrator
        .patch("/api/people/102", json!({ "extension": "101" }))
        .expect(200);
}

#[test]
fn a_card_that_does_not_hold_names_its_field() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let cards = [
        (json!({ "extension": "", "name": "Mira" }), "extension"),
        (json!({ "extension": "10a", "name": "Mira" }), "extension"),
        (json!({ "extension": "1".repeat(40), "name": "Mira" }), "extension"),
        (json!({ "extension": "101", "name": "  " }), "name"),
        (json!({ "extension": "101", "name": "x".repeat(500) }), "name"),
        (
            json!({ "extension": "101", "name": "Mira", "email": "nobody" }),
            "email",
        ),
    ];
    for (card, field) in cards {
        let reply = administrator.post("/api/people", card.clone()).refused(422, "invalid");
        assert_eq!(reply.json["field"], field, "{card}");
    }
    assert_eq!(administrator.get("/api/people").expect(200).json["people"], json!([]));
}

#[test]
fn people_are_listed_in_the_order_of_their_numbers_page_by_page() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    for extension in ["1000", "20", "101", "3"] {
        administrator
            .post("/api/people", json!({ "extension": extension, "name": "Somebody" }))
            .expect(201);
    }
    let mut seen = Vec::new();
    let mut page = administrator.get("/api/people?limit=3").expect(200).json;
    loop {
        seen.extend(
            page["people"]
                .as_array()
                .unwrap()
                .iter()
                .map(|person| person["extension"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        page = administrator
            .get(&format!("/api/people?limit=3&after={next}"))
            .expect(200)
            .json;
    }
    assert_eq!(seen, ["3", "20", "101", "1000"]);
}

#[test]
fn an_administrator_sees_and_ends_what_a_person_has() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, authenticator) = office.person(&mut administrator, "101", 1);
    let shown = administrator.get("/api/people/101").expect(200).json;
    assert_eq!(
        (
            shown["passkey_list"].as_array().unwrap().len(),
            shown["session_list"].as_array().unwrap().len()
        ),
        (1, 1)
    );
    let session = shown["session_list"][0]["id"].as_str().unwrap();
    let passkey = shown["passkey_list"][0]["id"].as_str().unwrap();
    administrator
        .delete(&format!("/api/people/101/sessions/{session}"))
        .expect(204);
    mira.get("/api/me").refused(401, "signed-out");
    administrator
        .delete(&format!("/api/people/101/passkeys/{passkey}"))
        .expect(204);
    mira.sign_in_by_passkey(&authenticator).refused(401, "unknown-passkey");
}

#[test]
fn one_persons_path_does_not_reach_anothers_passkeys_or_sessions() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    office.person(&mut administrator, "102", 2);
    let passkey = mira.get("/api/me/passkeys").json["passkeys"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let session = mira.get("/api/me").json["session"]["id"].as_str().unwrap().to_owned();
    administrator
        .delete(&format!("/api/people/102/passkeys/{passkey}"))
        .refused(404, "not-found");
    administrator
        .delete(&format!("/api/people/102/sessions/{session}"))
        .refused(404, "not-found");
    administrator.get("/api/people/admin").refused(404, "not-found");
    assert_eq!(mira.get("/api/me").expect(200).json["passkeys"], 1);
}

#[test]
fn an_administrator_with_a_password_signs_in_with_it() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    administrator
        .post("/api/me/password", json!({ "password": "a sentence of some length" }))
        .expect(204);
    let mut other = office.browser();
    other
        .sign_in_by_password("ADMIN", "a sentence of some length")
        .expect(200);
    assert_eq!(other.get("/api/me").json["session"]["by"], "password");
    administrator.delete("/api/me/password").expect(204);
    office
        .browser()
        .sign_in_by_password("admin", "a sentence of some length")
        .refused(401, "not-signed-in");
}

#[test]
fn a_password_is_long_and_not_a_name() {
    let office = Office::open();
    office.arm("administrator", ONE_TIME);
    let mut browser = office.browser();
    browser.sign_in_by_password("administrator", ONE_TIME).expect(200);
    for bad in [
        "",
        "elevenchars",
        "aaaaaaaaaaaaaaaa",
        "Administrator",
        &"long ".repeat(200),
    ] {
        let reply = browser
            .post("/api/me/password", json!({ "password": bad }))
            .refused(422, "invalid");
        assert_eq!(reply.json["field"], "password", "{bad:?}");
    }
}

#[test]
fn people_may_not_set_a_password() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    mira.post("/api/me/password", json!({ "password": "a sentence of some length" }))
        .refused(403, "not-allowed");
    assert_eq!(mira.get("/api/me").json["may_set_password"], false);
}

#[test]
fn the_last_way_in_cannot_be_closed() {
    let office = Office::open();
    let (mut administrator, mut authenticator) = office.administrator();
    let id = administrator.get("/api/me/passkeys").json["passkeys"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    administrator
        .delete(&format!("/api/me/passkeys/{id}"))
        .refused(409, "last-way-in");
    administrator
        .post("/api/me/password", json!({ "password": "a sentence of some length" }))
        .expect(204);
    administrator.delete(&format!("/api/me/passkeys/{id}")).expect(204);
    administrator.delete("/api/me/password").refused(409, "last-way-in");
    administrator.add_passkey(&mut authenticator).expect(201);
    administrator.delete("/api/me/password").expect(204);
}

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
    let wait = guess("admin", "198.51.100.9").refused(429, "wait");
    assert!(wait.field("retry-after").unwrap().parse::<u64>().unwrap() <= 15 * MINUTE);
    guess("somebody", "192.0.2.1").refused(429, "wait");
    guess("somebody", "198.51.100.9").refused(401, "not-signed-in");
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
            .admit(&Tried::Nobody(name), from, UnixTime(office.now()))
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

#[test]
fn a_link_pressed_by_many_at_once_signs_in_one() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let added = administrator
        .post("/api/people", json!({ "extension": "101", "name": "Mira" }))
        .expect(201);
    let token = token_of(&added.json["invite"]);
    let press = || office.browser().sign_in_by_link(&token).status;
    let mut told: Vec<u16> = std::thread::scope(|scope| {
        let presses: Vec<_> = (0..8).map(|_| scope.spawn(press)).collect();
        presses.into_iter().map(|press| press.join().unwrap()).collect()
    });
    told.sort_unstable();
    assert_eq!(told, [200, 410, 410, 410, 410, 410, 410, 410]);
}

#[test]
fn an_extension_given_out_by_many_at_once_is_given_once() {
    let office = Office::open();
    let (administrator, _) = office.administrator();
    let add = || {
        administrator
            .clone()
            .post("/api/people", json!({ "extension": "101", "name": "Mira" }))
            .status
    };
    let mut told: Vec<u16> = std::thread::scope(|scope| {
        let adds: Vec<_> = (0..8).map(|_| scope.spawn(add)).collect();
        adds.into_iter().map(|add| add.join().unwrap()).collect()
    });
    told.sort_unstable();
    assert_eq!(told, [201, 409, 409, 409, 409, 409, 409, 409]);
}

#[test]
fn settings_decide_how_long_a_session_lives() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    let shown = administrator.get("/api/settings").expect(200).json;
    assert_eq!(
        (&shown["session_hours"], &shown["name"]),
        (&json!(720), &json!("localhost"))
    );
    for hours in [0, 8761] {
        let reply = administrator
            .patch("/api/settings", json!({ "session_hours": hours }))
            .refused(422, "invalid");
        assert_eq!(reply.json["field"], "session_hours");
    }
    administrator
        .patch("/api/settings", json!({ "session_hours": 1 }))
        .expect(200);
    let mut browser = office.browser();
    let reply = browser.sign_in_by_passkey(&authenticator).expect(200);
    assert!(reply.field("set-cookie").unwrap().contains("Max-Age=3600"));
    office.pass(HOUR - 1);
    browser.get("/api/me").expect(200);
    office.pass(1);
    browser.get("/api/me").refused(401, "signed-out");
}

#[test]
fn the_journal_tells_what_happened_and_no_secret() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let added = administrator
        .post("/api/people", json!({ "extension": "101", "name": "Mira" }))
        .expect(201);
    let token = token_of(&added.json["invite"]);
    office.browser().sign_in_by_link(&token).expect(200);
    let lines = office
        .state
        .store
        .read(|facts| facts.journal(None, 100, |_| true))
        .unwrap();
    let lines: Vec<_> = lines.into_iter().map(|(_, line)| line).collect();
    let events: Vec<&str> = lines.iter().rev().map(|line| line.event.as_str()).collect();
    assert!(events.len() >= 5, "{events:?}");
    assert!(
        lines.iter().any(|line| line.who == "101" && line.address.is_some()),
        "{lines:?}"
    );
    let all = format!("{lines:?}");
    let cookie = administrator.cookie.unwrap();
    for secret in [ONE_TIME, &token, cookie.split_once('=').unwrap().1] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}
