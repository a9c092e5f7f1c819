//! Why there is no answer.

use crate::office;
use crate::rules::invalid::Invalid;
use crate::rules::moment::Undated;
use crate::rules::refusal::Refusal;
use crate::store::Fault;

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// A program's credentials are not right.
    BadCredentials(Refusal),
    /// We broke: the caller learns only that.
    Broke(Fault),
    /// The body is compressed, or coded in another way (Content-Encoding, RFC 9110 §8.4).
    Encoded,
    /// A program's credentials came over an unencrypted line.
    InTheClear,
    /// The body is an object, but not with the members that the call wants.
    Misfit(Misfit),
    /// The body is not declared as JSON.
    NotJson,
    /// The body is text in another encoding than UTF-8.
    NotUtf8,
    /// A state-changing request from another origin (Fetch Metadata, RFC 6454).
    OtherOrigin,
    /// A trusted proxy does not say, or says twice and differently, whom it speaks for.
    Proxies,
    /// A trusted proxy says, or leaves it to be believed, that its caller came in the clear, where only HTTPS is
    /// served.
    ProxyInTheClear,
    /// The rules say no.
    Refused(Refusal),
    /// The body does not have the shape that the call wants; in what way.
    Unreadable(String),
    /// The path is known, but not with this method; which ones it has, for `Allow`.
    WrongMethod(String),
    /// The request names a host that is not ours.
    WrongName,
}

/// The first member of a message that does not fit, by its name.
#[derive(Debug)]
pub enum Misfit {
    /// Its value has another kind than the one that is wanted, or no such number can be.
    Kind(String),
    /// It is wanted, and not there.
    Missing(String),
    /// It is there, and nothing that can be changed.
    Unknown(String),
}

impl Misfit {
    /// The member's name.
    pub fn member(&self) -> &str {
        match self {
            Self::Kind(name) | Self::Missing(name) | Self::Unknown(name) => name,
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Broke(fault)
    }
}

impl From<Invalid> for Failure {
    fn from(invalid: Invalid) -> Self {
        Self::Refused(invalid.into())
    }
}

impl From<Undated> for Failure {
    fn from(undated: Undated) -> Self {
        Self::Refused(undated.into())
    }
}

impl From<office::failure::Failure> for Failure {
    fn from(failure: office::failure::Failure) -> Self {
        match failure {
            office::failure::Failure::Broke(fault) => Self::Broke(fault),
            office::failure::Failure::Refused(refusal) => Self::Refused(refusal),
        }
    }
}
