//! Failed sign-ins by password: each makes the next wait longer, for what was tried and for the address that tried.
//! Passkeys never wait here. However long a stranger goes on, an account's own people are not kept out where they are at
//! home, nor whoever is signed in already, nor a rescue: those are counted apart from strangers.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use heapless::index_map::FnvIndexMap;

use super::neighbour::Neighbour;
use crate::rules::id::{AccountId, Username};
use crate::rules::moment::{Ttl, UnixTime};
use crate::rules::secret::TokenHash;
use crate::rules::verdict::Refusal;

/// Names and addresses remembered at once, 24 bytes each.
const REMEMBERED: usize = 2048;
/// Failures that cost nothing: people mistype.
const FREE: u32 = 4;
/// The longest wait.
const LONGEST: Ttl = Ttl(15 * 60);
/// After this long without a failure everything is forgotten.
const FORGOTTEN: Ttl = Ttl::hours(1);

/// What is tried. An account, by whichever of its names, and a name that nobody has cost the same.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub enum Tried {
    /// The account that signs in by the name, from a neighbour that it was never seen at.
    Account(AccountId),
    /// The same account from a neighbour where it is signed in, or was by a passkey. Strangers elsewhere do not count here.
    AtHome(AccountId, Neighbour),
    /// Nobody's name.
    Nobody(Username),
    /// The one-time password that waits, and it is the right one: only the address counts.
    OneTime,
    /// Whoever is signed in proves it again: only what was tried in that session counts.
    Session(TokenHash),
}

struct Failures {
    count: u32,
    last: UnixTime,
    until: UnixTime,
}

/// See the module.
#[derive(Default)]
pub struct Throttle {
    // Keyed by a hash under a secret of this run, so that nobody can aim names at one slot of the table.
    failures: FnvIndexMap<u64, Failures, REMEMBERED>,
    hasher: RandomState,
}

impl Throttle {
    /// Lets an attempt through, or says when to come back. An attempt counts as failed until [`Self::succeeded`] says
    /// otherwise: guesses made side by side are counted before the first of them is judged.
    ///
    /// Answers whether the next attempt has to wait as long as it ever has to: the password is being guessed at.
    pub fn admit(&mut self, tried: &Tried, from: IpAddr, now: UnixTime) -> Result<bool, Refusal> {
        self.failures.retain(|_, failures| now - failures.last < FORGOTTEN);
        let Keys { own, address } = self.keys(tried, from);
        let (waits, address_waits) = (self.until(own, now), self.until(address, now));
        if let Some(until) = waits.max(address_waits) {
            // Where an account is closed to strangers a rescue is not, so that trying for one costs as much as ever.
            let counted = address.filter(|_| address_waits.is_none());
            let wait = counted.map_or(Ttl(0), |key| self.count(key, now));
            return Err(Refusal::Wait {
                until: until.max(now + wait),
            });
        }
        address.map(|key| self.count(key, now));
        Ok(own.is_some_and(|key| self.count(key, now) == LONGEST))
    }

    fn until(&self, key: Option<u64>, now: UnixTime) -> Option<UnixTime> {
        let failures = self.failures.get(&key?)?;
        Some(failures.until).filter(|until| now < *until)
    }

    fn count(&mut self, key: u64, now: UnixTime) -> Ttl {
        let known = self.failures.get(&key).map(|failures| failures.count);
        if known.is_none() && self.failures.len() == REMEMBERED {
            self.forget_the_least();
        }
        let count = known.unwrap_or_default().saturating_add(1);
        let wait = match count.checked_sub(FREE) {
            None | Some(0) => Ttl(0),
            Some(over) => Ttl(1_u64.checked_shl(over).unwrap_or(u64::MAX)).min(LONGEST),
        };
        let failures = Failures {
            count,
            last: now,
            until: now + wait,
        };
        self.failures.insert(key, failures).map(drop).unwrap_or_default();
        wait
    }

    /// Makes room: whoever failed least, and longest ago, is forgotten. Filling the table with made-up names makes nobody
    /// forget the one who is being guessed at.
    fn forget_the_least(&mut self) {
        let least = self
            .failures
            .iter()
            .min_by_key(|(_, failures)| (failures.count, failures.last));
        if let Some(key) = least.map(|(key, _)| *key) {
            self.failures.remove(&key);
        }
    }

    /// The attempt was right. Whoever got in is trusted again, there; the address keeps what it failed before, because it
    /// may be trying others.
    pub fn succeeded(&mut self, tried: &Tried, from: IpAddr, now: UnixTime) {
        let Keys { own, address } = self.keys(tried, from);
        own.map(|key| self.failures.remove(&key));
        if let Some(failures) = address.and_then(|key| self.failures.get_mut(&key)) {
            failures.count = failures.count.saturating_sub(1);
            failures.until = now;
        }
    }

    fn keys(&self, tried: &Tried, from: IpAddr) -> Keys {
        let alone = matches!(tried, Tried::Session(_));
        let own = (*tried != Tried::OneTime).then(|| self.hasher.hash_one(tried));
        let address = (!alone).then(|| self.hasher.hash_one(Neighbour::from(from)));
        Keys { own, address }
    }
}

/// Where an attempt is counted.
struct Keys {
    own: Option<u64>,
    address: Option<u64>,
}
