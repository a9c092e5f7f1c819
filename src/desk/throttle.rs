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
    /// Lets an attempt through, or says when to come back.
    pub fn admit(&self, name: &Username, from: IpAddr, now: UnixTime) -> Result<(), Refusal> {
        let until = self
            .keys(name, from)
            .iter()
            .filter_map(|key| self.failures.get(key))
            .map(|f| f.until)
            .max();
        match until {
            Some(until) if now < until => Err(Refusal::Wait { until }),
            _ => Ok(()),
        }
    }

    /// Notes a failed attempt.
    pub fn failed(&mut self, name: &Username, from: IpAddr, now: UnixTime) {
        self.failures.retain(|_, failures| now - failures.last < FORGOTTEN);
        for key in self.keys(name, from) {
            let count = self
                .failures
                .get(&key)
                .map_or(1, |failures| failures.count.saturating_add(1));
            let wait = match count.checked_sub(FREE) {
                None | Some(0) => Ttl(0),
                Some(over) => Ttl(1_u64.checked_shl(over).unwrap_or(u64::MAX)).min(LONGEST),
            };
            let failures = Failures {
                count,
                last: now,
                until: now + wait,
            };
            if self.failures.len() < REMEMBERED || self.failures.contains_key(&key) {
                self.failures.insert(key, failures).map(drop).unwrap_or_default();
            }
        }
    }

    /// Whoever got in by this name is trusted again from there; the address keeps its count, because it may be trying
    /// others.
    pub fn succeeded(&mut self, name: &Username) {
        self.failures.remove(&self.hasher.hash_one(name.as_str()));
    }

    fn keys(&self, name: &Username, from: IpAddr) -> [u64; 2] {
        [
            self.hasher.hash_one(name.as_str()),
            self.hasher.hash_one(Neighbour::from(from)),
        ]
    }
}
