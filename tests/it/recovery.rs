//! Letters that somebody asked for: links that are short-lived, and codes for one browser.

use linekey::rules::letters::letter::{Content, LetterKind};
use serde_json::json;

use crate::commits::cost;
use crate::disk::Disk;
use crate::links::{add_mira, add_to, ask, letters, reset_of, set_relay, with_mail};
use crate::office::{Browser, DAY, HOUR, MINUTE, Office};

#[test]
fn asking_for_a_link_is_answered_alike_for_everybody_and_writes_nothing_for_nobody() {
    let disk = Disk::empty();
    let office = Office::over(disk.clone(), 1);
    let (mut administrator, _) = office.administrator();
    add_mira(&mut administrator);
    let mut strangers = office.browser();
    ask(&mut strangers, "mira@example.org");
    assert!(letters(&office).is_empty(), "there is no mail server");
    set_relay(&mut administrator);
    let of_nobody = cost(&disk, || {
        for nobody in ["nobody", "102", "", "admin"] {
            ask(&mut strangers, nobody);
        }
    });
    assert_eq!((of_nobody, letters(&office).len()), ((0, 0), 0));
    let of_mira = cost(&disk, || ask(&mut strangers, " MIRA@example.org "));
    assert!(of_mira.0 > 0 && letters(&office).len() == 1);
}

#[test]
fn the_link_that_was_asked_for_works_once_and_for_an_hour() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    add_mira(&mut administrator);
    ask(&mut office.browser(), "101");
    assert_eq!(letters(&office).len(), 1, "the newer link withdrew the invitation");
    let (token, _) = reset_of(&office);
    office.browser().sign_in_by_link(&token).expect(200);
    office.browser().sign_in_by_link(&token).refused(410, "link-spent");
    ask(&mut office.browser(), "101");
    let (token, _) = reset_of(&office);
    office.pass(HOUR);
    office.browser().sign_in_by_link(&token).refused(410, "link-spent");
}

#[test]
fn the_short_code_works_only_in_the_browser_that_asked() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    add_mira(&mut administrator);
    let (mut asked, mut other) = (office.browser(), office.browser());
    ask(&mut asked, "101");
    let (_, code) = reset_of(&office);
    other
        .post("/api/sign-in/code", json!({ "code": code }))
        .refused(401, "wrong-code");
    ask(&mut other, "nobody");
    other
        .post("/api/sign-in/code", json!({ "code": code }))
        .refused(401, "wrong-code");
    let typed = code.replace(' ', "-");
    asked.post("/api/sign-in/code", json!({ "code": typed })).expect(200);
    assert_eq!(asked.get("/api/me").expect(200).json["username"], json!("101"));
}

#[test]
fn a_code_is_good_for_five_tries_and_ends_with_its_link() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    add_mira(&mut administrator);
    let mut asked = office.browser();
    ask(&mut asked, "101");
    let (token, code) = reset_of(&office);
    let wrong = if code.starts_with('0') { "11111111" } else { "00000000" };
    for _ in 0..5 {
        asked
            .post("/api/sign-in/code", json!({ "code": wrong }))
            .refused(401, "wrong-code");
    }
    asked
        .post("/api/sign-in/code", json!({ "code": code }))
        .refused(401, "wrong-code");
    office.browser().sign_in_by_link(&token).expect(200);
    ask(&mut asked, "101");
    let (token, code) = reset_of(&office);
    office.browser().sign_in_by_link(&token).expect(200);
    asked
        .post("/api/sign-in/code", json!({ "code": code }))
        .refused(410, "link-spent");
    office.pass(HOUR);
    ask(&mut asked, "101");
    let (_, code) = reset_of(&office);
    office.pass(HOUR);
    asked
        .post("/api/sign-in/code", json!({ "code": code }))
        .refused(401, "wrong-code");
}

#[test]
fn one_account_gets_three_letters_an_hour() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    add_mira(&mut administrator);
    let last_token = || reset_of(&office).0;
    let mut tokens = std::collections::BTreeSet::new();
    for _ in 0..6 {
        ask(&mut office.browser(), "101");
        tokens.insert(last_token());
        office.pass(MINUTE);
    }
    assert_eq!(tokens.len(), 3);
    office.pass(HOUR);
    ask(&mut office.browser(), "101");
    assert!(tokens.insert(last_token()), "after the hour another letter goes out");
}

