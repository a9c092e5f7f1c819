//! Who asks: somebody signed in, a program, or nobody known.

use std::net::IpAddr;

use crate::http::edge::message::Request;
use crate::office::Office;
use crate::rules::neighbour::Neighbour;
use crate::rules::people::account::Account;
use crate::rules::people::browser;
use crate::rules::people::session::{Session, Use};
use crate::rules::secret::TokenHash;
use crate::store::Fault;

/// Who makes a request, from where.
#[derive(Clone)]
pub struct Caller {
    /// Their address.
    pub address: IpAddr,
    /// Whom what they do as a stranger is counted for.
    pub neighbour: Neighbour,
    /// Whether they came over TLS.
    pub secure: bool,
    /// Their browser in a person's words; empty if it does not say.
    pub browser: String,
    /// Who is signed in by a browser's session, if anybody.
    pub signed_in: Option<SignedIn>,
    /// The account that a program acts for by its secret.
    pub program: Option<Account>,
}

/// Somebody with a live session.
#[derive(Clone)]
pub struct SignedIn {
    /// Their account.
    pub account: Account,
    /// Their session.
    pub session: Session,
}

impl Caller {
    /// Whoever sent this, before anything is known of them.
    pub fn unknown(request: &Request) -> Self {
        Self {
            address: request.peer.address.ip(),
            neighbour: request.neighbour,
            secure: request.peer.secure,
            browser: browser::readable(request.field("user-agent").unwrap_or_default()),
            signed_in: None,
            program: None,
        }
    }

    /// What is written down of this use.
    pub fn seen(&self, office: &Office) -> Use {
        Use {
            at: office.now(),
            address: self.address,
            browser: self.browser.clone(),
        }
    }
}

/// Whoever has that session, if it still lives and reaches to that address.
pub fn living(office: &Office, hash: TokenHash, address: IpAddr) -> Result<Option<SignedIn>, Fault> {
    let now = office.now();
    office.store.read(|facts| {
        let Some(session) = facts.session(hash)?.and_then(|session| session.live(now)) else {
            return Ok(None);
        };
        if !facts.access(session.account)?.admits_session(&session, address, now) {
            return Ok(None);
        }
        Ok(facts
            .account(session.account)?
            .map(|account| SignedIn { account, session }))
    })
}
