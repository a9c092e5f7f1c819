//! The time and the dice of one turn, as values.

use std::ops::{Add, Sub};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use super::verdict::Refusal;

/// Seconds since 1970-01-01 UTC. The shell never makes one that is older than the newest in the store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct UnixTime(pub u64);

impl UnixTime {
    /// `2026-11-23T08:00:00Z` (ISO 8601, RFC 3339).
    pub fn iso(self) -> String {
        let (year, month, day) = self.civil();
        let (hour, minute, second) = (self.0 / 3600 % 24, self.0 / 60 % 60, self.0 % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }

    /// Year, month (1 to 12) and day in UTC, by the proleptic Gregorian calendar.
    pub fn civil(self) -> (u64, usize, u64) {
        let days = self.0 / 86_400;
        let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let (mut year, mut left) = (1970 + days / 146_097 * 400, days % 146_097);
        loop {
            let length = if leap(year) { 366 } else { 365 };
            if left < length {
                break;
            }
            left -= length;
            year += 1;
        }
        let lengths = [
            31,
            if leap(year) { 29 } else { 28 },
            31,
            30,
            31,
            30,
            31,
            31,
            30,
            31,
            30,
            31,
        ];
        for (month, length) in lengths.into_iter().enumerate() {
            if left < length {
                return (year, month + 1, left + 1);
            }
            left -= length;
        }
        (year, 12, 31)
    }
}

/// A length of time, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ttl(pub u64);

impl Ttl {
    /// How long an asked question (a WebAuthn challenge) may be answered: WebAuthn L3 §15.1 recommends five to ten
    /// minutes.
    pub const CEREMONY: Self = Self(5 * 60);
    /// How long a proof (passkey, password, link) stands for changes to accounts and security.
    pub const PROOF: Self = Self(10 * 60);
    /// The longest session on a public computer.
    pub const PUBLIC_COMPUTER: Self = Self::hours(12);

    /// So many minutes.
    pub const fn minutes(count: u64) -> Self {
        Self(count * 60)
    }

    /// So many hours.
    pub const fn hours(count: u64) -> Self {
        Self(count * 3600)
    }

    /// So many days.
    pub const fn days(count: u64) -> Self {
        Self::hours(count * 24)
    }
}

impl Add<Ttl> for UnixTime {
    type Output = Self;

    fn add(self, length: Ttl) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

impl Sub for UnixTime {
    type Output = Ttl;

    /// The time that passed since `earlier`; nothing if it lies ahead.
    fn sub(self, earlier: Self) -> Ttl {
        Ttl(self.0.saturating_sub(earlier.0))
    }
}

/// Randomness for one turn: a ChaCha20 generator seeded with 32 bytes from the operating system.
pub struct Fresh(ChaCha20Rng);

impl Fresh {
    /// A generator whose every output follows from `seed`.
    pub fn seeded(seed: [u8; 32]) -> Self {
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// `N` bytes never handed out before.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}

/// What the clocks say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The date. While the clock is known to be wrong it stands still at the newest date that was known, so that nothing
    /// expires by a wrong one (SPEC §7).
    pub date: UnixTime,
    /// Whether the clock is not known to be wrong.
    pub known: bool,
    /// Goes on whatever the date is: for waits, and for what the desk keeps for some minutes. The date, where that is known.
    pub running: UnixTime,
}

/// What one turn knows of the world: when it is, and fresh randomness.
pub struct Moment {
    /// The time of the whole turn.
    pub now: UnixTime,
    /// Whether the clock is not known to be wrong.
    pub known: bool,
    /// The dice of this turn alone.
    pub fresh: Fresh,
}

impl Moment {
    /// The time of that reading, with dice that follow from `seed`.
    pub fn new(reading: Reading, seed: [u8; 32]) -> Self {
        Self {
            now: reading.date,
            known: reading.known,
            fresh: Fresh::seeded(seed),
        }
    }

    /// When that ends which is issued now for such a time. Nothing is issued on a clock known to be wrong (SPEC §7).
    pub fn until(&self, length: Ttl) -> Result<UnixTime, Refusal> {
        if self.known {
            Ok(self.now + length)
        } else {
            Err(Refusal::NoDate)
        }
    }
}