#[test]
fn a_neighbour_gets_ten_letters_an_hour_for_all_whom_they_ask_for() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    (101..=113).for_each(|extension: u32| add_to(&mut administrator, &extension.to_string()));
    let resets = || {
        let letters = letters(&office).into_iter();
        letters.filter(|(_, letter)| letter.kind == LetterKind::Reset).count()
    };
    let mut host = 0;
    let mut ask_for = |network: u16, extension: u32| {
        host += 1;
        let address = std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, network, 0, 0, 0, host);
        ask(&mut office.browser_at(address.into()), &extension.to_string());
    };
    ask_for(1, 999);
    (101..=112).for_each(|extension| ask_for(1, extension));
    assert_eq!(resets(), 9, "asking for nobody counts as well");
    ask_for(2, 112);
    assert_eq!(resets(), 10, "another neighbour has its own");
    office.pass(HOUR);
    ask_for(1, 113);
    assert_eq!(resets(), 11);
}

#[test]
fn what_a_stranger_asks_for_ends_no_sooner_than_the_invitation_it_replaces() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    add_mira(&mut administrator);
    office.pass(DAY);
    let mut stranger = office.browser();
    ask(&mut stranger, "101");
    let (token, code) = reset_of(&office);
    office.pass(6 * DAY - 1);
    stranger
        .post("/api/sign-in/code", json!({ "code": code }))
        .refused(401, "wrong-code");
    office.browser().sign_in_by_link(&token).expect(200);
    // Without an invitation it is an hour, and asking again makes no more of it.
    ask(&mut stranger, "101");
    office.pass(HOUR / 2);
    ask(&mut stranger, "101");
    office.pass(HOUR);
    let (token, _) = reset_of(&office);
    office.browser().sign_in_by_link(&token).refused(410, "link-spent");
}

#[test]
fn asking_again_keeps_the_code_that_is_in_the_mailbox() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    add_mira(&mut administrator);
    let mut browser = office.browser();
    ask(&mut browser, "101");
    let (_, code) = reset_of(&office);
    let cookie = browser.cookie.clone();
    // Neither a name that nobody has nor somebody without an address brings a letter.
    ask(&mut browser, "1O1");
    ask(&mut browser, "admin");
    assert_eq!(browser.cookie, cookie);
    browser.post("/api/sign-in/code", json!({ "code": code })).expect(200);
}

#[test]
fn a_browser_that_asked_for_two_accounts_can_type_either_code_and_each_has_five_tries() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    for extension in ["101", "102"] {
        add_to(&mut administrator, extension);
    }
    let mut browser = office.browser();
    ask(&mut browser, "101");
    ask(&mut browser, "102");
    let codes = || {
        let mut resets = letters(&office);
        resets.retain(|(_, letter)| letter.kind == LetterKind::Reset);
        let opened = resets.iter().map(|(_, letter)| letter.open(&office.state.key).unwrap());
        let codes = opened.map(|content| {
            let Content::Reset { code, .. } = content else {
                panic!("{content:?}")
            };
            code.unwrap()
        });
        codes.collect::<Vec<_>>()
    };
    let (first, second) = (codes()[0].clone(), codes()[1].clone());
    let wrong = (0..)
        .map(|number| format!("{number:08}"))
        .find(|wrong| ![&first, &second].iter().any(|code| code.replace(' ', "") == *wrong));
    let try_code =
        |browser: &mut Browser<'_>, code: &str| browser.post("/api/sign-in/code", json!({ "code": code })).status;
    for _ in 0..4 {
        assert_eq!(try_code(&mut browser, wrong.as_ref().unwrap()), 401);
    }
    let (mut one, mut two) = (browser.clone(), browser);
    assert_eq!(try_code(&mut one, &second), 200);
    assert_eq!(one.get("/api/me").expect(200).json["username"], json!("102"));
    assert_eq!(try_code(&mut two, wrong.as_ref().unwrap()), 401, "the fifth");
    assert_eq!(
        try_code(&mut two, &first),
        401,
        "each code has five tries, right ones of the other aside"
    );
}

#[test]
fn an_administrator_with_an_address_recovers_like_everybody() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    administrator
        .patch("/api/administrators/admin", json!({ "email": "owner@example.org" }))
        .expect(200);
    let mut asked = office.browser();
    ask(&mut asked, "owner@example.org");
    let (_, code) = reset_of(&office);
    asked.post("/api/sign-in/code", json!({ "code": code })).expect(200);
    assert_eq!(asked.get("/api/me").expect(200).json["kind"], json!("administrator"));
}
