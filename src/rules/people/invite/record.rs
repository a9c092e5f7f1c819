//! A link's record.

use crate::rules::id::AccountId;
use crate::rules::secret::TokenHash;
use crate::rules::time::Date;

/// A link that signs its account in once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invite {
    /// Finds the row; the token itself is only in the link.
    pub hash: TokenHash,
    /// Whom it signs in.
    pub account: AccountId,
    /// When it stops working.
    pub until: Date,
}
