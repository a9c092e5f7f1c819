//! The postman: drains the outbox, as often as something is due. Nobody waits for him.

use std::sync::Arc;
use std::time::Duration;

use super::letter::{self, Words};
pub use super::smtp::Unsent;
use super::smtp::{self, Outgoing};
use crate::rules::id::Email;
use crate::rules::journal::Actor;
use crate::rules::moment::{Moment, Ttl, UnixTime};
use crate::rules::people::language::Language;
use crate::rules::people::letter::Letter;
use crate::rules::people::relay::Relay;
use crate::rules::secret::SealKey;
use crate::rules::verdict::{Change, Verdict};
use crate::store::{Fault, Store};

/// Letters of one round, which share a connection while it lasts.
const ROUND: usize = 20;
/// How long he sleeps when nothing rings: the clock may have been set meanwhile.
const NAP: Duration = Duration::from_secs(10 * 60);
/// How long he waits for the date: a letter is dated, and what it offers ends.
const UNDATED: Ttl = Ttl(10);

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
            let moment = (self.moment)();
            let now = moment.now;
            if !moment.known {
                return Ok(Some(now + UNDATED));
            }
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
        smol::unblock(move || postman.hand_over(&relay, letters)).await
    }

    fn hand_over(&self, relay: &Relay, letters: Vec<(u64, Letter)>) -> Result<(), Fault> {
        let mut moment = (self.moment)();
        let now = moment.now;
        let (mut known, mut outgoing) = (Vec::new(), Vec::new());
        for (id, letter) in letters {
            let Some(content) = letter.open(&self.key) else {
                let failed = letter.failed("the letter was sealed under another key", true, now);
                self.note(Change::LetterGivenUp(id, failed))?;
                continue;
            };
            if content.until().is_some_and(|until| until <= now) {
                self.note(Change::LetterSwept(id))?;
                continue;
            }
            let language = self.store.read(|facts| facts.language(letter.about))?.unwrap_or_default();
            let words = letter::words(&content, language, &self.origin);
            match written(&words, relay, &letter.to, &mut moment) {
                Ok(ready) => {
                    outgoing.push(ready);
                    known.push((id, letter));
                }
                Err(why) => self.note(Change::LetterGivenUp(id, letter.failed(&why, true, now)))?,
            }
        }
        let mut noted = Ok(());
        smtp::hand_over(relay, &self.key, &outgoing, &mut |place, outcome| {
            if let Some((id, letter)) = known.get(place)
                && noted.is_ok()
            {
                noted = self.note(outcome_of(*id, letter, outcome, now));
            }
        });
        noted
    }

    /// Writes down how one letter went. One that was withdrawn meanwhile stays withdrawn; one that went out all the same is
    /// said to have.
    fn note(&self, change: Change) -> Result<(), Fault> {
        let turn = self.store.turn_now(Actor::APPLIANCE, (self.moment)(), |facts, _| {
            if let Change::LetterPostponed(id, _) | Change::LetterGivenUp(id, _) = &change
                && facts.letter(*id)?.is_none()
            {
                return Ok(Verdict::yes((), Vec::new()));
            }
            Ok(Verdict::yes((), vec![change]))
        });
        turn?.map_err(|_| Fault::Corrupt("outbox"))
    }

    /// Sends a test letter now: the server's own words. Not through the outbox: whoever asked is waiting for the answer.
    pub async fn test(self: Arc<Self>, relay: Relay, to: Email) -> Result<String, Unsent> {
        let outcome = smol::unblock(move || {
            let words = letter::test(Language::default(), &self.origin);
            let outgoing = written(&words, &relay, &to, &mut (self.moment)()).ok()?;
            let mut said = None;
            smtp::hand_over(&relay, &self.key, &[outgoing], &mut |_, outcome| said = Some(outcome));
            said
        });
        outcome.await.unwrap_or_else(|| {
            Err(Unsent {
                said: "the test letter could not be written".to_owned(),
                lasting: false,
            })
        })
    }
}

fn outcome_of(id: u64, letter: &Letter, outcome: Result<String, Unsent>, now: UnixTime) -> Change {
    match outcome {
        Ok(_) => Change::LetterSent(id, letter.clone()),
        Err(unsent) => {
            let failed = letter.failed(&unsent.said, unsent.lasting, now);
            if failed.given_up {
                Change::LetterGivenUp(id, failed)
            } else {
                Change::LetterPostponed(id, failed)
            }
        }
    }
}

fn written(words: &Words, relay: &Relay, to: &Email, moment: &mut Moment) -> Result<Outgoing, String> {
    let message = words.message(&relay.sender, to, moment);
    Ok(Outgoing {
        to: to.clone(),
        message: message.map_err(|error| error.to_string())?,
    })
}
