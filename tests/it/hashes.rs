//! Argon2id: how hard, for whom, and where it is done.

use std::time::Duration;

use linekey::rules::people::account::Effort;
use serde_json::json;

use crate::office::Office;
use crate::wait::let_pass;

const PASSWORD: &str = "a sentence of some length";

fn cost(memory: u32, passes: u32) -> Effort {
    Effort { memory, passes }
}

#[test]
fn a_password_is_hashed_anew_at_the_next_sign_in_once_the_board_was_measured() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    administrator
        .post("/api/me/password", json!({ "password": PASSWORD }))
        .expect(204);
    let kept = || {
        let admin = office.state.store.read(|facts| Ok(facts.administrators()?.remove(0)));
        admin.unwrap().password.unwrap()
    };
    let before = kept();
    office.browser().sign_in_by_password("admin", PASSWORD).expect(200);
    assert_eq!(kept(), before);
    office.state.passwords.tune(cost(128, 3));
    office
        .browser()
        .sign_in_by_password("admin", "wrong wrong wrong")
        .refused(401, "not-signed-in");
    assert_eq!(kept(), before, "only who is right is hashed anew");
    office.browser().sign_in_by_password("admin", PASSWORD).expect(200);
    assert_eq!(kept().effort, cost(128, 3));
    assert_ne!(kept().salt, before.salt);
    office.browser().sign_in_by_password("admin", PASSWORD).expect(200);
}

/// What an old hash is quicker by is spent on top, so that it takes as long as nobody's.
#[test]
fn a_hash_of_less_effort_is_followed_by_the_rest() {
    for (kept, now, rest) in [
        (cost(16, 3), cost(16, 3), None),
        (cost(16, 3), cost(16, 5), Some(cost(16, 2))),
        (cost(16, 3), cost(12, 9), Some(cost(12, 5))),
        (cost(16, 3), cost(12, 4), None),
        (cost(16, 9), cost(16, 3), None),
        (cost(16, 3), cost(0, 3), None),
    ] {
        assert_eq!(kept.short_of(now), rest, "{kept:?} {now:?}");
    }
}

#[test]
fn slow_work_keeps_its_place_to_its_end_even_if_nobody_waits_for_it() {
    use smol::future::{FutureExt, poll_once};

    let office = Office::open();
    let passwords = &office.state.passwords;
    let (begun, begins) = std::sync::mpsc::channel();
    let (leave, left) = smol::channel::unbounded::<()>();
    smol::block_on(async {
        let mut at_work: Vec<_> = (0..2)
            .map(|_| {
                let (begun, left) = (begun.clone(), left.clone());
                let work = move || {
                    begun.send(()).unwrap();
                    left.recv_blocking().unwrap();
                };
                passwords.at_a_place(work).boxed()
            })
            .collect();
        for work in &mut at_work {
            assert!(poll_once(work).await.is_none());
            begins.recv().unwrap();
        }
        drop(at_work);
        let mut check = passwords.belongs(PASSWORD, None).boxed();
        for _ in 0..5 {
            assert!(poll_once(&mut check).await.is_none(), "both places are taken");
            let_pass(Duration::from_millis(20));
        }
        for _ in 0..2 {
            leave.send(()).await.unwrap();
        }
        assert!(!check.await);
    });
}
