//! Nonces of digest challenges that nobody has to remember: each holds its own time, and a mark of ours.
//!
//! 24 bytes as base64url (32 characters): 6 bytes milliseconds of the stopwatch (big-endian), 6 bytes random, and the
//! first 12 bytes of an HMAC-SHA-256 over those 12 and the algorithm. The key lives as long as the program: after a
//! restart each nonce is old, and costs its phone one more round.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::device::Algorithm;
use super::limits;
use crate::rules::moment::Fresh;
use crate::rules::time::{Tick, Ttl};

const HEAD: usize = 12;
const MARK: usize = 12;

/// Makes nonces, and knows its own.
pub struct Mint(Zeroizing<[u8; 32]>);

/// A nonce of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Under which its counts are remembered.
    pub id: NonceId,
    /// When it was made.
    pub made: Tick,
}

/// What tells one nonce from another: its time and its random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NonceId([u8; HEAD]);

/// How often a nonce was used, as far as that is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Used {
    /// It may have been used, and was forgotten since.
    Forgotten,
    /// Never.
    Never,
    /// Up to this count.
    UpTo(u32),
}

impl Used {
    /// Whether a request of that count is a new one. Gaps are fine: a request may be lost on its way.
    pub fn admits(self, count: u32) -> bool {
        match self {
            Self::Forgotten => false,
            Self::Never => true,
            Self::UpTo(highest) => count > highest,
        }
    }
}

impl Known {
    /// Whether it is still taken.
    pub fn is_young(&self, now: Tick) -> bool {
        now < self.made + Ttl(limits::NONCE_S)
    }
}

impl Mint {
    /// One with a key of its own.
    pub fn fresh(fresh: &mut Fresh) -> Self {
        Self(Zeroizing::new(fresh.bytes()))
    }

    /// A nonce for a challenge with that algorithm, unlike any other.
    pub fn make(&self, algorithm: Algorithm, now: Tick, fresh: &mut Fresh) -> String {
        let mut bytes = [0; HEAD + MARK];
        let (head, mark) = bytes.split_at_mut(HEAD);
        let time = now.0.to_be_bytes().into_iter().skip(2);
        let content = time.chain(fresh.bytes::<6>());
        head.iter_mut().zip(content).for_each(|(place, byte)| *place = byte);
        let whole = self.mac(head, algorithm).finalize().into_bytes();
        mark.iter_mut().zip(whole).for_each(|(place, byte)| *place = byte);
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// Reads a nonce; none where it is not ours, or was made for another algorithm.
    pub fn read(&self, text: &str, algorithm: Algorithm) -> Option<Known> {
        if text.len() != BASE64URL_NOPAD.encode_len(HEAD + MARK) {
            return None;
        }
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (head, mark) = bytes.split_first_chunk::<HEAD>()?;
        self.mac(head, algorithm).verify_truncated_left(mark).ok()?;
        let time = head.iter().take(6).fold(0, |time, byte| time << 8 | u64::from(*byte));
        Some(Known {
            id: NonceId(*head),
            made: Tick(time),
        })
    }

    fn mac(&self, head: &[u8], algorithm: Algorithm) -> Hmac<Sha256> {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_slice()) else {
            unreachable!("HMAC takes keys of any length (RFC 2104 §2)")
        };
        mac.update(head);
        mac.update(algorithm.as_str().as_bytes());
        mac
    }
}

impl fmt::Debug for Mint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mint(..)")
    }
}
