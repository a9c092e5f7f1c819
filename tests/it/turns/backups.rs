//! Power cuts in turns that set backups, write down what came of them, or make a restored store ready.

use linekey::http::edge::message::Method;
use linekey::office::backups;
use linekey::office::backups::mark::Looked;
use linekey::rules::moment::Fresh;
use linekey::rules::office::journal::Actor;
use linekey::rules::office::schedule::bucket::Access;
use linekey::rules::office::schedule::{self, When};
use linekey::rules::office::tenure::{self, BoardMark};
use linekey::rules::secret::SealKey;
use linekey::rules::time::Date;
use serde_json::{Value, json};

use super::{Before, contents, cut_everywhere, cut_everywhere_of, losses, opened, request};
use crate::disk::{Disk, Loss};
use crate::office::Office;
use crate::program::Folder;
use crate::restored::{begin, store_of, taken_over};

fn set(folder: &Folder) -> Value {
    json!({ "folder": folder.path(), "every_hours": 1, "keep": 2, "passphrase": "four words on paper" })
}

/// An office whose backups go into that folder.
fn with_backups(folder: &Folder) -> Before {
    let before = Before::new();
    let (disk, office) = before.opened();
    let asked = request(&before.administrator(&office), Method::PUT, "/api/backups", set(folder));
    office.browser().send(asked).expect(200);
    let bytes = disk.after(Loss::All);
    Before { bytes, ..before }
}

#[test]
fn setting_backups_and_turning_them_off_is_all_or_nothing() {
    let folder = Folder::new();
    cut_everywhere(|before, office| request(&before.administrator(office), Method::PUT, "/api/backups", set(&folder)));
    cut_everywhere_of(&with_backups(&folder), |before, office| {
        request(
            &before.administrator(office),
            Method::DELETE,
            "/api/backups",
            Value::Null,
        )
    });
}

/// Cut at each sync of `work`, the store is as before it or as after it; answers with how many cuts there were.
fn cut_everywhere_by_itself(begun: impl Fn() -> (Disk, Office), work: impl Fn(&Office) -> bool) -> u64 {
    let (_, office) = begun();
    let untouched = contents(&office);
    assert!(work(&office));
    let done = contents(&office);
    assert_ne!(untouched, done);
    for cut in 1.. {
        let (disk, office) = begun();
        disk.cut_at_sync(cut);
        let answered = work(&office);
        if disk.cut() {
            return cut - 1;
        }
        drop(office);
        for loss in losses() {
            let (_, office) = opened(disk.after(loss));
            let found = contents(&office);
            assert!(
                found == done || found == untouched && !answered,
                "cut at sync {cut} with {loss:?}"
            );
        }
    }
    unreachable!("work that syncs for ever")
}

#[test]
fn what_came_of_a_backup_is_written_as_a_whole_or_not_at_all() {
    let folder = Folder::new();
    let before = with_backups(&folder);
    let made = |office: &Office| {
        let made = smol::block_on(backups::make(&office.state, Actor::APPLIANCE));
        made.is_ok()
    };
    assert!(cut_everywhere_by_itself(|| before.opened(), made) > 0);
    std::fs::remove_dir_all(folder.path()).unwrap();
    assert!(cut_everywhere_by_itself(|| before.opened(), made) > 0);
}

/// A mark of a board that took over, beside the backups.
fn marked(folder: &Folder, number: u32) {
    let key = SealKey::new([7; 32]);
    let mark = BoardMark {
        number,
        board: [0xb1; 16],
        at: Date(1_795_420_800),
    };
    let name = tenure::name(&schedule::prefix(&key));
    std::fs::write(folder.path().join(name), mark.text(&key)).unwrap();
}

fn looks(office: &Office) -> bool {
    office.state.look_for_the_board().is_ok()
}

