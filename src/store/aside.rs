//! A view of the store's file for readers alone, while the file cannot be written: what redb writes as it opens and
//! closes the view (it repairs what was not closed) stays in memory, and the file stays as it is.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

/// What is kept of the file at a time: a page of redb.
const PAGE: u64 = 4096;

/// Reads the file from some place on.
type ReadAt = dyn Fn(u64, &mut [u8]) -> io::Result<()> + Send + Sync;

/// The file, and what was written over it.
pub(super) struct Aside {
    read: Box<ReadAt>,
    /// How long the file is; behind that there are zeros.
    file: u64,
    over: Mutex<Over>,
}

struct Over {
    length: u64,
    /// Whole pages, by their number. A repair writes a few, and nobody else does.
    pages: BTreeMap<u64, Vec<u8>>,
}

impl Aside {
    /// A view of a file of that length.
    pub(super) fn over(length: u64, read: impl Fn(u64, &mut [u8]) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let over = Over {
            length,
            pages: BTreeMap::new(),
        };
        Self {
            read: Box::new(read),
            file: length,
            over: Mutex::new(over),
        }
    }

    fn page(&self, over: &Over, number: u64) -> io::Result<Vec<u8>> {
        if let Some(page) = over.pages.get(&number) {
            return Ok(page.clone());
        }
        let start = number.saturating_mul(PAGE);
        let there = usize::try_from(self.file.saturating_sub(start).min(PAGE)).unwrap_or(0);
        let mut page = vec![0; usize::try_from(PAGE).unwrap_or(0)];
        if let Some(part) = page.get_mut(..there).filter(|part| !part.is_empty()) {
            (self.read)(start, part)?;
        }
        Ok(page)
    }

    fn locked(&self) -> MutexGuard<'_, Over> {
        self.over.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pages that a range of bytes touches: of each its number, and from where on how many bytes of it.
fn touched(offset: u64, length: usize) -> impl Iterator<Item = (u64, usize, usize)> {
    let end = offset.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
    (offset / PAGE..end.div_ceil(PAGE)).map(move |number| {
        let start = number * PAGE;
        let (from, to) = (offset.max(start) - start, end.min(start + PAGE) - start);
        let size = |bytes: u64| usize::try_from(bytes).unwrap_or(0);
        (number, size(from), size(to - from))
    })
}

impl StorageBackend for Aside {
    fn len(&self) -> io::Result<u64> {
        Ok(self.locked().length)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let over = self.locked();
        let mut rest = out;
        for (number, from, length) in touched(offset, rest.len()) {
            let page = self.page(&over, number)?;
            let (part, others) = rest.split_at_mut(length);
            let found = page.get(from..from + length).ok_or(io::ErrorKind::UnexpectedEof)?;
            part.copy_from_slice(found);
            rest = others;
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.locked().length = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut over = self.locked();
        let mut rest = data;
        for (number, from, length) in touched(offset, data.len()) {
            let mut page = self.page(&over, number)?;
            let (part, others) = rest.split_at(length);
            let place = page.get_mut(from..from + length).ok_or(io::ErrorKind::UnexpectedEof)?;
            place.copy_from_slice(part);
            over.pages.insert(number, page);
            rest = others;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Aside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Aside")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_the_file_stays() {
        let file = vec![1_u8; 10_000];
        let kept = file.clone();
        let aside = Aside::over(10_000, move |at, out| {
            let at = usize::try_from(at).unwrap_or(usize::MAX);
            out.copy_from_slice(kept.get(at..at + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?);
            Ok(())
        });
        aside.set_len(20_000).unwrap();
        aside.write(4_090, &[2; 10]).unwrap();
        aside.write(9_990, &[3; 20]).unwrap();
        let mut out = vec![9; 20_000];
        aside.read(0, &mut out).unwrap();
        let mut expected = file;
        expected.resize(20_000, 0);
        expected[4_090..4_100].fill(2);
        expected[9_990..10_010].fill(3);
        assert_eq!(out, expected);
        assert_eq!(aside.len().unwrap(), 20_000);
    }
}
