//! The journal's lines as the interface shows them, refused sign-ins among them.

use serde::Serialize;

use crate::desk::refused::RefusedSignIn;
use crate::office::Office;
use crate::rules::limits;
use crate::rules::office::journal::JournalLine;
use crate::store::Fault;

/// A line as lists show it.
#[derive(Serialize)]
pub(super) struct LineJson {
    /// Its number; `None` for a refused sign-in, which is kept in memory alone.
    pub id: Option<u64>,
    /// The number of a refused sign-in since the start; `None` for every other line.
    refused: Option<u64>,
    /// When, in seconds.
    pub at: u64,
    /// Who did it.
    pub who: String,
    /// From where.
    pub address: Option<String>,
    /// What happened.
    pub event: String,
    /// Whom or what it concerns.
    pub about: String,
}

/// The event of a refused sign-in.
const REFUSED: &str = "refused";

impl From<(u64, JournalLine)> for LineJson {
    fn from((id, line): (u64, JournalLine)) -> Self {
        Self {
            id: Some(id),
            refused: None,
            at: line.at.0,
            who: line.who,
            address: line.address.map(|address| address.to_string()),
            event: line.event,
            about: line.about,
        }
    }
}

impl From<&RefusedSignIn> for LineJson {
    fn from(refused: &RefusedSignIn) -> Self {
        Self {
            id: None,
            refused: Some(refused.number),
            at: refused.at.0,
            who: refused.who.clone(),
            address: Some(refused.address.to_string()),
            event: REFUSED.to_owned(),
            about: refused.why.clone(),
        }
    }
}

/// The next lines after those, a page at most: oldest first, the refused sign-ins behind them. And whether there are
/// more.
pub(super) fn newer(office: &Office, seen: &mut TailPlace) -> Result<(Vec<LineJson>, bool), Fault> {
    let lines = office
        .store
        .read(|facts| facts.journal_after(seen.line, limits::PAGE_ROWS))?;
    seen.line = lines.last().map(|(id, _)| *id).or(seen.line);
    let more = lines.len() == limits::PAGE_ROWS;
    let refused = office.desk.refused();
    let mut turned_away: Vec<LineJson> = refused
        .newest_first()
        .take_while(|one| one.number >= seen.refused)
        .map(LineJson::from)
        .collect();
    seen.refused = refused.count();
    turned_away.reverse();
    let all = lines.into_iter().map(LineJson::from).chain(turned_away);
    Ok((all.collect(), more))
}

/// How far a tail has come.
pub(super) struct TailPlace {
    line: Option<u64>,
    refused: u64,
}

impl TailPlace {
    /// Everything so far.
    pub(super) fn all(office: &Office) -> Result<Self, Fault> {
        let newest = office.store.read(|facts| facts.journal(None, 1, |_| true))?.pop();
        Ok(Self {
            line: newest.map(|(id, _)| id),
            refused: office.desk.refused().count(),
        })
    }
}
