//! The outbox's rows.

use redb::{ReadableTable, ReadableTableMetadata, WriteTransaction};

use super::{Facts, Fault, row, tables};
use crate::rules::id::AccountId;
use crate::rules::letters::letter::Letter;
use crate::rules::limits;
use crate::rules::time::Date;

/// Adds a letter. In a full outbox the oldest one that was given up makes room. A scribe writes none
/// that finds none; it would be dropped.
pub(super) fn queue(tx: &WriteTransaction, letter: &Letter) -> Result<(), Fault> {
    let length = tx.open_table(tables::OUTBOX)?.len()?;
    if length >= u64::try_from(limits::LETTERS).unwrap_or(u64::MAX) {
        let Some(id) = oldest_given_up(tx)? else { return Ok(()) };
        drop(tx, id)?;
    }
    keep(tx, next(tx)?, letter)
}

fn oldest_given_up(tx: &WriteTransaction) -> Result<Option<u64>, Fault> {
    for entry in tx.open_table(tables::OUTBOX)?.iter()? {
        let (id, bytes) = entry?;
        if row::parse::<Letter>(bytes.value(), "outbox")?.given_up {
            return Ok(Some(id.value()));
        }
    }
    Ok(None)
}

/// A number that no letter has had: the postman may still hold one that has left the outbox.
fn next(tx: &WriteTransaction) -> Result<u64, Fault> {
    let mut meta = tx.open_table(tables::META)?;
    let counted = meta
        .get(tables::META_NEXT_LETTER)?
        .and_then(|bytes| bytes.value().try_into().ok())
        .map_or(0, u64::from_le_bytes);
    // A store from before it was counted.
    let outbox = tx.open_table(tables::OUTBOX)?;
    let above = outbox.last()?.map_or(0, |(id, _)| id.value().saturating_add(1));
    let id = above.max(counted);
    meta.insert(tables::META_NEXT_LETTER, id.saturating_add(1).to_le_bytes().as_slice())?;
    Ok(id)
}

/// Writes a letter's row.
pub(super) fn keep(tx: &WriteTransaction, id: u64, letter: &Letter) -> Result<(), Fault> {
    tx.open_table(tables::OUTBOX)?
        .insert(id, row::bytes(letter, "outbox")?.as_slice())?;
    Ok(())
}

/// Removes a letter.
pub(super) fn drop(tx: &WriteTransaction, id: u64) -> Result<(), Fault> {
    tx.open_table(tables::OUTBOX)?.remove(id)?;
    Ok(())
}

/// Removes an account's letters of some kind.
pub(super) fn withdraw(tx: &WriteTransaction, about: AccountId, which: impl Fn(&Letter) -> bool) -> Result<(), Fault> {
    if tx.open_table(tables::OUTBOX)?.is_empty()? {
        return Ok(());
    }
    let letters = Facts::Turn(tx).letters()?.into_iter();
    letters
        .filter(|(_, letter)| letter.about == about && which(letter))
        .try_for_each(|(id, _)| drop(tx, id))
}

/// Lets letters be tried at once, those too that were given up lately: there is another mail server. A link that is over
/// is not given up twice.
pub(super) fn revive(tx: &WriteTransaction, now: Date) -> Result<(), Fault> {
    let facts = Facts::Turn(tx);
    for (id, letter) in facts.letters()? {
        let is_over = letter.given_up
            && letter.carries_link()
            && facts.invite_of(letter.about)?.is_none_or(|invite| invite.until <= now);
        if !is_over {
            keep(tx, id, &letter.revived(now))?;
        }
    }
    Ok(())
}
