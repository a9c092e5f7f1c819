//! How hard a password check may be on this board: measured once, at the first start, beside the work.

use std::time::{Duration, Instant};

use crate::appliance::cannot_start::CannotStart;
use crate::office::passwords::argon2id;
use crate::office::{Shared, log};
use crate::rules::office::journal::Actor;
use crate::rules::office::upkeep;
use crate::rules::people::account::Effort;

/// SPEC §2 wants a check to take 50 to 250 ms; this leaves room for a busy moment.
const WANTED: Duration = Duration::from_millis(125);
const LONGEST: Duration = Duration::from_millis(250);
/// Memory in KiB, the hardest first. The first halves of it are what OWASP recommends for Argon2id; below that, a board
/// would rather be slow than weak, but not slower than people wait.
const CHOICES: &[u32] = &[16 * 1024, 12 * 1024, 8 * 1024, 6 * 1024, 4 * 1024, 3 * 1024, 2 * 1024];
/// With a single pass, memory is traded for time too cheaply (RFC 9106 §7.2).
const FEWEST: u32 = 2;
/// More passes than this gain nothing that a longer password would not.
const MOST: u32 = 32;

/// Measures this board and keeps the outcome, unless that was done before.
pub(in crate::appliance) async fn tune(office: Shared) {
    if let Err(CannotStart(why)) = measured(&office).await {
        log::warning(&format!("password checks stay as they are: {why}"));
    }
}

async fn measured(office: &Shared) -> Result<(), CannotStart> {
    if let Some(effort) = office.store.read(|facts| facts.effort())? {
        office.passwords.tune(effort);
        return Ok(());
    }
    let chosen = office.passwords.at_a_place(|| choose(one_pass)).await;
    let effort = chosen.ok_or("there is not enough memory")?;
    office.passwords.tune(effort);
    let turn = office
        .store
        .turn(Actor::APPLIANCE, office.moment(), move |_, _| Ok(upkeep::tuned(effort)));
    turn.await?.map_err(|_| "it could not be noted".into())
}

/// The hardest choice that stays within the time; on a board that is too slow for any, the quickest. `pass` tells how
/// long one pass over so much memory takes, if there is so much.
fn choose(pass: impl Fn(u32) -> Option<Duration>) -> Option<Effort> {
    let mut quickest = None;
    for memory in CHOICES {
        let Some(pass) = pass(*memory) else { continue };
        let wanted = WANTED.as_micros() / pass.as_micros().max(1);
        let passes = u32::try_from(wanted).unwrap_or(MOST).clamp(FEWEST, MOST);
        quickest = Some(Effort {
            memory: *memory,
            passes,
        });
        if pass * passes <= LONGEST {
            break;
        }
    }
    quickest
}

/// How long a pass over so much memory takes: the quicker of two, because others are at work.
#[expect(clippy::disallowed_methods, reason = "the one place where work is timed")]
fn one_pass(memory: u32) -> Option<Duration> {
    let effort = Effort { memory, passes: 1 };
    let time = || {
        let began = Instant::now();
        argon2id(b"how long does this take?", &[0; 16], effort)?;
        Some(began.elapsed())
    };
    Some(time()?.min(time()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A board that takes so long for 1 MiB.
    fn on(board: Duration, most: u32) -> Option<(Effort, Duration)> {
        let pass = |memory: u32| (memory <= most).then(|| board * memory / 1024);
        let effort = choose(pass)?;
        Some((effort, pass(effort.memory)? * effort.passes))
    }

    #[test]
    fn a_check_takes_50_to_250_ms_on_boards_of_any_speed() {
        for micros in 250..60_000 {
            let (effort, takes) = on(Duration::from_micros(micros), u32::MAX).unwrap();
            assert!(
                (50..=250).contains(&takes.as_millis()),
                "{micros} µs a MiB: {effort:?} takes {takes:?}"
            );
            assert!(effort.memory <= 16 * 1024 && effort.passes >= 2);
        }
    }

    #[test]
    fn the_harder_choice_is_taken_where_there_is_time_and_memory() {
        let (quick, _) = on(Duration::from_millis(2), u32::MAX).unwrap();
        let (slow, _) = on(Duration::from_millis(25), u32::MAX).unwrap();
        assert_eq!((quick.memory, quick.passes), (16 * 1024, 3));
        assert_eq!((slow.memory, slow.passes), (4 * 1024, 2));
        assert_eq!(on(Duration::from_millis(2), 9000).unwrap().0.memory, 8 * 1024);
        assert_eq!(on(Duration::from_millis(2), 1000), None);
        let slowest = on(Duration::from_secs(1), u32::MAX).unwrap().0;
        assert_eq!((slowest.memory, slowest.passes), (2 * 1024, 2));
    }
}
