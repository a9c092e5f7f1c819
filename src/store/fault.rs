//! What can go wrong with the store itself, and what is known then of what was to be written.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::unreadable::Unreadable;

/// We broke. The caller learns only that; the operator gets the whole chain (`source`).
///
/// After [`Fault::Unknown`] alone a change may have been written. After every other fault nothing was changed.
#[derive(Clone, Debug)]
pub enum Fault {
    /// A row cannot be read.
    Corrupt {
        /// The table that it is in.
        table: &'static str,
        /// Why not.
        source: Unreadable,
    },
    /// The store's file, or the disk below it, cannot be read or written.
    Disk {
        /// The table that was being read or written, where it was one.
        table: Option<&'static str>,
        /// What redb says.
        source: Arc<redb::Error>,
    },
    /// The disk is full, a quota is used up, or the file may not grow (ENOSPC, EDQUOT, EFBIG).
    Full {
        /// What redb says.
        source: Arc<redb::Error>,
    },
    /// The file is in use by another Linekey.
    InUse,
    /// There is not enough memory; to do what.
    Memory(&'static str),
    /// The store was made by a newer Linekey: its schema and ours.
    Newer(u32, u32),
    /// The commit itself failed: whether the turn was written is known only when the store has been opened anew.
    Unknown {
        /// What redb says.
        source: Arc<redb::Error>,
    },
}

impl Fault {
    /// What the system said of the store's file, if that is it.
    pub fn io(&self) -> Option<&io::Error> {
        if let Self::Disk { source, .. } | Self::Full { source } | Self::Unknown { source } = self
            && let redb::Error::Io(error) = source.as_ref()
        {
            return Some(error);
        }
        None
    }

    /// A row of that table cannot be read.
    pub(super) fn corrupt(table: &'static str, source: Unreadable) -> Self {
        Self::Corrupt { table, source }
    }

    /// What redb says of that table.
    pub(super) fn of(table: Option<&'static str>, error: impl Into<redb::Error>) -> Self {
        let source = Arc::new(error.into());
        if is_full(&source) {
            Self::Full { source }
        } else {
            Self::Disk { table, source }
        }
    }

    /// A commit that failed.
    pub(super) fn of_commit(error: impl Into<redb::Error>) -> Self {
        let source = Arc::new(error.into());
        Self::Unknown { source }
    }

    /// The same, for a turn that wrote nothing itself.
    pub(super) fn without_a_change(&self) -> Self {
        let Self::Unknown { source } = self else {
            return self.clone();
        };
        let source = source.clone();
        if is_full(&source) {
            Self::Full { source }
        } else {
            Self::Disk { table: None, source }
        }
    }

    /// Whether there is no room on the disk.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Full { .. } => true,
            Self::Unknown { source } => is_full(source),
            Self::Corrupt { .. } | Self::Disk { .. } | Self::InUse | Self::Memory(_) | Self::Newer(..) => false,
        }
    }

    /// Whether the file is there, and cannot be written as things stand on its file system: that is read-only, or full.
    pub(super) fn may_pass(&self) -> bool {
        use io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        let kind = self.io().map(io::Error::kind);
        kind.is_some_and(|kind| [QuotaExceeded, ReadOnlyFilesystem, StorageFull].contains(&kind))
    }

    /// Whether it is certain that nothing was changed.
    pub fn changed_nothing(&self) -> bool {
        !matches!(self, Self::Unknown { .. })
    }

    /// Whether redb gives no further answer before the database is opened anew.
    pub(super) fn needs_opening(&self) -> bool {
        match self {
            Self::Full { .. } | Self::Unknown { .. } => true,
            Self::Disk { source, .. } => matches!(
                **source,
                redb::Error::Io(_) | redb::Error::Backend(_) | redb::Error::DatabaseClosed | redb::Error::PreviousIo
            ),
            Self::Corrupt { .. } | Self::InUse | Self::Memory(_) | Self::Newer(..) => false,
        }
    }
}

fn is_full(error: &redb::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error, redb::Error::Io(error) if [StorageFull, QuotaExceeded, FileTooLarge].contains(&error.kind()))
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Corrupt { table, source } => {
                write!(f, "the store holds a row of `{table}` that cannot be read: {source}")
            }
            Self::Disk { table: None, source } => write!(f, "the store cannot be read or written: {source}"),
            Self::Disk {
                table: Some(table),
                source,
            } => write!(f, "the store's table `{table}` cannot be read or written: {source}"),
            Self::Full { source } => write!(f, "the disk is full, and nothing was changed: {source}"),
            Self::InUse => f.write_str("the store is in use by another Linekey; stop that one first"),
            Self::Memory(what) => write!(f, "there is not enough memory to {what}"),
            Self::Newer(theirs, ours) => write!(
                f,
                "the store was written by a newer Linekey (schema {theirs}, this one knows {ours}); \
                 start that one instead"
            ),
            Self::Unknown { source } => write!(
                f,
                "the store could not be written to the end, and whether something was changed is not known: {source}"
            ),
        }
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Corrupt { source, .. } => Some(source),
            Self::Disk { source, .. } | Self::Full { source } | Self::Unknown { source } => Some(source.as_ref()),
            Self::InUse | Self::Memory(_) | Self::Newer(..) => None,
        }
    }
}

macro_rules! faults {
    ($($error:ty),*) => {$(
        impl From<$error> for Fault {
            fn from(error: $error) -> Self {
                Self::of(None, error)
            }
        }
    )*};
}

faults!(
    redb::TransactionError,
    redb::TableError,
    redb::StorageError,
    redb::CommitError,
    redb::DatabaseError
);
