//! A snapshot of the store as a database of its own, taken while turns go on; and a look into one that was written, or
//! is to be restored.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use redb::StorageBackend;
use redb::backends::InMemoryBackend;

use super::slot::View;
use super::source::{Again, Source, builder};
use super::tables::{self, Tables};
use super::{Facts, Fault, Store, afresh, migrate};
use crate::rules::office::schedule::bucket::Bucket;
use crate::rules::office::tenure::Tenure;
use crate::rules::secret::Mark;
use crate::rules::time::Date;

/// What follows the store's name in that of a snapshot, for the moment until it has no name any more.
pub(super) const SNAPSHOT: &str = ".snapshot";

/// redb's page cache for the copy: its pages are written once and in order, and lie in the system's cache besides.
const CACHE_BYTES: usize = 256 << 10;

/// A database that holds what the store held at one moment. Gone when dropped, however the process ends.
pub struct Snapshot {
    bytes: Arc<dyn StorageBackend>,
    length: u64,
}

impl Store {
    /// Copies every row of one moment into a new, compact database. Never waits for the writer, nor the writer for it.
    /// It lies beside the store, in a file without a name that is not synced, so it hardly ever reaches the flash.
    pub fn snapshot(&self) -> Result<Snapshot, Fault> {
        let bytes = self.0.database.beside(SNAPSHOT).map_err(failed)?;
        let (reader, _) = self.0.database.snapshot()?;
        let mut copy = builder()
            .set_cache_size(CACHE_BYTES)
            .create_with_backend(Again(bytes.clone()))?;
        let writer = copy.begin_write()?;
        Tables::of(View::Turn(&writer)).copy(&Tables::of(View::Snapshot(&reader)))?;
        writer.commit()?;
        drop(reader);
        copy.compact()
            .map_err(|error| Fault::of(None, redb::Error::from(error)))?;
        // Closed, it needs no repair where it is opened.
        drop(copy);
        let length = bytes.len().map_err(failed)?;
        Ok(Snapshot { bytes, length })
    }
}

impl Snapshot {
    /// Its bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Those from there on, as many as `into` takes; they must be within it.
    pub fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.bytes.read(at, into)
    }
}

fn failed(error: io::Error) -> Fault {
    Fault::of(None, redb::Error::Io(error))
}

/// What a store says of itself to somebody who would restore it.
pub struct StoreSummary {
    /// What its key is recognised by; stores of the first schemas may not know.
    pub key_check: Option<Mark>,
    /// The time of its newest turn.
    pub newest: Option<Date>,
}

/// Looks into a store of this schema or an older one, and changes nothing of it.
pub fn look(file: &Path) -> Result<StoreSummary, Fault> {
    look_into(&builder().open(file)?)
}

fn look_into(database: &redb::Database) -> Result<StoreSummary, Fault> {
    let reader = redb::ReadableDatabase::begin_read(database)?;
    let facts = Facts(Tables::of(View::Snapshot(&reader)));
    let schema = facts.0.meta.get(tables::META_SCHEMA, migrate::schema)?.transpose()?;
    match schema {
        Some(newer) if newer > tables::SCHEMA => Err(Fault::Newer(newer, tables::SCHEMA)),
        Some(_) => Ok(StoreSummary {
            key_check: facts.key_check()?,
            newest: facts.newest()?,
        }),
        None => Err(Fault::corrupt("meta", super::Unreadable::Number)),
    }
}

/// Notes in a store of any schema that it came out of a backup: its next start ends sessions and links.
pub fn mark_restored(file: &Path) -> Result<(), Fault> {
    let database = builder().open(file)?;
    let writer = database.begin_write()?;
    let mut tables = Tables::of(View::Turn(&writer));
    tables.meta.insert(tables::META_RESTORED, &[])?;
    drop(tables);
    Ok(writer.commit()?)
}

/// The same by a spare that takes over: from then on the store is this board's.
pub fn mark_taken_over(file: &Path, change: impl FnOnce(Tenure) -> Tenure) -> Result<(), Fault> {
    let database = builder().open(file)?;
    let writer = database.begin_write()?;
    let mut facts = Facts(Tables::of(View::Turn(&writer)));
    let tenure = change(facts.tenure()?);
    facts.0.meta.keep(tables::META_TENURE, &tenure)?;
    drop(facts);
    Ok(writer.commit()?)
}

impl Facts<'_> {
    /// The bucket that backups go into, if it is no folder.
    pub fn bucket(&self) -> Result<Option<Bucket>, Fault> {
        self.0.meta.row(tables::META_BUCKET)
    }

    /// Which board the office is on.
    pub fn tenure(&self) -> Result<Tenure, Fault> {
        Ok(self.0.meta.row(tables::META_TENURE)?.unwrap_or_default())
    }
}

/// Room beside the store for one that is looked into and forgotten.
pub struct Scratch {
    bytes: Arc<dyn StorageBackend>,
    length: u64,
}

impl Scratch {
    /// Beside that file, where there may be no store: for a moment `.snapshot` follows its name.
    pub fn beside(file: &Path) -> io::Result<Self> {
        let bytes = Source::File(file.to_owned()).beside(SNAPSHOT)?;
        Ok(Self { bytes, length: 0 })
    }

    /// Writes what comes next.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let end = self.length + u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.bytes.set_len(end)?;
        self.bytes.write(self.length, bytes)?;
        self.length = end;
        Ok(())
    }

    /// Opens what was written, which must be a store.
    pub fn look(&self) -> Result<StoreSummary, Fault> {
        look_into(&builder().create_with_backend(Again(self.bytes.clone()))?)
    }
}

impl Store {
    /// Room beside this store.
    pub fn scratch(&self) -> Result<Scratch, Fault> {
        let bytes = self.0.database.beside(SNAPSHOT).map_err(failed)?;
        Ok(Scratch { bytes, length: 0 })
    }
}

impl Source {
    /// Bytes to be forgotten, where this database lies.
    pub(super) fn beside(&self, name: &str) -> io::Result<Arc<dyn StorageBackend>> {
        let Self::File(path) = self else {
            return Ok(Arc::new(InMemoryBackend::new()));
        };
        let mut beside = path.as_os_str().to_owned();
        beside.push(name);
        let file = afresh::made_again(Path::new(&beside))?;
        std::fs::remove_file(&beside)?;
        Ok(Arc::new(Unnamed(file)))
    }
}

/// A file that nobody else finds, and that need not outlive a power cut.
#[derive(Debug)]
struct Unnamed(File);

impl StorageBackend for Unnamed {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(out, offset)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.0.write_all_at(data, offset)
    }
}
