//! A board without a battery wakes up in 1970 (faketime): nobody is signed in until its clock is set, or its owner says that
//! nothing ever will.

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