#[test]
fn a_board_learns_that_it_was_replaced_as_a_whole_or_at_its_next_look() {
    let folder = Folder::new();
    let before = with_backups(&folder);
    marked(&folder, 1);
    assert!(cut_everywhere_by_itself(|| before.opened(), looks) > 0);
    let (_, office) = before.opened();
    assert_eq!(office.state.look_for_the_board().unwrap(), Looked::Replaced);
    let made = smol::block_on(backups::make(&office.state, Actor::APPLIANCE)).unwrap();
    assert_eq!(made, Ok(false), "it backs nothing up any more");
}

#[test]
fn a_spare_that_took_over_finds_its_folder_and_leaves_its_mark_as_a_whole_or_at_its_next_start() {
    let (folder, elsewhere) = (Folder::new(), Folder::new());
    let before = with_backups(&folder);
    let (_, office) = before.opened();
    let mut administrator = before.administrator(&office);
    administrator.prove_by_passkey(&before.authenticator).expect(200);
    let seen = elsewhere.path().to_str().unwrap().to_owned();
    let store = taken_over(&store_of(&mut administrator), Some(seen.clone())).after(Loss::All);
    let begun = || {
        let (disk, office) = opened(store.clone());
        office.set_clock(before.clock);
        (disk, office)
    };
    let settles = |office: &Office| {
        let state = &office.state;
        let turn = state.store.turn_now(Actor::APPLIANCE, state.moment(), |facts, _| {
            Ok(tenure::settled(facts.tenure()?, facts.schedule()?, None))
        });
        turn.is_ok()
    };
    assert!(cut_everywhere_by_itself(begun, settles) > 0);
    let settled = || {
        let (disk, office) = begun();
        assert!(settles(&office));
        let bytes = disk.after(Loss::All);
        drop(office);
        let (disk, office) = opened(bytes);
        office.set_clock(before.clock);
        (disk, office)
    };
    // Another one left its mark meanwhile: this one's goes in front of it, and none is told twice.
    marked(&elsewhere, 4);
    assert!(cut_everywhere_by_itself(settled, looks) > 0);
    let (_, office) = settled();
    assert_eq!(office.state.look_for_the_board().unwrap(), Looked::Ours);
    let (schedule, tenure) = office
        .state
        .store
        .read(|facts| Ok((facts.schedule()?, facts.tenure()?)))
        .unwrap();
    assert_eq!(schedule.unwrap().folder, seen);
    assert!(tenure.told && tenure.number >= 5);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_bucket_is_set_with_its_schedule_or_not_at_all() {
    let folder = Folder::new();
    let before = with_backups(&folder);
    let sets = |office: &Office| {
        let state = &office.state;
        let access = Access {
            endpoint: "https://s3.example.org".to_owned(),
            name: "office".to_owned(),
            region: "us-east-1".to_owned(),
            access_key: "AK".to_owned(),
            secret: "secret".to_owned().into(),
            prefix: String::new(),
        };
        let bucket = access.sealed(&state.key, &mut Fresh::seeded([5; 32]));
        let turn = state.store.turn_now(Actor::APPLIANCE, state.moment(), |facts, moment| {
            let set = (String::new(), When::Hours(1), 2);
            Ok(schedule::set(
                set,
                (None, Some(bucket)),
                None,
                facts.schedule()?.zip(Some(facts.bucket()?)),
                moment.now,
            )
            .into())
        });
        turn.is_ok_and(|set| set.is_ok())
    };
    assert!(cut_everywhere_by_itself(|| before.opened(), sets) > 0);
}

#[test]
fn a_restored_store_is_made_ready_as_a_whole_or_is_still_to_be_made_ready() {
    let before = Before::new();
    let (_, office) = before.opened();
    let mut administrator = before.administrator(&office);
    administrator.prove_by_passkey(&before.authenticator).expect(200);
    let restored = store_of(&mut administrator).after(Loss::All);
    let begun = || {
        let (disk, office) = opened(restored.clone());
        office.set_clock(before.clock);
        (disk, office)
    };
    let ready = |office: &Office| std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| begin(office))).is_ok();
    assert!(cut_everywhere_by_itself(begun, ready) > 0);
    let (_, office) = begun();
    assert!(office.state.store.read(|facts| facts.is_restored()).unwrap());
}
