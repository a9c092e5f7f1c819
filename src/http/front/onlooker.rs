//! Whoever follows a stream of events: has one of the few places while it lasts, and is looked at again and again.

use std::io;
use std::net::IpAddr;

use smol::lock::SemaphoreGuardArc;

use super::call::Call;
use super::caller;
use super::reply::Failure;
use crate::office::Office;
use crate::rules::refusal::Refusal;
use crate::rules::secret::TokenHash;

/// A session that follows a stream, and where it does so from.
pub struct Onlooker {
    session: TokenHash,
    address: IpAddr,
    _place: SemaphoreGuardArc,
}

impl Onlooker {
    /// Whoever calls. A program has no session and is refused: it would hold the place for ever.
    ///
    /// # Errors
    /// [`Refusal::Busy`] where all places are taken, [`Refusal::NotAllowed`] for a program.
    pub fn of(call: &Call) -> Result<Self, Failure> {
        let office = call.office();
        let place = office.tails.try_acquire_arc().ok_or(Refusal::Busy {
            until: office.stopwatch(),
        })?;
        Ok(Self {
            session: call.session().ok_or(Refusal::NotAllowed)?,
            address: call.caller.address,
            _place: place,
        })
    }

    /// Whether it is an administrator's still, lives, and reaches to that address.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn may_look_on(&self, office: &Office) -> io::Result<bool> {
        let signed_in = caller::living(office, self.session, self.address).map_err(io::Error::other)?;
        Ok(signed_in.is_some_and(|signed_in| signed_in.account.is_administrator()))
    }
}
