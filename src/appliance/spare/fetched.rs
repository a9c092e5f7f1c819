//! Backups on their way to a spare: copied as they are opened, and what did not open is remembered.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use crate::office::backup::Unopened;

/// After so many looks a file that did not open is fetched once more: it may have been mended at the same length.
const ONCE_MORE: u32 = 60;

/// Why there is no copy.
pub(super) enum NoCopy {
    /// The file is none that opens, and will not be one tomorrow.
    Bad(String),
    /// It could not be read, or there is no room or memory for it here.
    Failed(String),
}

impl From<Unopened> for NoCopy {
    fn from(why: Unopened) -> Self {
        match why {
            Unopened::Flaw(flaw) => Self::Bad(flaw.to_string()),
            Unopened::Memory | Unopened::Read(_) | Unopened::Write(_) => Self::Failed(why.to_string()),
        }
    }
}

/// A file that did not open.
struct Refused {
    length: Option<u64>,
    why: String,
    at: u32,
}

/// Files that did not open, by their names.
#[derive(Default)]
pub(super) struct RefusedFiles {
    looks: u32,
    files: BTreeMap<String, Refused>,
}

impl RefusedFiles {
    /// Another look finds those names.
    pub(super) fn look(&mut self, names: &[String]) {
        self.looks = self.looks.saturating_add(1);
        let looks = self.looks;
        self.files
            .retain(|name, refused| names.contains(name) && looks.saturating_sub(refused.at) < ONCE_MORE);
    }

    /// The length that it had, and why it did not open.
    pub(super) fn of(&self, name: &str) -> Option<(Option<u64>, String)> {
        let refused = self.files.get(name)?;
        Some((refused.length, refused.why.clone()))
    }

    pub(super) fn add(&mut self, name: String, length: Option<u64>, why: String) {
        let at = self.looks;
        self.files.insert(name, Refused { length, why, at });
    }
}

/// Writes down whatever is read through it.
pub(super) struct Tee<R, W> {
    from: R,
    to: W,
    /// What was written.
    pub(super) bytes: u64,
    /// Why it could not be written.
    pub(super) broken: Option<io::Error>,
}

impl<R, W> Tee<R, W> {
    pub(super) fn new(from: R, to: W) -> Self {
        Self {
            from,
            to,
            bytes: 0,
            broken: None,
        }
    }

    /// Where it was written.
    pub(super) fn to(self) -> W {
        self.to
    }
}

impl<R: Read, W: Write> Read for Tee<R, W> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        if let Err(error) = self.to.write_all(into.get(..count).unwrap_or_default()) {
            let kind = error.kind();
            self.broken = Some(error);
            return Err(kind.into());
        }
        self.bytes = self.bytes.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_open_is_fetched_again_once_it_is_gone_another_or_an_hour_has_passed() {
        let mut refused = RefusedFiles::default();
        let name = "linekey-aa-1.backup".to_owned();
        refused.add(name.clone(), Some(7), "it is damaged".to_owned());
        let known = Some((Some(7), "it is damaged".to_owned()));
        for _ in 1..ONCE_MORE {
            refused.look(std::slice::from_ref(&name));
            assert_eq!(refused.of(&name), known);
        }
        refused.look(std::slice::from_ref(&name));
        assert_eq!(refused.of(&name), None, "an hour has passed");
        refused.add(name.clone(), Some(7), "it is damaged".to_owned());
        refused.look(&[]);
        assert_eq!(refused.of(&name), None, "it is gone");
    }
}
