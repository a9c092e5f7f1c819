//! An account's sessions, one's own or somebody's: list and end.

use serde::Serialize;

use super::turn::change_subject;
use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::office::Office;
use crate::rules::people::session::{self, By, Session, Used};
use crate::rules::secret::TokenHash;

/// A session as lists show it.
#[derive(Serialize)]
pub struct SessionJson {
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
struct SessionList {
    sessions: Vec<SessionJson>,
}

/// The live sessions among these, as lists show them, the current one first, with the newest use that the desk knows
/// of.
pub fn shown(office: &Office, sessions: &[Session], current: Option<TokenHash>) -> Vec<SessionJson> {
    let now = office.now();
    let uses = office.desk.uses();
    let mut live: Vec<_> = sessions.iter().filter(|session| now < session.until).collect();
    live.sort_by_key(|session| Some(session.hash) != current);
    let row = |session: &Session| {
        let seen = uses.newest(Used::Session(session.hash)).unwrap_or(&session.last_used);
        SessionJson {
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

/// The account's sessions.
pub async fn list(call: Call) -> Answer {
    let (office, subject) = (call.office(), call.subject()?);
    let open = office.store.read(|facts| facts.sessions_of(subject.account.id))?;
    Ok(reply::json(&SessionList {
        sessions: shown(office, &open, call.session()),
    }))
}

/// Ends one of the account's sessions.
pub async fn delete(call: Call) -> Answer {
    let id = call.part("id")?.to_owned();
    change_subject(&call, move |current, facts, _| {
        Ok(session::delete(&facts.sessions_of(current.id)?, &id).map(|((), changes)| changes))
    })
    .await
}

/// Ends all of the account's sessions, if there are any; of one's own all but the one that asks.
pub async fn delete_all(call: Call) -> Answer {
    let kept = call
        .session()
        .filter(|_| call.subject().is_ok_and(|subject| subject.is_oneself));
    change_subject(&call, move |current, facts, _| {
        Ok(Ok(session::delete_all_but(&facts.sessions_of(current.id)?, kept)))
    })
    .await
}
