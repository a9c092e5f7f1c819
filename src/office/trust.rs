//! Why browsers believe this appliance: its certificate, the office CA behind it, and its name on the LAN.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use event_listener::{Event, EventListener};

use crate::rules::certificates::authority;
use crate::rules::certificates::handshake::FailedHandshake;
use crate::rules::certificates::served::{Served, Source};
use crate::rules::moment::Reading;
use crate::rules::time::Date;

/// The office CA's certificate, for everybody.
pub struct AuthorityFile {
    /// DER.
    pub certificate: Vec<u8>,
    /// What systems list it as.
    pub common_name: String,
    /// Its last second.
    pub until: Date,
}

impl AuthorityFile {
    /// Whether administrators should be told that its end is near, or past.
    pub fn ends_soon(&self, now: Date) -> bool {
        authority::ends_soon(self.until, now)
    }
}

/// The name on the LAN (mDNS).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnLan {
    /// Whether it is announced.
    pub announced: bool,
    /// Another host that has the name too.
    pub taken_by: Option<IpAddr>,
}

/// The LAN's resolver does not give out the appliance's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// The resolver, a router mostly.
    pub by: IpAddr,
    /// Where the name should lead: the appliance's address in this network.
    pub address: IpAddr,
}

/// What browsers will not like of the owner's own files, for an appliance of that name at that time: a sentence each,
/// without a full stop.
pub type Doubts = dyn Fn(&str, Reading) -> Vec<String> + Send + Sync;

/// What pages say of certificate and name.
pub struct Trust {
    /// The office CA, where it signs the certificate in use.
    pub authority: Option<AuthorityFile>,
    /// ACME, where it can be chosen: HTTPS is served here, and not from the owner's files.
    pub acme: Option<Arc<AtWork>>,
    served: Box<dyn Fn() -> Option<Served> + Send + Sync>,
    handshakes: Box<dyn Fn() -> Vec<FailedHandshake> + Send + Sync>,
    doubts: Box<Doubts>,
    on_lan: Mutex<OnLan>,
    withheld: Mutex<Option<Withheld>>,
}

impl Trust {
    /// `served` says what certificate is in use, if any, and `doubts` what ails it.
    pub fn new(
        authority: Option<AuthorityFile>,
        acme: Option<Arc<AtWork>>,
        served: impl Fn() -> Option<Served> + Send + Sync + 'static,
        doubts: impl Fn(&str, Reading) -> Vec<String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            authority,
            acme,
            served: Box::new(served),
            handshakes: Box::new(Vec::new),
            doubts: Box::new(doubts),
            on_lan: Mutex::default(),
            withheld: Mutex::default(),
        }
    }

    /// The same, where `handshakes` says which failed.
    #[must_use]
    pub fn noting(self, handshakes: impl Fn() -> Vec<FailedHandshake> + Send + Sync + 'static) -> Self {
        Self {
            handshakes: Box::new(handshakes),
            ..self
        }
    }

    /// The handshakes of the last hour that failed, one for each address, the newest first.
    pub fn failed_handshakes(&self) -> Vec<FailedHandshake> {
        (self.handshakes)()
    }

    /// No certificate of its own: plain HTTP, or a proxy in front ends TLS.
    pub fn none() -> Self {
        Self::new(None, None, || None, |_, _| Vec::new())
    }

    /// The certificate in use.
    pub fn served(&self) -> Option<Served> {
        (self.served)()
    }

    /// See [`Doubts`].
    pub fn doubts(&self, name: &str, reading: Reading) -> Vec<String> {
        (self.doubts)(name, reading)
    }

    /// Whether browsers know the certificate in use only once they have installed the office CA, or not even then.
    pub fn is_private(&self) -> bool {
        let is_public = |served: Served| matches!(served.source, Source::Acme { is_test: false } | Source::Files);
        self.authority.is_some() && !self.served().is_some_and(is_public)
    }

    /// How the name fares on the LAN.
    pub fn on_lan(&self) -> OnLan {
        *self.on_lan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who in this network does not give out the name.
    pub fn withheld(&self) -> Option<Withheld> {
        *self.withheld.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes who does not give out the name.
    pub fn note_withheld(&self, now: Option<Withheld>) {
        *self.withheld.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Notes how the name fares on the LAN.
    pub fn note_on_lan(&self, now: OnLan) {
        *self.on_lan.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

/// Answers to a CA that are out at once: one order asks for one name.
const ANSWERS: usize = 8;

/// ACME as doors and pages meet it.
#[derive(Default)]
pub struct AtWork {
    /// Tokens of http-01 and what they are answered with.
    answers: Mutex<Vec<(String, String)>>,
    pressed: Event,
    under_way: AtomicBool,
    is_strict: AtomicBool,
    was_strict: AtomicBool,
}

/// An order is under way until this is dropped.
pub struct UnderWay<'a>(&'a AtWork);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.under_way.store(false, Ordering::Release);
    }
}

impl AtWork {
    /// What a token of http-01 is answered with (RFC 8555 §8.3).
    pub fn answer(&self, token: &str) -> Option<String> {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let found = answers.iter().find(|(known, _)| known == token);
        found.map(|(_, answer)| answer.clone())
    }

    /// Answers that token from now on.
    pub fn note_answer(&self, token: &str, answer: &str) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() < ANSWERS {
            answers.push((token.to_owned(), answer.to_owned()));
        }
    }

    /// No token is answered any more.
    pub fn forget_answers(&self) {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Something is to be looked at: an order that was pressed, another choice, a new certificate.
    pub fn press(&self) {
        self.pressed.notify(1);
    }

    /// Ends with the next [`Self::press`].
    pub fn pressed(&self) -> EventListener {
        self.pressed.listen()
    }

    /// An order begins.
    pub fn begin(&self) -> UnderWay<'_> {
        self.under_way.store(true, Ordering::Release);
        UnderWay(self)
    }

    /// Whether an order is under way.
    pub fn is_under_way(&self) -> bool {
        self.under_way.load(Ordering::Acquire)
    }

    /// Whether browsers are told to come by HTTPS alone, and whether they ever were.
    pub fn note_strict(&self, is_strict: bool, was_strict: bool) {
        self.is_strict.store(is_strict, Ordering::Release);
        self.was_strict.store(was_strict, Ordering::Release);
    }

    /// See [`Self::note_strict`].
    pub fn strict(&self) -> (bool, bool) {
        (
            self.is_strict.load(Ordering::Acquire),
            self.was_strict.load(Ordering::Acquire),
        )
    }
}
