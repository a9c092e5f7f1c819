//! The words of all letters, a file for each language: texts with `{places}` that are filled in.

mod english;
mod french;
mod german;
mod spanish;

use crate::rules::letters::language::Language;
use crate::rules::time::Date;

/// Every text of one language. `{name}` and the like are places; the same text has the same places in all of them.
pub(super) struct Texts {
    pub(super) hello: &'static str,
    pub(super) sign_in: &'static str,
    pub(super) my_page: &'static str,
    pub(super) people_page: &'static str,
    pub(super) invite_subject: &'static str,
    pub(super) invite: &'static str,
    pub(super) invite_after: &'static str,
    pub(super) reset_subject: &'static str,
    pub(super) reset: &'static str,
    pub(super) reset_code: &'static str,
    pub(super) reset_warning: &'static str,
    pub(super) added_subject: &'static str,
    pub(super) added: &'static str,
    pub(super) added_from: &'static str,
    pub(super) added_advice: &'static str,
    pub(super) deleted_subject: &'static str,
    pub(super) deleted: &'static str,
    pub(super) deleted_from: &'static str,
    pub(super) deleted_advice: &'static str,
    pub(super) guessed_subject: &'static str,
    pub(super) guessed: &'static str,
    pub(super) guessed_advice: &'static str,
    pub(super) test_subject: &'static str,
    pub(super) test: &'static str,
    date: &'static str,
    /// The first day of a month, where it is not a plain number.
    first: &'static str,
    months: [&'static str; 12],
}

/// The texts of that language.
pub(super) fn of(language: Language) -> &'static Texts {
    match language {
        Language::English => &english::TEXTS,
        Language::German => &german::TEXTS,
        Language::French => &french::TEXTS,
        Language::Spanish => &spanish::TEXTS,
    }
}

/// The text with its places filled in. What is filled in is not looked through for places again.
pub(super) fn fill(text: &str, places: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (place, more) = after.split_once('}').unwrap_or((after, ""));
        let value = places.iter().find(|(known, _)| *known == place);
        filled.push_str(before);
        filled.push_str(value.map_or("", |(_, value)| value));
        rest = more;
    }
    filled + rest
}

impl Texts {
    /// `23 November 2026, 08:00 UTC`, as it is written there: the appliance does not know where its people live.
    pub(super) fn date(&self, at: Date) -> String {
        let (year, month, day) = at.civil();
        let day = if day == 1 {
            self.first.to_owned()
        } else {
            day.to_string()
        };
        let time = format!("{:02}:{:02}", at.0 / 3600 % 24, at.0 / 60 % 60);
        let places = [
            ("day", day.as_str()),
            ("month", self.months.get(month - 1).copied().unwrap_or_default()),
            ("year", &year.to_string()),
            ("time", &time),
        ];
        fill(self.date, &places)
    }
}

#[cfg(test)]
mod tests;
