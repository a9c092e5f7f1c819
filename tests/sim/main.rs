//! A simulated line: the telephone stack, twenty model phones and a bad network in one process, on one clock in the
//! test's hand. One seed makes one day, byte for byte the same each time.
//!
//! `LINEKEY_SEEDS=1000 cargo test --test sim` lives through a thousand days; `LINEKEY_SEED=7 …` through that one;
//! `LINEKEY_MINUTES=8` begins no day later than that; `LINEKEY_TRACE=1` prints every input and action. `.ci/days` does
//! it with our own code optimised.

#![cfg(test)]
#![allow(clippy::disallowed_methods, reason = "a test takes its seeds from the environment")]
#![allow(
    clippy::as_conversions,
    clippy::wildcard_enum_match_arm,
    reason = "counts are small here, and most of what may be done fits only some states"
)]

mod checkers;
mod day;
mod dice;
mod digest;
mod kept;
mod manners;
mod network;
mod office;
mod phone;
mod rules;
mod wire;

use std::panic::catch_unwind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Days that fit a minute on two quiet cores in the development profile, the days of the other tests included: one
/// takes 4 seconds of CPU there.
const DAYS: u64 = 20;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// One day; where it fails, how to see it again.
fn lived(seed: u64) -> day::Report {
    catch_unwind(|| day::live(seed)).unwrap_or_else(|_| {
        panic!("again: LINEKEY_SEED={seed} cargo test --test sim every_day_ends_as_it_should -- --nocapture")
    })
}

#[test]
fn every_day_ends_as_it_should() {
    if let Some(seed) = number("LINEKEY_SEED") {
        println!("{seed}: {:?}", lived(seed));
        return;
    }
    let days = number("LINEKEY_SEEDS").unwrap_or(DAYS);
    let began = Instant::now();
    let limit = number("LINEKEY_MINUTES").map(|minutes| Duration::from_secs(60 * minutes));
    let (next, begun) = (AtomicU64::new(0), AtomicU64::new(0));
    let worker = || {
        let mut failed = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= days || limit.is_some_and(|limit| began.elapsed() >= limit) {
                return failed;
            }
            begun.fetch_add(1, Ordering::Relaxed);
            if catch_unwind(|| day::live(seed)).is_err() {
                println!("again: LINEKEY_SEED={seed} cargo test --test sim every_day_ends_as_it_should -- --nocapture");
                failed.push(seed);
            }
        }
    };
    let failed: Vec<u64> = thread::scope(|scope| {
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let begun = begun.into_inner();
    println!("{begun} of {days} days in {} s", began.elapsed().as_secs());
    assert!(failed.is_empty(), "{} of {begun} days failed: {failed:?}", failed.len());
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (one, other) = (lived(4_711), lived(4_711));
    assert_eq!(one, other);
    assert_ne!(one.trace, lived(4_712).trace);
}

/// A simulation in which nothing happens proves nothing.
#[test]
fn a_day_is_full_of_what_happens_in_offices() {
    let day::Report { tally, .. } = lived(1);
    println!("{tally:?}");
    assert!(
        tally.registered > 200 && tally.challenged > 50 && tally.too_brief > 0,
        "{tally:?}"
    );
    assert!(
        tally.invited > 40 && tally.answered > 15 && tally.refused > 10,
        "{tally:?}"
    );
    assert!(
        tally.lamps_checked > 20 && tally.busy_lamps > 0 && tally.pairs_checked > 0,
        "{tally:?}"
    );
}
