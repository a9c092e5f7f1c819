//! A board that does not know the date, as after a power cut (SPEC §7): nothing is issued by its clock and nothing
//! expires.

use std::sync::atomic::Ordering;

use serde_json::json;

use crate::authenticator::Authenticator;
use crate::links::{ask, letters, set_relay};
use crate::office::{Browser, DAY, HOUR, MINUTE, Office, Reply, token_of};

#[test]
fn without_the_date_nobody_is_signed_in_and_nothing_is_spent_or_expires() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    let card = json!({ "extension": "102", "name": "Jo" });
    let added = administrator.post("/api/people", card).expect(201).json;
    let link = token_of(&added["invite"]);
    office.arm("admin", "another five for one time");

    office.lose_the_date();
    office.pass(HOUR);
    let rescue = "another five for one time";
    for _ in 0..20 {
        office
            .browser()
            .sign_in_by_passkey(&authenticator)
            .refused(503, "no-date");
        office.browser().sign_in_by_link(&link).refused(503, "no-date");
        office
            .browser()
            .sign_in_by_password("admin", rescue)
            .refused(503, "no-date");
    }
    office.learn_the_date();
    office.browser().sign_in_by_link(&link).expect(200);
    office.browser().sign_in_by_password("admin", rescue).expect(200);
    office.browser().sign_in_by_passkey(&authenticator).expect(200);

    office.lose_the_date();
    office.pass(400 * DAY);
    mira.get("/api/me").expect(200);
    office.learn_the_date();
    mira.get("/api/me").refused(401, "signed-out");
}

#[test]
fn without_the_date_no_link_is_made_and_no_letter_written() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    set_relay(&mut administrator);
    office.lose_the_date();
    let card = json!({ "extension": "101", "name": "Mira", "email": "mira@example.org" });
    administrator.post("/api/people", card.clone()).refused(503, "no-date");
    office.learn_the_date();
    administrator.post("/api/people", card).expect(201);
    let before = letters(&office).len();
    office.lose_the_date();
    administrator
        .post("/api/people/101/invite", json!({}))
        .refused(503, "no-date");
    ask(&mut office.browser(), "101");
    assert_eq!(letters(&office).len(), before);
}

#[test]
fn waits_and_prompts_end_without_the_date() {
    let office = Office::open();
    let (_, authenticator) = office.administrator();
    office.lose_the_date();
    let mut stranger = office.browser_at("192.0.2.7".parse().unwrap());
    let mut refused = 0;
    while stranger.sign_in_by_password("admin", "not this one").status == 401 {
        refused += 1;
        assert!(refused < 100, "guesses are never made to wait");
    }
    let waiting = stranger.sign_in_by_password("admin", "not this one");
    let until: u64 = waiting.field("retry-after").unwrap().parse().unwrap();
    office.pass(until);
    stranger
        .sign_in_by_password("admin", "not this one")
        .refused(401, "not-signed-in");

    let asked = stranger.asked("/api/sign-in/passkey/begin");
    office.pass(6 * MINUTE);
    let answer = json!({ "ticket": asked["ticket"], "credential": authenticator.get(&asked["publicKey"]) });
    stranger
        .post("/api/sign-in/passkey/finish", answer)
        .refused(410, "ticket-spent");
}

/// Signs in by passkey, and says what the date is.
fn on(browser: &mut Browser<'_>, authenticator: &Authenticator, today: u64) -> Reply {
    let asked = browser.asked("/api/sign-in/passkey/begin");
    let credential = authenticator.get(&asked["publicKey"]);
    let answer = json!({ "ticket": asked["ticket"], "credential": credential, "today": today });
    browser.post("/api/sign-in/passkey/finish", answer)
}

#[test]
fn an_administrator_who_signs_in_says_what_the_date_is_and_nobody_else_does() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    let (_, of_mira) = office.person(&mut administrator, "101", 1);
    for secret in [None, Some("five words for one time only")] {
        office.lose_the_date();
        let today = office.now() + 420 * DAY;
        let mut mira = office.browser();
        on(&mut mira, &of_mira, today).refused(503, "no-date");
        let past = office.now() - 2 * DAY;
        on(&mut office.browser(), &authenticator, past).refused(503, "no-date");
        let mut known = office.browser();
        match secret {
            None => on(&mut known, &authenticator, today).expect(200),
            Some(secret) => {
                office.arm("admin", secret);
                let body = json!({ "username": "admin", "password": secret, "today": today });
                known.post("/api/sign-in/password", body).expect(200)
            }
        };
        let clock = known.get("/api/clock").expect(200).json;
        assert_eq!((&clock["known"], &clock["date"]), (&json!(true), &json!(today)));
        let lines = known.get("/api/journal").expect(200).json["lines"].to_string();
        assert!(lines.contains("date-confirmed"), "{lines}");
    }
    office.browser().sign_in_by_passkey(&of_mira).expect(200);
}

#[test]
fn whoever_administers_confirms_the_date_on_the_page_and_not_behind_what_is_known() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    office.lose_the_date();
    let today = office.now() + DAY;
    let past = json!({ "date": office.now() - 2 * DAY });
    administrator.post("/api/clock/confirm", past).refused(422, "invalid");
    administrator
        .post("/api/clock/confirm", json!({ "date": today }))
        .expect(200);
    let clock = administrator.get("/api/clock").expect(200).json;
    assert_eq!((&clock["known"], &clock["date"]), (&json!(true), &json!(today)));
    // Known, it is nobody's to move.
    administrator.prove_by_passkey(&authenticator).expect(200);
    let other = json!({ "date": today + 40 * DAY });
    administrator.post("/api/clock/confirm", other).refused(422, "invalid");
}

#[test]
fn before_the_date_is_brought_back_the_page_says_what_that_does() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let today = office.now();
    office.set_clock(today + 9000 * DAY);
    office.arm("admin", "yet another five for one time");
    let mut ahead = office.browser();
    ahead
        .sign_in_by_password("admin", "yet another five for one time")
        .expect(200);
    let card = json!({ "extension": "102", "name": "Jo" });
    ahead.post("/api/people", card).expect(201);
    let expected = ahead.get(&format!("/api/clock/back?date={today}")).expect(200).json;
    assert_eq!((&expected["sessions"], &expected["links"]), (&json!(1), &json!(1)));
    assert!(expected["lines"].as_u64().unwrap() >= 3, "{expected}");
    assert_eq!(expected["authority"], json!(false));
    let now = office.now();
    ahead
        .get(&format!("/api/clock/back?date={now}"))
        .refused(422, "invalid");
    ahead.post("/api/clock/back", json!({ "date": today })).expect(204);
    assert_eq!(office.hand.brought_back.load(Ordering::SeqCst), today);
    administrator.get("/api/me").refused(401, "signed-out");
}

#[test]
fn the_office_sets_its_own_time_servers() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    assert_eq!(
        administrator.get("/api/clock").expect(200).json["time_servers"],
        json!(["0.pool.ntp.org", "1.pool.ntp.org", "2.pool.ntp.org", "3.pool.ntp.org"])
    );
    let change = json!({ "time_servers": "192.168.1.1, time.example.org:1123" });
    let changed = administrator.patch("/api/clock", change).expect(200).json;
    assert_eq!(changed["time_servers"], json!(["192.168.1.1", "time.example.org:1123"]));
    let odd = json!({ "time_servers": "http://time.example.org" });
    administrator.patch("/api/clock", odd).refused(422, "invalid");
}
