//! Whom a request is about.

use crate::rules::people::account::Account;

/// The account that a request is about: somebody whom the path names, or whoever is signed in.
#[derive(Clone)]
pub struct Subject {
    /// The account.
    pub account: Account,
    /// Whether the path names nobody: it is one's own.
    pub is_oneself: bool,
}
