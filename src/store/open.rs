//! Opening the store: create, check the schema, migrate.

use std::path::Path;
use std::sync::Arc;

use redb::{Builder, Database, DatabaseError, StorageBackend};

use super::{Fault, Store, tables};

/// redb's page cache: small, because the whole store of a small office is a megabyte or two, and a board has little memory.
const CACHE_BYTES: usize = 2 << 20;

impl Store {
    /// Opens the store file, or makes it.
    pub fn open(file: &Path) -> Result<Self, Fault> {
        Self::from_database(builder().create(file).map_err(opening)?)
    }

    /// Opens a store over any backend: memory, or one that loses its power.
    pub fn over(backend: impl StorageBackend) -> Result<Self, Fault> {
        Self::from_database(builder().create_with_backend(backend).map_err(opening)?)
    }

    fn from_database(database: Database) -> Result<Self, Fault> {
        prepare(&database)?;
        Ok(Self {
            database: Arc::new(database),
            writer: Arc::default(),
        })
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

/// Makes all tables of an empty store and notes its schema; refuses a store from a newer Linekey; writes nothing into one
/// that is up to date.
fn prepare(database: &Database) -> Result<(), Fault> {
    let transaction = database.begin_write()?;
    let found = {
        let meta = transaction.open_table(tables::META)?;
        let found = redb::ReadableTable::get(&meta, tables::META_SCHEMA)?.map(|value| value.value().to_vec());
        found
            .map(|bytes| {
                bytes
                    .try_into()
                    .map(u32::from_le_bytes)
                    .map_err(|_| Fault::Corrupt("meta"))
            })
            .transpose()?
    };
    match found {
        Some(tables::SCHEMA) => {
            transaction.abort()?;
            return Ok(());
        }
        Some(newer) if newer > tables::SCHEMA => return Err(Fault::Newer(newer, tables::SCHEMA)),
        Some(_) => return Err(Fault::Corrupt("meta")),
        None => {}
    }
    transaction.open_table(tables::ACCOUNTS)?;
    transaction.open_table(tables::USERNAMES)?;
    transaction.open_table(tables::EXTENSIONS)?;
    transaction.open_table(tables::PASSKEYS)?;
    transaction.open_table(tables::PASSKEYS_OF)?;
    transaction.open_table(tables::SESSIONS)?;
    transaction.open_table(tables::SESSIONS_OF)?;
    transaction.open_table(tables::INVITES)?;
    transaction.open_table(tables::INVITE_OF)?;
    transaction.open_table(tables::JOURNAL)?;
    transaction
        .open_table(tables::META)?
        .insert(tables::META_SCHEMA, tables::SCHEMA.to_le_bytes().as_slice())?;
    transaction.commit()?;
    Ok(())
}
