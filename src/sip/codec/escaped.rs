//! A message for a log: whole if it is short, and on one line.

use std::fmt;

/// Shows bytes escaped: what is printable ASCII as it is, line ends as `\r\n`, all else as `\x00`. What is longer than
/// the limit ends with the number of bytes left out.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a> {
    bytes: &'a [u8],
    most: usize,
}

impl<'a> Escaped<'a> {
    /// Shows at most so many of the bytes.
    #[must_use]
    pub const fn new(bytes: &'a [u8], most: usize) -> Self {
        Self { bytes, most }
    }
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.bytes.get(..self.most).unwrap_or(self.bytes);
        shown.escape_ascii().fmt(out)?;
        match self.bytes.len().saturating_sub(shown.len()) {
            0 => Ok(()),
            left => write!(out, " … and {left} bytes more"),
        }
    }
}
