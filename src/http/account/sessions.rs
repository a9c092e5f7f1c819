//! One's own sessions: list and end.

use serde::Serialize;

use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::office::Office;
use crate::rules::people::session::By;
use crate::rules::people::session::{self, Session, Used};
use crate::rules::secret::TokenHash;
use crate::rules::verdict::Verdict;

/// A session as lists show it.
#[derive(Serialize)]
pub struct Shown {
    id: String,
    current: bool,
    opened: u64,
    last_used: u64,
    address: String,
    browser: String,
    expires: u64,
    by: By,
    public_computer: bool,
}

#[derive(Serialize)]
struct List {
    sessions: Vec<Shown>,
}

/// The live sessions among these, as lists show them, the current one first, with the newest use that the desk knows of.
pub fn shown(office: &Office, sessions: &[Session], current: Option<TokenHash>) -> Vec<Shown> {
    let now = office.now();
    let uses = office.desk.uses();
    let mut live: Vec<_> = sessions.iter().filter(|session| now < session.until).collect();
    live.sort_by_key(|session| Some(session.hash) != current);
    let row = |session: &Session| {
        let seen = uses.newest(Used::Session(session.hash)).unwrap_or(&session.last_used);
        Shown {
            id: session.hash.public_id(),
            current: Some(session.hash) == current,
            opened: session.opened.0,
            last_used: seen.at.0,
            address: seen.address.to_string(),
            browser: seen.browser.clone(),
            expires: session.until.0,
            by: session.by,
            public_computer: session.public_computer,
        }
    };
    live.into_iter().map(row).collect()
}

/// The sessions of whoever is signed in.
pub async fn list(call: Call) -> Answer {
    let (office, signed_in) = (call.office(), call.signed_in()?);
    let sessions = office.store.read(|facts| facts.sessions_of(signed_in.account.id))?;
    Ok(reply::json(&List {
        sessions: shown(office, &sessions, Some(signed_in.session.hash)),
    }))
}

/// Ends one of one's own sessions.
pub async fn delete(call: Call) -> Answer {
    let owner = call.signed_in()?.account.id;
    let id = call.part("id")?.to_owned();
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
        Ok(session::delete(&facts.sessions_of(owner)?, &id).into())
    });
    turn.await??;
    Ok(reply::done())
}

/// Ends all of one's own sessions but this one.
pub async fn delete_others(call: Call) -> Answer {
    let signed_in = call.signed_in()?.clone();
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, _| {
        let sessions = facts.sessions_of(signed_in.account.id)?;
        Ok(Verdict::yes(
            (),
            session::delete_all_but(&sessions, Some(signed_in.session.hash)),
        ))
    });
    turn.await??;
    Ok(reply::done())
}
