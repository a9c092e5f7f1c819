//! The outbox's rows.

use super::{Facts, Fault, tables};
use crate::rules::id::AccountId;
use crate::rules::letters::letter::Letter;
use crate::rules::limits;
use crate::rules::time::Date;

/// Adds a letter. In a full outbox the oldest one that was given up makes room; where there is none, the letter is
/// dropped (a letter writer that knows the room writes none).
pub(super) fn queue(facts: &mut Facts<'_>, letter: &Letter) -> Result<(), Fault> {
    if facts.0.outbox.len()? >= u64::try_from(limits::LETTERS).unwrap_or(u64::MAX) {
        let given_up = facts.letters()?.into_iter().find(|(_, letter)| letter.given_up);
        let Some((id, _)) = given_up else { return Ok(()) };
        drop(facts, id)?;
    }
    let id = next(facts)?;
    keep(facts, id, letter)
}

/// A number that no letter has had: the postman may still hold one that has left the outbox.
fn next(facts: &mut Facts<'_>) -> Result<u64, Fault> {
    let counted = facts.0.meta.number(tables::META_NEXT_LETTER)?.unwrap_or(0);
    // A store from before it was counted.
    let above = facts.0.outbox.last_number()?.map_or(0, |last| last.saturating_add(1));
    let id = above.max(counted);
    let next = id.saturating_add(1).to_le_bytes();
    facts.0.meta.insert(tables::META_NEXT_LETTER, next.as_slice())?;
    Ok(id)
}

/// Writes a letter's row.
pub(super) fn keep(facts: &mut Facts<'_>, id: u64, letter: &Letter) -> Result<(), Fault> {
    facts.0.outbox.keep(id, letter)
}

/// Removes a letter.
pub(super) fn drop(facts: &mut Facts<'_>, id: u64) -> Result<(), Fault> {
    facts.0.outbox.remove(id)?;
    Ok(())
}

/// Removes an account's letters of some kind.
pub(super) fn withdraw(facts: &mut Facts<'_>, about: AccountId, which: impl Fn(&Letter) -> bool) -> Result<(), Fault> {
    if facts.0.outbox.len()? == 0 {
        return Ok(());
    }
    let letters = facts.letters()?.into_iter();
    letters
        .filter(|(_, letter)| letter.about == about && which(letter))
        .try_for_each(|(id, _)| drop(facts, id))
}

/// Lets letters be tried at once, those too that were given up lately: there is another mail server. A link that is
/// over is not given up twice.
pub(super) fn revive(facts: &mut Facts<'_>, now: Date) -> Result<(), Fault> {
    for (id, letter) in facts.letters()? {
        let is_over = letter.given_up
            && letter.carries_link()
            && facts.invite_of(letter.about)?.is_none_or(|invite| invite.until <= now);
        if !is_over {
            keep(facts, id, &letter.revived(now))?;
        }
    }
    Ok(())
}
