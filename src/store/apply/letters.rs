//! Changes of letters and the mail server → rows.

use crate::rules::change::LettersChange;
use crate::rules::time::Date;
use crate::store::{Facts, Fault, outbox, tables};

pub(super) fn apply(facts: &mut Facts<'_>, change: &LettersChange, now: Date) -> Result<(), Fault> {
    match change {
        LettersChange::LanguageLearnt(account, language) => facts.0.languages.keep(account.0, language),
        LettersChange::LetterGivenUp(id, letter) | LettersChange::LetterPostponed(id, letter) => {
            outbox::keep(facts, *id, letter)
        }
        LettersChange::LetterQueued(letter) => outbox::queue(facts, letter),
        LettersChange::LetterSent(id, _) | LettersChange::LetterSwept(id) | LettersChange::LetterWithdrawn(id, _) => {
            outbox::drop(facts, *id)
        }
        LettersChange::RelayRemoved => facts.0.meta.remove(tables::META_RELAY).map(drop),
        LettersChange::RelaySet(relay, _) => {
            facts.0.meta.keep(tables::META_RELAY, relay)?;
            outbox::revive(facts, now)
        }
    }
}
