//! The postman: drains the outbox, as often as something is due. Nobody waits for him.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use smol::lock::SemaphoreGuardArc;

use super::letter::{self, Words};
pub use super::smtp::Unsent;
use super::smtp::{self, Outgoing, Patience, Way};
use crate::office::log;
use crate::rules::id::Email;
use crate::rules::letters::language::Language;
use crate::rules::letters::letter::Letter;
use crate::rules::letters::relay::Relay;
use crate::rules::letters::sending::{self, Fate};
use crate::rules::moment::Moment;
use crate::rules::office::journal::Actor;
use crate::rules::secret::SealKey;
use crate::rules::time::{Date, Ttl};
use crate::store::{Fault, Store};

/// Letters of one round, which share a connection while it lasts.
const ROUND: usize = 20;
/// How long he sleeps when nothing rings: the clock may have been set meanwhile.
const NAP: Duration = Duration::from_secs(10 * 60);
/// How long he waits for the date: a letter is dated, and what it offers ends.
const UNDATED: Ttl = Ttl(10);
/// How late a letter's last try may be made; after that it is given up untried, as where there is no mail server.
const LATE: Ttl = Ttl::hours(1);

/// See the module.
pub struct Postman {
    /// Where the outbox is.
    pub store: Store,
    /// What contents are sealed under.
    pub key: Arc<SealKey>,
    /// Where links lead.
    pub origin: String,
    /// What the appliance is called.
    pub name: String,
    /// The time and dice for one turn.
    pub moment: Box<dyn Fn() -> Moment + Send + Sync>,
}

/// A letter that is due, and in which language it is written.
struct Due {
    id: u64,
    letter: Letter,
    language: Language,
}

impl Postman {
    /// Carries letters for ever.
    pub async fn walk(self: Arc<Self>) {
        loop {
            let rung = self.store.notices().of_letters();
            let postman = self.clone();
            let rest = match smol::unblock(move || postman.round()).await {
                Ok(Some(next)) => {
                    let now = (self.moment)().now;
                    Duration::from_secs((next - now).0).clamp(Duration::from_secs(1), NAP)
                }
                Ok(None) => NAP,
                Err(fault) => {
                    log::error(&format!("letters: {fault}"));
                    NAP
                }
            };
            let slept = async {
                smol::Timer::after(rest).await;
            };
            smol::future::or(rung, slept).await;
        }
    }

    /// Sends what is due, some letters at a time. Answers when the next one is due; `None`: there is none. Blocks.
    pub fn round(&self) -> Result<Option<Date>, Fault> {
        loop {
            let moment = (self.moment)();
            let now = moment.now;
            if !moment.known {
                return Ok(Some(now + UNDATED));
            }
            let another = self.store.notices().of_relay();
            let (relay, letters) = self.store.read(|facts| Ok((facts.relay()?, facts.letters()?)))?;
            let waiting = letters.into_iter().filter(|(_, letter)| !letter.given_up);
            let over = |letter: &Letter| letter.patience_ends() + if relay.is_some() { LATE } else { Ttl(0) };
            let (stale, mut waiting): (Vec<_>, Vec<_>) = waiting.partition(|(_, letter)| over(letter) < now);
            for (id, letter) in stale {
                self.note(
                    id,
                    &letter,
                    Fate::GivenUp("no mail server took it within two days".to_owned()),
                )?;
            }
            let Some(relay) = relay else {
                let soonest = waiting.iter().map(|(_, letter)| over(letter)).min();
                return Ok(soonest.map(|over| over + Ttl(1)));
            };
            let later = waiting.iter().map(|(_, letter)| letter.next);
            let later = later.filter(|next| *next > now).min();
            waiting.retain(|(_, letter)| letter.due(now));
            waiting.truncate(ROUND);
            if waiting.is_empty() {
                return Ok(later);
            }
            self.hand_over(&relay, waiting, another)?;
        }
    }

