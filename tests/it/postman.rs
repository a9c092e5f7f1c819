//! The postman at work, with the clock in the test's hand and a mail server that answers as it is told.

use linekey::mail::postman::Postman;
use linekey::rules::change::{Change, LettersChange, PeopleChange};
use linekey::rules::id::Email;
use linekey::rules::letters::letter::{Letter, LetterKind};
use linekey::rules::letters::relay::{Relay, Security};
use linekey::rules::office::difference::Difference;
use linekey::rules::time::Date;
use serde_json::{Value, json};
use smol::future::poll_once;

use crate::disk::Disk;
use crate::links::{add_mira, add_to, ask, letters, set_relay};
use crate::mailbox::{Mailbox, field, read};
use crate::noted::note;
use crate::office::{Browser, DAY, HOUR, MINUTE, ORIGIN, Office};

/// This office's postman, in an appliance of that name.
pub fn postman_of(office: &Office, name: &str) -> Postman {
    let state = office.state.clone();
    Postman {
        store: state.store.clone(),
        key: state.key.clone(),
        origin: ORIGIN.to_owned(),
        name: name.to_owned(),
        moment: Box::new(move || state.moment()),
    }
}

/// Sends what is due; when he comes back.
pub fn round(office: &Office) -> Option<u64> {
    let next = postman_of(office, "localhost").round().unwrap();
    next.map(|next| next.0)
}

/// Sets that mail server.
pub fn set_mailbox(office: &Office, mailbox: &Mailbox) {
    let relay = Relay {
        server: "127.0.0.1".to_owned(),
        port: mailbox.port,
        security: Security::None,
        login: None,
        sender: Email::parse("pbx@example.org").unwrap(),
        roots: None,
    };
    note(
        office,
        Change::Letters(LettersChange::RelaySet(relay, Difference::default())),
    );
}

/// Sets that mail server and adds Mira (101), whose invitation waits. The administrator.
pub fn with_mira<'a>(office: &'a Office, mailbox: &Mailbox) -> Browser<'a> {
    set_mailbox(office, mailbox);
    let (mut administrator, _) = office.administrator();
    add_mira(&mut administrator);
    administrator
}

fn only_letter(office: &Office) -> Letter {
    let mut all = letters(office);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0).1
}

/// What the journal says about letters that were given up, newest first.
fn given_up(office: &Office) -> Vec<String> {
    let lines = office
        .state
        .store
        .read(|facts| facts.journal(None, 100, |line| line.event == "letter-given-up"));
    lines.unwrap().into_iter().map(|(_, line)| line.about).collect()
}

fn refusing(reply: &'static str) -> Mailbox {
    Mailbox::answering(move |line| line.starts_with("RCPT").then(|| reply.to_owned()))
}

#[test]
fn a_letter_is_tried_whenever_its_time_has_come_and_for_the_last_time_after_two_days() {
    let mailbox = refusing("451 4.3.2 come back later, please");
    let office = Office::open();
    with_mira(&office, &mailbox);
    let queued = office.now();
    let mut tries = Vec::new();
    while let Some(next) = round(&office) {
        tries.push(office.now() - queued);
        assert_eq!(mailbox.heard("RCPT"), tries.len());
        office.set_clock(next - 1);
        assert_eq!(round(&office), Some(next), "it is not time yet");
        assert_eq!(mailbox.heard("RCPT"), tries.len());
        office.set_clock(next);
    }
    tries.push(office.now() - queued);
    assert_eq!(mailbox.heard("RCPT"), tries.len());
    assert_eq!(tries[..5], [0, 60, 180, 420, 900]);
    assert_eq!(tries.last(), Some(&(2 * DAY)), "not hours before: {tries:?}");
    let letter = only_letter(&office);
    assert!(letter.given_up && usize::try_from(letter.tries).unwrap() == tries.len());
    assert_eq!(
        given_up(&office),
        ["101 (Mira): mira@example.org (451 4.3.2 come back later, please)"]
    );
}

#[test]
fn a_letter_whose_link_expired_is_given_up_in_the_journal_and_shown_for_thirty_days() {
    let mailbox = refusing("451 4.3.2 come back later");
    let office = Office::open();
    with_mira(&office, &mailbox);
    ask(&mut office.browser(), "101");
    let until = office.now() + 7 * DAY;
    note(
        &office,
        Change::People(PeopleChange::InviteExpired(only_letter(&office).about)),
    );
    // Without an invitation the link works for an hour.
    ask(&mut office.browser(), "101");
    let mut resets = letters(&office);
    resets.retain(|(_, letter)| letter.kind == LetterKind::Reset);
    let (id, _) = resets.pop().unwrap();
    let letter = || office.state.store.read(|facts| facts.letter(id)).unwrap().unwrap();
    round(&office);
    assert!(!letter().given_up && office.now() < until);
    office.pass(HOUR + 1);
    // Sweeping the link away first leaves the letter to the postman.
    office.state.sweep().unwrap();
    round(&office);
    let said = letter().said.unwrap();
    assert_eq!(said, "its link had expired; before that: 451 4.3.2 come back later");
    assert!(letter().given_up && given_up(&office)[0].contains("its link had expired"));
    let lines = given_up(&office).len();
    // Another mail server has nothing to do with it.
    set_mailbox(&office, &Mailbox::friendly());
    round(&office);
    assert_eq!((letter().given_up, given_up(&office).len()), (true, lines));
    for day in 0..30 {
        office.state.sweep().unwrap();
        assert!(letter().given_up, "day {day}");
        office.pass(DAY);
    }
    office.state.sweep().unwrap();
    assert_eq!(office.state.store.read(|facts| facts.letter(id)).unwrap(), None);
}

