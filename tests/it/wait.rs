//! Waiting for what another thread, process or page does in its own time. No other file of the tests sleeps.

use std::time::{Duration, Instant};

/// How long a busy machine may need for what takes a moment.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// The pauses between two looks grow from here.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
/// They grow up to here: a look may start a program or open a connection.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Looks again and again until something is there.
#[track_caller]
pub fn wait_for<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    match found_within(PATIENCE, look) {
        Some(found) => found,
        None => panic!("{what} never came"),
    }
}

/// Looks again and again until it is so, which takes that time at most.
#[track_caller]
pub fn within(limit: Duration, what: &str, mut look: impl FnMut() -> bool) {
    let is_so = found_within(limit, || look().then_some(()));
    assert!(is_so.is_some(), "waited in vain for {what}");
}

/// What is found within that time.
#[expect(clippy::disallowed_methods, reason = "what is waited for happens in real time")]
pub fn found_within<T>(limit: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        let found = look();
        if found.is_some() || begun.elapsed() >= limit {
            return found;
        }
        std::thread::sleep(pause);
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

/// Lets time pass where time itself is what is tested: somebody dawdles, or something must not happen meanwhile.
pub fn let_pass(time: Duration) {
    std::thread::sleep(time);
}
