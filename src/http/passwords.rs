//! Slow checks: Argon2id off the executor, at most two at once.

use argon2::{Algorithm, Argon2, Params, Version};
use smol::lock::Semaphore;
use subtle::ConstantTimeEq;

use crate::rules::moment::Fresh;
use crate::rules::people::account::PasswordHash;

/// Checks at once (SPEC §2): each takes its own memory and a core.
const AT_ONCE: usize = 2;
/// 16 MiB and 3 passes: two at once stay within the 32 MiB that SPEC §2 allows (RFC 9106 §4 on choosing them).
const MEMORY_KIB: u32 = 16 * 1024;
const PASSES: u32 = 3;

/// Hashes and checks passwords.
pub struct Passwords {
    places: Semaphore,
    /// Checked where an account has no password, so that the answer takes as long.
    nobody: PasswordHash,
}

impl Default for Passwords {
    fn default() -> Self {
        let nobody = PasswordHash {
            memory: MEMORY_KIB,
            passes: PASSES,
            salt: [0; 16],
            hash: [0; 32],
        };
        Self {
            places: Semaphore::new(AT_ONCE),
            nobody,
        }
    }
}

impl Passwords {
    /// Whether the password belongs to the hash. Without a hash it takes the same time and says no.
    pub async fn belongs(&self, password: &str, kept: Option<&PasswordHash>) -> bool {
        let checked = kept.unwrap_or(&self.nobody).clone();
        let computed = self.compute(password, &checked).await;
        let same: bool = computed.is_some_and(|hash| hash.ct_eq(&checked.hash).into());
        same && kept.is_some()
    }

    /// A new hash with a fresh salt; `None` if the board has no memory for it.
    pub async fn hash(&self, password: &str, fresh: &mut Fresh) -> Option<PasswordHash> {
        let mut made = PasswordHash {
            memory: MEMORY_KIB,
            passes: PASSES,
            salt: fresh.bytes(),
            hash: [0; 32],
        };
        made.hash = self.compute(password, &made).await?;
        Some(made)
    }

    async fn compute(&self, password: &str, with: &PasswordHash) -> Option<[u8; 32]> {
        let _place = self.places.acquire().await;
        let password = zeroize::Zeroizing::new(password.to_owned());
        let (memory, passes, salt) = (with.memory, with.passes, with.salt);
        smol::unblock(move || {
            let params = Params::new(memory, passes, 1, Some(32)).ok()?;
            let mut hash = [0; 32];
            let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
            argon2.hash_password_into(password.as_bytes(), &salt, &mut hash).ok()?;
            Some(hash)
        })
        .await
    }
}
