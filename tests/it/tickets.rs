//! Tickets: each is answered once, and there is one for whoever asks.

use serde_json::json;

use crate::ceremony::answered;
use crate::office::{MINUTE, Office};

#[test]
fn a_ticket_is_answered_once() {
    let office = Office::open();
    let (_, authenticator) = office.administrator();
    let mut browser = office.browser();
    let asked = browser.asked("/api/sign-in/passkey/begin");
    let body = json!({ "ticket": asked["ticket"], "credential": authenticator.get(&asked["publicKey"]) });
    browser.post("/api/sign-in/passkey/finish", body.clone()).expect(200);
    office
        .browser()
        .post("/api/sign-in/passkey/finish", body)
        .refused(410, "ticket-spent");
}

#[test]
fn a_ticket_is_spent_by_a_wrong_answer_too() {
    let office = Office::open();
    let (_, authenticator) = office.administrator();
    let mut browser = office.browser();
    let asked = browser.asked("/api/sign-in/passkey/begin");
    let right = json!({ "ticket": asked["ticket"], "credential": authenticator.get(&asked["publicKey"]) });
    let mut wrong = right.clone();
    wrong["credential"]["response"]["signature"] = json!("MAYCAQECAQE");
    browser
        .post("/api/sign-in/passkey/finish", wrong)
        .refused(401, "not-signed-in");
    browser
        .post("/api/sign-in/passkey/finish", right)
        .refused(410, "ticket-spent");
}

#[test]
fn a_ticket_is_good_for_five_minutes() {
    let office = Office::open();
    let (_, authenticator) = office.administrator();
    for (wait, status) in [(5 * MINUTE - 1, 200), (5 * MINUTE, 410)] {
        let mut browser = office.browser();
        let asked = browser.asked("/api/sign-in/passkey/begin");
        office.pass(wait);
        let body = json!({ "ticket": asked["ticket"], "credential": authenticator.get(&asked["publicKey"]) });
        browser.post("/api/sign-in/passkey/finish", body).expect(status);
    }
}

#[test]
fn a_ticket_for_one_thing_is_none_for_another() {
    let office = Office::open();
    let (mut browser, authenticator) = office.administrator();
    let proof = browser.asked("/api/me/proof/passkey/begin");
    let body = json!({ "ticket": proof["ticket"], "credential": authenticator.get(&proof["publicKey"]) });
    office
        .browser()
        .post("/api/sign-in/passkey/finish", body)
        .refused(410, "ticket-spent");
    let sign_in = browser.asked("/api/sign-in/passkey/begin");
    let body = json!({ "ticket": sign_in["ticket"], "credential": authenticator.get(&sign_in["publicKey"]) });
    browser
        .post("/api/me/proof/passkey/finish", body)
        .refused(410, "ticket-spent");
}

#[test]
fn a_challenge_of_another_ticket_does_not_sign_in() {
    let office = Office::open();
    let (_, authenticator) = office.administrator();
    let other = office.browser().asked("/api/sign-in/passkey/begin");
    let mut browser = office.browser();
    let reply = answered(&mut browser, &authenticator, |body| {
        body["ticket"] = other["ticket"].clone()
    });
    reply.refused(401, "not-signed-in");
    assert!(browser.cookie.is_none());
}

#[test]
fn nobody_takes_a_ticket_from_anybody_however_many_they_ask_for() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    let (mut mira, _) = office.person(&mut administrator, "101", 1);
    let early = office.browser().asked("/api/sign-in/passkey/begin");
    for _ in 0..2000 {
        mira.asked("/api/sign-in/passkey/begin");
        mira.asked("/api/me/proof/passkey/begin");
    }
    // Whoever asked before them, whoever asks after them, and whoever is signed in at the same address.
    let body = json!({ "ticket": early["ticket"], "credential": authenticator.get(&early["publicKey"]) });
    office.browser().post("/api/sign-in/passkey/finish", body).expect(200);
    office.browser().sign_in_by_passkey(&authenticator).expect(200);
    administrator.prove_by_passkey(&authenticator).expect(200);
}

#[test]
fn a_ticket_is_answered_once_however_many_others_are_answered_after_it() {
    let office = Office::open();
    let (_, authenticator) = office.administrator();
    let asked: Vec<_> = (0..300)
        .map(|_| office.browser().asked("/api/sign-in/passkey/begin"))
        .collect();
    let bodies: Vec<_> = asked
        .iter()
        .map(|asked| json!({ "ticket": asked["ticket"], "credential": authenticator.get(&asked["publicKey"]) }))
        .collect();
    let finish = |number: usize| {
        office
            .browser()
            .post("/api/sign-in/passkey/finish", bodies[number].clone())
    };
    // Browsers that asked before others answer after them.
    for number in [6, 5, 4, 3, 2, 1, 0].into_iter().chain(7..300) {
        finish(number).expect(200);
    }
    office.pass(5 * MINUTE - 1);
    for number in 0..300 {
        finish(number).refused(410, "ticket-spent");
    }
    office.browser().sign_in_by_passkey(&authenticator).expect(200);
}

#[test]
fn of_two_right_answers_at_the_same_moment_one_signs_in() {
    let office = Office::open();
    let (_, authenticator) = office.administrator();
    for _ in 0..20 {
        let asked = office.browser().asked("/api/sign-in/passkey/begin");
        let body = json!({ "ticket": asked["ticket"], "credential": authenticator.get(&asked["publicKey"]) });
        let finish = || {
            let mut browser = office.browser();
            browser.post("/api/sign-in/passkey/finish", body.clone()).status
        };
        let mut told: Vec<u16> = std::thread::scope(|scope| {
            let answers: Vec<_> = (0..4).map(|_| scope.spawn(finish)).collect();
            answers.into_iter().map(|answer| answer.join().unwrap()).collect()
        });
        told.sort_unstable();
        assert_eq!(told, [200, 410, 410, 410]);
    }
}

#[test]
fn a_ticket_that_was_changed_is_none() {
    let office = Office::open();
    let (_, authenticator) = office.administrator();
    let asked = office.browser().asked("/api/sign-in/passkey/begin");
    let ticket = asked["ticket"].as_str().unwrap().to_owned();
    let credential = authenticator.get(&asked["publicKey"]);
    for place in 0..ticket.len() {
        let mut changed = ticket.clone();
        let other = if ticket[place..].starts_with('A') { "Q" } else { "A" };
        changed.replace_range(place..=place, other);
        let body = json!({ "ticket": changed, "credential": credential });
        let refused = office.browser().post("/api/sign-in/passkey/finish", body);
        refused.refused(410, "ticket-spent");
    }
}
