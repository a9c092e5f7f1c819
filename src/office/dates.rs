//! The date as the appliance knows it, for pages and flags: who may move it, and what that does.

use crate::rules::certificates::authority::Authority;
use crate::rules::change::Change;
use crate::rules::office::consequences::Consequences;
use crate::rules::office::date::{self, Kept};
use crate::rules::office::time_servers::TimeServers;
use crate::rules::time::Date;
use crate::store::{Facts, Fault};

/// The shell's clock, as far as somebody may set it.
pub trait Dates: Send + Sync {
    /// What the machine's own clock says, right or wrong.
    fn machine(&self) -> Date;

    /// Whom the start-up flags say to ask, whatever the office has set; empty: nobody.
    fn servers_by_flag(&self) -> Option<TimeServers>;

    /// A date that somebody said and that takes a person's word too.
    fn doubted(&self) -> Option<Date>;

    /// An administrator says that this is the date, which is not behind what is known.
    fn confirm(&self, date: Date);

    /// Whether it can be brought back to then: not where the machine's own clock counts and is ahead of it too.
    fn can_bring_back(&self, date: Date) -> bool;

    /// An administrator says that this is the date, and what is known is ahead of it: the appliance begins anew with
    /// it, as by `--date-is`.
    fn bring_back(&self, date: Date);
}

/// What bringing the date back to then does to what is kept.
pub fn brought_back(facts: &Facts<'_>, to: Date) -> Result<(Consequences, Vec<Change>), Fault> {
    let (sessions, links, letters) = (facts.all_sessions()?, facts.all_invites()?, facts.letters()?);
    let (devices, named) = (facts.devices()?, facts.named()?);
    let authority = facts.authority()?.and_then(|pair| Authority::read(&pair.certificate));
    let lines = facts.journal(None, usize::MAX, |line| line.at > to)?.len();
    let kept = Kept {
        sessions: &sessions,
        links: &links,
        letters: &letters,
        devices: &devices,
        lines,
        authority: authority.map(|authority| authority.validity.from),
        named: named.as_ref(),
    };
    Ok(date::brought_back(to, &kept))
}
