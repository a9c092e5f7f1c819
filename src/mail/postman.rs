//! The postman: drains the outbox, as often as something is due. Nobody waits for him.

use std::sync::Arc;
use std::time::Duration;

use super::letter::{self, Words};
pub use super::smtp::Unsent;
use super::smtp::{self, Outgoing};
use crate::rules::id::Email;
use crate::rules::journal::Actor;
use crate::rules::moment::{Moment, UnixTime};
use crate::rules::people::letter::Letter;
use crate::rules::people::relay::Relay;
use crate::rules::secret::SealKey;
use crate::rules::verdict::{Change, Verdict};
use crate::store::{Fault, Store};

/// Letters of one round: they are marked as sent in one turn.
const ROUND: usize = 20;
/// How long he sleeps when nothing rings: the clock may have been set meanwhile.
const NAP: Duration = Duration::from_secs(10 * 60);

/// See the module.
pub struct Postman {
    /// Where the outbox is.
    pub store: Store,
    /// What contents are sealed under.
    pub key: Arc<SealKey>,
    /// Where links lead.
    pub origin: String,
    /// The time and dice for one turn.
    pub moment: Box<dyn Fn() -> Moment + Send + Sync>,
}

impl Postman {
    /// Carries letters for ever.
    pub async fn walk(self: Arc<Self>) {
        loop {
            let rung = self.store.written();
            let rest = match self.round().await {
                Ok(Some(next)) => {
                    let now = (self.moment)().now;
                    Duration::from_secs((next - now).0).clamp(Duration::from_secs(1), NAP)
                }
                Ok(None) => NAP,
                Err(fault) => {
                    eprintln!("linekey: letters: {fault}");
                    NAP
                }
            };
            let slept = async {
                smol::Timer::after(rest).await;
            };
            smol::future::or(rung, slept).await;
        }
    }

    /// Sends what is due, a round at a time. Answers when the next letter is due; `None`: there is none.
    async fn round(self: &Arc<Self>) -> Result<Option<UnixTime>, Fault> {
        loop {
            let now = (self.moment)().now;
            let (relay, letters) = self.store.read(|facts| Ok((facts.relay()?, facts.letters()?)))?;
            let Some(relay) = relay else { return Ok(None) };
            let mut waiting: Vec<_> = letters.into_iter().filter(|(_, letter)| !letter.given_up).collect();
            let later = waiting
                .iter()
                .map(|(_, letter)| letter.next)
                .filter(|next| *next > now)
                .min();
            waiting.retain(|(_, letter)| letter.due(now));
            waiting.truncate(ROUND);
            if waiting.is_empty() {
                return Ok(later);
            }
            self.carry(relay, waiting).await?;
        }
    }

    async fn carry(self: &Arc<Self>, relay: Relay, letters: Vec<(u64, Letter)>) -> Result<(), Fault> {
        let postman = self.clone();
        let changes = smol::unblock(move || postman.hand_over(&relay, letters)).await;
        let turn = self.store.turn(Actor::APPLIANCE, (self.moment)(), move |facts, _| {
            // A letter that was withdrawn meanwhile stays withdrawn; one that went out all the same is said to have.
            let mut still = Vec::new();
            for change in changes {
                if let Change::LetterPostponed(id, _) | Change::LetterGivenUp(id, _) = &change
                    && facts.letter(*id)?.is_none()
                {
                    continue;
                }
                still.push(change);
            }
            Ok(Verdict::yes((), still))
        });
        turn.await?.map_err(|_| Fault::Corrupt("outbox"))
    }

    fn hand_over(&self, relay: &Relay, letters: Vec<(u64, Letter)>) -> Vec<Change> {
        let mut moment = (self.moment)();
        let now = moment.now;
        let (mut changes, mut known, mut outgoing) = (Vec::new(), Vec::new(), Vec::new());
        for (id, letter) in letters {
            let content = letter.open(&self.key);
            let words = content.map(|content| letter::words(&content, &self.origin));
            match words.and_then(|words| written(&words, relay, &letter.to, &mut moment)) {
                Some(ready) => {
                    outgoing.push(ready);
                    known.push((id, letter));
                }
                None => {
                    let failed = letter.failed("the letter was sealed under another key", true, now);
                    changes.push(Change::LetterGivenUp(id, failed));
                }
            }
        }
        let outcomes = smtp::hand_over(relay, &self.key, &outgoing);
        changes.extend(
            known
                .into_iter()
                .zip(outcomes)
                .map(|((id, letter), outcome)| match outcome {
                    Ok(_) => Change::LetterSent(id, letter),
                    Err(unsent) => {
                        let failed = letter.failed(&unsent.said, unsent.lasting, now);
                        if failed.given_up {
                            Change::LetterGivenUp(id, failed)
                        } else {
                            Change::LetterPostponed(id, failed)
                        }
                    }
                }),
        );
        changes
    }

    /// Sends a test letter now: the server's own words. Not through the outbox: whoever asked is waiting for the answer.
    pub async fn test(self: Arc<Self>, relay: Relay, to: Email) -> Result<String, Unsent> {
        let outcome = smol::unblock(move || {
            let words = letter::test(&self.origin);
            let outgoing = written(&words, &relay, &to, &mut (self.moment)())?;
            smtp::hand_over(&relay, &self.key, &[outgoing]).pop()
        });
        outcome.await.unwrap_or_else(|| {
            Err(Unsent {
                said: "the test letter could not be written".to_owned(),
                lasting: false,
            })
        })
    }
}

fn written(words: &Words, relay: &Relay, to: &Email, moment: &mut Moment) -> Option<Outgoing> {
    let message = words.message(&relay.sender, to, moment).ok()?;
    Some(Outgoing {
        to: to.clone(),
        message,
    })
}
