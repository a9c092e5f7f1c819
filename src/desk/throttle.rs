//! Failed sign-ins by password. Passkeys never wait here.
//!
//! Whoever guesses waits longer each time: the neighbour, for all that they try, and for each name that they try. So
//! one stranger closes an account to themselves and to nobody else. Many strangers together spend what a name has for
//! an hour; then the next has to wait for minutes. Neither holds up whoever is at home, which is for the caller to
//! know: they wait for what was tried at their own name where they are, and for nothing else.

use std::hash::{BuildHasher, RandomState};

use heapless::index_map::FnvIndexMap;

use crate::rules::id::Username;
use crate::rules::neighbour::Neighbour;
use crate::rules::refusal::Refusal;
use crate::rules::secret::TokenHash;
use crate::rules::time::{Date, Ttl};

/// Neighbours, their names, and sessions remembered at once, 32 bytes each.
const REMEMBERED: usize = 2048;
/// Names remembered at once, 32 bytes each.
const NAMES: usize = 1024;
/// Failures that cost nothing: people mistype.
const FREE: u32 = 4;
/// The longest wait.
const LONGEST: Ttl = Ttl(15 * 60);
/// After this long without a failure everything is forgotten.
const FORGOTTEN: Ttl = Ttl::hours(1);
/// Guesses at one name that all strangers have together, before they wait for …
const TOGETHER: u64 = 20;
/// … the next one: so 20 in an hour, and the wait is never longer than this.
const NEXT: Ttl = Ttl(3 * 60);
/// So many failures at one name without an hour's rest are no mistyping.
const ALARM: u32 = 14;

/// An attempt that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Whether it is the one that shows that the name is being guessed at.
    pub alarming: bool,
    /// Whether it is a stranger's: counted for the neighbour, and paid for out of what strangers have together.
    strange: bool,
}

/// Why an attempt is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// This neighbour has failed too often here.
    ToThem(Date),
    /// This neighbour has failed too often, at whatever names. Whoever is at home there has colleagues at the same
    /// address.
    ToTheirs(Date),
    /// Strangers have, all of them together, at this name. Whoever is at home there is none.
    ToStrangers(Date),
}

impl From<Closed> for Refusal {
    fn from(closed: Closed) -> Self {
        let (Closed::ToThem(until) | Closed::ToTheirs(until) | Closed::ToStrangers(until)) = closed;
        Self::Wait { until }
    }
}

#[derive(Default)]
struct Failures {
    count: u32,
    last: Date,
    until: Date,
}

/// How a name fares, whether or not it is anybody's.
#[derive(Default)]
struct Guessed {
    count: u32,
    last: Date,
    /// When all guesses will be paid for, at one in [`NEXT`] (the generic cell rate algorithm's theoretical arrival
    /// time).
    paid: Date,
}

impl Guessed {
    fn closed_until(&self, now: Date) -> Option<Date> {
        let unpaid = self.paid - now;
        let over = unpaid.0.checked_sub((TOGETHER - 1) * NEXT.0)?;
        (over > 0).then_some(now + Ttl(over))
    }
}

/// What a table remembers for a while.
trait Fades {
    /// How often it happened, and when last.
    fn weight(&self) -> (u32, Date);
}

impl Fades for Failures {
    fn weight(&self) -> (u32, Date) {
        (self.count, self.last)
    }
}

impl Fades for Guessed {
    fn weight(&self) -> (u32, Date) {
        (self.count, self.last)
    }
}

/// Changes an entry, which is made if it is not there. In a full table whoever failed least, and longest ago, makes
/// room: filling it with made-up names makes nobody forget the one who is being guessed at.
fn changed<V: Fades + Default, T, const N: usize>(
    table: &mut FnvIndexMap<u64, V, N>,
    key: u64,
    change: impl FnOnce(&mut V) -> T,
) -> T {
    let mut value = table.remove(&key).unwrap_or_default();
    if table.len() == N
        && let Some(least) = table
            .iter()
            .min_by_key(|(_, value)| value.weight())
            .map(|(key, _)| *key)
    {
        table.remove(&least);
    }
    let outcome = change(&mut value);
    table.insert(key, value).map(drop).unwrap_or_default();
    outcome
}

/// See the module. Keys are hashes under a secret of this run, so that nobody can aim at one slot of a table.
#[derive(Default)]
pub struct Throttle {
    failures: FnvIndexMap<u64, Failures, REMEMBERED>,
    names: FnvIndexMap<u64, Guessed, NAMES>,
    hasher: RandomState,
}

