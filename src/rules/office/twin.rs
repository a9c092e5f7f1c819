//! A twin: another running board with a copy of this store and its key, such as one from a cloned card. Boards of one
//! office tell each other on the LAN which run of the program they are; nobody without the key can say it for them.

use std::net::IpAddr;

use data_encoding::HEXLOWER;

use crate::rules::change::OfficeChange;
use crate::rules::secret::SealKey;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;

const PURPOSE: &str = "board at work";

/// One run of the program on one board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Made afresh at each start.
    pub id: [u8; 16],
    /// When it started, by its own clock.
    pub started: Date,
    /// The newest date in its store when it started.
    pub newest: Date,
}

impl Run {
    /// One line: id, both dates, and the key's word for them.
    pub fn text(&self, key: &SealKey) -> String {
        let said = format!("{} {} {}", HEXLOWER.encode(&self.id), self.started.0, self.newest.0);
        format!("{said} {}", key.mark(PURPOSE, &said).hex())
    }

    /// Reads it; what this office's key did not write is none.
    pub fn parse(text: &str, key: &SealKey) -> Option<Self> {
        let (said, sealed) = text.rsplit_once(' ')?;
        if sealed != key.mark(PURPOSE, said).hex() {
            return None;
        }
        let mut parts = said.split(' ');
        let id = HEXLOWER.decode(parts.next()?.as_bytes()).ok()?;
        Some(Self {
            id: id.as_slice().try_into().ok()?,
            started: Date(parts.next()?.parse().ok()?),
            newest: Date(parts.next()?.parse().ok()?),
        })
    }

    /// Whether it started after that one; of two that started in the same second, one did for both.
    pub fn is_later_than(&self, other: &Self) -> bool {
        (self.started, self.id) > (other.started, other.id)
    }
}

/// By what the boards of one office find each other: 8 hexadecimal digits, the same for whoever has the key.
pub fn office(key: &SealKey) -> String {
    key.mark(PURPOSE, "office").short()
}

/// Another board with this store and key was met, at that address.
pub fn met(address: Option<IpAddr>) -> Verdict<()> {
    Verdict::yes((), vec![OfficeChange::TwinMet(address).into()])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(id: u8, started: u64) -> Run {
        Run {
            id: [id; 16],
            started: Date(started),
            newest: Date(1_795_420_800),
        }
    }

    #[test]
    fn a_run_is_read_as_it_was_told_and_only_the_offices_key_tells_one() {
        let (key, other) = (SealKey::new([7; 32]), SealKey::new([8; 32]));
        let text = run(3, 1_795_420_900).text(&key);
        assert_eq!(Run::parse(&text, &key), Some(run(3, 1_795_420_900)));
        assert_eq!(Run::parse(&text, &other), None);
        assert_eq!(Run::parse(&text.replace("1795420900", "1795420901"), &key), None);
        assert_eq!(Run::parse("", &key), None);
        assert!(text.len() < 200, "a TXT record's string takes 255 octets");
        assert_ne!(office(&key), office(&other));
    }

    #[test]
    fn of_two_runs_exactly_one_is_the_later() {
        assert!(run(1, 6).is_later_than(&run(2, 5)));
        assert!(!run(2, 5).is_later_than(&run(1, 6)));
        assert_ne!(run(1, 5).is_later_than(&run(2, 5)), run(2, 5).is_later_than(&run(1, 5)));
    }
}
