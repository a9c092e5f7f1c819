//! Who asks: a request with its caller.

use std::net::IpAddr;

use serde::de::DeserializeOwned;
use tide::Request;
use tide::http::headers::{COOKIE, USER_AGENT};

use super::body;
use super::office::{Office, Shared};
use super::reply::Failure;
use super::server::Peer;
use crate::rules::id::AccountId;
use crate::rules::journal::Actor;
use crate::rules::people::account::Account;
use crate::rules::people::browser;
use crate::rules::people::session::{Session, Use};
use crate::rules::secret::Token;
use crate::rules::verdict::Refusal;

/// The session cookie over TLS (RFC 6265bis §4.1.3.2: `__Host-` binds it to this host, path `/` and `Secure`).
const SECURE_COOKIE: &str = "__Host-linekey";
/// The session cookie over plain HTTP, which only `localhost` serves.
const PLAIN_COOKIE: &str = "linekey";

/// One request, and who makes it.
pub struct Call {
    /// tide's request.
    pub request: Request<Shared>,
    /// Who makes it.
    pub caller: Caller,
}

/// Who makes a request, from where.
#[derive(Clone)]
pub struct Caller {
    /// Their address.
    pub address: IpAddr,
    /// Whether they came over TLS.
    pub secure: bool,
    /// Their browser in a person's words; empty if it does not say.
    pub browser: String,
    /// Who is signed in, if anybody.
    pub signed_in: Option<SignedIn>,
}

/// Somebody with a live session.
#[derive(Clone)]
pub struct SignedIn {
    /// Their account.
    pub account: Account,
    /// Their session.
    pub session: Session,
}

impl Call {
    /// Finds out who makes a request. Notes at the desk that their session was used.
    pub fn receive(request: Request<Shared>) -> Result<Self, Failure> {
        let peer = request.ext::<Peer>().copied().ok_or(Refusal::SignedOut)?;
        let agent = request
            .header(USER_AGENT)
            .map(|values| values.last().as_str())
            .unwrap_or_default();
        let mut caller = Caller {
            address: peer.address.ip(),
            secure: peer.secure,
            browser: browser::readable(agent),
            signed_in: None,
        };
        caller.signed_in =
            cookie(&request, caller.secure).map_or(Ok(None), |token| signed_in(request.state(), &token))?;
        if let Some(signed_in) = &caller.signed_in {
            request
                .state()
                .desk
                .uses()
                .note(signed_in.session.hash, caller.seen(request.state()));
        }
        Ok(Self { request, caller })
    }

    /// The office.
    pub fn office(&self) -> &Shared {
        self.request.state()
    }

    /// Who is signed in. The route table lets nobody else through where this matters.
    pub fn signed_in(&self) -> Result<&SignedIn, Refusal> {
        self.caller.signed_in.as_ref().ok_or(Refusal::SignedOut)
    }

    /// The message in the body.
    pub async fn message<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        body::json(&mut self.request).await
    }

    /// A part of the path; a part that is missing finds nothing.
    pub fn part(&self, name: &str) -> Result<&str, Refusal> {
        self.request.param(name).map_err(|_| Refusal::NotFound)
    }

    /// Whose doing it is, for the journal.
    pub fn actor(&self) -> Actor {
        let account: Option<AccountId> = self.caller.signed_in.as_ref().map(|signed_in| signed_in.account.id);
        Actor {
            account,
            address: Some(self.caller.address),
        }
    }
}

impl Caller {
    /// What is written down of this use.
    pub fn seen(&self, office: &Office) -> Use {
        Use {
            at: office.now(),
            address: self.address,
            browser: self.browser.clone(),
        }
    }
}

/// The `Set-Cookie` value that signs a browser in; `None` for `max_age`: until the browser is closed.
pub fn set_cookie(secure: bool, token: &Token, max_age: Option<u64>) -> String {
    let lasting = max_age
        .map(|seconds| format!("; Max-Age={seconds}"))
        .unwrap_or_default();
    format!(
        "{}={}{}{lasting}",
        cookie_name(secure),
        token.reveal(),
        attributes(secure)
    )
}

/// The `Set-Cookie` value that signs a browser out.
pub fn clear_cookie(secure: bool) -> String {
    format!("{}={}; Max-Age=0", cookie_name(secure), attributes(secure))
}

fn cookie_name(secure: bool) -> &'static str {
    if secure { SECURE_COOKIE } else { PLAIN_COOKIE }
}

fn attributes(secure: bool) -> &'static str {
    if secure {
        "; Path=/; Secure; HttpOnly; SameSite=Lax"
    } else {
        "; Path=/; HttpOnly; SameSite=Lax"
    }
}

fn cookie(request: &Request<Shared>, secure: bool) -> Option<Token> {
    let header = request.header(COOKIE)?;
    let pairs = header.iter().flat_map(|value| value.as_str().split(';'));
    let ours = pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == cookie_name(secure));
    ours.and_then(|(_, value)| Token::parse(value))
}

fn signed_in(office: &Office, token: &Token) -> Result<Option<SignedIn>, Failure> {
    let now = office.now();
    Ok(office.store.read(|facts| {
        let Some(session) = facts.session(token.hash())?.and_then(|session| session.live(now)) else {
            return Ok(None);
        };
        Ok(facts
            .account(session.account)?
            .map(|account| SignedIn { account, session }))
    })?)
}
