//! Who writes letters: only where an office can send any.

use std::cell::Cell;

use super::letter::{Content, Letter, PURPOSE};
use crate::rules::change::{Change, LettersChange};
use crate::rules::moment::Moment;
use crate::rules::people::account::Account;
use crate::rules::secret::{SealKey, Token};
use crate::rules::time::Date;

/// Writes letters for an office that can send them. There is one only where a mail server is set.
pub struct LetterWriter<'a> {
    key: &'a SealKey,
    room: Cell<usize>,
}

impl<'a> LetterWriter<'a> {
    /// `key` is what contents are sealed under, `room` how many letters the outbox takes.
    pub fn new(key: &'a SealKey, room: usize) -> Self {
        Self {
            key,
            room: Cell::new(room),
        }
    }

    /// A letter to an account; none where it has no e-mail address, or the outbox is full.
    pub fn write(&self, to: &Account, content: &Content, moment: &mut Moment) -> Option<Change> {
        let email = to.email.clone()?;
        let bytes = serde_json::to_vec(content).ok()?;
        self.room.set(self.room.get().checked_sub(1)?);
        let sealed = self
            .key
            .seal(PURPOSE, email.as_str().as_bytes(), &bytes, &mut moment.fresh);
        Some(Change::Letters(LettersChange::LetterQueued(Letter {
            about: to.id,
            kind: content.kind(),
            queued: moment.now,
            next: moment.now,
            tries: 0,
            said: None,
            given_up: false,
            content: sealed,
            to: email,
        })))
    }

    /// The letter with somebody's first link.
    pub fn invite(&self, to: &Account, token: &Token, until: Date, moment: &mut Moment) -> Option<Change> {
        let content = Content::Invite {
            name: to.name.to_string(),
            token: token.reveal(),
            until,
        };
        self.write(to, &content, moment)
    }
}
