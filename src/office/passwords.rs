//! Slow checks: Argon2id off the executor, at most two at once.

use std::sync::{Arc, Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use smol::lock::Semaphore;
use subtle::ConstantTimeEq;

use crate::rules::moment::Fresh;
use crate::rules::people::account::{Effort, PasswordHash};

/// Checks at once (SPEC §2): each takes its own memory and a core.
const AT_ONCE: usize = 2;
/// What a check costs before the board was measured. 16 MiB: two at once stay within the 32 MiB that SPEC §2 allows
/// (RFC 9106 §4 on choosing them).
pub const USUAL: Effort = Effort {
    memory: 16 * 1024,
    passes: 3,
};

/// Hashes and checks passwords.
pub struct Passwords {
    places: Arc<Semaphore>,
    effort: Mutex<Effort>,
}

impl Passwords {
    /// With checks that cost so much.
    pub fn costing(effort: Effort) -> Self {
        Self {
            places: Arc::new(Semaphore::new(AT_ONCE)),
            effort: Mutex::new(effort),
        }
    }

    /// From now on new hashes cost so much.
    pub fn tune(&self, effort: Effort) {
        *self.effort.lock().unwrap_or_else(PoisonError::into_inner) = effort;
    }

    fn effort(&self) -> Effort {
        *self.effort.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the password belongs to the hash. Without a hash, or with one that was made with less effort, it takes
    /// the same time.
    pub async fn belongs(&self, password: &str, kept: Option<&PasswordHash>) -> bool {
        let nobody = PasswordHash {
            effort: self.effort(),
            salt: [0; 16],
            hash: [0; 32],
        };
        let checked = kept.unwrap_or(&nobody);
        let computed = self.compute(password, checked).await;
        if let Some(effort) = checked.effort.short_of(nobody.effort) {
            self.compute(password, &PasswordHash { effort, ..nobody }).await;
        }
        let same: bool = computed.is_some_and(|hash| hash.ct_eq(&checked.hash).into());
        same && kept.is_some()
    }

    /// The hash of a password that was found right, made as hard as this board checks now; `None` where it is so
    /// already.
    pub async fn hardened(&self, password: &str, kept: &PasswordHash, fresh: &mut Fresh) -> Option<PasswordHash> {
        if kept.effort == self.effort() {
            return None;
        }
        self.hash(password, fresh).await
    }

    /// A new hash with a fresh salt; `None` if the board has no memory for it.
    pub async fn hash(&self, password: &str, fresh: &mut Fresh) -> Option<PasswordHash> {
        let mut made = PasswordHash {
            effort: self.effort(),
            salt: fresh.bytes(),
            hash: [0; 32],
        };
        made.hash = self.compute(password, &made).await?;
        Some(made)
    }

    async fn compute(&self, password: &str, with: &PasswordHash) -> Option<[u8; 32]> {
        let password = zeroize::Zeroizing::new(password.to_owned());
        let (effort, salt) = (with.effort, with.salt);
        self.at_a_place(move || argon2id(password.as_bytes(), &salt, effort))
            .await
    }

    /// Does slow work at one of the places, and keeps it to the end of the work, even if nobody waits for that any
    /// more.
    pub async fn at_a_place<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let place = self.places.acquire_arc().await;
        let done = smol::unblock(move || {
            let done = work();
            drop(place);
            done
        });
        done.await
    }
}

/// Blocks of 1 KiB for which room is asked at least, whatever is used of it: more than 32 MiB. The GNU allocator never
/// takes so much from a heap, which it would keep, but maps it by itself and gives it back at once
/// (`DEFAULT_MMAP_THRESHOLD_MAX` of mallopt(3)); what is not touched costs nothing.
const MAPPED_ALONE: usize = 32 * 1024 + 64;

/// One computation; `None` if the board has no memory for it.
pub fn argon2id(password: &[u8], salt: &[u8; 16], effort: Effort) -> Option<[u8; 32]> {
    let params = Params::new(effort.memory, effort.passes, 1, Some(32)).ok()?;
    let mut blocks: Vec<Block> = Vec::new();
    let needed = params.block_count();
    // A board that promises no more memory than it has may still have what is needed.
    let reserved = blocks.try_reserve_exact(needed.max(MAPPED_ALONE));
    reserved.or_else(|_| blocks.try_reserve_exact(needed)).ok()?;
    blocks.resize(needed, Block::new());
    let mut hash = [0; 32];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2
        .hash_password_into_with_memory(password, salt, &mut hash, &mut blocks)
        .ok()?;
    Some(hash)
}
