//! Power cuts in the turn that nobody asks for: all phones' files say something else of the appliance.

use std::net::SocketAddr;

use linekey::http::edge::message::Method;
use serde_json::json;

use super::{Before, contents, cut_everywhere_of, losses, opened, request};
use crate::disk::Loss;
use crate::office::Office;

/// Phones are on, and 101 has two.
fn with_phones() -> Before {
    let before = Before::new();
    let (disk, office) = before.opened();
    let mut administrator = before.administrator(&office);
    for _ in 0..2 {
        let device = json!({ "extension": "101", "kind": "phone" });
        administrator.post("/api/devices", device).expect(201);
    }
    administrator
        .patch("/api/settings", json!({ "phones": true }))
        .expect(200);
    let bytes = disk.after(Loss::All);
    Before { bytes, ..before }
}

/// Phones are to register at another port; two looks see it.
fn look_twice(office: &Office) -> bool {
    let port = SocketAddr::from(([127, 0, 0, 1], 5070));
    office.state.hardware.serve_sip(Some(port), None);
    office.state.look_around().is_ok() && office.state.look_around().is_ok()
}

#[test]
fn phones_come_on_with_what_their_files_say_of_the_appliance_or_not_at_all() {
    let on = |before: &Before, office: &_| {
        let phones = json!({ "phones": true });
        request(&before.administrator(office), Method::PATCH, "/api/settings", phones)
    };
    assert!(cut_everywhere_of(&Before::new(), on) > 0);
    let (_, office) = with_phones().opened();
    let noted = office.state.store.read(|facts| facts.surroundings()).unwrap();
    assert_eq!(noted, Some(office.state.surroundings()));
}

#[test]
fn other_surroundings_are_noted_with_a_new_revision_of_every_file_or_not_at_all() {
    let before = with_phones();
    let (_, office) = before.opened();
    let untouched = contents(&office);
    assert!(look_twice(&office));
    let done = contents(&office);
    assert_ne!(untouched, done);
    for cut in 1.. {
        let (disk, office) = before.opened();
        disk.cut_at_sync(cut);
        let is_done = look_twice(&office);
        let through = disk.cut();
        drop(office);
        for loss in losses() {
            let found = contents(&opened(disk.after(loss)).1);
            let whole = found == done || found == untouched && !through && !is_done;
            assert!(
                whole,
                "cut at sync {cut} with {loss:?}: neither before nor after\n{found}"
            );
        }
        if through {
            assert!(cut > 1, "the turn syncs");
            return;
        }
    }
}
