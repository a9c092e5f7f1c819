//! How hard a password check may be on this board: measured once, at the first start, beside the work.

use std::time::{Duration, Instant};

use super::CannotStart;
use crate::http::office::Shared;
use crate::http::passwords::argon2id;
use crate::rules::journal::Actor;
use crate::rules::people::account::Effort;
use crate::rules::verdict::{Change, Verdict};

/// SPEC §2 wants a check to take 50 to 250 ms; this leaves room for a busy moment.
const WANTED: Duration = Duration::from_millis(125);
const LONGEST: Duration = Duration::from_millis(250);
/// Memory in KiB with the fewest passes that go with it (OWASP's list for Argon2id), the hardest first.
const CHOICES: &[(u32, u32)] = &[(16 * 1024, 2), (12 * 1024, 3), (9 * 1024, 4), (7 * 1024, 5)];
/// More passes than this gain nothing that a longer password would not.
const MOST: u32 = 12;

/// Measures this board and keeps the outcome, unless that was done before.
pub(super) async fn tune(office: Shared) {
    if let Err(CannotStart(why)) = measured(&office).await {
        eprintln!("linekey: password checks stay as they are: {why}");
    }
}

async fn measured(office: &Shared) -> Result<(), CannotStart> {
    if let Some(effort) = office.store.read(|facts| facts.effort())? {
        office.passwords.tune(effort);
        return Ok(());
    }
    let chosen = office.passwords.at_a_place(choose).await;
    let effort = chosen.ok_or("there is not enough memory")?;
    office.passwords.tune(effort);
    let turn = office.store.turn(Actor::APPLIANCE, office.moment(), move |_, _| {
        Ok(Verdict::yes((), vec![Change::Tuned(effort)]))
    });
    turn.await?.map_err(|_| "it could not be noted".into())
}

/// The hardest choice that stays within the time.
fn choose() -> Option<Effort> {
    let mut last = None;
    for (memory, fewest) in CHOICES {
        let Some(pass) = one_pass(*memory) else { continue };
        let wanted = WANTED.as_micros() / pass.as_micros().max(1);
        let passes = u32::try_from(wanted).unwrap_or(MOST).clamp(*fewest, MOST);
        let effort = Effort {
            memory: *memory,
            passes,
        };
        if pass * passes <= LONGEST {
            return Some(effort);
        }
        last = Some(effort);
    }
    last
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
