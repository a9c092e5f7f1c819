//! The tables of the keys that come often.

use std::sync::Arc;

use heapless::{Deque, Vec};
use p256::elliptic_curve::PrimeField;

use super::{Key, Table};

/// Tables of keys that have been used twice or more, at most [`Tables::BYTES`] in all, and the names of keys that have been
/// used once. What has not been used for longest makes room, and so does, in time, the key of a passkey that was deleted: a
/// table opens nothing. Nothing here is secret and nothing must last.
///
/// Only a check that *succeeded* counts as a use, so a stranger's guesses neither make tables nor push them out:
///
/// 1. before the check: [`Tables::of`] has a table ([`super::verify_warm`]) or not ([`super::verify`]);
/// 2. after a check that succeeded: where [`Tables::used`] says that a table is worth having, [`Table::of`] makes one,
///    away from this structure and after the answer, and [`Tables::keep`] puts it here.
#[derive(Debug, Default)]
pub struct Tables {
    kept: Vec<Kept, { Tables::COUNT }>,
    once: Deque<Name, { Tables::NAMES }>,
    /// Counts uses, to know the oldest.
    uses: u64,
}

#[derive(Debug)]
struct Kept {
    name: Name,
    used: u64,
    table: Arc<Table>,
}

/// A key: x and, in front, whether y is odd.
type Name = (bool, [u8; 32]);

impl Tables {
    /// How many tables are kept.
    pub const COUNT: usize = 124;
    /// How many keys are remembered after their first use.
    pub const NAMES: usize = 256;
    /// What all of it takes when full, in bytes: below 1 MiB.
    pub const BYTES: usize = size_of::<Self>() + Self::COUNT * (Table::BYTES + 2 * size_of::<usize>());

    /// The key's table, if there is one.
    pub fn of(&self, key: &Key) -> Option<Arc<Table>> {
        let name = name(key);
        self.kept
            .iter()
            .find(|kept| kept.name == name)
            .map(|kept| Arc::clone(&kept.table))
    }

    /// Notes that a signature of this key has been found good. Whether a table is worth making now: from the second
    /// use on, until one is kept.
    pub fn used(&mut self, key: &Key) -> bool {
        let name = name(key);
        self.uses += 1;
        if let Some(kept) = self.kept.iter_mut().find(|kept| kept.name == name) {
            kept.used = self.uses;
            return false;
        }
        if self.once.iter().any(|once| *once == name) {
            return true;
        }
        if self.once.is_full() {
            self.once.pop_front();
        }
        // There is room: a name has just been dropped where there was none.
        self.once.push_back(name).is_err()
    }

    /// Keeps a table, in the place of the one that has not been used for longest where all places are taken.
    pub fn keep(&mut self, table: Arc<Table>) {
        let name = name(table.key());
        self.uses += 1;
        self.once.retain(|once| *once != name);
        self.kept.retain(|kept| kept.name != name);
        if self.kept.is_full()
            && let Some((oldest, _)) = self.kept.iter().enumerate().min_by_key(|(_, kept)| kept.used)
        {
            self.kept.swap_remove(oldest);
        }
        // As above.
        self.kept
            .push(Kept {
                name,
                used: self.uses,
                table,
            })
            .unwrap_or_default();
    }
}

fn name(key: &Key) -> Name {
    (key.point.y.is_odd().into(), key.point.x.to_repr().into())
}
