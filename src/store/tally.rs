//! What was committed since the start, counted. A count knows no name, and is forgotten with the process.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::rules::change::{Change, LettersChange, PeopleChange};
use crate::rules::people::session::By;

/// Counts since the start.
#[derive(Default)]
pub struct Tally {
    commits: AtomicU64,
    by_passkey: AtomicU64,
    by_password: AtomicU64,
    by_link: AtomicU64,
    by_one_time: AtomicU64,
    letters_sent: AtomicU64,
    letters_given_up: AtomicU64,
}

impl Tally {
    /// Transactions that wrote something.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Sign-ins in that way.
    pub fn sign_ins(&self, by: By) -> u64 {
        self.of(by).load(Ordering::Relaxed)
    }

    /// Letters that the mail server took.
    pub fn letters_sent(&self) -> u64 {
        self.letters_sent.load(Ordering::Relaxed)
    }

    /// Letters that were given up.
    pub fn letters_given_up(&self) -> u64 {
        self.letters_given_up.load(Ordering::Relaxed)
    }

    fn of(&self, by: By) -> &AtomicU64 {
        match by {
            By::Passkey => &self.by_passkey,
            By::Password => &self.by_password,
            By::Link => &self.by_link,
            By::OneTime => &self.by_one_time,
        }
    }

    /// Counts the changes of one commit.
    pub(super) fn count<'a>(&self, changes: impl Iterator<Item = &'a Change>) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        for change in changes {
            let counted = match change {
                Change::People(PeopleChange::SessionOpened(session)) => self.of(session.by),
                Change::Letters(LettersChange::LetterSent(..)) => &self.letters_sent,
                Change::Letters(LettersChange::LetterGivenUp(..)) => &self.letters_given_up,
                Change::Letters(_) | Change::Office(_) | Change::People(_) | Change::Phones(_) => continue,
            };
            counted.fetch_add(1, Ordering::Relaxed);
        }
    }
}
