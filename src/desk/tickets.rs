//! Open ceremonies: what was asked of whom, until when. A ticket is taken out before the answer is looked at, so that no
//! challenge is ever answered twice.

use std::net::IpAddr;

use data_encoding::BASE64URL_NOPAD;
use heapless::index_map::FnvIndexMap;

use super::neighbour::Neighbour;
use crate::rules::id::AccountId;
use crate::rules::moment::Fresh;
use crate::rules::refusal::Refusal;
use crate::rules::secret::TokenHash;
use crate::rules::time::{Date, Ttl};

/// Ceremonies that strangers may have open at once: every open sign-in page holds one for up to 5 minutes, so this serves
/// several hundred people arriving at nine o'clock. About 100 bytes each.
const STRANGERS: usize = 1024;
/// How many of those one neighbour may hold: an office behind one address signs in together, yet one machine cannot
/// close the door to the others.
const PER_NEIGHBOUR: usize = STRANGERS / 4;
/// Ceremonies of people who are signed in (adding a passkey, step-up): kept apart, so that no stranger takes their room.
const MEMBERS: usize = 256;

/// What a ticket was given out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Signing in.
    SignIn,
    /// Adding a passkey to that account.
    Register(AccountId),
    /// The same, by a browser that may do so without asking (conditional create).
    RegisterQuietly(AccountId),
    /// Proving again who sits in front of that session.
    Prove(TokenHash),
}

struct Asked {
    challenge: [u8; 32],
    purpose: Purpose,
    neighbour: Neighbour,
    until: Date,
}

/// A ticket's number: 16 random bytes, 22 characters of base64url as text.
type Number = [u8; 16];

/// See the module.
#[derive(Default)]
pub struct Tickets {
    strangers: FnvIndexMap<Number, Asked, STRANGERS>,
    members: FnvIndexMap<Number, Asked, MEMBERS>,
}

impl Tickets {
    /// Opens a ceremony: the ticket and its challenge, which can be answered for [`Ttl::CEREMONY`].
    pub fn give(
        &mut self,
        purpose: Purpose,
        from: IpAddr,
        now: Date,
        fresh: &mut Fresh,
    ) -> Result<(String, [u8; 32]), Refusal> {
        let number: Number = fresh.bytes();
        let challenge = fresh.bytes();
        let neighbour = Neighbour::from(from);
        let asked = Asked {
            challenge,
            purpose,
            neighbour,
            until: now + Ttl::CEREMONY,
        };
        match purpose {
            Purpose::SignIn => put(&mut self.strangers, PER_NEIGHBOUR, number, asked, now)?,
            Purpose::Register(_) | Purpose::RegisterQuietly(_) | Purpose::Prove(_) => {
                put(&mut self.members, MEMBERS / 8, number, asked, now)?
            }
        }
        Ok((BASE64URL_NOPAD.encode(&number), challenge))
    }

    /// Takes a ceremony off the desk, whatever comes of it: used, too old, unknown and given out for something else are one
    /// and the same refusal.
    pub fn take(&mut self, ticket: &str, purpose: Purpose, now: Date) -> Result<[u8; 32], Refusal> {
        let (challenge, given_for) = self.take_any(ticket, now)?;
        (given_for == purpose).then_some(challenge).ok_or(Refusal::TicketSpent)
    }

    /// The same, for whoever has several purposes to tell apart: the challenge, and what it was given out for.
    pub fn take_any(&mut self, ticket: &str, now: Date) -> Result<([u8; 32], Purpose), Refusal> {
        let number = BASE64URL_NOPAD
            .decode(ticket.as_bytes())
            .ok()
            .and_then(|bytes| Number::try_from(bytes).ok());
        let number = number.ok_or(Refusal::TicketSpent)?;
        let asked = self.strangers.remove(&number).or_else(|| self.members.remove(&number));
        let asked = asked.filter(|asked| now < asked.until);
        asked
            .map(|asked| (asked.challenge, asked.purpose))
            .ok_or(Refusal::TicketSpent)
    }
}

fn put<const N: usize>(
    table: &mut FnvIndexMap<Number, Asked, N>,
    share: usize,
    number: Number,
    asked: Asked,
    now: Date,
) -> Result<(), Refusal> {
    table.retain(|_, other| now < other.until);
    let of_this_one = || table.values().filter(|other| other.neighbour == asked.neighbour);
    let full_for_this_one = of_this_one().count() >= share;
    if full_for_this_one || table.len() == N {
        let waiting_for = if full_for_this_one {
            of_this_one().map(|other| other.until).min()
        } else {
            None
        };
        let first_free = waiting_for.or_else(|| table.values().map(|other| other.until).min());
        return Err(Refusal::Busy {
            until: first_free.unwrap_or(now),
        });
    }
    table
        .insert(number, asked)
        .map(drop)
        .map_err(|_| Refusal::Busy { until: now })
}
