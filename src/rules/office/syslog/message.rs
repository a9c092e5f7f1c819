//! One line as the syslog protocol has it (RFC 5424 §6).

use crate::rules::office::journal::JournalLine;
use crate::rules::time::Date;

/// Octets of a message at most: what every receiver by TLS takes, and should by UDP (RFC 5425 §4.3.1, RFC 5426 §3.2).
pub const OCTETS: usize = 2048;
/// Characters of a host's name (RFC 5424 §6).
const HOST: usize = 255;
/// Characters of a message's kind (RFC 5424 §6).
const KIND: usize = 32;

/// Where a line comes from (RFC 5424 §6.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facility {
    /// The program itself: the log.
    Daemon = 3,
    /// Who came in and what they changed: the journal.
    Security = 10,
}

/// How bad it is (RFC 5424 §6.2.1), as far as it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Something does not work.
    Error = 3,
    /// Something will not work one day.
    Warning = 4,
    /// Something changed by its owner's wish.
    Notice = 5,
    /// Nothing is wrong.
    Info = 6,
}

/// A line that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where it comes from.
    pub facility: Facility,
    /// How bad it is.
    pub severity: Severity,
    /// When it happened; `None`: the date was not known.
    pub at: Option<Date>,
    /// What happened, as a stable code.
    pub kind: String,
    /// The words.
    pub words: String,
}

impl Message {
    /// A line of the journal: all that it says.
    pub fn of_journal(line: &JournalLine) -> Self {
        let address = line.address.map(|address| address.to_string()).unwrap_or_default();
        let parts = [line.event.as_str(), &line.who, &address, &line.about];
        let words: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Self {
            facility: Facility::Security,
            severity: Severity::Notice,
            at: Some(line.at),
            kind: line.event.clone(),
            words: words.join(" · "),
        }
    }

    /// A refused sign-in: the account that was asked for (empty where there is none), from where, and by what way and
    /// why it failed, as a stable code.
    pub fn refused(at: Option<Date>, who: &str, address: &str, why: &str) -> Self {
        let parts = ["refused", who, address, why];
        let words: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Self {
            facility: Facility::Security,
            severity: Severity::Notice,
            at,
            kind: "refused".to_owned(),
            words: words.join(" · "),
        }
    }

    /// So many more sign-ins were refused than are told one by one.
    pub fn more_refused(count: u64, at: Option<Date>) -> Self {
        Self {
            facility: Facility::Security,
            severity: Severity::Notice,
            at,
            kind: "refused".to_owned(),
            words: format!("{count} more sign-ins were refused"),
        }
    }

    /// A line about the lines themselves: so many are not sent any more.
    pub fn lost(count: u64, at: Option<Date>) -> Self {
        Self {
            facility: Facility::Daemon,
            severity: Severity::Warning,
            at,
            kind: "lines-lost".to_owned(),
            words: format!("{count} lines were lost"),
        }
    }

    /// The message in octets, [`OCTETS`] at most, from the host of that name. Control characters become blanks. Words
    /// beyond ASCII are marked as UTF-8 (RFC 5424 §6.4).
    pub fn octets(&self, host: &str) -> Vec<u8> {
        let (facility, severity) = (u8::from(self.facility), u8::from(self.severity));
        let at = self.at.map_or_else(|| "-".to_owned(), Date::iso);
        let (host, kind) = (name(host, HOST), name(&self.kind, KIND));
        let mut text = format!("<{}>1 {at} {host} linekey - {kind} - ", facility * 8 + severity);
        if !self.words.is_ascii() {
            text.push('\u{feff}');
        }
        for letter in self.words.chars().map(|c| if c.is_control() { ' ' } else { c }) {
            if text.len() + letter.len_utf8() > OCTETS {
                break;
            }
            text.push(letter);
        }
        text.into_bytes()
    }
}

impl From<Facility> for u8 {
    fn from(facility: Facility) -> Self {
        match facility {
            Facility::Daemon => 3,
            Facility::Security => 10,
        }
    }
}

impl From<Severity> for u8 {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Error => 3,
            Severity::Warning => 4,
            Severity::Notice => 5,
            Severity::Info => 6,
        }
    }
}

/// A message as it stands in a stream: its length in octets, a blank, itself (RFC 5425 §4.3).
pub fn counted(message: &[u8]) -> Vec<u8> {
    [format!("{} ", message.len()).as_bytes(), message].concat()
}

/// Printable ASCII without blanks, so long at most; `-` where nothing is left (RFC 5424 §6).
fn name(text: &str, most: usize) -> String {
    let name: String = text.chars().filter(char::is_ascii_graphic).take(most).collect();
    if name.is_empty() { "-".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(words: &str) -> Message {
        Message {
            facility: Facility::Security,
            severity: Severity::Notice,
            at: Some(Date(1_795_420_800)),
            kind: "signed-in".to_owned(),
            words: words.to_owned(),
        }
    }

    fn text(message: &Message) -> String {
        String::from_utf8(message.octets("pbx.example.org")).unwrap()
    }

    #[test]
    fn a_message_has_the_fields_of_rfc_5424_in_their_order() {
        let head = "<85>1 2026-11-23T08:00:00Z pbx.example.org linekey - signed-in - ";
        assert_eq!(text(&message("Mira (101)")), format!("{head}Mira (101)"));
        assert_eq!(text(&message("Ünal")), format!("{head}\u{feff}Ünal"));
        let undated = Message {
            at: None,
            kind: "a b".to_owned(),
            ..message("x")
        };
        assert_eq!(text(&undated), "<85>1 - pbx.example.org linekey - ab - x");
        assert_eq!(
            text(&Message::lost(7, None)),
            "<28>1 - pbx.example.org linekey - lines-lost - 7 lines were lost"
        );
    }

    #[test]
    fn a_line_stays_one_line_and_has_an_end() {
        assert!(text(&message("one\ntwo\0")).ends_with(" - one two "));
        let long = message(&"ü".repeat(5000)).octets("host");
        assert!((OCTETS - 1..=OCTETS).contains(&long.len()) && std::str::from_utf8(&long).is_ok());
        assert_eq!(counted(b"<85>1 x"), b"7 <85>1 x");
    }

    #[test]
    fn a_line_of_the_journal_says_all_that_the_journal_says() {
        let line = JournalLine {
            at: Date(0),
            who: "owner".to_owned(),
            address: Some("192.0.2.1".parse().unwrap()),
            event: "signed-in".to_owned(),
            about: "passkey".to_owned(),
        };
        assert_eq!(
            Message::of_journal(&line).words,
            "signed-in · owner · 192.0.2.1 · passkey"
        );
    }
}