impl Throttle {
    /// Lets an attempt at that name through, or says when to come back. It counts as failed until [`Self::succeeded`]
    /// says otherwise: guesses made side by side are counted before the first of them is judged. `at_home`: what
    /// strangers did does not count, nor what the neighbour did elsewhere; and nothing is counted for either.
    pub fn admit(&mut self, name: &Username, from: Neighbour, at_home: bool, now: Date) -> Result<Admitted, Closed> {
        self.forget(now);
        let [address, pair] = self.keys(name, from);
        if let Some(until) = self.until(address, now)
            && !at_home
        {
            return Err(Closed::ToTheirs(until));
        }
        if let Some(until) = self.until(pair, now) {
            self.turned_away(from, now);
            return Err(Closed::ToThem(until));
        }
        let name = self.hasher.hash_one(name);
        if let Some(until) = self.names.get(&name).and_then(|guessed| guessed.closed_until(now))
            && !at_home
        {
            return Err(Closed::ToStrangers(until));
        }
        if !at_home {
            self.count(address, now);
        }
        self.count(pair, now);
        let guessed = changed(&mut self.names, name, |guessed| {
            (guessed.count, guessed.last) = (guessed.count.saturating_add(1), now);
            if !at_home {
                guessed.paid = guessed.paid.max(now) + NEXT;
            }
            guessed.count
        });
        Ok(Admitted {
            alarming: guessed == ALARM,
            strange: !at_home,
        })
    }

    /// An attempt that was not looked at costs the neighbour as much as one that was: it may have been for a one-time
    /// password, which is not held up by what the name's own password is.
    pub fn turned_away(&mut self, from: Neighbour, now: Date) {
        let address = self.hasher.hash_one(from);
        self.count(address, now);
    }

    /// Lets an attempt through that is known to be right, from wherever the name's own failures must not matter: a
    /// rescue from the LAN. Only the neighbour's failures everywhere are looked at.
    pub fn admit_rescue(&mut self, from: Neighbour, now: Date) -> Result<Admitted, Closed> {
        self.forget(now);
        let address = self.hasher.hash_one(from);
        let admitted = Admitted {
            alarming: false,
            strange: false,
        };
        self.until(address, now)
            .map_or(Ok(admitted), |until| Err(Closed::ToTheirs(until)))
    }

    /// The same for whoever is signed in and proves it again: only what was tried in that session counts.
    pub fn admit_proof(&mut self, session: TokenHash, now: Date) -> Result<(), Closed> {
        self.forget(now);
        let key = self.hasher.hash_one(session);
        if let Some(until) = self.until(key, now) {
            return Err(Closed::ToThem(until));
        }
        self.count(key, now);
        Ok(())
    }

    /// The attempt was right. Whoever got in is trusted again, there; the address keeps what it failed before, because
    /// it may be trying others.
    pub fn succeeded(&mut self, admitted: Admitted, name: &Username, from: Neighbour, now: Date) {
        let [address, pair] = self.keys(name, from);
        self.failures.remove(&pair);
        if let Some(failures) = self.failures.get_mut(&address)
            && admitted.strange
        {
            failures.count = failures.count.saturating_sub(1);
            failures.until = now;
        }
        if let Some(guessed) = self.names.get_mut(&self.hasher.hash_one(name)) {
            guessed.count = guessed.count.saturating_sub(1);
            if admitted.strange {
                guessed.paid = Date(guessed.paid.0.saturating_sub(NEXT.0));
            }
        }
    }

    /// The proof was right.
    pub fn proved(&mut self, session: TokenHash) {
        self.failures.remove(&self.hasher.hash_one(session));
    }

    fn forget(&mut self, now: Date) {
        self.failures.retain(|_, failures| now - failures.last < FORGOTTEN);
        self.names.retain(|_, guessed| now - guessed.last < FORGOTTEN);
    }

    /// The neighbour, and the neighbour with the name.
    fn keys(&self, name: &Username, from: Neighbour) -> [u64; 2] {
        [self.hasher.hash_one(from), self.hasher.hash_one((from, name))]
    }

    fn until(&self, key: u64, now: Date) -> Option<Date> {
        let failures = self.failures.get(&key)?;
        Some(failures.until).filter(|until| now < *until)
    }

    fn count(&mut self, key: u64, now: Date) {
        changed(&mut self.failures, key, |failures| {
            failures.count = failures.count.saturating_add(1);
            let wait = match failures.count.checked_sub(FREE) {
                None | Some(0) => Ttl(0),
                Some(over) => Ttl(1_u64.checked_shl(over).unwrap_or(u64::MAX)).min(LONGEST),
            };
            (failures.last, failures.until) = (now, now + wait);
        });
    }
}
