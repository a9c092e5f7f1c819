//! What a rule decided: the answer, and what is to be written.

use super::change::Change;
use super::office::journal::{self, News};
use super::refusal::Refusal;

/// What a rule decided. The changes are applied in one transaction, all or none.
#[must_use]
pub struct Verdict<T> {
    /// What the caller is told.
    pub answer: Result<T, Refusal>,
    /// What is written first.
    pub changes: Vec<Change>,
    /// What the journal tells of it.
    pub news: Vec<News>,
}

impl<T> Verdict<T> {
    /// Yes, after these changes.
    pub fn yes(answer: T, changes: Vec<Change>) -> Self {
        Self {
            answer: Ok(answer),
            news: changes.iter().filter_map(journal::news).collect(),
            changes,
        }
    }

    /// No, and nothing is written.
    pub fn no(refusal: Refusal) -> Self {
        Self {
            answer: Err(refusal),
            changes: Vec::new(),
            news: Vec::new(),
        }
    }
}

impl<T, C: Into<Change>, R: Into<Refusal>> From<Result<(T, Vec<C>), R>> for Verdict<T> {
    fn from(decided: Result<(T, Vec<C>), R>) -> Self {
        match decided {
            Ok((answer, changes)) => Self::yes(answer, changes.into_iter().map(Into::into).collect()),
            Err(refusal) => Self::no(refusal.into()),
        }
    }
}
