//! A board that does not know the date, as after a power cut (SPEC §7): nothing is issued by its clock and nothing
//! expires.

use serde_json::json;

use crate::links::{ask, letters, set_relay};
use crate::office::{DAY, HOUR, MINUTE, Office, token_of};

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
