//! Power cuts in turns that set backups, write down what came of them, or make a restored store ready.

use linekey::http::edge::message::Method;
use linekey::office::backups;
use linekey::rules::office::journal::Actor;
use serde_json::{Value, json};

use super::{Before, contents, cut_everywhere, cut_everywhere_of, losses, opened, request};
use crate::disk::{Disk, Loss};
use crate::office::Office;
use crate::program::Folder;
use crate::restored::{begin, store_of};

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
