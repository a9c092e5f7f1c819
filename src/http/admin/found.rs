//! What a line of the journal is found by: its own words, and those that the page shows for it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::rules::text::visible;
use crate::rules::time::Date;

/// The texts of the page, by name, as it has them: no `journal.` stands in another file.
const TEXTS: &str = include_str!("../../../web/words/en/journal.json");

/// The page's texts for the journal, folded.
static SHOWN: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let texts: BTreeMap<String, String> = serde_json::from_str(TEXTS).unwrap_or_default();
    texts.into_iter().map(|(name, text)| (name, folded(&text))).collect()
});

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// The parts of a line.
pub struct Parts<'a> {
    /// When.
    pub at: Date,
    /// Who; empty for the appliance, and for a stranger.
    pub who: &'a str,
    /// A stable code.
    pub event: &'a str,
    /// Whom or what it concerns; of a refused sign-in, why.
    pub about: &'a str,
    /// From which address; empty if none.
    pub address: &'a str,
}

/// What somebody looks for, ready to be compared.
pub struct Wanted(Vec<String>);

impl Wanted {
    /// From what was typed: words that must all be somewhere in a line.
    pub fn from_typed(text: &str) -> Self {
        Self(folded(text).split_whitespace().map(ToOwned::to_owned).collect())
    }

    /// Whether all words are in the line as the page shows it, or in its codes. `east`: how many minutes the reader's
    /// clock is ahead of UTC.
    pub fn is_in(&self, line: &Parts<'_>, east: i32) -> bool {
        if self.0.is_empty() {
            return true;
        }
        let text = |name: String| SHOWN.get(&name).map_or("", String::as_str);
        let nobody = if line.event == "refused" {
            "stranger"
        } else {
            "appliance"
        };
        let by = if line.who.is_empty() {
            text(format!("journal.{nobody}"))
        } else {
            line.who
        };
        let whole = [
            line.event,
            text(format!("journal.event.{}", line.event)),
            line.about,
            text(format!("journal.why.{}", line.about)),
            "by",
            by,
            "from",
            line.address,
            &line.at.iso(),
            &on_a_calendar(line.at, east),
        ];
        let whole = folded(&whole.join(" "));
        self.0.iter().all(|word| whole.contains(word.as_str()))
    }
}

/// `Nov 23, 2026, 8:00 AM`, where the reader is.
fn on_a_calendar(at: Date, east: i32) -> String {
    let seconds = i64::from(east) * 60;
    let there = Date(at.0.saturating_add_signed(seconds));
    let (year, month, day) = there.civil();
    let month = month.checked_sub(1).and_then(|index| MONTHS.get(index)).unwrap_or(&"");
    let (hour, minute) = (there.0 / 3600 % 24, there.0 / 60 % 60);
    let half = if hour < 12 { "am" } else { "pm" };
    let twelve = match hour % 12 {
        0 => 12,
        hour => hour,
    };
    format!("{month} {day}, {year}, {twelve}:{minute:02} {half}")
}

fn folded(text: &str) -> String {
    visible(text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: Parts<'_> = Parts {
        at: Date(1_795_420_800),
        who: "",
        event: "refused",
        about: "not-signed-in",
        address: "192.0.2.7",
    };

    /// The search has all of the page's words for events, wherever else the page keeps its own.
    #[test]
    fn events_of_phones_and_watchers_are_found_by_their_words_too() {
        for (event, typed) in [
            ("desk-taken", "Desk taken"),
            ("metrics-on", "metrics turned on"),
            ("account-added", "added"),
        ] {
            let line = Parts { event, ..LINE };
            assert!(Wanted::from_typed(typed).is_in(&line, 0), "{typed}");
        }
        let words = concat!(env!("CARGO_MANIFEST_DIR"), "/web/words/en");
        for file in std::fs::read_dir(words).unwrap() {
            let path = file.unwrap().path();
            let elsewhere = std::fs::read_to_string(&path).unwrap().contains("\"journal.");
            assert!(path.ends_with("journal.json") || !elsewhere, "{}", path.display());
        }
    }

    #[test]
    fn a_line_is_found_by_whatever_the_page_shows_of_it() {
        let added = Parts {
            who: "admin",
            event: "account-added",
            about: "101: Jo\u{308}rg",
            ..LINE
        };
        for (typed, line, east) in [
            ("Refused", &LINE, 0),
            ("somebody unknown", &LINE, 0),
            ("WRONG name 192.0.2", &LINE, 0),
            ("not-signed-in", &LINE, 0),
            ("Nov 23, 2026, 8:00\u{202f}AM", &LINE, 0),
            ("2026-11-23", &LINE, 0),
            ("Nov 23, 9:30 AM", &LINE, 90),
            ("nov 22, 2026, 8:00 pm", &LINE, -720),
            ("account added", &added, 0),
            ("jörg by admin", &added, 0),
            (" ", &added, 0),
        ] {
            assert!(Wanted::from_typed(typed).is_in(line, east), "{typed}");
        }
        for typed in ["deleted", "Nov 24", "appliance", "jorg"] {
            assert!(!Wanted::from_typed(typed).is_in(&added, 0), "{typed}");
        }
    }
}
