//! Why the program does not start.

use std::fmt;

use crate::office::log;
use crate::store::Store;

/// Why the program cannot start as asked: one sentence, in the user's words.
#[derive(Debug)]
pub(super) struct CannotStart(pub(super) String);

impl<T: fmt::Display> From<T> for CannotStart {
    fn from(sentence: T) -> Self {
        Self(sentence.to_string())
    }
}

impl CannotStart {
    /// Nothing, where the store cannot be written now: a card that is read-only or full is no reason to serve nobody.
    /// What could not be noted is told in the log.
    pub(super) fn unless_unwritable(self, store: &Store) -> Result<(), Self> {
        if store.writable().is_ok() {
            return Err(self);
        }
        log::error(&self.0);
        Ok(())
    }
}
