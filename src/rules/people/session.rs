//! Sessions: a browser that somebody signed in with.

use std::net::IpAddr;

use super::settings::Settings;
use super::sign_in::{By, Proof};
use crate::rules::id::AccountId;
use crate::rules::moment::Moment;
use crate::rules::secret::{Token, TokenHash};
use crate::rules::time::{Date, Ttl};
use crate::rules::verdict::{Change, Refusal};

/// When something was used, from where, by which browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// When.
    pub at: Date,
    /// From which address.
    pub address: IpAddr,
    /// The browser in a person's words, at most 64 characters; empty if it did not say.
    pub browser: String,
}

/// What was used: a browser's session, or an administrator's API access.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Used {
    /// API access of that account.
    Api(AccountId),
    /// The session with that token.
    Session(TokenHash),
}

/// A browser's sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Finds the row; the token itself is only in the cookie.
    pub hash: TokenHash,
    /// Who is signed in.
    pub account: AccountId,
    /// How they came in.
    pub by: By,
    /// When.
    pub opened: Date,
    /// When they last proved who they are.
    pub proved: Date,
    /// When it ends.
    pub until: Date,
    /// Whether it was opened on a public computer: then the cookie ends with the browser, too.
    pub public_computer: bool,
    /// The last use that was written down (at most 5 minutes behind).
    pub last_used: Use,
}

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

/// Opens a session. Only a [`Proof`] opens one. `others` are the account's sessions so far: at the limit the one longest
/// unused makes room.
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
        opened: moment.now,
        proved: moment.now,
        until: moment.until(length)?,
        public_computer: browser.public_computer,
        last_used: browser.seen,
    };
    let mut changes = room_for_one_more(others, moment.now);
    changes.push(Change::SessionOpened(session.clone()));
    Ok((Opened { token, session }, changes))
}

fn room_for_one_more(others: &[Session], now: Date) -> Vec<Change> {
    let (live, ended): (Vec<&Session>, Vec<&Session>) = others.iter().partition(|session| now < session.until);
    let surplus = (live.len() + 1).saturating_sub(crate::rules::limits::SESSIONS_OF_ONE);
    let mut by_age = live;
    by_age.sort_by_key(|session| session.last_used.at);
    let dropped = ended.into_iter().chain(by_age.into_iter().take(surplus));
    dropped
        .map(|session| Change::SessionDeleted(session.account, session.hash))
        .collect()
}

impl Session {
    /// The session, if it still lives.
    pub fn live(self, now: Date) -> Option<Self> {
        (now < self.until).then_some(self)
    }

    /// When the last proof stops being enough for changes to accounts and security.
    pub fn proof_until(&self) -> Date {
        self.proved + Ttl::PROOF
    }

    /// Asks for a proof that is recent enough (SPEC §1, step-up).
    pub fn recently_proved(&self, now: Date) -> Result<(), Refusal> {
        if now < self.proof_until() {
            Ok(())
        } else {
            Err(Refusal::ProveAgain)
        }
    }
}

/// The same person proved again who they are.
pub fn prove_again(session: &Session, proof: &Proof, now: Date) -> Result<(Date, Vec<Change>), Refusal> {
    if proof.account() != session.account {
        return Err(Refusal::NotSignedIn);
    }
    Ok((now + Ttl::PROOF, vec![Change::SessionProved(session.hash, now)]))
}

/// Deletes one of the account's sessions, named by its public ID.
pub fn delete(sessions: &[Session], public_id: &str) -> Result<((), Vec<Change>), Refusal> {
    let session = sessions
        .iter()
        .find(|session| session.hash.public_id() == public_id)
        .ok_or(Refusal::NotFound)?;
    Ok(((), vec![Change::SessionDeleted(session.account, session.hash)]))
}

/// Deletes all of the account's sessions but the kept one.
pub fn delete_all_but(sessions: &[Session], kept: Option<TokenHash>) -> Vec<Change> {
    let others = sessions.iter().filter(|session| Some(session.hash) != kept);
    others
        .map(|session| Change::SessionDeleted(session.account, session.hash))
        .collect()
}