    /// Ends early where `another` mail server is set.
    fn hand_over(
        &self,
        relay: &Relay,
        letters: Vec<(u64, Letter)>,
        another: impl Future<Output = ()>,
    ) -> Result<(), Fault> {
        let mut moment = (self.moment)();
        let now = moment.now;
        let due = self.store.read(|facts| {
            let due = letters.iter().map(|(id, letter)| {
                Ok(Due {
                    language: facts.language(letter.about)?.unwrap_or_default(),
                    id: *id,
                    letter: letter.clone(),
                })
            });
            due.collect::<Result<Vec<_>, Fault>>()
        })?;
        let (mut known, mut outgoing) = (Vec::new(), Vec::new());
        for due in due {
            match self.written(&due, relay, now, &mut moment) {
                Ok(ready) => {
                    outgoing.push(ready);
                    known.push(due);
                }
                Err(why) => self.note(due.id, &due.letter, Fate::GivenUp(why))?,
            }
        }
        let mut noted = Ok(());
        let way = self.way(relay, Patience::LONG);
        // What cannot be noted is sent again: one such letter is enough.
        smtp::hand_over(&way, &outgoing, another, &mut |place, outcome| {
            if let Some(due) = known.get(place) {
                noted = self.note(due.id, &due.letter, fate(outcome));
            }
            if noted.is_ok() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            }
        });
        noted
    }

    /// The letter as it goes out, or why it never will.
    fn written(&self, due: &Due, relay: &Relay, now: Date, moment: &mut Moment) -> Result<Outgoing, String> {
        let content = due.letter.open(&self.key);
        let content = content.ok_or("the letter was sealed under another key")?;
        if content.until().is_some_and(|until| until <= now) {
            return Err("its link had expired".to_owned());
        }
        let words = letter::words(&content, due.language, &self.origin);
        message(&words, relay, &due.letter.to, moment)
    }

    fn way<'a>(&'a self, relay: &'a Relay, patience: Patience) -> Way<'a> {
        Way {
            relay,
            key: &self.key,
            name: &self.name,
            patience,
        }
    }

    /// Writes down how one letter went.
    fn note(&self, id: u64, letter: &Letter, fate: Fate) -> Result<(), Fault> {
        let letter = letter.clone();
        let noted = self
            .store
            .turn_from_pool(Actor::APPLIANCE, (self.moment)(), move |facts, moment| {
                let waits = facts.letter(id)?.is_some();
                Ok(sending::note(id, &letter, fate, waits, moment.now))
            });
        noted.map(drop)
    }

    /// Sends a test letter now: the server's own words. Not through the outbox: whoever asked is waiting for the
    /// answer. `place` is held for as long as it takes, whether or not they are.
    pub async fn test(
        self: Arc<Self>,
        relay: Relay,
        to: Email,
        language: Language,
        place: SemaphoreGuardArc,
    ) -> Result<String, Unsent> {
        let outcome = smol::unblock(move || {
            let words = letter::test(language, &self.origin);
            let outgoing = message(&words, &relay, &to, &mut (self.moment)()).ok()?;
            let mut said = None;
            let way = self.way(&relay, Patience::SHORT);
            smtp::hand_over(&way, &[outgoing], std::future::pending(), &mut |_, outcome| {
                said = Some(outcome);
                ControlFlow::Continue(())
            });
            drop(place);
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

fn fate(outcome: Result<String, Unsent>) -> Fate {
    match outcome {
        Ok(_) => Fate::Sent,
        Err(Unsent { said, lasting }) => Fate::Unsent { said, lasting },
    }
}

fn message(words: &Words, relay: &Relay, to: &Email, moment: &mut Moment) -> Result<Outgoing, String> {
    let message = words.message(&relay.sender, to, moment);
    Ok(Outgoing {
        to: to.clone(),
        message: message.map_err(|error| error.to_string())?,
    })
}
