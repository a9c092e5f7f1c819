//! A request with its caller, as handlers take it.

use serde::de::DeserializeOwned;

use super::basic;
use super::body;
use super::caller::{Caller, SignedIn, living};
use super::cookies;
use super::failure::Failure;
use super::subject::Subject;
use crate::http::edge::message::Request;
use crate::office::Shared;
use crate::rules::letters::language::Language;
use crate::rules::office::journal::Actor;
use crate::rules::people::account::Account;
use crate::rules::people::session::Used;
use crate::rules::refusal::Refusal;
use crate::rules::secret::TokenHash;
use crate::store::Fault;

/// One request, and who makes it.
pub struct Call {
    office: Shared,
    /// What was sent.
    pub request: Request,
    /// The parts of the path that its row leaves open, by name.
    parts: Vec<(String, String)>,
    /// Who makes it.
    pub caller: Caller,
    /// Whom it is about, once the dispatcher has found out.
    subject: Option<Subject>,
}

impl Call {
    /// Finds out who makes a request. Notes at the desk that their session was used.
    pub fn receive(office: Shared, request: Request, parts: Vec<(String, String)>) -> Result<Self, Failure> {
        let mut caller = Caller::unknown(&request);
        let session = |caller: &Caller| {
            let claimed = cookies::sessions(&request);
            let mut known = claimed.map(|token| living(&office, token.hash(), caller.address));
            known.find_map(Result::transpose).transpose()
        };
        // What a proxy asks about may carry credentials for the service behind it: there a living session comes first.
        if request.path == basic::PROXY {
            caller.signed_in = session(&caller)?;
        }
        if caller.signed_in.is_none() {
            caller.program = basic::account(&office, &request, &caller)?;
        }
        if caller.signed_in.is_none() && caller.program.is_none() {
            caller.signed_in = session(&caller)?;
        }
        if let Some(signed_in) = &caller.signed_in {
            let seen = caller.seen(&office);
            office.desk.uses().note(Used::Session(signed_in.session.hash), seen);
        }
        Ok(Self {
            office,
            request,
            parts,
            caller,
            subject: None,
        })
    }

    /// The same, about that account.
    #[must_use]
    pub fn about(self, subject: Option<Subject>) -> Self {
        Self { subject, ..self }
    }

    /// Whom it is about: the account that the path names, or whoever is signed in.
    pub fn subject(&self) -> Result<&Subject, Refusal> {
        self.subject.as_ref().ok_or(Refusal::SignedOut)
    }

    /// Notes a refusal at the desk for the journal, and hands it back. `whom`: as what account, where it is known.
    pub fn noted(&self, whom: Option<&Account>, failure: impl Into<Failure>) -> Failure {
        let failure = failure.into();
        if let Failure::Refused(refusal) = failure {
            return self.office.refused(self.caller.address, whom, refusal).into();
        }
        failure
    }

    /// The office.
    pub fn office(&self) -> &Shared {
        &self.office
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
    pub fn message<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        body::json(&self.request)
    }

    /// The same, where a message may be left out.
    pub fn message_if_any<T: DeserializeOwned + Default>(&self) -> Result<T, Failure> {
        if self.request.body.is_empty() {
            return Ok(T::default());
        }
        self.message()
    }

    /// What is asked for behind the path's question mark.
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let asked = serde_urlencoded::from_str(self.request.query.as_deref().unwrap_or_default());
        asked.map_err(|_| {
            let why = "what stands behind the question mark is nothing that this address takes";
            Failure::Unreadable(why.to_owned())
        })
    }

    /// The session of whoever asks; a program has none.
    pub fn session(&self) -> Option<TokenHash> {
        self.caller.signed_in.as_ref().map(|signed_in| signed_in.session.hash)
    }

    /// A part of the path; a part that is missing finds nothing.
    pub fn part(&self, name: &str) -> Result<&str, Refusal> {
        let named = self.parts.iter().find(|(known, _)| known == name);
        named.map(|(_, value)| value.as_str()).ok_or(Refusal::NotFound)
    }

    /// The language that the browser asks for.
    pub fn language(&self) -> Option<Language> {
        Language::from_accept_language(self.asked_languages()?)
    }

    /// The browser's `Accept-Language`. A program asks for none: what its library says by itself is not its owner's.
    pub fn asked_languages(&self) -> Option<&str> {
        let asked = self.request.field("accept-language")?;
        self.caller.program.is_none().then_some(asked)
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
