//! What becomes of a refused assertion above the rules; the steps themselves are in `tests/vectors/own`.

use linekey::rules::change::{Change, PeopleChange};
use linekey::rules::office::journal::{Actor, JournalLine};
use linekey::rules::people::session::Use;
use linekey::rules::verdict::Verdict;

use crate::authenticator::Authenticator;
use crate::office::{DAY, ORIGIN, Office};

/// The store has seen this count of the authenticator's only passkey.
fn has_counted(office: &Office, authenticator: &Authenticator, sign_count: u32) {
    let credential = linekey::rules::people::passkey::CredentialId(authenticator.passkeys[0].id.clone());
    let seen = Use {
        at: office.state.now(),
        address: [127, 0, 0, 1].into(),
        browser: String::new(),
    };
    let turn = office
        .state
        .store
        .turn_now(Actor::APPLIANCE, office.state.moment(), move |_, _| {
            let used = Change::People(PeopleChange::PasskeyUsed {
                credential,
                sign_count,
                backed_up: true,
                seen,
            });
            Ok(Verdict::yes((), vec![used]))
        });
    turn.unwrap().unwrap();
}

/// How many lines of the journal tell of a passkey that may have been copied.
fn suspicions(office: &Office) -> usize {
    let about = |line: &JournalLine| line.event == "passkey-possible-clone" && line.who == "admin";
    let lines = office.state.store.read(|facts| facts.journal(None, 9, about));
    lines.unwrap().len()
}

#[test]
fn step_22_of_a_sign_in_refuses_a_counter_that_went_back_and_notes_a_possible_copy() {
    let office = Office::open();
    let (_, authenticator) = office.administrator();
    office.browser().sign_in_by_passkey(&authenticator).expect(200);
    has_counted(&office, &authenticator, 1);
    // The authenticator still counts zero.
    office
        .browser()
        .sign_in_by_passkey(&authenticator)
        .refused(401, "not-signed-in");
    let noted: Vec<String> = office
        .state
        .desk
        .refused()
        .newest_first()
        .map(|refused| refused.why.clone())
        .collect();
    assert_eq!(noted.len(), 1);
    assert!(
        noted[0].contains("§7.2 step 22") && noted[0].contains("a copy of the key"),
        "{noted:?}"
    );
    let told = || suspicions(&office);
    assert_eq!(told(), 1);
    // Whoever has the copy may go on: the journal tells of it once a day.
    let turn_away = || {
        office
            .browser()
            .sign_in_by_passkey(&authenticator)
            .refused(401, "not-signed-in")
    };
    turn_away();
    assert_eq!((told(), office.state.desk.refused().count()), (1, 2));
    office.pass(DAY);
    turn_away();
    assert_eq!(told(), 2);
}

#[test]
fn each_passkey_that_may_have_been_copied_is_told_of() {
    let office = Office::open();
    let (mut administrator, first) = office.administrator();
    let mut second = Authenticator::new(ORIGIN, 2);
    administrator.add_passkey(&mut second).expect(201);
    for (told, authenticator) in [&first, &second].into_iter().enumerate() {
        has_counted(&office, authenticator, 1);
        office
            .browser()
            .sign_in_by_passkey(authenticator)
            .refused(401, "not-signed-in");
        assert_eq!(suspicions(&office), told + 1);
    }
}
