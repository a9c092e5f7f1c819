//! The journal's rows.

use super::{Facts, Fault};
use crate::rules::id::AccountId;
use crate::rules::limits;
use crate::rules::office::journal::{self, Actor, JournalLine, News};
use crate::rules::time::Date;

/// Writes the lines of one commit: the number of the next is read once.
#[derive(Default)]
pub(super) struct Journal {
    next: Option<u64>,
}

impl Journal {
    /// Writes what happened, by whom and when.
    pub(super) fn write(&mut self, facts: &mut Facts<'_>, news: &News, actor: Actor, now: Date) -> Result<(), Fault> {
        let concerned_name = described(facts, news.account)?;
        // Whoever signs in is nobody yet when the turn begins; whoever only asks for a link stays nobody.
        let who = if actor.account.is_none() && actor.address.is_some() && news.event != journal::LINK_MADE {
            concerned_name.clone()
        } else {
            described(facts, actor.account)?
        };
        let about = [concerned_name.as_str(), news.words.as_str()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(": ");
        let line = JournalLine {
            at: now,
            who,
            address: actor.address,
            event: news.event.to_owned(),
            about,
        };
        let next = match self.next {
            Some(next) => next,
            None => facts.0.journal.last_number()?.map_or(0, |last| last.saturating_add(1)),
        };
        self.next = Some(next.saturating_add(1));
        facts.0.journal.keep(next, &line)
    }

    /// Removes the oldest lines above the limit: once for each commit.
    pub(super) fn trim(facts: &mut Facts<'_>) -> Result<(), Fault> {
        facts.0.journal.trim(limits::JOURNAL_LINES)
    }
}

fn described(facts: &Facts<'_>, id: Option<AccountId>) -> Result<String, Fault> {
    let account = id.map_or(Ok(None), |id| facts.account(id))?;
    Ok(account.map(|account| account.described()).unwrap_or_default())
}
