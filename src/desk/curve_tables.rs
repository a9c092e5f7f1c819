//! Tables of curve points for the passkeys that come often, all within [`CurveTables::BYTES`].
//!
//! Only a check that *succeeded* counts as a use, so a stranger's guesses neither make tables nor push them out:
//!
//! 1. before the check: [`CurveTables::of`] has a table of the key or not;
//! 2. after a check that succeeded: where [`CurveTables::used`] names a size, a table of that size is worth making. It
//!    is made away from this structure and after the answer, and [`CurveTables::keep`] puts it here.
//!
//! Nothing here is secret and nothing must last. The key of a deleted passkey makes room in time: a table opens
//! nothing.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use heapless::index_map::FnvIndexMap;

use crate::rules::webauthn::es256::{Key, Size, Table};

/// The tables of keys that have been used [`CurveTables::WORTH`] times or more, and the uses of keys that have none.
/// The more keys have one, the smaller new ones are: 32 KiB each up to 29 keys, 8 KiB up to 117, 4 KiB up to 232.
#[derive(Debug, Default)]
pub struct CurveTables {
    kept: FnvIndexMap<Name, Kept, { CurveTables::COUNT }>,
    counted: FnvIndexMap<Name, Counted, { CurveTables::NAMES }>,
    /// What the tables take together, in bytes.
    held: usize,
    /// Counts uses, to know the oldest.
    uses: u64,
}

#[derive(Debug)]
struct Kept {
    used: u64,
    table: Arc<Table>,
}

/// A key without a table: how often it was used, and when last.
#[derive(Debug)]
struct Counted {
    times: u8,
    used: u64,
}

/// A key: x and y, big-endian.
type Name = ([u8; 32], [u8; 32]);

impl CurveTables {
    /// What all of it takes at most, in bytes: a twelfth of the memory that an idle board may take.
    pub const BYTES: usize = 1 << 20;
    /// From which use on a key's table is worth making: making it takes as long as it saves in 20 to 32 checks, each
    /// beside a check by ring (`tests/bench/verify`), so that a key that stays away later has cost little.
    pub const WORTH: u8 = 24;
    /// Places for tables: more than the smallest ones can fill.
    const COUNT: usize = 256;
    /// Of how many keys without a table the uses are counted.
    const NAMES: usize = 512;
    /// What the tables themselves may take.
    const ROOM: usize = Self::BYTES - size_of::<Self>();

    /// The key's table, if there is one.
    pub fn of(&self, key: &Key) -> Option<Arc<Table>> {
        self.kept.get(&key.coordinates()).map(|kept| Arc::clone(&kept.table))
    }

    /// Notes that a signature of this key has been found good. Answers how large a table of it is worth making now:
    /// from its use number [`Self::WORTH`] on, until one is kept.
    pub fn used(&mut self, key: &Key) -> Option<Size> {
        let name = key.coordinates();
        self.uses += 1;
        if let Some(kept) = self.kept.get_mut(&name) {
            kept.used = self.uses;
            return None;
        }
        if self.counted.len() == Self::NAMES && !self.counted.contains_key(&name) {
            let oldest = self.counted.iter().min_by_key(|(_, counted)| counted.used);
            let oldest = oldest.map(|(name, _)| *name);
            oldest.map(|name| self.counted.swap_remove(&name));
        }
        let before = self.counted.get(&name).map_or(0, |counted| counted.times);
        let now = Counted {
            times: before.saturating_add(1),
            used: self.uses,
        };
        let worth = now.times >= Self::WORTH;
        // There is room: a name has just been dropped where there was none.
        self.counted.insert(name, now).map(drop).unwrap_or_default();
        worth.then(|| self.size())
    }

    /// Keeps a table. Room is made first by larger tables, then by any, always by the one not used for longest.
    pub fn keep(&mut self, table: Arc<Table>) {
        let name = table.key().coordinates();
        self.uses += 1;
        self.counted.swap_remove(&name);
        self.drop_table(&name);
        let bytes = cost(table.size());
        while self.held + bytes > Self::ROOM || self.kept.len() == Self::COUNT {
            let Some(next) = self.next_to_go(bytes) else { return };
            self.drop_table(&next);
        }
        let kept = Kept { used: self.uses, table };
        if self.kept.insert(name, kept).is_ok() {
            self.held += bytes;
        }
    }

    /// The largest size in which one table more, and all that are there, would have room.
    fn size(&self) -> Size {
        let keys = self.kept.len() + 1;
        let fits = |size: &Size| keys * cost(*size) <= Self::ROOM;
        Size::ALL.into_iter().find(fits).unwrap_or(Size::Small)
    }

    fn next_to_go(&self, bytes: usize) -> Option<Name> {
        let smaller = |kept: &Kept| cost(kept.table.size()) <= bytes;
        let oldest = self.kept.iter().min_by_key(|(_, kept)| (smaller(kept), kept.used));
        oldest.map(|(name, _)| *name)
    }

    fn drop_table(&mut self, name: &Name) {
        if let Some(kept) = self.kept.swap_remove(name) {
            self.held -= cost(kept.table.size());
        }
    }
}

/// A table and, in front of it, its two counts of who holds it, in bytes.
const fn cost(size: Size) -> usize {
    Table::bytes(size) + 2 * size_of::<usize>()
}
