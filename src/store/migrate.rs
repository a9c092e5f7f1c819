//! From an empty file or an older schema to this one, in one transaction.

use redb::{Database, ReadableDatabase, TableDefinition, TableError, TableHandle, WriteTransaction};

use super::row;
use super::row::session::SessionRow3;
use super::row::settings::{SettingsRow1, SettingsRow3};
use super::slot::{Slot, View};
use super::tables::{self, Tables};
use super::unreadable::Unreadable;
use super::{Facts, Fault};
use crate::rules::office::settings::Settings;
use crate::rules::people::passkey::Passkey;
use crate::rules::people::session::Session;

/// Where a table keyed by credential IDs begins.
const EMPTY: &[u8] = &[];

const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");

/// The schema of a store that is older than this Linekey.
pub(super) fn older(database: &Database) -> Result<Option<u32>, Fault> {
    let meta = match database.begin_read()?.open_table(META) {
        Err(TableError::TableDoesNotExist(_)) => return Ok(None),
        table => table?,
    };
    let found = meta.get(tables::META_SCHEMA)?.map(|bytes| schema(bytes.value()));
    Ok(found.transpose()?.filter(|found| *found < tables::SCHEMA))
}

/// Whether it has the table that names its schema: a store of ours has it before it is in its place, and neither an
/// empty database nor another program's has.
pub(super) fn has_schema(database: &Database) -> Result<bool, Fault> {
    match database.begin_read()?.open_table(META) {
        Err(TableError::TableDoesNotExist(_)) => Ok(false),
        table => Ok(table.map(|_| true)?),
    }
}

/// Whether the store is of this very schema.
pub(super) fn is_current(database: &Database) -> Result<bool, Fault> {
    let meta = match database.begin_read()?.open_table(META) {
        Err(TableError::TableDoesNotExist(_)) => return Ok(false),
        table => table?,
    };
    let found = meta.get(tables::META_SCHEMA)?.map(|bytes| schema(bytes.value()));
    Ok(found.transpose()? == Some(tables::SCHEMA))
}

/// Makes the tables of an empty store and notes its schema; brings an older one up to date; refuses one from a newer
/// Linekey; writes nothing into one that is up to date.
pub(super) fn prepare(database: &Database) -> Result<(), Fault> {
    let transaction = database.begin_write()?;
    // Ours has all its tables from its first commit on; and looked at before a table is opened here, which makes it.
    let is_empty = transaction.list_tables()?.next().is_none() && transaction.list_multimap_tables()?.next().is_none();
    let mut facts = Facts(Tables::of(View::Turn(&transaction)));
    let found = facts.0.meta.get(tables::META_SCHEMA, schema)?.transpose()?;
    match found {
        Some(tables::SCHEMA) => return Ok(()),
        Some(newer) if newer > tables::SCHEMA => return Err(Fault::Newer(newer, tables::SCHEMA)),
        None if !is_empty => return Err(Fault::corrupt("meta", Unreadable::Foreign)),
        None => {}
        Some(1) => {
            settings_of_schema_1(&mut facts)?;
            ways_in_of_schema_3(&transaction, &mut facts)?;
        }
        // Schema 3 has one table more than 2, and 4 one more than 3.
        Some(2 | 3) => {
            settings_of_schema_3(&mut facts)?;
            ways_in_of_schema_3(&transaction, &mut facts)?;
        }
        Some(_) => return Err(Fault::corrupt("meta", Unreadable::Number)),
    }
    facts.0.make()?;
    facts
        .0
        .meta
        .insert(tables::META_SCHEMA, tables::SCHEMA.to_le_bytes().as_slice())?;
    drop(facts);
    transaction.commit().map_err(Fault::of_commit)
}

pub(super) fn schema(bytes: &[u8]) -> Result<u32, Fault> {
    let number = bytes.try_into().map(u32::from_le_bytes);
    number.map_err(|_| Fault::corrupt("meta", Unreadable::Number))
}

/// Schema 2 has more settings; what was set stays.
fn settings_of_schema_1(facts: &mut Facts<'_>) -> Result<(), Fault> {
    let read = |bytes: &[u8]| row::decode::<SettingsRow1>(bytes, "meta");
    if let Some(before) = facts.0.meta.get(tables::META_SETTINGS, read)?.transpose()? {
        facts.0.meta.keep(tables::META_SETTINGS, &Settings::from(before))?;
    }
    Ok(())
}

/// Schema 4 has the phones' settings; what was set stays.
fn settings_of_schema_3(facts: &mut Facts<'_>) -> Result<(), Fault> {
    let read = |bytes: &[u8]| row::decode::<SettingsRow3>(bytes, "meta");
    if let Some(before) = facts.0.meta.get(tables::META_SETTINGS, read)?.transpose()? {
        facts.0.meta.keep(tables::META_SETTINGS, &Settings::from(before))?;
    }
    Ok(())
}

/// In schema 4 those of an account lie side by side, and a session notes by which passkey it was opened and how it was
/// proved; of older ones nobody knows.
fn ways_in_of_schema_3(transaction: &WriteTransaction, facts: &mut Facts<'_>) -> Result<(), Fault> {
    let passkeys = Slot::<&[u8], &[u8]>::new(View::Turn(transaction), "passkeys");
    let all = passkeys.rows::<Passkey>(EMPTY..)?;
    drop(passkeys);
    for passkey in all {
        let (account, credential) = (passkey.account.0, passkey.credential.0.as_slice());
        facts.0.passkey_owners.insert(credential, account)?;
        facts.0.passkeys.keep((account, credential), &passkey)?;
    }
    let sessions = Slot::<&[u8; 32], &[u8]>::new(View::Turn(transaction), "sessions");
    let read = |_: &[u8; 32], bytes: &[u8]| row::decode::<SessionRow3>(bytes, "sessions").map(Some);
    let all = sessions.collect(&[0; 32].., usize::MAX, read)?;
    drop(sessions);
    for session in all.into_iter().map(Session::from) {
        facts.0.session_owners.insert(&session.hash.0, session.account.0)?;
        facts.0.sessions.keep((session.account.0, &session.hash.0), &session)?;
    }
    for old in ["passkeys", "passkeys-of", "sessions", "sessions-of"] {
        let handle = transaction.list_tables()?.find(|handle| handle.name() == old);
        if let Some(handle) = handle {
            transaction.delete_table(handle)?;
        }
    }
    Ok(())
}
