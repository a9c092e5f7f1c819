//! Who asks: a request with its caller.

use std::net::IpAddr;

use serde::de::DeserializeOwned;
use tide::Request;
use tide::http::headers::{ACCEPT_LANGUAGE, COOKIE, USER_AGENT};

use crate::http::edge::server::Peer;
use crate::http::front::basic;
use crate::http::front::body;
use crate::http::front::reply::Failure;
use crate::http::sign_in::recover::WAITS;
use crate::office::{Office, Shared};
use crate::rules::letters::language::Language;
use crate::rules::office::journal::Actor;
use crate::rules::people::account::Account;
use crate::rules::people::browser;
use crate::rules::people::session::{Session, Use, Used};
use crate::rules::refusal::Refusal;
use crate::rules::secret::{Token, TokenHash};
use crate::store::Fault;

/// The session cookie over TLS (RFC 6265bis §4.1.3.2: `__Host-` binds it to this host, path `/` and `Secure`).
const SECURE_COOKIE: &str = "__Host-linekey";
/// The session cookie over plain HTTP, which only `localhost` serves.
const PLAIN_COOKIE: &str = "linekey";

/// The cookie of a browser that asked for a link, over TLS and over plain HTTP.
const SECURE_WAITING: &str = "__Host-linekey-asked";
const PLAIN_WAITING: &str = "linekey-asked";

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
            program: None,
        };
        let session = |caller: &Caller| match cookie(&request, cookie_name(caller.secure)) {
            Some(token) => living(request.state(), token.hash(), caller.address),
            None => Ok(None),
        };
        // What a proxy asks about may carry credentials for the service behind it: there a living session comes first.
        if request.url().path() == basic::PROXY {
            caller.signed_in = session(&caller)?;
        }
        if caller.signed_in.is_none() {
            caller.program = basic::account(&request, &caller)?;
        }
        if caller.signed_in.is_none() && caller.program.is_none() {
            caller.signed_in = session(&caller)?;
        }
        if let Some(signed_in) = &caller.signed_in {
            request
                .state()
                .desk
                .uses()
                .note(Used::Session(signed_in.session.hash), caller.seen(request.state()));
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

    /// The account that acts: somebody signed in, or a program's.
    pub fn account(&self) -> Result<&Account, Refusal> {
        let person = self.caller.signed_in.as_ref().map(|signed_in| &signed_in.account);
        person.or(self.caller.program.as_ref()).ok_or(Refusal::SignedOut)
    }

    /// The message in the body.
    pub async fn message<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        body::json(&mut self.request).await
    }

    /// The same, where a message may be left out.
    pub async fn message_if_any<T: DeserializeOwned + Default>(&mut self) -> Result<T, Failure> {
        if self.request.is_empty().unwrap_or(true) {
            return Ok(T::default());
        }
        self.message().await
    }

    /// What is asked for behind the path's question mark.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let asked = self.request.query();
        asked.map_err(|error| Failure::Unreadable(error.to_string()))
    }

    /// The session of whoever asks; a program has none.
    pub fn session(&self) -> Option<TokenHash> {
        self.caller.signed_in.as_ref().map(|signed_in| signed_in.session.hash)
    }

    /// A part of the path; a part that is missing finds nothing.
    pub fn part(&self, name: &str) -> Result<&str, Refusal> {
        self.request.param(name).map_err(|_| Refusal::NotFound)
    }

    /// The language that the browser asks for. A program asks for none: what its library says by itself is not its owner's.
    pub fn language(&self) -> Option<Language> {
        let asked = self.request.header(ACCEPT_LANGUAGE)?.last().as_str();
        Language::from_accept_language(asked).filter(|_| self.caller.program.is_none())
    }

    /// The language in which whoever acts would write to somebody new.
    pub fn speaks(&self) -> Result<Option<Language>, Fault> {
        match (self.language(), self.account()) {
            (None, Ok(account)) => self.office().store.read(|facts| facts.language(account.id)),
            (asked, _) => Ok(asked),
        }
    }

    /// Whose doing it is, for the journal.
    pub fn actor(&self) -> Actor {
        Actor {
            account: self.account().ok().map(|account| account.id),
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

/// The `Set-Cookie` value that marks the browser which asked for a link: its letter's short code works here alone.
pub fn waiting_cookie(secure: bool, token: &Token) -> String {
    let name = if secure { SECURE_WAITING } else { PLAIN_WAITING };
    format!("{name}={}{}; Max-Age={}", token.reveal(), attributes(secure), WAITS.0)
}

/// What marks the browser that asked for a link.
pub fn waiting(call: &Call) -> Option<Token> {
    let name = if call.caller.secure {
        SECURE_WAITING
    } else {
        PLAIN_WAITING
    };
    cookie(&call.request, name)
}

fn cookie(request: &Request<Shared>, name: &str) -> Option<Token> {
    let header = request.header(COOKIE)?;
    let pairs = header.iter().flat_map(|value| value.as_str().split(';'));
    let ours = pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(known, _)| *known == name);
    ours.and_then(|(_, value)| Token::parse(value))
}

/// Whether an administrator's session still lives, and reaches to that address.
pub fn looks_on(office: &Office, session: TokenHash, address: IpAddr) -> Result<bool, Fault> {
    let signed_in = living(office, session, address)?;
    Ok(signed_in.is_some_and(|signed_in| signed_in.account.is_administrator()))
}

fn living(office: &Office, hash: TokenHash, address: IpAddr) -> Result<Option<SignedIn>, Fault> {
    let now = office.now();
    office.store.read(|facts| {
        let Some(session) = facts.session(hash)?.and_then(|session| session.live(now)) else {
            return Ok(None);
        };
        if !facts.reach(session.account)?.admits_by(session.by, address) {
            return Ok(None);
        }
        Ok(facts
            .account(session.account)?
            .map(|account| SignedIn { account, session }))
    })
}
