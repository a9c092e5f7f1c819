//! A change that is written without anybody's asking, for the tests to find.

use linekey::rules::change::Change;
use linekey::rules::office::journal::Actor;
use linekey::rules::verdict::Verdict;

use crate::office::Office;

pub fn note(office: &Office, change: Change) {
    let turn = office
        .state
        .store
        .turn_now(Actor::APPLIANCE, office.state.moment(), |_, _| {
            Ok(Verdict::yes((), vec![change]))
        });
    turn.unwrap().unwrap();
}
