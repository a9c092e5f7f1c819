//! Opening the store: create, check the schema, migrate.

use std::path::Path;
use std::sync::Arc;

use redb::{Builder, Database, DatabaseError, StorageBackend};

use super::{Fault, Store, migrate};

/// redb's page cache: small, because the whole store of a small office is a megabyte or two, and a board has little memory.
const CACHE_BYTES: usize = 2 << 20;

/// What follows the store's name in that of a copy of an earlier version, before the number of its schema.
const EARLIER: &str = ".schema-";

impl Store {
    /// Opens the store file, or makes it.
    ///
    /// A store of an older schema is copied aside first, as `linekey.redb.schema-1` and so on, then brought up to date.
    pub fn open(file: &Path) -> Result<Self, Fault> {
        let database = builder().create(file).map_err(opening)?;
        if let Some(older) = migrate::older(&database)? {
            let mut aside = file.as_os_str().to_owned();
            aside.push(format!("{EARLIER}{older}"));
            copy(file, Path::new(&aside)).map_err(|error| Fault::Disk(error.into()))?;
        }
        Self::from_database(database)
    }

    /// Opens a store over any backend: memory, or one that loses its power.
    pub fn over(backend: impl StorageBackend) -> Result<Self, Fault> {
        Self::from_database(builder().create_with_backend(backend).map_err(opening)?)
    }

    fn from_database(database: Database) -> Result<Self, Fault> {
        migrate::prepare(&database)?;
        Ok(Self {
            database: Arc::new(database),
            writer: Arc::default(),
            bells: Arc::default(),
        })
    }
}

impl Fault {
    /// What the system said of the store's file, if that is it.
    pub fn io(&self) -> Option<&std::io::Error> {
        if let Self::Disk(redb::Error::Io(error)) = self {
            return Some(error);
        }
        None
    }
}

fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

fn opening(error: DatabaseError) -> Fault {
    if matches!(error, DatabaseError::DatabaseAlreadyOpen) {
        Fault::InUse
    } else {
        Fault::Disk(error.into())
    }
}

/// Whether a file whose name goes on like that after the store's is a copy that was kept of an earlier version's store.
pub fn is_copy(rest: &str) -> bool {
    rest.starts_with(EARLIER) || rest == ".unfinished"
}

/// A whole copy that a power cut leaves whole or not at all, readable by this user alone.
fn copy(file: &Path, aside: &Path) -> std::io::Result<()> {
    let unfinished = aside.with_extension("unfinished");
    std::fs::copy(file, &unfinished)?;
    std::fs::File::open(&unfinished)?.sync_all()?;
    std::fs::rename(&unfinished, aside)
}
