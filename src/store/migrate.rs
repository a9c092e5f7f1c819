//! From an empty file or an older schema to this one, in one transaction.

use redb::{Database, ReadableDatabase, ReadableTable, TableError, WriteTransaction};
use serde::Deserialize;

use super::{Fault, row, tables};
use crate::rules::id::HostName;
use crate::rules::office::settings::Settings;

/// The schema of a store that is older than this Linekey.
pub(super) fn older(database: &Database) -> Result<Option<u32>, Fault> {
    let meta = match database.begin_read()?.open_table(tables::META) {
        Err(TableError::TableDoesNotExist(_)) => return Ok(None),
        table => table?,
    };
    Ok(schema(&meta)?.filter(|found| *found < tables::SCHEMA))
}

/// Makes the tables of an empty store and notes its schema; brings an older one up to date; refuses one from a newer
/// Linekey; writes nothing into one that is up to date.
pub(super) fn prepare(database: &Database) -> Result<(), Fault> {
    let transaction = database.begin_write()?;
    let found = schema(&transaction.open_table(tables::META)?)?;
    match found {
        Some(tables::SCHEMA) => {
            transaction.abort()?;
            return Ok(());
        }
        Some(newer) if newer > tables::SCHEMA => return Err(Fault::Newer(newer, tables::SCHEMA)),
        Some(1) => settings_of_schema_1(&transaction)?,
        // Schema 3 has one table more.
        Some(2) | None => {}
        Some(_) => return Err(Fault::Corrupt("meta")),
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
    transaction.open_table(tables::REACH)?;
    transaction.open_table(tables::LANGUAGES)?;
    transaction.open_table(tables::OUTBOX)?;
    transaction.open_table(tables::JOURNAL)?;
    transaction
        .open_table(tables::META)?
        .insert(tables::META_SCHEMA, tables::SCHEMA.to_le_bytes().as_slice())?;
    transaction.commit()?;
    Ok(())
}

fn schema(meta: &impl ReadableTable<&'static str, &'static [u8]>) -> Result<Option<u32>, Fault> {
    let found = meta.get(tables::META_SCHEMA)?.map(|value| value.value().to_vec());
    let number = |bytes: Vec<u8>| bytes.try_into().map(u32::from_le_bytes);
    found.map(number).transpose().map_err(|_| Fault::Corrupt("meta"))
}

/// Schema 2 has more settings; what was set stays.
fn settings_of_schema_1(transaction: &WriteTransaction) -> Result<(), Fault> {
    #[derive(Deserialize)]
    struct Before {
        session_hours: u64,
        name: Option<HostName>,
    }
    let mut meta = transaction.open_table(tables::META)?;
    let before = meta
        .get(tables::META_SETTINGS)?
        .map(|value| row::parse::<Before>(value.value(), "meta"));
    if let Some(Before { session_hours, name }) = before.transpose()? {
        let settings = Settings {
            session_hours,
            name,
            ..Settings::default()
        };
        meta.insert(tables::META_SETTINGS, row::bytes(&settings, "meta")?.as_slice())?;
    }
    Ok(())
}
