//! Failed sign-ins by password: each makes the next wait longer, for the account tried and for the address that tried.
//! Passkeys never wait here, and nobody is locked out for good.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;

use heapless::index_map::FnvIndexMap;

use super::neighbour::Neighbour;
use crate::rules::id::Username;
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
    pub fn admit(&mut self, name: &Username, from: IpAddr, now: UnixTime) -> Result<(), Refusal> {
        let keys = self.keys(name, from);
        let until = keys
            .iter()
            .filter_map(|key| self.failures.get(key))
            .map(|f| f.until)
            .max();
        if let Some(until) = until.filter(|until| now < *until) {
            return Err(Refusal::Wait { until });
        }
        self.failures.retain(|_, failures| now - failures.last < FORGOTTEN);
        for key in keys {
            self.count(key, now);
        }
        Ok(())
    }

    fn count(&mut self, key: u64, now: UnixTime) {
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

    /// The attempt was right. Whoever got in by this name is trusted again; the address keeps what it failed before,
    /// because it may be trying others.
    pub fn succeeded(&mut self, name: &Username, from: IpAddr, now: UnixTime) {
        let [name, address] = self.keys(name, from);
        self.failures.remove(&name);
        if let Some(failures) = self.failures.get_mut(&address) {
            failures.count = failures.count.saturating_sub(1);
            failures.until = now;
        }
    }

    fn keys(&self, name: &Username, from: IpAddr) -> [u64; 2] {
        [
            self.hasher.hash_one(name.as_str()),
            self.hasher.hash_one(Neighbour::from(from)),
        ]
    }
}
