//! Bytes ⇄ types: postcard (its wire format 1.0), the only place where rows are encoded.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Fault;

/// A row's bytes.
pub(super) fn bytes<T: Serialize>(row: &T, table: &'static str) -> Result<Vec<u8>, Fault> {
    postcard::to_allocvec(row).map_err(|_| Fault::Corrupt(table))
}

/// A row's type; bytes left over are a fault.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8], table: &'static str) -> Result<T, Fault> {
    match postcard::take_from_bytes(bytes) {
        Ok((row, [])) => Ok(row),
        _ => Err(Fault::Corrupt(table)),
    }
}

/// A little-endian number.
pub(super) fn number(bytes: &[u8], table: &'static str) -> Result<u64, Fault> {
    bytes
        .try_into()
        .map(u64::from_le_bytes)
        .map_err(|_| Fault::Corrupt(table))
}
