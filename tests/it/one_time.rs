//! The one-time password, from a first run on.

use serde_json::json;

use crate::authenticator::Authenticator;
use crate::office::{HOUR, MINUTE, ONE_TIME, ORIGIN, Office};

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

/// SPEC §4: its address ranges do not apply to this one sign-in.
#[test]
fn a_rescue_outside_the_ranges_lasts_an_hour_and_then_is_held_to_them() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let limit = json!({ "ranges": ["127.0.0.0/8"] });
    administrator.patch("/api/administrators/admin", limit).expect(200);
    office.arm("admin", "another five words this time");
    let mut rescued = office.browser_at("192.168.1.20".parse().unwrap());
    rescued
        .sign_in_by_password("admin", "another five words this time")
        .expect(200);
    rescued.get("/api/people").expect(200);
    let mut authenticator = Authenticator::new(ORIGIN, 7);
    rescued.add_passkey(&mut authenticator).expect(201);
    let mut elsewhere = rescued.clone();
    elsewhere.address = "198.51.100.7".parse().unwrap();
    elsewhere.get("/api/people").refused(401, "signed-out");
    office.pass(HOUR - MINUTE);
    rescued.get("/api/people").expect(200);
    office.pass(2 * MINUTE);
    rescued.get("/api/people").refused(401, "signed-out");
    // The session lives on where the ranges admit it, and the passkey is held to them as ever.
    let mut inside = rescued.clone();
    inside.address = "127.0.0.1".parse().unwrap();
    inside.get("/api/people").expect(200);
    let mut outside = office.browser_at("192.168.1.20".parse().unwrap());
    outside.sign_in_by_passkey(&authenticator).refused(401, "not-signed-in");
}
