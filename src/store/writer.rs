//! The one writer: turns that wait at the same moment share one redb transaction and one commit (group commit).
//!
//! Each turn's rule runs in the order of arrival and sees what those before it wrote. A rule that refuses, faults or
//! changes nothing has written nothing. Nobody is answered before the commit is durable, and a commit that fails fails
//! all of its turns. Where the changes of one turn cannot be applied, the transaction, which holds a part of them, is
//! given up; the changes of the turns before it are applied again in a new one (rules run once: what they decided rests
//! on nothing but those), that turn alone fails, and the batch goes on.
//!
//! While one commit runs the next batch gathers, so nobody waits for companions. The writer works on the blocking pool
//! as long as somebody waits, and has no thread of its own at rest. How many wait is bounded by who may ask: one
//! request of each connection, and the appliance's own few tasks.

use smol::channel::bounded;

use super::journal::Journal;
use super::notices::CommitNotices;
use super::queue::{AtWork, Outcome, QueuedTurn, Turn, abandoned};
use super::slot::View;
use super::tables::Tables;
use super::tally::Tally;
use super::{Facts, Fault, Store, apply};
use crate::rules::moment::Moment;
use crate::rules::office::journal::Actor;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;

/// Turns that share a commit at most: beyond that the commit is a small part of what each costs, and whoever comes last
/// waits for all.
const BATCH: usize = 64;

