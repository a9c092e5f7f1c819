//! The mail server of the year, and everybody's mailbox. It takes most letters, refuses some for now and some for good,
//! leaves some lying; for ten days it takes none.

use std::collections::HashMap;

use linekey::rules::change::{Change, LettersChange};
use linekey::rules::letters::letter::{Content, Letter};

use crate::links::letters;
use crate::noted::note;
use crate::office::Office;

/// When the mail server is down.
const DOWN: std::ops::Range<u64> = 120..130;

#[derive(Default)]
pub struct Mail {
    /// The newest link in each mailbox.
    links: HashMap<String, String>,
    /// What became of letters: taken, refused for now, given up.
    pub taken: u32,
    pub refused: u32,
    pub given_up: u32,
}

impl Mail {
    /// Tries what is due, as the postman does.
    pub fn deliver(&mut self, office: &Office, day: u64) {
        let now = office.state.now();
        for (id, letter) in letters(office).into_iter().filter(|(_, letter)| letter.due(now)) {
            let content = letter.open(&office.state.key).expect("the letter opens");
            let change = if content.until().is_some_and(|until| until <= now) {
                Change::Letters(LettersChange::LetterSwept(id))
            } else {
                match (DOWN.contains(&day), (id * 7 + day) % 12) {
                    (true, _) | (_, 0) => self.failed(id, letter.failed("451 come back later", false, now)),
                    (_, 1) => self.failed(id, letter.failed("550 nobody of that name", true, now)),
                    (_, 2) => continue,
                    _ => self.sent(id, letter, content),
                }
            };
            note(office, change);
        }
    }

    fn failed(&mut self, id: u64, letter: Letter) -> Change {
        if letter.given_up {
            self.given_up += 1;
            return Change::Letters(LettersChange::LetterGivenUp(id, letter));
        }
        self.refused += 1;
        Change::Letters(LettersChange::LetterPostponed(id, letter))
    }

    fn sent(&mut self, id: u64, letter: Letter, content: Content) -> Change {
        self.taken += 1;
        if let Some(token) = token_in(content) {
            self.links.insert(letter.to.to_string(), token);
        }
        Change::Letters(LettersChange::LetterSent(id, letter))
    }

    /// The newest link in that mailbox, once.
    pub fn link(&mut self, mailbox: &str) -> Option<String> {
        self.links.remove(mailbox)
    }
}

/// The token of a letter's link.
pub fn token_in(content: Content) -> Option<String> {
    match content {
        Content::Invite { token, .. } | Content::Reset { token, .. } => Some(token),
        Content::PasskeyAdded { .. } | Content::PasskeyDeleted { .. } | Content::LockedOut { .. } => None,
    }
}
