//! Sessions and their cookies.

use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::ceremony::answered;
use crate::office::{Browser, DAY, HOUR, ORIGIN, Office};

#[test]
fn the_cookie_on_plain_localhost_has_no_prefix_and_over_tls_it_has() {
    let office = Office::open();
    let (_, authenticator) = office.administrator();
    let mut plain = office.browser();
    let reply = plain.sign_in_by_passkey(&authenticator).expect(200);
    let set = reply.field("set-cookie").unwrap();
    assert!(set.starts_with("linekey=") && !set.contains("Secure"), "{set}");
    let mut secure = Browser {
        secure: true,
        ..office.browser()
    };
    let reply = secure.sign_in_by_passkey(&authenticator).expect(200);
    let set = reply.field("set-cookie").unwrap();
    assert!(set.starts_with("__Host-linekey="), "{set}");
    for attribute in [
        "; Path=/",
        "; Secure",
        "; HttpOnly",
        "; SameSite=Lax",
        "; Max-Age=2592000",
    ] {
        assert!(set.contains(attribute), "{set}");
    }
    assert!(!set.contains("Domain"), "{set}");
    secure.get("/api/me").expect(200);
}

#[test]
fn a_cookie_of_the_plain_door_does_not_open_the_secure_one() {
    let office = Office::open();
    let (administrator, _) = office.administrator();
    let mut secure = Browser {
        secure: true,
        ..administrator.clone()
    };
    secure.get("/api/me").refused(401, "signed-out");
}

#[test]
fn a_session_ends_after_thirty_days() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    office.pass(30 * DAY - 1);
    browser.get("/api/me").expect(200);
    office.pass(1);
    browser.get("/api/me").refused(401, "signed-out");
}

#[test]
fn a_session_on_a_public_computer_ends_with_the_browser_and_after_twelve_hours() {
    let office = Office::open();
    let (_, authenticator) = office.administrator();
    let mut browser = office.browser();
    let reply = answered(&mut browser, &authenticator, |body| {
        body["public_computer"] = json!(true)
    })
    .expect(200);
    let set = reply.field("set-cookie").unwrap();
    assert!(!set.contains("Max-Age") && !set.contains("Expires"), "{set}");
    let session = browser.get("/api/me").expect(200).json["session"].clone();
    assert_eq!(
        (&session["public_computer"], &session["expires"]),
        (&json!(true), &json!(office.now() + 12 * HOUR))
    );
    office.pass(12 * HOUR - 1);
    browser.get("/api/me").expect(200);
    office.pass(1);
    browser.get("/api/me").refused(401, "signed-out");
}

#[test]
fn signing_out_ends_the_session_on_the_server_and_clears_the_browser() {
    let office = Office::open();
    let (mut browser, _) = office.administrator();
    let mut copy = browser.clone();
    let reply = browser.post("/api/sign-out", Value::Null).expect(204);
    assert!(reply.field("set-cookie").unwrap().contains("Max-Age=0"), "{reply:?}");
    // "cookies" would sign people out of every other service of the same domain.
    assert_eq!(
        reply.field("clear-site-data"),
        Some("\"cache\", \"storage\""),
        "{reply:?}"
    );
    copy.get("/api/me").refused(401, "signed-out");
    browser.post("/api/sign-out", Value::Null).expect(204);
}

#[test]
fn a_made_up_cookie_is_nobody() {
    let office = Office::open();
    office.administrator();
    for cookie in [
        "linekey=",
        "linekey=x",
        &format!("linekey={}", "A".repeat(43)),
        "linekey",
        "=;;=",
        "LINEKEY=1",
    ] {
        let mut browser = Browser {
            cookie: Some(cookie.to_owned()),
            ..office.browser()
        };
        browser.get("/api/me").refused(401, "signed-out");
    }
}

#[test]
fn a_session_is_found_among_cookies_of_other_programs_and_of_the_same_name() {
    let office = Office::open();
    let (browser, _) = office.administrator();
    let ours = browser.cookie.clone().unwrap();
    let other = format!("linekey={}", "A".repeat(43));
    for cookies in [
        format!("{other}; {ours}"),
        format!("{ours}; {other}"),
        format!("linekey=; linekey=x; {other}; {ours}"),
        format!("a=\"b; c=d\"; ;; =x; {{\"j\":1}}; {ours}; linekey-asked=1"),
    ] {
        let mut both = browser.clone();
        both.cookie = Some(cookies);
        both.get("/api/me").expect(200);
    }
    let mut many = browser.clone();
    many.cookie = Some(format!("{}{ours}", format!("{other}; ").repeat(4)));
    many.get("/api/me").refused(401, "signed-out");
}

