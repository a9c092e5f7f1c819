//! KEEPS. One redb file; one writer ([`turn`]); rows become types in `row.rs` and nowhere else.
//!
//! A turn is durable before it is answered, or it did not happen. Refusals write nothing.

mod apply;
pub mod bells;
pub mod facts;
mod migrate;
pub mod open;
mod outbox;
mod row;
mod tables;
pub mod turn;

use std::fmt;
use std::sync::Arc;

use bells::Bells;
pub use facts::Facts;

/// The store: cheap to clone, one file behind all clones.
#[derive(Clone)]
pub struct Store {
    database: Arc<redb::Database>,
    /// Turns queue here, so that at most one thread waits for the disk.
    writer: Arc<smol::lock::Mutex<()>>,
    bells: Arc<Bells>,
}

/// We broke. The caller learns only that; the operator gets the whole chain.
#[derive(Debug)]
pub enum Fault {
    /// A row cannot be read; in which table.
    Corrupt(&'static str),
    /// The store file or the disk below it.
    Disk(redb::Error),
    /// The store was made by a newer Linekey: its schema and ours.
    Newer(u32, u32),
    /// The file is in use by another Linekey.
    InUse,
    /// There is not enough memory; to do what.
    Memory(&'static str),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrupt(table) => write!(f, "the store holds a row of `{table}` that cannot be read"),
            Self::Disk(error) => write!(f, "the store cannot be read or written: {error}"),
            Self::Newer(theirs, ours) => write!(
                f,
                "the store was written by a newer Linekey (schema {theirs}, this one knows {ours}); start that one instead"
            ),
            Self::Memory(what) => write!(f, "there is not enough memory to {what}"),
            Self::InUse => f.write_str("the store is in use by another Linekey; stop that one first"),
        }
    }
}

impl std::error::Error for Fault {}

macro_rules! faults {
    ($($error:ty),*) => {$(
        impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self::Disk(error.into())
            }
        }
    )*};
}

faults!(
    redb::TransactionError,
    redb::TableError,
    redb::StorageError,
    redb::CommitError,
    redb::SetDurabilityError
);
