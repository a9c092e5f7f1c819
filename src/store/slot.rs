//! One table of one transaction, opened when it is first asked for and at most once.

use std::cell::OnceCell;
use std::ops::Bound::{Excluded, Unbounded};
use std::ops::RangeBounds;

use redb::{
    AccessGuard, Key, ReadOnlyTable, ReadTransaction, ReadableTable, ReadableTableMetadata, StorageError,
    TableDefinition, Value, WriteTransaction,
};

use super::Fault;
use super::row::{self, Kept};

/// The transaction that is looked through.
#[derive(Clone, Copy)]
pub(super) enum View<'t> {
    /// A reader's snapshot.
    Snapshot(&'t ReadTransaction),
    /// What the writer sees in the middle of its batch.
    Turn(&'t WriteTransaction),
}

enum Opened<'t, K: Key + 'static, V: Value + 'static> {
    Snapshot(ReadOnlyTable<K, V>),
    Turn(redb::Table<'t, K, V>),
}

type Entry<'r, K, V> = (AccessGuard<'r, K>, AccessGuard<'r, V>);

/// A table of the schema page.
pub(super) struct Slot<'t, K: Key + 'static, V: Value + 'static> {
    view: View<'t>,
    name: &'static str,
    opened: OnceCell<Opened<'t, K, V>>,
}

/// Does the same to a reader's table and to the writer's.
macro_rules! of_either {
    ($opened:expr, $table:ident => $read:expr) => {
        match $opened {
            Opened::Snapshot($table) => $read,
            Opened::Turn($table) => $read,
        }
    };
}

impl<'t, K: Key + 'static, V: Value + 'static> Slot<'t, K, V> {
    pub(super) fn new(view: View<'t>, name: &'static str) -> Self {
        Self {
            view,
            name,
            opened: OnceCell::new(),
        }
    }

    fn open(&self) -> Result<&Opened<'t, K, V>, Fault> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        let opened = match self.view {
            View::Snapshot(tx) => tx
                .open_table(TableDefinition::<K, V>::new(self.name))
                .map(Opened::Snapshot),
            View::Turn(tx) => tx.open_table(TableDefinition::<K, V>::new(self.name)).map(Opened::Turn),
        };
        let opened = opened.map_err(|error| self.fault(error))?;
        Ok(self.opened.get_or_init(|| opened))
    }

    /// The table to write to: the writer's alone.
    pub(super) fn write(&mut self) -> Result<&mut redb::Table<'t, K, V>, Fault> {
        self.open()?;
        match self.opened.get_mut() {
            Some(Opened::Turn(table)) => Ok(table),
            Some(Opened::Snapshot(_)) | None => unreachable!("what was opened above belongs to the writer"),
        }
    }

    fn fault(&self, error: impl Into<redb::Error>) -> Fault {
        Fault::of(Some(self.name), error)
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> Result<u64, Fault> {
        of_either!(self.open()?, table => table.len()).map_err(|error| self.fault(error))
    }

    /// The table's name.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// What `read` makes of the row with that key.
    pub(super) fn get<T>(&self, key: K::SelfType<'_>, read: impl Fn(V::SelfType<'_>) -> T) -> Result<Option<T>, Fault> {
        let found = of_either!(self.open()?, table => table.get(key));
        let found = found.map_err(|error| self.fault(error))?;
        Ok(found.map(|guard| read(guard.value())))
    }

    /// What `read` makes of the first `limit` rows of a range; `None` passes a row over.
    pub(super) fn collect<'k, T>(
        &self,
        range: impl RangeBounds<K::SelfType<'k>> + 'k,
        limit: usize,
        read: impl Fn(K::SelfType<'_>, V::SelfType<'_>) -> Result<Option<T>, Fault>,
    ) -> Result<Vec<T>, Fault> {
        of_either!(self.open()?, table => self.gather(table.range::<K::SelfType<'k>>(range), limit, read))
    }

    /// The same from the end of the range on.
    pub(super) fn collect_back<'k, T>(
        &self,
        range: impl RangeBounds<K::SelfType<'k>> + 'k,
        limit: usize,
        read: impl Fn(K::SelfType<'_>, V::SelfType<'_>) -> Result<Option<T>, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let range = of_either!(self.open()?, table => table.range::<K::SelfType<'k>>(range));
        self.gather(range.map(Iterator::rev), limit, read)
    }

    fn gather<'r, T>(
        &self,
        entries: Result<impl Iterator<Item = Result<Entry<'r, K, V>, StorageError>>, StorageError>,
        limit: usize,
        read: impl Fn(K::SelfType<'_>, V::SelfType<'_>) -> Result<Option<T>, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let entries = entries.map_err(|error| self.fault(error))?.map(|entry| {
            let (key, value) = entry.map_err(|error| self.fault(error))?;
            read(key.value(), value.value())
        });
        entries.filter_map(Result::transpose).take(limit).collect()
    }

    /// Writes a row.
    pub(super) fn insert(&mut self, key: K::SelfType<'_>, value: V::SelfType<'_>) -> Result<(), Fault> {
        let name = self.name;
        let written = self.write()?.insert(key, value).map(drop);
        written.map_err(|error| Fault::of(Some(name), error))
    }

    /// Writes every row of that table in another transaction.
    pub(super) fn copy(&mut self, from: &Slot<'_, K, V>) -> Result<(), Fault> {
        // There also if it is empty.
        self.write()?;
        let rows = of_either!(from.open()?, table => ReadableTable::iter(table));
        for row in rows.map_err(|error| from.fault(error))? {
            let (key, value) = row.map_err(|error| from.fault(error))?;
            self.insert(key.value(), value.value())?;
        }
        Ok(())
    }

    /// Removes a row; whether it was there.
    pub(super) fn remove(&mut self, key: K::SelfType<'_>) -> Result<bool, Fault> {
        let name = self.name;
        let removed = self.write()?.remove(key).map(|row| row.is_some());
        removed.map_err(|error| Fault::of(Some(name), error))
    }

    /// Removes every row.
    pub(super) fn clear(&mut self) -> Result<(), Fault> {
        self.trim(0)
    }

    /// Removes the first rows until no more than `most` are left.
    pub(super) fn trim(&mut self, most: u64) -> Result<(), Fault> {
        for _ in most..self.len()? {
            let name = self.name;
            let removed = self.write()?.pop_first().map(drop);
            removed.map_err(|error| Fault::of(Some(name), error))?;
        }
        Ok(())
    }
}

