//! Why the program does not start.

use std::fmt;

/// Why the program cannot start as asked: one sentence, in the user's words.
#[derive(Debug)]
pub(super) struct CannotStart(pub(super) String);

impl<T: fmt::Display> From<T> for CannotStart {
    fn from(sentence: T) -> Self {
        Self(sentence.to_string())
    }
}
