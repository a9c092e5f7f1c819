//! Opening the store: create, check the schema, migrate.

use std::path::Path;
use std::sync::Arc;

use redb::StorageBackend;

use super::backup::SNAPSHOT;
use super::database::Database;
use super::source::{Opened, Source};
use super::unreadable::Unreadable;
use super::{Fault, Kept, Store, afresh, migrate};

/// What follows the store's name in that of a copy of an earlier version, before the number of its schema.
const EARLIER: &str = ".schema-";

impl Store {
    /// Opens the store file, or makes it.
    ///
    /// A store of an older schema is copied aside first, as `linekey.redb.schema-1` and so on, then brought up to date.
    /// One of this schema is opened for readers where its file system is read-only or full ([`Store::writable`] says
    /// why), and for writers as soon as that has ended.
    pub fn open(file: &Path) -> Result<Self, Fault> {
        let was_there = file.metadata().is_ok_and(|found| found.len() > 0);
        // Opening for writers writes. What is no store of ours is left as it is, and so is an older one where there is
        // no room for its copy.
        let older = match was_there.then(|| Source::File(file.to_owned()).open_aside()) {
            Some(Ok(seen)) if !migrate::has_schema(&seen.database)? => {
                return Err(Fault::corrupt("meta", Unreadable::Foreign));
            }
            Some(Ok(seen)) => migrate::older(&seen.database)?,
            Some(Err(_)) | None => None,
        };
        match Self::open_to_write(file, older) {
            Err(fault) if was_there && fault.may_pass() => Self::open_to_read(file, fault),
            done => done,
        }
    }

    /// Whoever opens it so keeps others from the file: nothing else does.
    fn open_to_read(file: &Path, fault: Fault) -> Result<Self, Fault> {
        let source = Source::File(file.to_owned());
        let opened = source.open_aside().map_err(opening)?;
        if !migrate::is_current(&opened.database)? {
            return Err(fault);
        }
        Ok(Self::of(Database::unwritable(opened, source, fault)))
    }

    fn open_to_write(file: &Path, older: Option<u32>) -> Result<Self, Fault> {
        if let Some(older) = older {
            let mut aside = file.as_os_str().to_owned();
            aside.push(format!("{EARLIER}{older}"));
            copy(file, Path::new(&aside)).map_err(|error| Fault::of(None, redb::Error::Io(error)))?;
        }
        let opened = Opened::or_made(file).map_err(opening)?;
        Self::from_opened(opened, Source::File(file.to_owned()))
    }

    /// Whether a folder is the one that the store is kept in, or lies within that, by whatever name.
    pub fn is_around(&self, folder: &Path) -> bool {
        self.0.database.place().is_around(folder)
    }

    /// Opens a store over any backend: memory, or one that loses its power.
    pub fn over(backend: impl StorageBackend) -> Result<Self, Fault> {
        let source = Source::Backend(Arc::new(backend));
        Self::from_opened(source.open().map_err(opening)?, source)
    }

    /// Whether the newest change could not be read when the store was opened, and was undone.
    pub fn undone(&self) -> bool {
        self.0.database.undone()
    }

    fn from_opened(opened: Opened, source: Source) -> Result<Self, Fault> {
        migrate::prepare(&opened.database)?;
        Ok(Self::of(Database::new(opened, source)))
    }

    fn of(database: Database) -> Self {
        Self(Arc::new(Kept {
            database,
            queue: Default::default(),
            notices: Default::default(),
            tally: Default::default(),
        }))
    }
}

fn opening(error: redb::DatabaseError) -> Fault {
    if matches!(error, redb::DatabaseError::DatabaseAlreadyOpen) {
        Fault::InUse
    } else {
        error.into()
    }
}

/// Whether a file whose name goes on like that after the store's is a copy that was kept of an earlier version's store.
pub fn is_copy(rest: &str) -> bool {
    rest.starts_with(EARLIER) || rest == ".unfinished" || rest == SNAPSHOT
}

/// A whole copy that a power cut leaves whole or not at all, readable by this user alone. Where there is no room for
/// it, none of it stays to take what room there is.
fn copy(file: &Path, aside: &Path) -> std::io::Result<()> {
    let unfinished = aside.with_extension("unfinished");
    let mut from = std::fs::File::open(file)?;
    let copied = afresh::made_again(&unfinished)
        .and_then(|mut to| std::io::copy(&mut from, &mut to).and_then(|_| to.sync_all()))
        .and_then(|()| std::fs::rename(&unfinished, aside));
    if copied.is_err() {
        // That it cannot be removed either changes nothing of the reason.
        std::fs::remove_file(&unfinished).ok();
    }
    copied
}
