//! Why the office did not do what it was asked for.

use crate::rules::refusal::Refusal;
use crate::store::Fault;

/// No, or we broke.
#[derive(Debug)]
pub enum Failure {
    /// The store or the machine failed; the caller learns only that.
    Broke(Fault),
    /// The rules say no.
    Refused(Refusal),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Broke(fault)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
