//! The redb database, which is opened anew after an I/O error: redb itself answers nothing but "previous I/O error"
//! then.
//!
//! Opening anew has three steps: every page is written once more and synced, the old database is closed, and redb opens
//! the file as after a power cut. The first step is needed because a sync that failed may leave pages in the system's
//! cache that look written, are not, and are not written by the next sync either. It is tried at most once a second.
//! Between two tries nothing is written; readers go on at once with a view of the file ([`super::aside::Aside`]), also
//! where the disk cannot be written at all, as when it is full.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use redb::{DatabaseError, ReadTransaction, ReadableDatabase, StorageBackend, WriteTransaction};

use super::Fault;
use super::place::Place;
use super::slot::View;
use super::source::{Opened, Source};
use super::tables::{self, Tables};

/// After an attempt to open the database anew the next one waits for so long: each writes the whole file.
const RETRY: Duration = Duration::from_secs(1);
/// A database that can be opened anew.
pub(super) struct Database {
    source: Source,
    /// `None`: closed, and it could not be opened anew yet.
    open: RwLock<Option<redb::Database>>,
    trouble: Mutex<Trouble>,
    /// How often it was opened anew.
    generation: AtomicU64,
    /// Whether the newest commit was undone when it was opened first.
    undone: bool,
    place: Place,
}

#[derive(Default)]
struct Trouble {
    /// What went wrong; `None`: the database can be written.
    fault: Option<Fault>,
    /// Whether redb must be opened anew before it reads again, too.
    shut: bool,
    /// When it was last tried to open it anew and to write.
    tried: Option<Instant>,
}

impl Database {
    pub(super) fn new(opened: Opened, source: Source) -> Self {
        Self {
            place: Place::of(source.path()),
            source,
            undone: opened.undone,
            open: RwLock::new(Some(opened.database)),
            trouble: Mutex::default(),
            generation: AtomicU64::new(0),
        }
    }

    /// The same over a file that cannot be written for that reason: for readers, until it can.
    pub(super) fn unwritable(opened: Opened, source: Source, fault: Fault) -> Self {
        let database = Self::new(opened, source);
        *database.trouble() = Trouble {
            fault: Some(fault.without_a_change()),
            shut: false,
            tried: Some(now()),
        };
        database
    }

    /// Whether the newest commit could not be read when the database was opened first, and was undone: it was cut short
    /// with the power, or the disk has damaged it since. Redb cannot tell the two apart.
    pub(super) fn undone(&self) -> bool {
        self.undone
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
        self.place.check()?;
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
            trouble.shut = true;
        }
    }

    /// Where it lies.
    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// The octets of the file; 0 where that cannot be told.
    pub(super) fn octets(&self) -> u64 {
        self.source.octets().unwrap_or_default()
    }

    /// Why the database cannot be written at the moment.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.trouble().fault.clone()
    }

    /// Whether it is time to open it anew: for readers at once, for writers after a while.
    pub(super) fn is_due(&self) -> bool {
        self.trouble().shut || self.can_be_tried()
    }

    fn can_be_tried(&self) -> bool {
        let trouble = self.trouble();
        trouble.fault.is_some() && trouble.tried.is_none_or(|tried| now().duration_since(tried) >= RETRY)
    }

    /// Opens the database anew if that is needed, for writers at most once in [`RETRY`]. For the writer, and for
    /// whoever keeps it from writing meanwhile.
    pub(super) fn mend(&self) -> Result<(), Fault> {
        let Some(fault) = self.fault() else { return Ok(()) };
        let mended = if self.can_be_tried() {
            let tried = self.open_anew();
            let mut trouble = self.trouble();
            trouble.fault = tried.as_ref().err().cloned();
            trouble.tried = Some(now());
            tried
        } else {
            Err(fault)
        };
        if mended.is_err() && self.trouble().shut {
            // Readers are told of a fault here when they ask next.
            drop(self.replace(Source::open_aside));
        }
        mended
    }

    /// Opens it, and tries with a small commit whether it can be written.
    fn open_anew(&self) -> Result<(), Fault> {
        let rewritten = self.source.write_again();
        rewritten.map_err(|error| Fault::of(None, redb::Error::Io(error)))?;
        self.replace(Source::open)?;
        self.try_to_write().inspect_err(|_| self.trouble().shut = true)
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

    fn replace(&self, by: impl FnOnce(&Source) -> Result<Opened, DatabaseError>) -> Result<(), Fault> {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        self.trouble().shut = true;
        // Closes it. Whoever still reads is told that it is closed.
        *open = None;
        self.generation.fetch_add(1, Ordering::AcqRel);
        // What was undone is what the fault was about.
        *open = Some(by(&self.source)?.database);
        self.place.renew();
        self.trouble().shut = false;
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
