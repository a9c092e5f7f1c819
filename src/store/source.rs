//! Where the database lies, and how redb opens it: as it is, over a view that is only read, and with every page written
//! once more.

use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::{Builder, DatabaseError, StorageBackend};

use super::aside::Aside;

/// redb's page cache: small, because the whole store of a small office is a megabyte or two, and a board has little
/// memory.
const CACHE_BYTES: usize = 2 << 20;
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

    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Backend(_) => None,
        }
    }

    pub(super) fn octets(&self) -> io::Result<u64> {
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
    pub(super) fn write_again(&self) -> io::Result<()> {
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