#[test]
fn a_mail_server_that_comes_back_after_a_month_sends_no_old_news() {
    for removed in [true, false] {
        let mailbox = Mailbox::friendly();
        let office = Office::open();
        with_mira(&office, &mailbox);
        if removed {
            note(&office, Change::Letters(LettersChange::RelayRemoved));
            assert_eq!(round(&office), Some(office.now() + 2 * DAY + 1));
            office.pass(2 * DAY);
            assert!(round(&office).is_some() && !only_letter(&office).given_up);
            office.pass(1);
            assert_eq!(round(&office), None);
            assert_eq!(
                given_up(&office),
                ["101 (Mira): mira@example.org (no mail server took it within two days)"]
            );
        }
        // Or the appliance was off.
        office.pass(30 * DAY);
        set_mailbox(&office, &mailbox);
        round(&office);
        assert!(only_letter(&office).given_up && given_up(&office).len() == 1);
        assert_eq!(mailbox.letters(), Vec::<String>::new());
    }
}

#[test]
fn the_postman_is_called_for_letters_and_mail_servers_and_for_nothing_else() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let mut rings_for = |act: &dyn Fn(&mut Browser<'_>)| {
        let (mut posted, mut written) = (
            office.state.store.notices().of_letters(),
            office.state.store.notices().of_any(),
        );
        act(&mut administrator);
        smol::block_on(async {
            (
                poll_once(&mut written).await.is_some(),
                poll_once(&mut posted).await.is_some(),
            )
        })
    };
    assert_eq!(rings_for(&|_| ()), (false, false));
    let in_the_dark = rings_for(&|it| drop(add_mira(it)));
    assert_eq!(in_the_dark, (true, false), "there is no mail server");
    assert_eq!(rings_for(&|it| set_relay(it)), (true, true));
    assert_eq!(rings_for(&|it| add_to(it, "102")), (true, true));
    let renamed = json!({ "name": "Mira O." });
    assert_eq!(
        rings_for(&|it| drop(it.patch("/api/people/101", renamed.clone()).expect(200))),
        (true, false)
    );
    assert_eq!(rings_for(&|it| drop(it.delete("/api/mail").expect(204))), (true, true));
}

#[test]
fn on_a_full_disk_one_letter_goes_out_and_not_all_of_them_again_and_again() {
    let (disk, mailbox) = (Disk::empty(), Mailbox::friendly());
    let office = Office::over(disk.clone(), 1);
    set_mailbox(&office, &mailbox);
    let (mut administrator, _) = office.administrator();
    (101..=105).for_each(|extension: u32| add_to(&mut administrator, &extension.to_string()));
    disk.cut_at_sync(1);
    assert!(postman_of(&office, "localhost").round().is_err());
    assert_eq!(mailbox.letters().len(), 1);
}

#[test]
fn a_server_hears_a_whole_name_or_an_address_and_what_it_says_of_it_is_not_lasting() {
    let mailbox = refusing("504 5.5.2 <pbx>: Helo command rejected: need fully-qualified hostname");
    let office = Office::open();
    with_mira(&office, &mailbox);
    round(&office);
    assert_eq!(mailbox.heard("EHLO [127.0.0.1]"), 1);
    let letter = only_letter(&office);
    assert_eq!(
        (letter.given_up, letter.said.as_deref()),
        (
            false,
            Some("504 5.5.2 <pbx>: Helo command rejected: need fully-qualified hostname")
        )
    );
    office.pass(MINUTE);
    postman_of(&office, "pbx.example.org").round().unwrap();
    assert_eq!(mailbox.heard("EHLO pbx.example.org"), 1);
}

#[test]
fn letters_bear_the_date_of_their_sending_and_numbers_of_their_own() {
    let mailbox = Mailbox::friendly();
    let office = Office::open();
    let mut administrator = with_mira(&office, &mailbox);
    (102..=110).for_each(|extension: u32| add_to(&mut administrator, &extension.to_string()));
    assert_eq!(office.now(), 1_795_420_800);
    office.pass(90);
    round(&office);
    let letters = mailbox.letters();
    let mut numbers: Vec<_> = letters
        .iter()
        .map(|letter| field(read(letter).0, "Message-ID"))
        .collect();
    for (letter, number) in letters.iter().zip(&numbers) {
        assert_eq!(field(read(letter).0, "Date"), "Mon, 23 Nov 2026 08:01:30 +0000");
        let (left, domain) = number.trim_matches(['<', '>']).split_once('@').unwrap();
        assert!(left.len() == 32 && domain == "example.org", "{number}");
    }
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 10);
}

#[test]
fn a_letter_that_arrived_is_in_the_journal_and_nowhere_else() {
    let mailbox = Mailbox::friendly();
    let office = Office::open();
    let mut administrator = with_mira(&office, &mailbox);
    assert_eq!(round(&office), None);
    assert_eq!(letters(&office), []);
    let journal = administrator.get("/api/journal?event=letter-sent").expect(200).json;
    assert_eq!(journal["lines"][0]["about"], json!("101 (Mira): mira@example.org"));
    assert_eq!(journal["lines"][1], Value::Null);
}

#[test]
fn nothing_is_sent_on_a_date_that_is_known_to_be_wrong() {
    let mailbox = Mailbox::friendly();
    let office = Office::open();
    with_mira(&office, &mailbox);
    office.lose_the_date();
    let again = round(&office).map(Date);
    assert!(again.is_some_and(|again| again.0 <= office.now() + MINUTE));
    assert_eq!(mailbox.letters().len(), 0);
    office.learn_the_date();
    round(&office);
    assert_eq!(mailbox.letters().len(), 1);
}