impl<K: Key + 'static> Slot<'_, K, &'static [u8]> {
    /// The row with that key.
    pub(super) fn row<T: Kept>(&self, key: K::SelfType<'_>) -> Result<Option<T>, Fault> {
        self.get(key, |bytes| row::parse(bytes, self.name))?.transpose()
    }

    /// The number under that key.
    pub(super) fn number(&self, key: K::SelfType<'_>) -> Result<Option<u64>, Fault> {
        self.get(key, |bytes| row::number(bytes, self.name))?.transpose()
    }

    /// All rows of a range.
    pub(super) fn rows<'k, T: Kept>(&self, range: impl RangeBounds<K::SelfType<'k>> + 'k) -> Result<Vec<T>, Fault> {
        self.collect(range, usize::MAX, |_, bytes| row::parse(bytes, self.name).map(Some))
    }

    /// Writes a row.
    pub(super) fn keep<T: Kept>(&mut self, key: K::SelfType<'_>, kept: &T) -> Result<(), Fault> {
        let bytes = row::bytes(kept, self.name)?;
        self.insert(key, bytes.as_slice())
    }
}

impl Slot<'_, u64, &'static [u8]> {
    /// The numbers and rows behind that number, `limit` of them.
    pub(super) fn rows_after<T: Kept>(&self, after: Option<u64>, limit: usize) -> Result<Vec<(u64, T)>, Fault> {
        let start = after.map_or(Unbounded, Excluded);
        let read = |id, bytes: &[u8]| Ok(Some((id, row::parse(bytes, self.name)?)));
        self.collect((start, Unbounded), limit, read)
    }

    /// The highest number.
    pub(super) fn last_number(&self) -> Result<Option<u64>, Fault> {
        let last = of_either!(self.open()?, table => table.last().map(|last| last.map(|(key, _)| key.value())));
        last.map_err(|error| self.fault(error))
    }
}
