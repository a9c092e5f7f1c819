//! Bytes ⇄ types: postcard (its wire format 1.0), the only place where rows are encoded.
//!
//! A row is a type of its own, so that a rule's type may change without the disk's format. The order of a row's fields
//! and variants *is* the format: whatever is changed here needs another schema. Types of one field (`Email`, `Date`,
//! `TokenHash`) are columns: their serde form is that of the field.

mod access;
mod account;
mod acme;
mod binding;
mod bucket;
mod clock;
mod device;
mod fetched;
mod invite;
mod joined;
mod journal;
mod letter;
mod moving;
mod named;
mod one_time;
mod pair;
mod passkey;
mod relay;
mod schedule;
pub(super) mod session;
pub(super) mod settings;
mod surroundings;
mod tenure;
mod time_servers;
mod watch;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fault::Fault;
use super::unreadable::Unreadable;

/// A type of the rules that is kept, and the row that it is kept as.
pub(super) trait Kept: Sized {
    /// Field by field what lies on the disk.
    type Row: for<'a> From<&'a Self> + Into<Self> + Serialize + DeserializeOwned;
}

/// A row's bytes.
pub(super) fn bytes<T: Kept>(kept: &T, table: &'static str) -> Result<Vec<u8>, Fault> {
    postcard::to_allocvec(&T::Row::from(kept)).map_err(|error| Fault::corrupt(table, Unreadable::Row(error)))
}

/// What a row holds; bytes left over are a fault.
pub(super) fn parse<T: Kept>(bytes: &[u8], table: &'static str) -> Result<T, Fault> {
    decode::<T::Row>(bytes, table).map(Into::into)
}

/// A row of some schema; bytes left over are a fault.
pub(super) fn decode<Row: DeserializeOwned>(bytes: &[u8], table: &'static str) -> Result<Row, Fault> {
    match postcard::take_from_bytes(bytes) {
        Ok((row, [])) => Ok(row),
        Ok((_, rest)) => Err(Fault::corrupt(table, Unreadable::LeftOver(rest.len()))),
        Err(error) => Err(Fault::corrupt(table, Unreadable::Row(error))),
    }
}

/// A little-endian number.
pub(super) fn number(bytes: &[u8], table: &'static str) -> Result<u64, Fault> {
    let number = bytes.try_into().map(u64::from_le_bytes);
    number.map_err(|_| Fault::corrupt(table, Unreadable::Number))
}
