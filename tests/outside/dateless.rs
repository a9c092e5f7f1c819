//! A board without a battery wakes up in 1970 (faketime): nobody is signed in until its clock is set, or its owner says
//! that nothing ever will.

use serde_json::json;

use crate::house::{PASSWORD, ask};
use crate::program::{Folder, Program, Visitor};

/// What the sign-in of the one-time password answers on a board that was started at that time.
fn sign_in_at(time: &str, flags: &[&str]) -> (u16, String) {
    let folder = Folder::new();
    let data = folder.data();
    let mut all = vec!["--data", &data, "--http", "127.0.0.1:0", "--admin-password", PASSWORD];
    all.extend(flags);
    let fake = [
        ("LD_PRELOAD", "/usr/$LIB/faketime/libfaketime.so.1"),
        ("FAKETIME", time),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    let program = Program::start_with(&all, &fake);
    let mut visitor = Visitor::to(&program.url);
    let body = json!({ "username": "admin", "password": PASSWORD });
    let heard = ask(program.port(), &mut visitor, "POST", "/api/sign-in/password", body);
    (
        heard.status,
        heard.json["error"].as_str().unwrap_or_default().to_owned(),
    )
}

#[test]
fn a_board_that_wakes_in_1970_signs_nobody_in_until_it_knows_the_date() {
    assert_eq!(
        sign_in_at("@1970-01-01 00:00:30", &[]),
        (503, "no-date".to_owned()),
        "faketime is missing, or the date was taken"
    );
    assert_eq!(sign_in_at("+2d", &[]), (200, String::new()));
}

#[test]
fn where_nothing_sets_the_clock_the_owner_says_so() {
    assert_eq!(
        sign_in_at("@1970-01-01 00:00:30", &["--no-time-server"]),
        (200, String::new())
    );
}

/// Point by point as its owner would: the clock was years ahead once, and is right now.
#[test]
fn after_a_clock_that_ran_ahead_a_rescue_works_on_the_right_one() {
    let folder = Folder::new();
    let data = folder.data();
    let flags = ["--data", &data, "--http", "127.0.0.1:0"];
    let with = |more: &[&'static str]| [&flags[..], more].concat();
    let ahead = [
        ("LD_PRELOAD", "/usr/$LIB/faketime/libfaketime.so.1"),
        ("FAKETIME", "+4000d"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    let sign_in = |program: &Program, password: &str| {
        let mut visitor = Visitor::to(&program.url);
        let body = json!({ "username": "admin", "password": password });
        let heard = ask(program.port(), &mut visitor, "POST", "/api/sign-in/password", body);
        (visitor, heard.status)
    };
    let own = "a sentence of my own choice";
    let program = Program::start_with(&with(&["--admin-password", PASSWORD]), &ahead);
    let (mut owner, status) = sign_in(&program, PASSWORD);
    assert_eq!(status, 200);
    let password = json!({ "password": own });
    ask(program.port(), &mut owner, "POST", "/api/me/password", password).expect(204);
    program.signal("TERM");
    assert!(program.ended().0.success());
    let ordinary = Program::start(&with(&["--admin-password", PASSWORD]));
    assert_eq!(sign_in(&ordinary, own).1, 503, "the date is not known");
    drop(ordinary);
    let rescue = Program::start(&with(&["--admin-password", "another word for this time"]));
    let (mut owner, status) = sign_in(&rescue, "another word for this time");
    assert_eq!(status, 200);
    ask(rescue.port(), &mut owner, "GET", "/api/people", json!(null)).expect(200);
    drop(rescue);
    let mut reset = Program::start(&with(&["--factory-reset=access", "--yes"]));
    let (_, printed) = reset.printed_one_time();
    assert_eq!(sign_in(&reset, &printed).1, 200);
}
