//! Reading bytes of a header field from left to right: blanks, tokens, quoted strings, lists (RFC 3261 §25.1).
//!
//! A field's value may still hold its folds. A line end inside a value is always part of a fold, so it counts as a
//! blank.

/// Whether a byte may stand in a token.
pub(super) const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.' | b'!' | b'%' | b'*' | b'_' | b'+' | b'`' | b'\'' | b'~'
        )
}

/// Whether a byte is a blank, a tab, or part of a fold.
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// The bytes without the blanks at both ends.
pub(super) fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes {
        if !is_blank(*first) {
            break;
        }
        bytes = rest;
    }
    while let [rest @ .., last] = bytes {
        if !is_blank(*last) {
            break;
        }
        bytes = rest;
    }
    bytes
}

/// The bytes as text; none if they are not UTF-8.
pub(super) fn text(bytes: &[u8]) -> Option<&str> {
    str::from_utf8(bytes).ok()
}

/// The bytes as text if they are one token, else none.
pub(super) fn token(bytes: &[u8]) -> Option<&str> {
    text(bytes).filter(|text| !text.is_empty() && text.bytes().all(is_token))
}

/// A decimal number without sign; `None` if it is none. What is too large becomes `u32::MAX`.
pub(super) fn number(bytes: &[u8]) -> Option<u32> {
    if bytes.is_empty() {
        return None;
    }
    bytes.iter().try_fold(0_u32, |sum, byte| {
        let digit = char::from(*byte).to_digit(10)?;
        Some(sum.saturating_mul(10).saturating_add(digit))
    })
}

/// A decimal number of 16 bits; `None` if it is none or too large.
pub(super) fn number_u16(bytes: &[u8]) -> Option<u16> {
    number(bytes).and_then(|number| u16::try_from(number).ok())
}

/// A place in a value, and what comes after it.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Passes over one byte if it is this one.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == byte => {
                self.rest = rest;
                true
            }
            Some(_) | None => false,
        }
    }

    pub(super) fn skip_blanks(&mut self) {
        self.take_while(is_blank);
    }

    /// Passes over one byte with the blanks around it, if it is this one.
    pub(super) fn eat_spaced(&mut self, byte: u8) -> bool {
        let mut ahead = *self;
        ahead.skip_blanks();
        if !ahead.eat(byte) {
            return false;
        }
        ahead.skip_blanks();
        *self = ahead;
        true
    }

    /// The bytes from here that fit.
    pub(super) fn take_while(&mut self, fits: impl Fn(u8) -> bool) -> &'a [u8] {
        let length = self
            .rest
            .iter()
            .position(|byte| !fits(*byte))
            .unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    /// A token, not empty.
    pub(super) fn token(&mut self) -> Option<&'a str> {
        text(self.take_while(is_token)).filter(|text| !text.is_empty())
    }

    /// What stands between the quotes of a quoted string that begins here, escapes and folds as written; `None` if no
    /// quoted string begins here or it does not end.
    pub(super) fn quoted(&mut self) -> Option<&'a [u8]> {
        let (b'"', inside) = self.rest.split_first()? else {
            return None;
        };
        let mut escaped = false;
        let end = inside.iter().position(|byte| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        })?;
        let (value, rest) = inside.split_at_checked(end)?;
        self.rest = rest.get(1..)?;
        Some(value)
    }
}

/// The elements of a list: separated by commas that stand outside quotes and angle brackets; without blanks around.
/// A list of nothing has one element, which is empty.
#[derive(Clone)]
pub(super) struct Elements<'a> {
    rest: Option<&'a [u8]>,
}

/// The elements of a value.
pub(super) const fn elements(value: &[u8]) -> Elements<'_> {
    Elements { rest: Some(value) }
}

/// Where the first element of a list ends: at its comma, or at the end of the list.
pub(super) fn first_element_length(value: &[u8]) -> usize {
    let (mut quoted, mut escaped, mut bracketed) = (false, false, false);
    for (place, byte) in value.iter().enumerate() {
        if quoted {
            if escaped {
                escaped = false;
            } else if *byte == b'\\' {
                escaped = true;
            } else if *byte == b'"' {
                quoted = false;
            }
            continue;
        }
        match byte {
            b'"' => quoted = true,
            b'<' => bracketed = true,
            b'>' => bracketed = false,
            b',' if !bracketed => return place,
            _ => {}
        }
    }
    value.len()
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let value = self.rest.take()?;
        let (element, rest) = value.split_at_checked(first_element_length(value))?;
        self.rest = rest.get(1..);
        Some(trimmed(element))
    }
}
