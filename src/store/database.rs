//! The redb database, which is opened anew after an I/O error: redb itself answers nothing but "previous I/O error"
//! then.
//!
//! Opening anew has three steps: every page is written once more and synced, the old database is closed, and redb opens
//! the file as after a power cut. The first step is needed because a sync that failed may leave pages in the system's
//! cache that look written, are not, and are not written by the next sync either. Where the disk can be read and not
//! written, as when it is full, readers go on.

use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use redb::{Builder, DatabaseError, ReadTransaction, ReadableDatabase, StorageBackend, WriteTransaction};

use super::Fault;
use super::slot::View;
use super::tables::{self, Tables};

/// redb's page cache: small, because the whole store of a small office is a megabyte or two, and a board has little
/// memory.
const CACHE_BYTES: usize = 2 << 20;
/// After an attempt to open the database anew the next one waits for so long: each writes the whole file.
const RETRY: Duration = Duration::from_secs(1);
/// What is written once more at a time: a page of redb and of the system.
const PAGE: usize = 4096;

/// Where the database lies.
pub(super) enum Source {
    File(PathBuf),
    Backend(Arc<dyn StorageBackend>),
}

/// A database that can be opened anew.
pub(super) struct Database {
    source: Source,
    /// `None`: closed, and it could not be opened anew yet.
    open: RwLock<Option<redb::Database>>,
    trouble: Mutex<Trouble>,
    /// How often it was opened anew.
    generation: AtomicU64,
}

#[derive(Default)]
struct Trouble {
    /// What went wrong; `None`: the database can be written.
    fault: Option<Fault>,
    /// When it was last tried to open it anew.
    tried: Option<Instant>,
}

impl Database {
    pub(super) fn new(database: redb::Database, source: Source) -> Self {
        Self {
            source,
            open: RwLock::new(Some(database)),
            trouble: Mutex::default(),
            generation: AtomicU64::new(0),
        }
    }

    /// A reader's view, and of which generation it is.
    pub(super) fn snapshot(&self) -> Result<(ReadTransaction, u64), Fault> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let generation = self.generation.load(Ordering::Acquire);
        match open.as_ref() {
            Some(database) => Ok((database.begin_read()?, generation)),
            None => Err(self.fault().unwrap_or_else(closed)),
        }
    }

    /// The writer's view. Opens the database anew first, where that is needed.
    pub(super) fn begin(&self) -> Result<(WriteTransaction, u64), Fault> {
        self.mend()?;
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let generation = self.generation.load(Ordering::Acquire);
        let database = open.as_ref().ok_or_else(closed)?;
        let begun = database.begin_write().map_err(Fault::from);
        drop(open);
        begun
            .map(|tx| (tx, generation))
            .inspect_err(|fault| self.note(fault, generation))
    }

    /// Bytes to be forgotten, where the database lies; `name` follows its name.
    pub(super) fn beside(&self, name: &str) -> io::Result<Arc<dyn StorageBackend>> {
        self.source.beside(name)
    }

    /// Remembers a fault after which the database of that generation must be opened anew.
    pub(super) fn note(&self, fault: &Fault, generation: u64) {
        let mut trouble = self.trouble();
        if fault.needs_opening() && self.generation.load(Ordering::Acquire) == generation && trouble.fault.is_none() {
            // What comes after it has changed nothing, whatever became of this one.
            trouble.fault = Some(fault.without_a_change());
        }
    }

    /// Why the database cannot be written at the moment.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.trouble().fault.clone()
    }

    /// Whether it is time to try and open it anew.
    pub(super) fn is_due(&self) -> bool {
        let trouble = self.trouble();
        trouble.fault.is_some() && trouble.tried.is_none_or(|tried| now().duration_since(tried) >= RETRY)
    }

    /// Opens the database anew if that is needed, at most once in [`RETRY`]. The writer's alone.
    pub(super) fn mend(&self) -> Result<(), Fault> {
        let Some(fault) = self.fault() else { return Ok(()) };
        if !self.is_due() {
            return Err(fault);
        }
        let mended = self.open_anew();
        let mut trouble = self.trouble();
        trouble.fault = mended.as_ref().err().cloned();
        trouble.tried = Some(now());
        mended
    }

    /// Opens it, and tries with a small commit whether it can be written. Where it cannot, as on a full disk, it is
    /// open for readers all the same.
    fn open_anew(&self) -> Result<(), Fault> {
        self.reopen()?;
        let tried = self.try_to_write();
        if tried.is_err() {
            self.reopen()?;
        }
        tried
    }

    /// Writes a row as it is.
    fn try_to_write(&self) -> Result<(), Fault> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let tx = open.as_ref().ok_or_else(closed)?.begin_write()?;
        let mut tables = Tables::of(View::Turn(&tx));
        let schema = tables::SCHEMA.to_le_bytes();
        tables.meta.insert(tables::META_SCHEMA, schema.as_slice())?;
        drop(tables);
        Ok(tx.commit()?)
    }

    fn reopen(&self) -> Result<(), Fault> {
        let rewritten = self.source.write_again();
        rewritten.map_err(|error| Fault::of(None, redb::Error::Io(error)))?;
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        // Closes it. Whoever still reads is told that it is closed.
        *open = None;
        self.generation.fetch_add(1, Ordering::AcqRel);
        *open = Some(self.source.open()?);
        Ok(())
    }

    fn trouble(&self) -> MutexGuard<'_, Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn closed() -> Fault {
    Fault::of(None, redb::Error::DatabaseClosed)
}

#[expect(
    clippy::disallowed_methods,
    reason = "it bounds how often the disk is tried; nothing is decided by it"
)]
fn now() -> Instant {
    Instant::now()
}

pub(super) fn builder() -> Builder {
    let mut builder = redb::Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

impl Source {
    /// Opens what is there; over an empty backend, a new database.
    pub(super) fn open(&self) -> Result<redb::Database, DatabaseError> {
        match self {
            Self::File(path) => builder().open(path),
            Self::Backend(backend) => builder().create_with_backend(Again(backend.clone())),
        }
    }

    /// Writes every page once more, and syncs. Pages of zeros stay: they may be holes, for which there may be no room.
    fn write_again(&self) -> io::Result<()> {
        match self {
            Self::File(path) => {
                let file = OpenOptions::new().read(true).write(true).open(path)?;
                let length = file.metadata()?.len();
                let read = |at, page: &mut [u8]| file.read_exact_at(page, at);
                pages(length, read, |at, page| file.write_all_at(page, at))?;
                file.sync_all()
            }
            Self::Backend(backend) => {
                let read = |at, page: &mut [u8]| backend.read(at, page);
                let write = |at, page: &[u8]| backend.write(at, page);
                pages(backend.len()?, read, write)?;
                backend.sync_data()
            }
        }
    }
}

fn pages(
    length: u64,
    read: impl Fn(u64, &mut [u8]) -> io::Result<()>,
    write: impl Fn(u64, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut buffer = [0; PAGE];
    let mut at = 0;
    while at < length {
        let left = usize::try_from(length - at).unwrap_or(PAGE).min(PAGE);
        let (page, _) = buffer.split_at_mut(left);
        read(at, page)?;
        if page.iter().any(|byte| *byte != 0) {
            write(at, page)?;
        }
        at += u64::try_from(left).unwrap_or(u64::MAX);
    }
    Ok(())
}

/// A backend that outlives the databases over it.
#[derive(Debug)]
pub(super) struct Again(pub(super) Arc<dyn StorageBackend>);

impl StorageBackend for Again {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write(offset, data)
    }
}
