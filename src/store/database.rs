//! The redb database, which is opened anew after an I/O error: redb itself answers nothing but "previous I/O error"
//! then.
//!
//! Opening anew has three steps: every page is written once more and synced, the old database is closed, and redb opens
//! the file as after a power cut. The first step is needed because a sync that failed may leave pages in the system's
//! cache that look written, are not, and are not written by the next sync either. It is tried at most once a second.
//! Between two tries nothing is written; readers go on at once with a view of the file ([`Aside`]), also where the disk
//! cannot be written at all, as when it is full.

use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use redb::{Builder, DatabaseError, ReadTransaction, ReadableDatabase, StorageBackend, WriteTransaction};

use super::Fault;
use super::aside::Aside;
use super::slot::View;
use super::tables::{self, Tables};

/// redb's page cache: small, because the whole store of a small office is a megabyte or two, and a board has little
/// memory.
const CACHE_BYTES: usize = 2 << 20;
/// After an attempt to open the database anew the next one waits for so long: each writes the whole file.
const RETRY: Duration = Duration::from_secs(1);
/// Which progress redb 4.6 reports of a repair between its start (0.0) and 0.6 only where it walked the newest commit
/// in vain (0.3), and goes on with the one before it.
const GAVE_UP_NEWEST: Range<f64> = 0.1..0.5;
/// Where redb's file has its flags; the lowest names the slot of the newest commit (redb's design.md, "Super header").
const FLAGS_AT: u64 = 9;
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
    /// Whether the newest commit was undone when it was opened first.
    undone: bool,
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

/// Opens databases with the page cache that the store has.
pub(super) fn builder() -> Builder {
    let mut builder = redb::Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// A database that was opened.
pub(super) struct Opened {
    pub(super) database: redb::Database,
    /// Whether that undid its newest commit.
    pub(super) undone: bool,
}

impl Opened {
    /// Opens one by `open`. `slot`: which of redb's two commit slots the file names as its newest.
    pub(super) fn by(
        slot: impl Fn() -> Option<bool> + 'static,
        open: impl FnOnce(&Builder) -> Result<redb::Database, DatabaseError>,
    ) -> Result<Self, DatabaseError> {
        let mut builder = builder();
        let undone = Arc::new(AtomicBool::new(false));
        let (noted, named) = (undone.clone(), slot());
        builder.set_repair_callback(move |repair| {
            // When a repair begins, the file names the slot that redb has chosen.
            let gave_up_slot = repair.progress() < GAVE_UP_NEWEST.start && slot() != named;
            if gave_up_slot || GAVE_UP_NEWEST.contains(&repair.progress()) {
                noted.store(true, Ordering::Relaxed);
            }
        });
        let database = open(&builder)?;
        Ok(Self {
            database,
            undone: undone.load(Ordering::Relaxed),
        })
    }

    /// Opens a file, or makes it.
    pub(super) fn or_made(path: &Path) -> Result<Self, DatabaseError> {
        Self::by(slot_of(path), |builder| builder.create(path))
    }
}

fn slot_of(path: &Path) -> impl Fn() -> Option<bool> + 'static {
    let path = path.to_owned();
    move || {
        let mut flags = [0];
        let read = File::open(&path).and_then(|file| file.read_exact_at(&mut flags, FLAGS_AT));
        read.ok().map(|()| is_second(flags))
    }
}

fn is_second([flags]: [u8; 1]) -> bool {
    flags & 1 == 1
}

impl Source {
    /// Opens what is there; over an empty backend, a new database.
    pub(super) fn open(&self) -> Result<Opened, DatabaseError> {
        match self {
            Self::File(path) => Opened::by(slot_of(path), |builder| builder.open(path)),
            Self::Backend(backend) => {
                let file = backend.clone();
                let slot = move || {
                    let mut flags = [0];
                    let read =
                        file.len().is_ok_and(|length| length > FLAGS_AT) && file.read(FLAGS_AT, &mut flags).is_ok();
                    read.then(|| is_second(flags))
                };
                Opened::by(slot, |builder| builder.create_with_backend(Again(backend.clone())))
            }
        }
    }

    fn octets(&self) -> io::Result<u64> {
        match self {
            Self::File(path) => Ok(path.metadata()?.len()),
            Self::Backend(backend) => backend.len(),
        }
    }

    /// Opens what is there for readers, without writing to it.
    pub(super) fn open_aside(&self) -> Result<Opened, DatabaseError> {
        let aside = match self {
            Self::File(path) => {
                let file = File::open(path)?;
                let length = file.metadata()?.len();
                Aside::over(length, move |at, out| file.read_exact_at(out, at))
            }
            Self::Backend(backend) => {
                let backend = backend.clone();
                Aside::over(backend.len()?, move |at, out| backend.read(at, out))
            }
        };
        Opened::by(|| None, |builder| builder.create_with_backend(aside))
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
