//! When a certificate is valid.

use crate::rules::time::Date;

/// When a certificate is valid, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub from: Date,
    /// The last second.
    pub until: Date,
}
