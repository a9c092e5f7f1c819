//! Parameters after semicolons: `;name`, `;name=value`, `;name="value"` (RFC 3261 §25.1, generic-param).

use std::borrow::Cow;

use super::scan::{self, Cursor};

/// The value of a parameter, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    /// Without the quotes; escapes and folds as written.
    pub raw: &'a [u8],
    /// Whether it stood in quotes.
    pub is_quoted: bool,
}

impl<'a> Value<'a> {
    /// The text as written, without blanks at its ends; none if it is not UTF-8.
    #[must_use]
    pub fn text(self) -> Option<&'a str> {
        scan::text(scan::trimmed(self.raw))
    }

    /// What is meant: escapes taken off, each fold one blank. Bytes that are not UTF-8 become U+FFFD.
    #[must_use]
    pub fn meant(self) -> Cow<'a, str> {
        unescaped(self.raw)
    }
}

/// What the inside of a quoted string means: `\x` is x, a fold is one blank.
pub(super) fn unescaped(raw: &[u8]) -> Cow<'_, str> {
    if !raw.iter().any(|byte| matches!(byte, b'\\' | b'\r' | b'\n')) {
        return String::from_utf8_lossy(raw);
    }
    let mut meant = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => meant.extend(bytes.next()),
            b'\r' | b'\n' => {
                while bytes.peek().is_some_and(|next| scan::is_blank(*next)) {
                    bytes.next();
                }
                meant.push(b' ');
            }
            other => meant.push(other),
        }
    }
    Cow::Owned(String::from_utf8_lossy(&meant).into_owned())
}

/// A list of parameters whose form has been checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Params<'a> {
    raw: &'a [u8],
}

impl<'a> Params<'a> {
    /// Reads parameters to the end of the bytes. One semicolon too many at the very end is forgiven.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let raw = scan::trimmed(bytes);
        let mut cursor = Cursor::new(raw);
        while !cursor.is_at_end() {
            next(&mut cursor)?;
        }
        Some(Self { raw })
    }

    /// As written, from the first semicolon on.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        self.raw
    }

    /// Each parameter in its order: its name as written, and its value if it has one.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Option<Value<'a>>)> {
        let mut cursor = Cursor::new(self.raw);
        std::iter::from_fn(move || next(&mut cursor).flatten())
    }

    /// The first parameter of this name, without regard to case. Outer `None`: absent; inner `None`: without value.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Option<Value<'a>>> {
        self.iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Whether there is a parameter of this name.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The text of the first parameter of this name; none if it is absent, without value, or not UTF-8.
    #[must_use]
    pub fn text(self, name: &str) -> Option<&'a str> {
        self.get(name).flatten().and_then(Value::text)
    }
}

/// The next parameter. Outer `None`: malformed; inner `None`: the end.
fn next<'a>(cursor: &mut Cursor<'a>) -> Option<Option<(&'a str, Option<Value<'a>>)>> {
    if cursor.is_at_end() {
        return Some(None);
    }
    if !cursor.eat_spaced(b';') {
        return None;
    }
    if cursor.is_at_end() {
        return Some(None);
    }
    let name = cursor.token()?;
    let mut value = None;
    if cursor.eat_spaced(b'=') {
        value = Some(if cursor.peek() == Some(b'"') {
            Value {
                raw: cursor.quoted()?,
                is_quoted: true,
            }
        } else {
            let fits = |byte| !matches!(byte, b';' | b',' | b'"' | b'<' | b'>' | b'\\') && byte > b' ' && byte != 0x7f;
            Value {
                raw: cursor.take_while(fits),
                is_quoted: false,
            }
        });
    }
    cursor.skip_blanks();
    Some(Some((name, value)))
}
