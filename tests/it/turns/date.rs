//! Power cuts while the date is brought back: it is back with all that goes with it, or nothing happened.

use linekey::office::dates::brought_back;
use linekey::rules::moment::{Moment, Reading};
use linekey::rules::office::journal::Actor;
use linekey::rules::time::Date;
use linekey::rules::verdict::Verdict;

use super::{Before, losses, opened};
use crate::office::{DAY, Office};

/// The newest date, and how many sessions and links there are.
fn seen(office: &Office) -> (Option<Date>, usize, usize) {
    let store = &office.state.store;
    let counted = store.read(|facts| Ok((facts.newest()?, facts.all_sessions()?.len(), facts.all_invites()?.len())));
    counted.unwrap()
}

#[test]
fn bringing_the_date_back_is_all_or_nothing() {
    let before = Before::new();
    let untouched = seen(&before.opened().1);
    assert!(untouched.1 > 0 && untouched.2 > 0, "{untouched:?}");
    let to = Date(untouched.0.unwrap().0 - 400 * DAY);
    for cut in 1.. {
        let (disk, office) = before.opened();
        disk.cut_at_sync(cut);
        let reading = Reading {
            date: to,
            known: true,
            running: to,
        };
        let turn = office
            .state
            .store
            .turn_now(Actor::APPLIANCE, Moment::new(reading, [9; 32]), |facts, _| {
                let (done, changes) = brought_back(facts, to)?;
                Ok(Verdict::yes(done, changes))
            });
        let through = disk.cut();
        drop(office);
        for loss in losses() {
            let found = seen(&opened(disk.after(loss)).1);
            let whole = found == (Some(to), 0, 0) || found == untouched && !through && turn.is_err();
            assert!(whole, "cut at sync {cut} with {loss:?}: {found:?}");
        }
        if through {
            assert!(cut > 1, "the turn syncs");
            return;
        }
    }
}
