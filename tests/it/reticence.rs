//! What strangers who ask for links find out, and use up: nothing of who is here, and nothing that others need.

use std::sync::mpsc;
use std::time::Duration;

use linekey::desk::recoveries::Recoveries;
use linekey::rules::id::AccountId;
use linekey::rules::letters::letter::{Content, LetterKind};
use linekey::rules::limits;
use linekey::rules::office::journal::Actor;
use linekey::rules::people::recovery::Sent;
use linekey::rules::secret::{ShortCode, Token};
use linekey::rules::time::Date;
use linekey::rules::verdict::Verdict;
use serde_json::json;

use crate::links::{add_mira, ask, content, letters, with_mail};
use crate::office::{HOUR, MINUTE, Office};

#[test]
fn the_count_of_an_accounts_letters_is_kept_however_many_others_ask() {
    let office = Office::open();
    let now = |minute: u64| Date(office.now() + minute * MINUTE);
    let mut recoveries = office.state.desk.recoveries();
    let everybody = || (0..).take(limits::ACCOUNTS).map(AccountId);
    for minute in 0..3 {
        assert!(everybody().all(|account| recoveries.admit(account, now(minute))));
    }
    assert!(!everybody().any(|account| recoveries.admit(account, now(59))));
    assert!(
        everybody().all(|account| recoveries.admit(account, now(60))),
        "the first of three is an hour ago"
    );
    assert!(!everybody().any(|account| recoveries.admit(account, now(60))));
    // As DESIGN.md says, with the codes and the neighbours beside it.
    assert!(
        size_of::<Recoveries>() <= (136 + 36 + 36) << 10,
        "{}",
        size_of::<Recoveries>()
    );
}

#[test]
fn a_code_that_works_keeps_its_place_and_the_newest_letter_comes_without_one() {
    let office = Office::open();
    let now = |minute: u64| Date(office.now() + minute * MINUTE);
    let mut recoveries = office.state.desk.recoveries();
    let mut fresh = office.state.moment().fresh;
    let browser = Token::fresh(&mut fresh).hash();
    let mut wait = |recoveries: &mut Recoveries, account: u64, until: Date| {
        let (link, code) = (Token::fresh(&mut fresh).hash(), ShortCode::fresh(&mut fresh));
        let typed = code.reveal();
        recoveries.wait(AccountId(account), browser, Sent { link, code, until });
        (link, typed)
    };
    let mut codes = Vec::new();
    for account in 0..256 {
        assert!(recoveries.has_room(AccountId(account), now(0)));
        // Account 3's code is over first.
        codes.push(wait(
            &mut recoveries,
            account,
            if account == 3 { now(10) } else { now(60) },
        ));
    }
    assert!(
        !recoveries.has_room(AccountId(256), now(9)),
        "everybody's code still works"
    );
    assert!(
        recoveries.has_room(AccountId(255), now(9)),
        "its own next code takes its place"
    );
    let (link, _) = wait(&mut recoveries, 257, now(60));
    assert!(codes.iter().all(|(other, _)| *other != link));
    assert!(recoveries.has_room(AccountId(256), now(10)), "account 3 makes room");
    let (link, typed) = wait(&mut recoveries, 256, now(60));
    assert!(!recoveries.has_room(AccountId(258), now(11)));
    assert_eq!(recoveries.redeem(browser, &typed, now(11)), Ok(link));
    assert_eq!(
        recoveries.redeem(browser, &codes[7].1, now(11)),
        Ok(codes[7].0),
        "nobody was thrown out"
    );
    assert!(
        recoveries.has_room(AccountId(258), now(11)),
        "a code that was used makes room"
    );
}

#[test]
fn where_no_code_has_room_the_link_goes_out_all_the_same() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    add_mira(&mut administrator);
    let mut fresh = office.state.moment().fresh;
    for account in 1_000..1_256 {
        let sent = Sent {
            link: Token::fresh(&mut fresh).hash(),
            code: ShortCode::fresh(&mut fresh),
            until: Date(office.now() + HOUR),
        };
        let browser = Token::fresh(&mut fresh).hash();
        office.state.desk.recoveries().wait(AccountId(account), browser, sent);
    }
    ask(&mut office.browser(), "101");
    let Content::Reset { token, code: None, .. } = content(&office, LetterKind::Reset) else {
        panic!("a code that works nowhere")
    };
    office.browser().sign_in_by_link(&token).expect(200);
}

#[test]
fn a_recovery_begins_at_some_time_within_a_second_whoever_is_asked_for() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    add_mira(&mut administrator);
    for name in ["101", "nobody", "101", "102", "admin", "101", "", "x"] {
        ask(&mut office.browser(), name);
    }
    let mut pauses = office.pauses.lock().unwrap().clone();
    assert_eq!(pauses.len(), 8);
    assert!(
        pauses.iter().all(|pause| *pause <= Duration::from_secs(1)),
        "{pauses:?}"
    );
    pauses.sort_unstable();
    pauses.dedup();
    assert_eq!(pauses.len(), 8, "all of them alike: {pauses:?}");
    assert_eq!(letters(&office).len(), 1);
}

#[test]
fn whoever_is_refused_does_not_wait_for_what_is_written_meanwhile() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    let invited = add_mira(&mut administrator);
    assert_eq!(invited["invite"]["mailed_to"], json!("mira@example.org"));
    let state = &office.state;
    let (writing, begun) = mpsc::channel();
    let (leave, left) = mpsc::channel();
    let (answered, answers) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let turn = state.store.turn_now(Actor::APPLIANCE, state.moment(), |_, _| {
                writing.send(()).unwrap();
                left.recv().unwrap();
                Ok(Verdict::yes((), Vec::new()))
            });
            turn.unwrap().unwrap();
        });
        begun.recv().unwrap();
        let office = &office;
        scope.spawn(move || {
            let unknown = office.browser().sign_in_by_link(&"A".repeat(43));
            answered.send(unknown.status).unwrap();
            for name in ["101", "nobody", "admin"] {
                let wrong = office.browser().sign_in_by_password(name, "wrong wrong wrong");
                answered.send(wrong.status).unwrap();
            }
        });
        let heard: Vec<_> = (0..4)
            .map_while(|_| answers.recv_timeout(Duration::from_secs(20)).ok())
            .collect();
        leave.send(()).unwrap();
        assert_eq!(heard, [410, 401, 401, 401]);
    });
}

#[test]
fn one_test_letter_is_sent_at_a_time_and_twenty_in_an_hour() {
    let office = Office::open();
    let mut administrator = with_mail(&office);
    let mut test = || administrator.post("/api/mail/test", json!({ "to": "a@example.org" }));
    let under_way = office.state.testing.try_acquire().unwrap();
    let refused = test().refused(429, "wait");
    assert!(refused.field("retry-after").unwrap().parse::<u64>().unwrap() <= 40);
    assert!(refused.json["message"].as_str().unwrap().contains("one at a time"));
    drop(under_way);
    (0..20).for_each(|_| drop(test().expect(200)));
    let refused = test().refused(429, "wait");
    assert_eq!(refused.field("retry-after"), Some("3600"));
}
