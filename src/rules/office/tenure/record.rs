//! Which board an office is on, as records.

use data_encoding::HEXLOWER;

use crate::rules::secret::SealKey;
use crate::rules::time::Date;

const PURPOSE: &str = "board mark";

/// What a store knows of its board.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tenure {
    /// How many take-overs there were.
    pub number: u32,
    /// Made afresh by each; zero before the first.
    pub board: [u8; 16],
    /// When this board took over.
    pub since: Date,
    /// It was a spare: with `--standby` it goes on as the board.
    pub was_spare: bool,
    /// The mark is where the backups are.
    pub told: bool,
    /// The folder in which the spare saw the backups, until the schedule has it.
    pub folder: Option<String>,
    /// Who took over since.
    pub replaced: Option<BoardMark>,
}

/// What a take-over leaves where the backups are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardMark {
    /// See [`Tenure::number`].
    pub number: u32,
    /// See [`Tenure::board`].
    pub board: [u8; 16],
    /// When.
    pub at: Date,
}

impl BoardMark {
    /// One line: number, board, date, and the appliance's key's word for it. Nobody without that key can make one.
    pub fn text(&self, key: &SealKey) -> String {
        let said = self.said();
        format!("{said} {}\n", seal(key, &said))
    }

    fn said(&self) -> String {
        format!("{} {} {}", self.number, HEXLOWER.encode(&self.board), self.at.0)
    }

    /// Reads it; what this office's key did not write is none.
    pub fn parse(text: &[u8], key: &SealKey) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?.trim();
        let (said, sealed) = text.rsplit_once(' ')?;
        if sealed != seal(key, said) {
            return None;
        }
        let mut parts = said.split(' ');
        let number = parts.next()?.parse().ok()?;
        let board = HEXLOWER.decode(parts.next()?.as_bytes()).ok()?;
        let at = Date(parts.next()?.parse().ok()?);
        let board = board.as_slice().try_into().ok()?;
        Some(Self { number, board, at })
    }
}

fn seal(key: &SealKey, said: &str) -> String {
    key.mark(PURPOSE, said).hex()
}

/// The name of the mark, beside backups whose names begin so.
pub fn name(prefix: &str) -> String {
    format!("{prefix}board")
}

impl Tenure {
    /// What it leaves where the backups are.
    pub fn mark(&self) -> BoardMark {
        BoardMark {
            number: self.number,
            board: self.board,
            at: self.since,
        }
    }

    /// Who replaced this board, by the mark that is there. Of two that took over at once, the one whose mark came last.
    pub fn replaced_by(&self, mark: Option<&BoardMark>) -> Option<BoardMark> {
        let other = mark.filter(|mark| mark.board != self.board && mark.number >= self.number);
        other.filter(|_| self.number == 0 || self.told).cloned()
    }

    /// This store's board takes over. `seen`: the mark that is there. `folder`: where a spare saw the backups.
    #[must_use]
    pub fn take_over(
        self,
        seen: Option<&BoardMark>,
        board: [u8; 16],
        now: Date,
        (was_spare, folder): (bool, Option<String>),
    ) -> Self {
        let by = self.replaced.as_ref().map_or(0, |mark| mark.number);
        let seen = seen.map_or(0, |mark| mark.number);
        Self {
            number: self.number.max(seen).max(by).saturating_add(1),
            board,
            since: now,
            was_spare,
            told: false,
            folder,
            replaced: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_took_over_last_is_the_board_and_the_one_before_learns_it() {
        let first = Tenure::default();
        assert_eq!(first.replaced_by(None), None);
        let spare = first.clone().take_over(None, [1; 16], Date(5), (true, None));
        assert_eq!(first.replaced_by(Some(&spare.mark())), Some(spare.mark()));
        assert_eq!(spare.replaced_by(Some(&spare.mark())), None);
        let old = Tenure {
            replaced: Some(spare.mark()),
            ..first
        };
        let again = old.take_over(None, [2; 16], Date(9), (false, None));
        let spare = Tenure { told: true, ..spare };
        assert_eq!(spare.replaced_by(Some(&again.mark())), Some(again.mark()));
        assert_eq!(again.replaced_by(Some(&spare.mark())), None, "a mark of before");
        assert_eq!(again.replaced, None);
    }

    #[test]
    fn a_mark_is_read_as_it_was_written_and_only_the_offices_key_writes_one() {
        let mark = BoardMark {
            number: 3,
            board: [7; 16],
            at: Date(1_795_420_800),
        };
        let (key, other) = (SealKey::new([7; 32]), SealKey::new([8; 32]));
        let text = mark.text(&key);
        assert_eq!(BoardMark::parse(text.as_bytes(), &key), Some(mark));
        assert_eq!(BoardMark::parse(text.as_bytes(), &other), None);
        assert_eq!(BoardMark::parse(text.replacen('3', "4", 1).as_bytes(), &key), None);
        assert_eq!(BoardMark::parse(b"", &key), None);
    }
}
