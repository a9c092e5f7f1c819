//! The turns that wait for the writer.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use smol::channel::Sender;

use super::facts::Facts;
use super::fault::Fault;
use crate::rules::change::Change;
use crate::rules::moment::Moment;
use crate::rules::office::journal::{Actor, News};
use crate::rules::refusal::Refusal;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;

/// What a turn comes to. The outer error is ours, the inner one the caller's.
pub(super) type Outcome<T> = Result<Result<T, Refusal>, Fault>;

/// The turns that wait, and whether somebody writes.
#[derive(Default)]
pub(super) struct Queue {
    pub(super) waiting: Mutex<Waiting>,
    /// Is held for one batch.
    pub(super) writing: Mutex<()>,
}

#[derive(Default)]
pub(super) struct Waiting {
    pub(super) turns: VecDeque<Box<dyn Turn + Send>>,
    /// Whether the writer is on the blocking pool.
    pub(super) at_work: bool,
    /// Whether the database is to be opened anew though nobody writes.
    pub(super) mend: bool,
}

/// A turn of whatever answer.
pub(super) trait Turn {
    /// Runs the rule, once.
    fn decide(&mut self, facts: &Facts<'_>);
    /// What the rule wants written; nothing before it ran, and of a turn that failed.
    fn changes(&self) -> &[Change];
    /// What the journal tells of it.
    fn news(&self) -> &[News];
    /// Why it came to nothing, if it did.
    fn fault(&self) -> Option<&Fault>;
    /// Whose doing it is, and when.
    fn by(&self) -> (Actor, Date);
    /// It comes to nothing.
    fn fail(&mut self, fault: Fault);
    /// Tells whoever waits, if they do still.
    fn tell(&mut self);
}

pub(super) struct QueuedTurn<T, Rule> {
    actor: Actor,
    moment: Moment,
    rule: Option<Rule>,
    verdict: Option<Result<Verdict<T>, Fault>>,
    asker: Option<Sender<Outcome<T>>>,
}

impl<T, Rule> QueuedTurn<T, Rule> {
    pub(super) fn new(actor: Actor, moment: Moment, rule: Rule, asker: Option<Sender<Outcome<T>>>) -> Self {
        Self {
            actor,
            moment,
            rule: Some(rule),
            verdict: None,
            asker,
        }
    }

    pub(super) fn outcome(&mut self) -> Outcome<T> {
        match self.verdict.take() {
            Some(verdict) => verdict.map(|verdict| verdict.answer),
            None => Err(abandoned()),
        }
    }
}

impl<T, Rule> Turn for QueuedTurn<T, Rule>
where
    Rule: FnOnce(&Facts<'_>, &mut Moment) -> Result<Verdict<T>, Fault>,
{
    fn decide(&mut self, facts: &Facts<'_>) {
        if let Some(rule) = self.rule.take() {
            self.verdict = Some(rule(facts, &mut self.moment));
        }
    }

    fn changes(&self) -> &[Change] {
        match &self.verdict {
            Some(Ok(verdict)) => &verdict.changes,
            Some(Err(_)) | None => &[],
        }
    }

    fn news(&self) -> &[News] {
        match &self.verdict {
            Some(Ok(verdict)) => &verdict.news,
            Some(Err(_)) | None => &[],
        }
    }

    fn fault(&self) -> Option<&Fault> {
        self.verdict.as_ref()?.as_ref().err()
    }

    fn by(&self) -> (Actor, Date) {
        (self.actor, self.moment.now)
    }

    fn fail(&mut self, fault: Fault) {
        self.verdict = Some(Err(fault));
    }

    fn tell(&mut self) {
        if let Some(asker) = self.asker.take() {
            // Whoever has gone is not told.
            drop(asker.try_send(self.outcome()));
        }
    }
}

/// The writer ended before the turn did: a rule panicked in a test.
pub(super) fn abandoned() -> Fault {
    Fault::of_commit(redb::Error::DatabaseClosed)
}

impl Queue {
    pub(super) fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn writing(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets the next turn wake another writer after a panic.
pub(super) struct AtWork<'a>(pub(super) &'a Queue);

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.waiting().at_work = false;
        }
    }
}