#[test]
fn sessions_are_listed_and_ended_one_by_one_or_all_others() {
    let office = Office::open();
    let (mut first, authenticator) = office.administrator();
    let mut others: Vec<_> = (0..3).map(|_| office.browser()).collect();
    for browser in &mut others {
        browser.sign_in_by_passkey(&authenticator).expect(200);
    }
    let list = first.get("/api/me/sessions").expect(200).json;
    let current: Vec<bool> = list["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["current"] == true)
        .collect();
    assert_eq!((current.len(), current.iter().filter(|one| **one).count()), (4, 1));
    let id = others[0].get("/api/me").json["session"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    first.delete(&format!("/api/me/sessions/{id}")).expect(204);
    others[0].get("/api/me").refused(401, "signed-out");
    others[1].get("/api/me").expect(200);
    first.delete("/api/me/sessions").expect(204);
    others[1].get("/api/me").refused(401, "signed-out");
    others[2].get("/api/me").refused(401, "signed-out");
    first.get("/api/me").expect(200);
}

#[test]
fn the_session_longest_unused_makes_room_for_the_thirty_third() {
    let office = Office::open();
    let (mut first, authenticator) = office.administrator();
    let mut second = office.browser();
    for number in 0..32 {
        office.pass(1);
        let mut browser = office.browser();
        browser.sign_in_by_passkey(&authenticator).expect(200);
        if number == 0 {
            second = browser;
        }
    }
    first.get("/api/me").refused(401, "signed-out");
    second.get("/api/me").expect(200);
}

/// What was used is written down minutes later; who makes room is decided by what is known now.
#[test]
fn a_session_used_a_moment_ago_does_not_make_room() {
    let office = Office::open();
    let (mut first, authenticator) = office.administrator();
    let mut others = Vec::new();
    for _ in 1..32 {
        let mut browser = office.browser();
        browser.sign_in_by_passkey(&authenticator).expect(200);
        others.push(browser);
    }
    office.pass(1);
    // All within the same second; the first of them last.
    others
        .iter_mut()
        .for_each(|other| drop(other.get("/api/me").expect(200)));
    first.get("/api/me").expect(200);
    office.browser().sign_in_by_passkey(&authenticator).expect(200);
    first.get("/api/me").expect(200);
    others[0].get("/api/me").refused(401, "signed-out");
    others[1].get("/api/me").expect(200);
}

#[test]
fn browsers_are_called_what_people_call_them() {
    let ios = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
    let chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0";
    for (agent, name) in [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(),
            "Firefox on Linux",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(),
            "Firefox on Windows",
        ),
        (
            "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0".to_owned(),
            "Firefox on Android",
        ),
        (
            format!("{ios} Version/18.5 Mobile/15E148 Safari/604.1"),
            "Safari on iPhone",
        ),
        (
            format!("{ios} CriOS/140.0.7339.101 Mobile/15E148 Safari/604.1"),
            "Chrome on iPhone",
        ),
        (
            format!("{ios} EdgiOS/140.0.3485.54 Version/18.0 Mobile/15E148 Safari/604.1"),
            "Edge on iPhone",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 \
                Safari/605.1.15"
                .to_owned(),
            "Safari on macOS",
        ),
        (
            format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {chrome} Safari/537.36 Edg/140.0.0.0"),
            "Edge on Windows",
        ),
        (
            format!("Mozilla/5.0 (Linux; Android 10; K) {chrome} Mobile Safari/537.36"),
            "Chrome on Android",
        ),
        (
            format!("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {chrome} Safari/537.36"),
            "Chrome on ChromeOS",
        ),
        ("curl/8.14.1".to_owned(), "curl"),
        ("python-requests/2.32.4".to_owned(), "python-requests"),
        (String::new(), ""),
    ] {
        assert_eq!(linekey::rules::people::browser::readable(&agent), name, "{agent}");
    }
}

#[test]
fn a_lost_passkey_takes_the_sessions_opened_by_passkey_with_it_unless_they_shall_stay() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let (mut mira, laptop) = office.person(&mut administrator, "101", 1);
    let mut lost = Authenticator::new(ORIGIN, 2);
    mira.add_passkey(&mut lost).expect(201);
    let mut other = office.browser();
    let named = |lost: &Authenticator| data_encoding::BASE64URL_NOPAD.encode(&lost.passkeys[0].id);
    for (question, status) in [("?sessions=keep", 200), ("?sessions=end", 401), ("", 401)] {
        other.sign_in_by_passkey(&lost).expect(200);
        other.get("/api/me").expect(200);
        mira.delete(&format!("/api/me/passkeys/{}{question}", named(&lost)))
            .expect(204);
        other.get("/api/me").expect(status);
        mira.get("/api/me").expect(200);
        lost = Authenticator::new(ORIGIN, 3 + u8::try_from(question.len()).unwrap());
        mira.add_passkey(&mut lost).expect(201);
    }
    // Her own session in use stays, also where it was opened by passkey; an administrator ends it.
    let mut here = office.browser();
    here.sign_in_by_passkey(&laptop).expect(200);
    other.sign_in_by_passkey(&lost).expect(200);
    here.delete(&format!("/api/me/passkeys/{}", named(&lost))).expect(204);
    other.get("/api/me").expect(401);
    here.get("/api/me").expect(200);
    administrator.delete("/api/people/101/passkeys").expect(204);
    here.get("/api/me").expect(401);
    // It came in by link.
    mira.get("/api/me").expect(200);
    mira.delete("/api/me/passkeys?sessions=some").refused(400, "unreadable");
}
