//! In which language people read their letters: learnt from their browsers, so that nobody has to set it.

pub mod record;

use crate::rules::change::{Change, LettersChange};
use crate::rules::id::AccountId;
pub use record::*;

/// What is written down of the language that an account's browser asked for, if it is news.
pub fn learn(account: AccountId, kept: Option<Language>, asked: Option<Language>) -> Option<Change> {
    let asked = asked?;
    (asked != kept.unwrap_or_default()).then_some(Change::Letters(LettersChange::LanguageLearnt(account, asked)))
}

#[cfg(test)]
mod tests {
    use super::Language::{English, French, German, Spanish};
    use super::*;

    #[test]
    fn the_language_that_a_browser_likes_best_is_found() {
        for (field, best) in [
            ("de-AT,de;q=0.9,en;q=0.8", Some(German)),
            ("en;q=0.8, fr-CH, es;q=0.9", Some(French)),
            ("ES", Some(Spanish)),
            ("en-GB;q=0.5 , de ;Q=0.501", Some(German)),
            ("it,pl;q=0.9,fr;q=0.2", Some(French)),
            ("de;q=0.7,es;q=0.7", Some(German)),
            ("de;q=0,en;q=0.001", Some(English)),
            ("it, pl", None),
            ("*", None),
            ("", None),
            ("de;q=0", None),
        ] {
            assert_eq!(Language::from_accept_language(field), best, "{field}");
        }
    }

    #[test]
    fn a_range_that_cannot_be_read_is_passed_over() {
        for range in [
            "de;q=1.1",
            "de;q=2",
            "de;q=",
            "de;q=0.1234",
            "de;q=-1",
            "de;q=.5",
            "de;q=0,5x;q",
            "de;q=0.5;x",
            "deutsch",
            "de;level=1",
            "de;q=+1",
            "de;q=0.+5",
        ] {
            assert_eq!(
                Language::from_accept_language(&format!("{range}, es;q=0.1")),
                Some(Spanish),
                "{range}"
            );
        }
    }

    #[test]
    fn a_field_without_end_is_read_for_a_while() {
        let long = format!("{}de", "it,".repeat(10_000));
        assert_eq!(Language::from_accept_language(&long), None);
        assert_eq!(Language::from_accept_language(&"ü".repeat(600)), None);
    }

    #[test]
    fn only_what_is_news_is_learnt() {
        let learnt = |kept, asked| learn(AccountId(1), kept, asked).is_some();
        assert!(learnt(None, Some(German)) && learnt(Some(German), Some(English)));
        assert!(!learnt(None, Some(English)) && !learnt(Some(French), Some(French)) && !learnt(Some(French), None));
    }
}
