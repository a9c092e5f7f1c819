//! The only writer: read, decide, write, under redb's single writer.

use redb::ReadableDatabase;

use super::bells::Bells;
use super::{Facts, Fault, Store, apply};
use crate::rules::moment::Moment;
use crate::rules::office::journal::Actor;
use crate::rules::refusal::Refusal;
use crate::rules::verdict::Verdict;

impl Store {
    /// Reads a consistent snapshot. Never waits for the writer.
    pub fn read<T>(&self, read: impl FnOnce(&Facts<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        read(&Facts::Snapshot(&self.database.begin_read()?))
    }

    /// Runs one rule against a consistent view and commits its changes, all or none; a verdict without changes commits
    /// nothing. The outer error is ours, the inner one the caller's. Runs on the blocking pool, one at a time.
    pub async fn turn<T: Send + 'static>(
        &self,
        actor: Actor,
        moment: Moment,
        rule: impl FnOnce(&Facts<'_>, &mut Moment) -> Result<Verdict<T>, Fault> + Send + 'static,
    ) -> Result<Result<T, Refusal>, Fault> {
        let _turn = self.writer.lock().await;
        let store = self.clone();
        smol::unblock(move || store.turn_now(actor, moment, rule)).await
    }

    /// What is rung after a commit.
    pub fn bells(&self) -> &Bells {
        &self.bells
    }

    /// The same on this very thread: for the start and the end of the program, and for tests.
    pub fn turn_now<T>(
        &self,
        actor: Actor,
        mut moment: Moment,
        rule: impl FnOnce(&Facts<'_>, &mut Moment) -> Result<Verdict<T>, Fault>,
    ) -> Result<Result<T, Refusal>, Fault> {
        let transaction = self.database.begin_write()?;
        let verdict = rule(&Facts::Turn(&transaction), &mut moment)?;
        if !verdict.changes.is_empty() {
            apply::all(&transaction, &verdict, actor, moment.now)?;
            transaction.commit()?;
            self.bells.ring(&verdict.changes);
        }
        Ok(verdict.answer)
    }
}