impl Store {
    /// Reads a consistent snapshot. Waits for the writer only where the database must be opened anew first, which is
    /// tried once: `read` may run twice.
    pub fn read<T>(&self, read: impl Fn(&Facts<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        match self.read_once(&read) {
            Err(fault) if fault.needs_opening() => {
                let writing = self.0.queue.writing();
                // Where it still cannot be written, it can be read all the same.
                drop(self.0.database.mend());
                drop(writing);
                self.read_once(&read).map_err(|_| fault)
            }
            done => done,
        }
    }

    fn read_once<T>(&self, read: impl Fn(&Facts<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let (tx, generation) = self.0.database.snapshot()?;
        read(&Facts(Tables::of(View::Snapshot(&tx)))).inspect_err(|fault| {
            if fault.needs_opening() {
                self.0.database.note(fault, generation);
            }
        })
    }

    /// Runs one rule against a consistent view and commits its changes, all or none; a verdict without changes commits
    /// nothing. A turn that waits is taken also if its caller goes away.
    pub async fn turn<T: Send + 'static>(
        &self,
        actor: Actor,
        moment: Moment,
        rule: impl FnOnce(&Facts<'_>, &mut Moment) -> Result<Verdict<T>, Fault> + Send + 'static,
    ) -> Outcome<T> {
        let (asker, told) = bounded(1);
        let turn = Box::new(QueuedTurn::new(actor, moment, rule, Some(asker)));
        self.0.queue.waiting().turns.push_back(turn);
        self.wake();
        told.recv().await.unwrap_or_else(|_| Err(abandoned()))
    }

    /// The same for a caller on a thread of the blocking pool. It writes what waits itself: the writer may still wait
    /// for the place that this thread takes.
    pub fn turn_from_pool<T: Send + 'static>(
        &self,
        actor: Actor,
        moment: Moment,
        rule: impl FnOnce(&Facts<'_>, &mut Moment) -> Result<Verdict<T>, Fault> + Send + 'static,
    ) -> Outcome<T> {
        let (asker, told) = bounded(1);
        let turn = Box::new(QueuedTurn::new(actor, moment, rule, Some(asker)));
        self.0.queue.waiting().turns.push_back(turn);
        self.write_what_waits();
        smol::block_on(told.recv()).unwrap_or_else(|_| Err(abandoned()))
    }

    /// Notices of commits.
    pub fn notices(&self) -> &CommitNotices {
        &self.0.notices
    }

    /// What was committed since the start.
    pub fn tally(&self) -> &Tally {
        &self.0.tally
    }

    /// The octets of the store's file.
    pub fn octets(&self) -> u64 {
        self.0.database.octets()
    }

    /// The same on this very thread, as a batch of one: for the start and the end of the program, and for tests.
    pub fn turn_now<T>(
        &self,
        actor: Actor,
        moment: Moment,
        rule: impl FnOnce(&Facts<'_>, &mut Moment) -> Result<Verdict<T>, Fault>,
    ) -> Outcome<T> {
        let mut turn = QueuedTurn::new(actor, moment, rule, None);
        let writing = self.0.queue.writing();
        self.write(&mut [&mut turn]);
        drop(writing);
        turn.outcome()
    }

    /// Whether the store can be written, or why not. Where it cannot, opening it anew is tried aside, at most once a
    /// second.
    pub fn writable(&self) -> Result<(), Fault> {
        self.0.database.place().check()?;
        match self.0.database.fault() {
            None => Ok(()),
            Some(fault) => {
                self.mend_aside();
                Err(fault)
            }
        }
    }

    fn mend_aside(&self) {
        if self.0.database.is_due() {
            self.0.queue.waiting().mend = true;
            self.wake();
        }
    }

    /// Puts the writer on the blocking pool, if it is not there.
    fn wake(&self) {
        if !std::mem::replace(&mut self.0.queue.waiting().at_work, true) {
            let store = self.clone();
            smol::unblock(move || store.write_what_waits()).detach();
        }
    }

    fn write_what_waits(&self) {
        let _at_work = AtWork(&self.0.queue);
        loop {
            // Whoever comes while another batch is written waits with the rest.
            let writing = self.0.queue.writing();
            let (mut batch, mend) = {
                let mut waiting = self.0.queue.waiting();
                let mend = std::mem::take(&mut waiting.mend);
                let length = waiting.turns.len().min(BATCH);
                waiting.at_work = length > 0 || mend;
                (waiting.turns.drain(..length).collect::<Vec<_>>(), mend)
            };
            if mend {
                // Whoever asks next is told what is wrong.
                drop(self.0.database.mend());
            } else if batch.is_empty() {
                return;
            }
            let mut turns: Vec<&mut dyn Turn> = Vec::with_capacity(batch.len());
            for turn in &mut batch {
                turns.push(turn.as_mut());
            }
            self.write(&mut turns);
            drop(writing);
        }
    }

    /// Takes these turns in one commit, and tells their callers.
    fn write(&self, turns: &mut [&mut dyn Turn]) {
        if turns.is_empty() {
            return;
        }
        match self.commit(turns) {
            Ok(()) => {
                if turns.iter().any(|turn| !turn.changes().is_empty()) {
                    self.0.tally.count(turns.iter().flat_map(|turn| turn.changes()));
                    self.0.notices.send(turns.iter().flat_map(|turn| turn.changes()));
                }
            }
            Err(fault) => {
                // At once for the sake of readers: redb reads nothing more from a disk that failed.
                self.mend_aside();
                for turn in turns.iter_mut() {
                    let changes = !turn.changes().is_empty();
                    turn.fail(if changes {
                        fault.clone()
                    } else {
                        fault.without_a_change()
                    });
                }
            }
        }
        for turn in turns {
            turn.tell();
        }
    }

    fn commit(&self, turns: &mut [&mut dyn Turn]) -> Result<(), Fault> {
        let database = &self.0.database;
        let mut decided = 0;
        loop {
            let (tx, generation) = database.begin()?;
            let mut batch = Batch::over(&tx);
            match batch.take(turns, &mut decided).and_then(|()| batch.finish()) {
                Ok(Wrote::Nothing) => {
                    let fault = turns.iter().find_map(|turn| turn.fault());
                    fault.into_iter().for_each(|fault| database.note(fault, generation));
                    return Ok(());
                }
                Ok(Wrote::Something) => {
                    let committed = tx.commit().map_err(Fault::of_commit);
                    return committed.inspect_err(|fault| database.note(fault, generation));
                }
                Err(Failed { turn, fault }) => {
                    database.note(&fault, generation);
                    // A disk that fails fails all; a row that cannot be read is its turn's alone.
                    let to_blame = turn.filter(|_| !fault.needs_opening());
                    match to_blame.and_then(|place| turns.get_mut(place)) {
                        Some(turn) => turn.fail(fault),
                        None => return Err(fault),
                    }
                }
            }
        }
    }
}

/// One write transaction, and what is written once in it.
struct Batch<'t> {
    facts: Facts<'t>,
    journal: Journal,
    newest: Option<Date>,
}

enum Wrote {
    Nothing,
    Something,
}

/// The transaction holds a part of some changes, and must go.
struct Failed {
    /// The turn that is to blame; `None`: all fail.
    turn: Option<usize>,
    fault: Fault,
}

impl<'t> Batch<'t> {
    fn over(tx: &'t redb::WriteTransaction) -> Self {
        Self {
            facts: Facts(Tables::of(View::Turn(tx))),
            journal: Journal::default(),
            newest: None,
        }
    }

    /// Applies once more what the first `decided` turns decided, then takes the others.
    fn take(&mut self, turns: &mut [&mut dyn Turn], decided: &mut usize) -> Result<(), Failed> {
        for (place, turn) in turns.iter_mut().enumerate() {
            let is_new = place >= *decided;
            if is_new {
                turn.decide(&self.facts);
                *decided = place + 1;
            }
            let failed = |fault| Failed {
                turn: is_new.then_some(place),
                fault,
            };
            self.apply(&**turn).map_err(failed)?;
            if self.newest.is_none() {
                // It saw nothing but what is durable, so its caller need not wait.
                turn.tell();
            }
        }
        Ok(())
    }

    fn apply(&mut self, turn: &dyn Turn) -> Result<(), Fault> {
        if turn.changes().is_empty() {
            return Ok(());
        }
        let (actor, now) = turn.by();
        self.newest = self.newest.max(Some(now));
        let wanted = (turn.changes(), turn.news());
        apply::all(&mut self.facts, &mut self.journal, wanted, actor, now)
    }

    fn finish(mut self) -> Result<Wrote, Failed> {
        let Some(newest) = self.newest else {
            return Ok(Wrote::Nothing);
        };
        let finished = apply::finish(&mut self.facts, newest);
        finished.map_err(|fault| Failed { turn: None, fault })?;
        Ok(Wrote::Something)
    }
}
