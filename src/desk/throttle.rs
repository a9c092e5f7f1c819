//! Failed sign-ins by password: each makes the next wait longer, for the account tried and for the address that tried.
//! Passkeys never wait here, and nobody is locked out for good.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use heapless::index_map::FnvIndexMap;

use super::neighbour::Neighbour;
use crate::rules::id::{AccountId, Username};
use crate::rules::moment::{Ttl, UnixTime};
use crate::rules::verdict::Refusal;

/// Names and addresses remembered at once, 24 bytes each.
const REMEMBERED: usize = 2048;
/// Failures that cost nothing: people mistype.
const FREE: u32 = 4;
/// The longest wait.
const LONGEST: Ttl = Ttl(15 * 60);
/// After this long without a failure everything is forgotten.
const FORGOTTEN: Ttl = Ttl::hours(1);

/// Who is tried: an account, by whichever of its names, or a name that nobody has. The two cost the same.
#[derive(Clone, Debug, Hash, PartialEq, Eq)]
pub enum Tried {
    /// The account that signs in by the name.
    Account(AccountId),
    /// Nobody's name.
    Nobody(Username),
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
    /// Answers whether the account's next attempt has to wait as long as it ever has to: it is being guessed at.
    pub fn admit(&mut self, tried: &Tried, from: IpAddr, now: UnixTime) -> Result<bool, Refusal> {
        let keys = self.keys(tried, from);
        let until = keys
            .iter()
            .filter_map(|key| self.failures.get(key))
            .map(|f| f.until)
            .max();
        if let Some(until) = until.filter(|until| now < *until) {
            return Err(Refusal::Wait { until });
        }
        self.failures.retain(|_, failures| now - failures.last < FORGOTTEN);
        let [waits, _] = keys.map(|key| self.count(key, now));
        Ok(waits == LONGEST)
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

    /// The attempt was right. Whoever got into this account is trusted again; the address keeps what it failed before,
    /// because it may be trying others.
    pub fn succeeded(&mut self, tried: &Tried, from: IpAddr, now: UnixTime) {
        let [account, address] = self.keys(tried, from);
        self.failures.remove(&account);
        if let Some(failures) = self.failures.get_mut(&address) {
            failures.count = failures.count.saturating_sub(1);
            failures.until = now;
        }
    }

    fn keys(&self, tried: &Tried, from: IpAddr) -> [u64; 2] {
        [self.hasher.hash_one(tried), self.hasher.hash_one(Neighbour::from(from))]
    }
}
