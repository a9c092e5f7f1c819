//! Why browsers believe this appliance: its certificate, the office CA behind it, and its name on the LAN.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::rules::certificates::served::Served;

/// The office CA's certificate, for everybody.
pub struct AuthorityFile {
    /// DER.
    pub certificate: Vec<u8>,
    /// What systems list it as.
    pub common_name: String,
}

/// The name on the LAN (mDNS).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnLan {
    /// Whether it is announced.
    pub announced: bool,
    /// Another host that has the name too.
    pub taken_by: Option<IpAddr>,
}

/// What pages say of certificate and name.
pub struct Trust {
    /// The office CA, where it signs the certificate in use.
    pub authority: Option<AuthorityFile>,
    served: Box<dyn Fn() -> Option<Served> + Send + Sync>,
    on_lan: Mutex<OnLan>,
}

impl Trust {
    /// `served` says what certificate is in use, if any.
    pub fn new(authority: Option<AuthorityFile>, served: impl Fn() -> Option<Served> + Send + Sync + 'static) -> Self {
        Self {
            authority,
            served: Box::new(served),
            on_lan: Mutex::default(),
        }
    }

    /// No certificate of its own: plain HTTP, or a proxy in front ends TLS.
    pub fn none() -> Self {
        Self::new(None, || None)
    }

    /// The certificate in use.
    pub fn served(&self) -> Option<Served> {
        (self.served)()
    }

    /// How the name fares on the LAN.
    pub fn on_lan(&self) -> OnLan {
        *self.on_lan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how the name fares on the LAN.
    pub fn note_on_lan(&self, now: OnLan) {
        *self.on_lan.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}
