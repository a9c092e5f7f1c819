//! To whom numbers are given out, as a record.

use crate::rules::secret::TokenHash;
use crate::rules::time::Date;

/// Numbers are given out to whoever has the token. Absent: to nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// Recognises the token; it was shown once.
    pub token: TokenHash,
    /// When it was made.
    pub since: Date,
}
