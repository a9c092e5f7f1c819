//! A change of the name, a rescue code, the first start under another name and the end of a move, cut at every sync.

use linekey::http::edge::message::Method;
use serde_json::{Value, json};

use super::{Before, contents, cut_everywhere, cut_everywhere_of, losses, request};
use crate::disk::{Disk, Loss};
use crate::moving::called;
use crate::office::{MINUTE, Office};

const NEW: (&str, &str) = ("new.test", "https://new.test:8443");

/// The same office, after the administrator was shown a rescue code.
fn with_code() -> Before {
    let before = Before::new();
    let (disk, office) = before.opened();
    before
        .administrator(&office)
        .post("/api/name/code", json!({}))
        .expect(200);
    Before {
        bytes: disk.after(Loss::All),
        ..before
    }
}

#[test]
fn a_rescue_code_waits_or_none_was_made() {
    cut_everywhere(|before, office| request(&before.administrator(office), Method::POST, "/api/name/code", json!({})));
}

/// RP ID, certificate and announcement come from these two rows at the next start: they are of one turn.
#[test]
fn the_name_is_saved_with_its_move_or_neither_is() {
    for moving in [true, false] {
        cut_everywhere_of(&with_code(), |before, office| {
            let body = json!({ "name": "new.test", "moving": moving });
            request(&before.administrator(office), Method::PATCH, "/api/settings", body)
        });
    }
}

#[test]
fn a_move_is_over_or_goes_on() {
    let before = with_code();
    let (disk, office) = before.opened();
    let mut administrator = before.administrator(&office);
    let body = json!({ "name": "new.test", "moving": true });
    administrator.patch("/api/settings", body).expect(200);
    let before = Before {
        bytes: disk.after(Loss::All),
        ..before
    };
    cut_everywhere_of(&before, |before, office| {
        request(
            &before.administrator(office),
            Method::DELETE,
            "/api/name/move",
            Value::Null,
        )
    });
}

/// The first start under another name writes down since when, and the name of before: both or neither.
#[test]
fn the_first_start_under_another_name_is_noted_whole() {
    let before = Before::new();
    let disk = Disk::holding(before.bytes.clone());
    let named = called(disk.clone(), 3, ("old.test", "https://old.test"));
    named.pass(MINUTE);
    drop(named);
    let bytes = disk.after(Loss::All);
    let noted = |office: &Office| contents(office);
    let untouched = noted(&Office::over(Disk::holding(bytes.clone()), 2));
    let done = noted(&called(Disk::holding(bytes.clone()), 4, NEW));
    assert_ne!(untouched, done);
    for cut in 1.. {
        let disk = Disk::holding(bytes.clone());
        disk.cut_at_sync(cut);
        // It stops where the disk is gone.
        let started = std::panic::catch_unwind(|| drop(called(disk.clone(), 4, NEW)));
        if disk.cut() {
            assert!(started.is_ok() && cut > 1);
            return;
        }
        for loss in losses() {
            let found = noted(&Office::over(Disk::holding(disk.after(loss)), 2));
            assert!(found == done || found == untouched, "cut {cut}, {loss:?}: {found}");
        }
    }
}
