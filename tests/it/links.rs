//! Links and letters: what is queued with what, who can spend a link, and what the short code is worth.

use linekey::desk::recoveries::Recoveries;
use linekey::rules::id::AccountId;
use linekey::rules::moment::UnixTime;
use linekey::rules::people::letter::{Content, Kind, Letter};
use linekey::rules::people::recovery::Sent;
use linekey::rules::secret::{ShortCode, Token};
use serde_json::{Value, json};

use crate::guesses::soon;
use crate::office::{Browser, DAY, HOUR, MINUTE, Office, token_of};

/// An office that could send letters, with Mira (101) in it, who has an e-mail address and has never signed in.
fn with_mail(office: &Office) -> Browser<'_> {
    let (mut administrator, _) = office.administrator();
    set_relay(&mut administrator);
    administrator
}

pub fn set_relay(administrator: &mut Browser<'_>) {
    let relay = json!({ "server": "127.0.0.1", "port": 25, "security": "none", "sender": "pbx@example.org" });
    administrator
        .send(administrator.request(tide::http::Method::Put, "/api/mail", &relay))
        .expect(200);
}

fn add_mira(administrator: &mut Browser<'_>) -> Value {
    let card = json!({ "extension": "101", "name": "Mira", "email": "mira@example.org" });
    administrator.post("/api/people", card).expect(201).json
}

fn add_to(administrator: &mut Browser<'_>, extension: &str) {
    let card = json!({ "extension": extension, "name": "Somebody", "email": format!("{extension}@example.org") });
    administrator.post("/api/people", card).expect(201);
}

pub fn letters(office: &Office) -> Vec<(u64, Letter)> {
    office.state.store.read(|facts| facts.letters()).unwrap()
}

/// The content of the only letter of that kind.
fn content(office: &Office, kind: Kind) -> Content {
    let mut of_kind: Vec<Letter> = letters(office).into_iter().map(|(_, letter)| letter).collect();
    of_kind.retain(|letter| letter.kind == kind);
    assert_eq!(of_kind.len(), 1, "{of_kind:?}");
    of_kind[0].open(&office.state.key).expect("the letter opens")
}

/// Asks for a link and waits until the office has thought about it: it answers first.
fn ask(browser: &mut Browser<'_>, username: &str) {
    browser
        .post("/api/sign-in/recover", json!({ "username": username }))
        .expect(202);
    for _ in 0..500 {
        std::thread::sleep(std::time::Duration::from_millis(10));
        let free: Vec<_> = (0..16)
            .map_while(|_| browser.office.state.recovering.try_acquire())
            .collect();
        if free.len() == 16 {
            return;
        }
    }
    panic!("a recovery never ended");
}

fn reset_of(office: &Office) -> (String, String) {
    let reset = content(office, Kind::Reset);
    let Content::Reset {
        token,
        code: Some(code),
        ..
    } = reset
    else {
        panic!("{reset:?}")
    };
    (token, code)
}

#[test]
fn a_new_person_gets_the_link_by_letter_and_nobody_else_sees_it() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    let added = add_mira(&mut administrator);
    assert_eq!(added["invite"]["link"], Value::Null);
    assert_eq!(added["invite"]["mailed_to"], json!("mira@example.org"));
    let Content::Invite { token, .. } = content(&office, Kind::Invite) else {
        panic!()
    };
    let row = format!("{:?}", letters(&office));
    assert!(!row.contains(&token), "the link lies in the store in the clear");
    office.browser().sign_in_by_link(&token).expect(200);
    assert!(
        letters(&office).is_empty(),
        "the letter of a spent link is not sent any more"
    );
}

#[test]
fn the_link_can_be_handed_over_all_the_same_and_that_withdraws_the_letter() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    add_mira(&mut administrator);
    let Content::Invite { token, .. } = content(&office, Kind::Invite) else {
        panic!()
    };
    let link = administrator
        .post("/api/people/101/invite", json!({ "hand_over": true }))
        .expect(201);
    assert!(letters(&office).is_empty());
    office.browser().sign_in_by_link(&token).refused(410, "link-spent");
    office.browser().sign_in_by_link(&token_of(&link.json)).expect(200);
}

#[test]
fn opening_a_link_any_number_of_times_spends_nothing() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let added = add_mira(&mut administrator);
    for _ in 0..5 {
        office.browser().get("/join").expect(200);
    }
    office
        .browser()
        .sign_in_by_link(&token_of(&added["invite"]))
        .expect(200);
    office
        .browser()
        .sign_in_by_link(&token_of(&added["invite"]))
        .refused(410, "link-spent");
}

