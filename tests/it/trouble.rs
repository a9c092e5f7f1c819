//! A disk that fails and recovers: nothing false is said of what was written, and nobody has to start Linekey again.

use std::time::Duration;

use linekey::rules::refusal::Refusal;
use linekey::store::{Fault, Store};

use crate::disk::{Disk, EDQUOT, EFBIG, EIO, ENOSPC, EROFS, Loss};
use crate::office::Office;
use crate::together::{add, persons};
use crate::wait::within;

/// A store tries so once a second.
const OPENED_ANEW: Duration = Duration::from_secs(10);

fn outcome(store: &Store, number: u64) -> Result<Result<u64, Refusal>, Fault> {
    smol::block_on(add(store, number))
}

/// Fails from the `number`th write, growth or sync of a turn on. Whether it came so far.
fn fail_at(number: u64, error: i32) -> bool {
    let disk = Disk::empty();
    let store = Store::over(disk.clone()).unwrap();
    outcome(&store, 0).unwrap().unwrap();
    disk.fail_from(number, error);
    let told = outcome(&store, 1);
    if !disk.has_failed() {
        assert!(told.is_ok());
        return false;
    }
    let fault = told.expect_err("a turn on a disk that fails");
    assert_eq!(fault.is_full(), error != EIO, "{fault:?}");
    assert!(std::error::Error::source(&fault).is_some());
    assert!(store.writable().is_err());
    let second = outcome(&store, 2).expect_err("the disk fails still");
    assert!(second.changed_nothing(), "{second:?}");
    disk.recover();
    // An attempt to open it anew has just failed: the next comes after a second.
    within(OPENED_ANEW, "the store to be opened anew", || store.writable().is_ok());
    outcome(&store, 3).unwrap().unwrap();
    let found = persons(&store);
    let without: &[u64] = &[0, 3];
    let with: &[u64] = &[0, 1, 3];
    let is_true = found == without || (found == with && !fault.changed_nothing());
    assert!(is_true, "at {number}, {error}: told {fault:?}, and there are {found:?}");
    drop(store);
    for loss in [Loss::All, Loss::None].into_iter().chain((0..6).map(Loss::Some)) {
        let after = persons(&Store::over(Disk::holding(disk.after(loss))).unwrap());
        assert_eq!(
            after, found,
            "at {number}, {error}: lost in a power cut after it was answered"
        );
    }
    true
}

#[test]
fn a_full_or_failing_disk_ends_nothing_and_nothing_false_is_said() {
    for error in [EIO, ENOSPC] {
        let each: Vec<_> = (1..=40)
            .map(|number| std::thread::spawn(move || fail_at(number, error)))
            .collect();
        let failed: Vec<bool> = each.into_iter().map(|one| one.join().unwrap()).collect();
        let steps = failed.iter().filter(|failed| **failed).count();
        assert!((3..40).contains(&steps), "{steps} writes and syncs");
    }
    for error in [EDQUOT, EFBIG] {
        assert!(fail_at(1, error));
    }
}

/// As long as the disk is full, too.
#[test]
fn readers_go_on_and_turns_are_taken_as_soon_as_there_is_room() {
    let disk = Disk::empty();
    let store = Store::over(disk.clone()).unwrap();
    disk.fail_from(1, ENOSPC);
    assert!(outcome(&store, 0).unwrap_err().is_full());
    assert!(persons(&store).is_empty(), "readers go on");
    assert!(outcome(&store, 1).unwrap_err().is_full());
    assert!(persons(&store).is_empty() && store.writable().is_err());
    disk.recover();
    within(OPENED_ANEW, "the store to be opened anew", || {
        outcome(&store, 2).is_ok()
    });
    assert!(store.writable().is_ok());
    assert_eq!(persons(&store), [2]);
}

#[test]
fn a_reader_who_meets_a_fault_has_the_store_opened_anew() {
    let disk = Disk::empty();
    let store = Store::over(disk.clone()).unwrap();
    // More than the opening looks at.
    let turns: Vec<_> = (0..300).map(|number| add(&store, number)).collect();
    turns
        .into_iter()
        .for_each(|turn| assert!(smol::block_on(turn).unwrap().is_ok()));
    let disk = Disk::holding(disk.after(Loss::All));
    let store = Store::over(disk.clone()).unwrap();
    disk.fail_to_read();
    let read = || store.read(|facts| facts.all_sessions().and(facts.journal(None, 10, |_| true)));
    let fault = read().unwrap_err();
    assert!(matches!(fault, Fault::Disk { table: Some(_), .. }), "{fault:?}");
    disk.recover();
    within(OPENED_ANEW, "the store to be opened anew", || read().is_ok());
    assert_eq!(persons(&store).len(), 300);
}

#[test]
fn a_card_that_turns_read_only_is_told_keeps_who_is_signed_in_and_needs_no_restart() {
    let disk = Disk::empty();
    let office = Office::over(disk.clone(), 0);
    let (mut administrator, key) = office.administrator();
    let mut monitor = office.browser();
    monitor.get("/healthz").expect(200);
    disk.fail_from(1, EROFS);
    for _ in 0..20 {
        let refused = office.browser().sign_in_by_passkey(&key).expect(500);
        assert!(
            refused.json["message"].as_str().is_some_and(|words| !words.is_empty()),
            "{refused:?}"
        );
        administrator.get("/api/me").expect(200);
        administrator.get("/api/people").expect(200);
        monitor.get("/healthz").expect(503);
    }
    disk.recover();
    within(OPENED_ANEW, "the store to be opened anew", || {
        monitor.get("/healthz").status == 200
    });
    office.browser().sign_in_by_passkey(&key).expect(200);
    administrator.get("/api/me").expect(200);
}
