//! Why a row cannot be read.

use std::fmt;

/// Why a row cannot be read.
#[derive(Clone, Debug)]
pub enum Unreadable {
    /// The database is another program's.
    Foreign,
    /// So many bytes are left over behind it.
    LeftOver(usize),
    /// A number of another length.
    Number,
    /// The bytes are not this row's.
    Row(postcard::Error),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("it is another program's"),
            Self::LeftOver(bytes) => write!(f, "{bytes} bytes are left over behind it"),
            Self::Number => f.write_str("a number has another length"),
            Self::Row(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for Unreadable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Foreign | Self::LeftOver(_) | Self::Number => None,
            Self::Row(error) => Some(error),
        }
    }
}