#[test]
fn a_link_can_be_revoked_and_lives_as_long_as_the_office_sets() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    administrator
        .patch("/api/settings", json!({ "invite_hours": 2 }))
        .expect(200);
    let added = add_mira(&mut administrator);
    assert_eq!(added["invite"]["until"], json!(office.now() + 2 * HOUR));
    administrator.delete("/api/people/101/invite").expect(204);
    administrator.delete("/api/people/101/invite").refused(404, "not-found");
    office
        .browser()
        .sign_in_by_link(&token_of(&added["invite"]))
        .refused(410, "link-spent");
    let again = administrator.post("/api/people/101/invite", json!({})).expect(201);
    office.pass(2 * HOUR);
    office
        .browser()
        .sign_in_by_link(&token_of(&again.json))
        .refused(410, "link-spent");
    administrator.prove_by_passkey(&authenticator).expect(200);
    for (field, value) in [
        ("invite_hours", 0),
        ("invite_hours", 721),
        ("reset_minutes", 9),
        ("reset_minutes", 1441),
    ] {
        let refused = administrator
            .patch("/api/settings", json!({ field: value }))
            .refused(422, "invalid");
        assert_eq!(refused.json["field"], json!(field));
    }
}

#[test]
fn asking_for_a_link_is_answered_alike_for_everybody_and_writes_nothing_for_nobody() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    add_mira(&mut administrator);
    let mut strangers = office.browser();
    ask(&mut strangers, "mira@example.org");
    assert!(letters(&office).is_empty(), "there is no mail server");
    set_relay(&mut administrator);
    let written = office.state.store.written();
    for nobody in ["nobody", "102", "", "admin"] {
        ask(&mut strangers, nobody);
    }
    assert!(letters(&office).is_empty());
    drop(written);
    ask(&mut strangers, " MIRA@example.org ");
    assert_eq!(letters(&office).len(), 1);
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
        letters.filter(|(_, letter)| letter.kind == Kind::Reset).count()
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
fn in_a_full_table_the_oldest_without_a_live_code_makes_room() {
    let office = Office::open();
    let now = |minute: u64| UnixTime(office.now() + minute * MINUTE);
    let mut recoveries = office.state.desk.recoveries();
    let mut fresh = office.state.moment().fresh;
    let mut wait = |recoveries: &mut Recoveries, account: u64, until: UnixTime| {
        let (link, code) = (Token::fresh(&mut fresh).hash(), ShortCode::fresh(&mut fresh));
        recoveries.wait(
            AccountId(account),
            Token::fresh(&mut fresh).hash(),
            Sent { link, code, until },
        );
    };
    for account in 0..256 {
        assert!(recoveries.admit(AccountId(account), now(account / 64)));
        // Account 3's code is over first, though it did not ask first.
        let lives = if account == 3 { now(10) } else { now(60) };
        wait(&mut recoveries, account, lives);
    }
    assert!(
        !recoveries.admit(AccountId(256), now(9)),
        "everybody's code still works"
    );
    assert!(recoveries.admit(AccountId(256), now(10)), "account 3 makes room");
    wait(&mut recoveries, 256, now(60));
    assert!(!recoveries.admit(AccountId(257), now(11)));
    assert!(
        recoveries.admit(AccountId(255), now(11)),
        "who is in the table stays there"
    );
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
        resets.retain(|(_, letter)| letter.kind == Kind::Reset);
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
fn people_are_told_of_their_new_and_deleted_passkeys() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    add_mira(&mut administrator);
    let Content::Invite { token, .. } = content(&office, Kind::Invite) else {
        panic!()
    };
    let mut mira = office.browser();
    mira.sign_in_by_link(&token).expect(200);
    let mut phone = crate::authenticator::Authenticator::new(crate::office::ORIGIN, 1);
    let made = mira.add_passkey(&mut phone).expect(201);
    let Content::PasskeyAdded { passkey, address, .. } = content(&office, Kind::PasskeyAdded) else {
        panic!()
    };
    assert_eq!(
        (json!(passkey), address),
        (made.json["name"].clone(), Some(mira.address))
    );
    administrator.delete("/api/people/101/passkeys").expect(204);
    assert!(matches!(
        content(&office, Kind::PasskeyDeleted),
        Content::PasskeyDeleted { .. }
    ));
    administrator.delete("/api/people/101").expect(204);
    assert!(letters(&office).is_empty(), "nobody is there any more to be told");
}

