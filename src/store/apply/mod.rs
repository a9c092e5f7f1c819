//! Changes → rows, inside the writer's transaction: one exhaustive match for each family.

mod letters;
mod office;
mod people;
mod phones;

use super::journal::Journal;
use super::{Facts, Fault, tables};
use crate::rules::change::Change;
use crate::rules::office::journal::{Actor, News};
use crate::rules::time::Date;

/// Applies all changes of one verdict, and writes their lines into the journal. What fails here leaves the transaction
/// with a part of them: it must not be committed.
pub(super) fn all(
    facts: &mut Facts<'_>,
    journal: &mut Journal,
    (changes, news): (&[Change], &[News]),
    actor: Actor,
    now: Date,
) -> Result<(), Fault> {
    for change in changes {
        match change {
            Change::Letters(change) => letters::apply(facts, change, now),
            Change::Office(change) => office::apply(facts, change),
            Change::People(change) => people::apply(facts, change),
            Change::Phones(change) => phones::apply(facts, change),
        }?;
    }
    news.iter().try_for_each(|news| journal.write(facts, news, actor, now))
}

/// What is written once for all turns of a commit: the newest of their times, and the journal's oldest lines go.
pub(super) fn finish(facts: &mut Facts<'_>, newest: Date) -> Result<(), Fault> {
    let newest = facts.newest()?.map_or(newest, |before| before.max(newest));
    put_number(facts, tables::META_NEWEST, newest.0)?;
    Journal::trim(facts)
}

fn put_number(facts: &mut Facts<'_>, key: &str, number: u64) -> Result<(), Fault> {
    facts.0.meta.insert(key, number.to_le_bytes().as_slice())
}
