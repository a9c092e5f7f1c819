//! A scalar as bits.

use p256::Scalar;

/// 256 bits, the lowest word first, and zeros above.
pub(super) struct Bits([u64; 4]);

impl Bits {
    pub(super) fn of(scalar: &Scalar) -> Self {
        let bytes = scalar.to_bytes();
        let mut words = bytes
            .rchunks_exact(8)
            .map(|word| word.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        Self([(); 4].map(|()| words.next().unwrap_or_default()))
    }

    /// `count` bits, below 64, from bit `from` up.
    pub(super) fn at(&self, from: usize, count: usize) -> u64 {
        let word = |index: usize| self.0.get(index).copied().unwrap_or_default();
        let (index, shift) = (from / 64, from % 64);
        let low = word(index) >> shift;
        // In two steps, since a shift by 64 does not exist.
        let high = word(index + 1) << (63 - shift) << 1;
        (low | high) & ((1 << count) - 1)
    }
}