#[test]
fn administrators_are_told_once_a_day_that_a_password_is_guessed_at() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    administrator
        .patch("/api/administrators/admin", json!({ "email": "owner@example.org" }))
        .expect(200);
    add_mira(&mut administrator);
    administrator
        .post(
            "/api/people/101/password",
            json!({ "password": "a quiet river at night" }),
        )
        .expect(204);
    let guess = |number: u64| {
        office.pass(20 * MINUTE);
        let from = std::net::Ipv4Addr::from_bits(0xc000_0200 + u32::try_from(number).unwrap());
        let username = if number.is_multiple_of(2) {
            "101"
        } else {
            "mira@example.org"
        };
        office
            .browser_at(from.into())
            .sign_in_by_password(username, "wrong wrong wrong")
            .refused(401, "not-signed-in");
    };
    let told = || {
        let letters = letters(&office).into_iter();
        letters.filter(|(_, letter)| letter.kind == Kind::LockedOut).count()
    };
    (0..30).for_each(guess);
    soon(|| told() == 1);
    let Content::LockedOut { username, .. } = content(&office, Kind::LockedOut) else {
        panic!()
    };
    assert_eq!(username, "101", "by number and by address it is the same account");
    office.pass(DAY);
    (30..60).for_each(guess);
    soon(|| told() == 2);
}

#[test]
fn the_mail_servers_password_is_kept_sealed_and_shown_to_nobody() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let relay = json!({ "server": "Mail.Example.org", "port": 587, "security": "starttls", "username": "pbx",
        "password": "hunter2 hunter2", "sender": "pbx@example.org" });
    let put = |administrator: &mut Browser<'_>, body: &Value| {
        administrator.send(administrator.request(tide::http::Method::Put, "/api/mail", body))
    };
    let shown = put(&mut administrator, &relay).expect(200);
    assert_eq!(shown.json["relay"]["has_password"], json!(true));
    assert_eq!(shown.json["relay"]["server"], json!("mail.example.org"));
    let kept = office.state.store.read(|facts| facts.relay()).unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&shown.bytes).contains("hunter2") && !format!("{kept:?}").contains("hunter2"));
    assert_eq!(
        kept.login.unwrap().password(&office.state.key).unwrap().as_str(),
        "hunter2 hunter2"
    );
    let mut without = relay.clone();
    without.as_object_mut().unwrap().remove("password");
    put(&mut administrator, &without).expect(200);
    let kept = office.state.store.read(|facts| facts.relay()).unwrap().unwrap();
    assert_eq!(
        kept.login.unwrap().password(&office.state.key).unwrap().as_str(),
        "hunter2 hunter2"
    );
    for (field, bad) in [
        ("server", json!("not a host")),
        ("port", json!(0)),
        ("sender", json!("nobody")),
        ("roots", json!("PEM?")),
    ] {
        let mut broken = relay.clone();
        broken[field] = bad;
        assert_eq!(
            put(&mut administrator, &broken).refused(422, "invalid").json["field"],
            json!(field)
        );
    }
    administrator.delete("/api/mail").expect(204);
    administrator
        .post("/api/mail/test", json!({ "to": "a@example.org" }))
        .refused(422, "invalid");
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

#[test]
fn a_letter_that_nobody_takes_is_tried_ever_more_seldom_and_given_up_after_two_days() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    add_mira(&mut administrator);
    let (_, mut letter) = letters(&office).remove(0);
    let queued = letter.queued;
    let mut waits = Vec::new();
    while !letter.given_up {
        let now = letter.next;
        letter = letter.failed("451 later", false, now);
        waits.push((letter.next - now).0);
    }
    assert_eq!(waits[..4], [60, 120, 240, 480]);
    assert!(
        waits.is_sorted() && waits.iter().all(|wait| *wait <= 4 * HOUR),
        "{waits:?}"
    );
    let last_try = letter.next.0 - waits.last().unwrap();
    assert!(
        (DAY..=2 * DAY).contains(&(last_try - queued.0)),
        "{} s",
        last_try - queued.0
    );
    assert_eq!(
        (letter.tries, letter.said.as_deref()),
        (u32::try_from(waits.len()).unwrap(), Some("451 later"))
    );
    assert!(
        letters(&office)[0].1.failed("550 no", true, queued).given_up,
        "a lasting no is taken for one"
    );
}
