//! The time and the dice of one turn, as values.

use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng, SeedableRng};

use super::time::{Date, Ttl};

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
    /// The date. While the clock is known to be wrong it stands still at the newest date that was known, so that
    /// nothing expires by a wrong one (SPEC §7).
    pub date: Date,
    /// Whether the clock is not known to be wrong.
    pub known: bool,
    /// Goes on whatever the date is: for waits, and for what the desk keeps for some minutes. The date, where that is
    /// known.
    pub running: Date,
}

/// What one turn knows of the world: when it is, and fresh randomness.
pub struct Moment {
    /// The time of the whole turn.
    pub now: Date,
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
    pub fn until(&self, length: Ttl) -> Result<Date, Undated> {
        if self.known {
            Ok(self.now + length)
        } else {
            Err(Undated)
        }
    }
}

/// The clock is known to be wrong, so nothing that lasts is issued by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undated;
