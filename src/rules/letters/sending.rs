//! How letters go: what is written of a try, of one that is given up, and of one that is taken out.

use super::letter::Letter;
use crate::rules::change::{Change, LettersChange};
use crate::rules::refusal::Refusal;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;

/// What came of a letter.
pub enum Fate {
    /// It will not be tried any more, for that reason.
    GivenUp(String),
    /// The mail server has it.
    Sent,
    /// The try failed: what the server said, and whether it never will take it (RFC 5321 §4.2.1, 5yz).
    Unsent {
        /// The server's words.
        said: String,
        /// Whether they are its last.
        lasting: bool,
    },
}

/// Notes what came of a letter. `waits`: it is still in the outbox. One that was taken out meanwhile stays out; one
/// that went all the same is said to have gone.
pub fn note(id: u64, letter: &Letter, fate: Fate, waits: bool, now: Date) -> Verdict<()> {
    let change = match fate {
        Fate::Sent => LettersChange::LetterSent(id, letter.clone()),
        Fate::GivenUp(_) | Fate::Unsent { .. } if !waits => return Verdict::yes((), Vec::new()),
        Fate::GivenUp(why) => LettersChange::LetterGivenUp(id, letter.given_up(&why)),
        Fate::Unsent { said, lasting } => {
            let failed = letter.failed(&said, lasting, now);
            if failed.given_up {
                LettersChange::LetterGivenUp(id, failed)
            } else {
                LettersChange::LetterPostponed(id, failed)
            }
        }
    };
    Verdict::yes((), vec![change.into()])
}

/// Takes a letter out of the outbox.
pub fn withdraw(id: u64, letter: Option<Letter>) -> Result<((), Vec<Change>), Refusal> {
    let letter = letter.ok_or(Refusal::NotFound)?;
    Ok(((), vec![LettersChange::LetterWithdrawn(id, letter).into()]))
}
