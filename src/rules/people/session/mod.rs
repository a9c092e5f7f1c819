//! Sessions: a browser that somebody signed in with.

pub mod record;

use crate::rules::change::{Change, PeopleChange};
use crate::rules::id::CredentialId;
use crate::rules::moment::Moment;
use crate::rules::office::settings::Settings;
use crate::rules::people::sign_in::Proof;
use crate::rules::refusal::Refusal;
use crate::rules::secret::{Token, TokenHash};
use crate::rules::time::{Date, Ttl};
pub use record::*;

/// Where a session is opened from.
pub struct Browser {
    /// What is written down of it.
    pub seen: Use,
    /// Whether its user says that others use it too.
    pub public_computer: bool,
}

/// A session just opened: the cookie's token and the row.
pub struct Opened {
    /// For the cookie.
    pub token: Token,
    /// What is kept.
    pub session: Session,
}

/// Opens a session. Only a [`Proof`] opens one. `others` are the account's sessions so far: at the limit the one
/// longest unused makes room.
pub fn open(
    proof: &Proof,
    browser: Browser,
    settings: &Settings,
    others: &[Session],
    moment: &mut Moment,
) -> Result<(Opened, Vec<Change>), Refusal> {
    let token = Token::fresh(&mut moment.fresh);
    let length = settings.session_length();
    let length = if browser.public_computer {
        length.min(Ttl::PUBLIC_COMPUTER)
    } else {
        length
    };
    let session = Session {
        hash: token.hash(),
        account: proof.account(),
        by: proof.by(),
        passkey: proof.passkey().cloned(),
        opened: moment.now,
        proved: moment.now,
        proved_by: proof.by(),
        until: moment.until(length)?,
        public_computer: browser.public_computer,
        last_used: browser.seen,
    };
    let mut changes = room_for_one_more(others, moment.now);
    changes.push(Change::People(PeopleChange::SessionOpened(session.clone())));
    Ok((Opened { token, session }, changes))
}

fn room_for_one_more(others: &[Session], now: Date) -> Vec<Change> {
    let (live, ended): (Vec<&Session>, Vec<&Session>) = others.iter().partition(|session| now < session.until);
    let surplus = (live.len() + 1).saturating_sub(crate::rules::limits::SESSIONS_OF_ONE);
    let mut by_age = live;
    by_age.sort_by_key(|session| session.last_used.at);
    let dropped = ended.into_iter().chain(by_age.into_iter().take(surplus));
    dropped
        .map(|session| Change::People(PeopleChange::SessionDeleted(session.account, session.hash)))
        .collect()
}

/// The same person proved again who they are.
pub fn prove_again(session: &Session, proof: &Proof, now: Date) -> Result<(Date, Vec<Change>), Refusal> {
    if proof.account() != session.account {
        return Err(Refusal::NotSignedIn);
    }
    Ok((
        now + Ttl::PROOF,
        vec![Change::People(PeopleChange::SessionProved(
            session.hash,
            now,
            proof.by(),
        ))],
    ))
}

/// Deletes one of the account's sessions, named by its public ID.
pub fn delete(sessions: &[Session], public_id: &str) -> Result<((), Vec<Change>), Refusal> {
    let session = sessions
        .iter()
        .find(|session| session.hash.public_id() == public_id)
        .ok_or(Refusal::NotFound)?;
    Ok((
        (),
        vec![Change::People(PeopleChange::SessionDeleted(
            session.account,
            session.hash,
        ))],
    ))
}

/// Deletes the sessions that these passkeys opened, but for the kept one; and those opened by a passkey of which nobody
/// knows which it was, because an older release noted none.
pub fn delete_opened_by(sessions: &[Session], passkeys: &[CredentialId], kept: Option<TokenHash>) -> Vec<Change> {
    let opened = |session: &&Session| match &session.passkey {
        Some(passkey) => passkeys.contains(passkey),
        None => session.by == By::Passkey,
    };
    let opened: Vec<Session> = sessions.iter().filter(opened).cloned().collect();
    delete_all_but(&opened, kept)
}

/// Deletes all of the account's sessions but the kept one.
pub fn delete_all_but(sessions: &[Session], kept: Option<TokenHash>) -> Vec<Change> {
    let others = sessions.iter().filter(|session| Some(session.hash) != kept);
    others
        .map(|session| Change::People(PeopleChange::SessionDeleted(session.account, session.hash)))
        .collect()
}

/// Ends the session, because whoever has it wants out.
pub fn sign_out(session: &Session) -> Vec<Change> {
    vec![PeopleChange::SessionDeleted(session.account, session.hash).into()]
}
