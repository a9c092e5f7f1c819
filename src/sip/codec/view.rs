//! The liberal reader: a message as it lies in its bytes. It judges nothing and changes nothing.

use super::name::Name;
use super::scan;
use super::{FIELDS_MAX, HEAD_MAX, Unreadable};

/// One header field, as written.
#[derive(Clone, Copy, Debug)]
pub struct Field<'a> {
    /// Which field it is.
    pub name: Name,
    /// The name as written, without blanks. Empty for a line without a colon.
    pub label: &'a [u8],
    /// The value without the blanks at its ends; folds stay inside.
    pub value: &'a [u8],
    /// All its lines with their line ends.
    pub line: &'a [u8],
}

/// What Content-Length says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// There is none.
    Absent,
    /// So many bytes.
    Bytes(u32),
    /// No number, a number beyond 32 bits, or two fields that differ.
    Unclear,
}

/// A message that begins at the first byte of its start line and ends with its body.
#[derive(Clone, Debug)]
pub struct View<'a> {
    /// The start line without its line end.
    pub start: &'a [u8],
    /// The header fields in their order; at most [`FIELDS_MAX`].
    pub fields: Vec<Field<'a>>,
    /// The body, cut to its Content-Length; to the end of the bytes where there is none.
    pub body: &'a [u8],
    /// What Content-Length says.
    pub length: Length,
    /// The whole head with its empty line.
    pub head: &'a [u8],
    /// Whether the head ends with an empty line.
    pub is_head_ended: bool,
    /// Whether fewer bytes came than Content-Length says.
    pub is_body_short: bool,
    /// Whether a CR without LF stands in the head.
    pub has_bare_cr: bool,
}

impl<'a> View<'a> {
    /// Reads one message: a datagram, or what the [`Stream`](super::Stream) cut out. Line ends before the start line
    /// are passed over (RFC 3261 §7.5), bytes after the body are left out (§18.3). Lines end with CRLF or LF.
    ///
    /// # Errors
    /// Nothing but line ends, a byte that begins no message, or a head beyond the limits.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let mut cursor = scan::Cursor::new(bytes);
        cursor.take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let message = cursor.rest;
        if !scan::is_token(*message.first().ok_or(Unreadable::Empty)?) {
            return Err(Unreadable::NotSip);
        }
        let mut lines = Lines { rest: message };
        let start = without_line_end(lines.next().unwrap_or_default());
        let mut fields = Vec::with_capacity(FIELDS_USUAL);
        let mut is_head_ended = false;
        let mut length = Length::Absent;
        while let Some(line) = lines.next_folded() {
            if without_line_end(line).is_empty() {
                is_head_ended = true;
                break;
            }
            if fields.len() >= FIELDS_MAX {
                return Err(Unreadable::FieldsTooMany);
            }
            let field = field(line);
            if field.name == Name::ContentLength {
                let said = content_length(field.value);
                let is_clear = length == Length::Absent || length == said;
                length = if is_clear { said } else { Length::Unclear };
            }
            fields.push(field);
        }
        let after = lines.rest;
        let head = message
            .get(..message.len().saturating_sub(after.len()))
            .unwrap_or(message);
        if head.len() > HEAD_MAX {
            return Err(Unreadable::HeadTooLong);
        }
        let wanted = match length {
            Length::Bytes(bytes) => usize::try_from(bytes).unwrap_or(usize::MAX),
            Length::Absent | Length::Unclear => after.len(),
        };
        Ok(Self {
            start,
            fields,
            body: after.get(..wanted).unwrap_or(after),
            length,
            head,
            is_head_ended,
            is_body_short: wanted > after.len(),
            has_bare_cr: has_bare_cr(head),
        })
    }

    /// Whether the start line is that of a response, or means to be.
    #[must_use]
    pub fn is_response(&self) -> bool {
        self.start
            .get(..4)
            .is_some_and(|begin| begin.eq_ignore_ascii_case(b"SIP/"))
    }

    /// The method of the request line; `None` for a response or where it is no token.
    #[must_use]
    pub fn method(&self) -> Option<super::Method<'a>> {
        if self.is_response() {
            return None;
        }
        super::Method::parse(scan::Cursor::new(self.start).take_while(|byte| byte != b' '))
    }

    /// All fields with this name, in their order.
    pub fn all(&self, name: Name) -> impl Iterator<Item = &Field<'a>> {
        self.fields.iter().filter(move |field| field.name == name)
    }

    /// The value of the first field with this name.
    #[must_use]
    pub fn first(&self, name: Name) -> Option<&'a [u8]> {
        self.all(name).next().map(|field| field.value)
    }

    /// The value of the first field that is called so, without regard to case: for fields that have no [`Name`].
    #[must_use]
    pub fn named(&self, label: &str) -> Option<&'a [u8]> {
        self.fields
            .iter()
            .find(|field| field.label.eq_ignore_ascii_case(label.as_bytes()))
            .map(|field| field.value)
    }

    /// The elements of all fields with this name, which together are one list (RFC 3261 §7.3.1). They are split at the
    /// commas outside quotes and angle brackets, and come without blanks around.
    pub fn elements(&self, name: Name) -> impl Iterator<Item = &'a [u8]> {
        self.fields
            .iter()
            .filter(move |field| field.name == name)
            .flat_map(|field| scan::elements(field.value))
    }
}

/// Room for the fields of a usual message, so that the list seldom grows.
const FIELDS_USUAL: usize = 20;

/// The lines of a head, each with its line end.
struct Lines<'a> {
    rest: &'a [u8],
}

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        self.take(line_length(self.rest))
    }

    /// A line with the lines that continue it: those that begin with a blank and have something in them.
    fn next_folded(&mut self) -> Option<&'a [u8]> {
        let mut length = line_length(self.rest);
        if self
            .rest
            .get(..length)
            .is_some_and(|line| without_line_end(line).is_empty())
        {
            return self.take(length);
        }
        while let Some(after) = self.rest.get(length..) {
            if !matches!(after.first(), Some(b' ' | b'\t')) {
                break;
            }
            length = length.saturating_add(line_length(after));
        }
        self.take(length)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (line, rest) = self
            .rest
            .split_at_checked(length)
            .filter(|(line, _)| !line.is_empty())?;
        self.rest = rest;
        Some(line)
    }
}

fn line_length(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(bytes.len(), |place| place.saturating_add(1))
}

fn without_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn field(line: &[u8]) -> Field<'_> {
    let (label, value) = match line.iter().position(|byte| *byte == b':') {
        Some(colon) => (
            line.get(..colon).unwrap_or_default(),
            line.get(colon.saturating_add(1)..).unwrap_or_default(),
        ),
        None => (&[][..], line),
    };
    let label = scan::trimmed(label);
    Field {
        name: Name::of(label),
        label,
        value: scan::trimmed(value),
        line,
    }
}

/// RFC 3261 §20.14: digits alone. More than 32 bits hold is no length that anybody can mean.
fn content_length(value: &[u8]) -> Length {
    match scan::number(value) {
        Some(u32::MAX) | None => Length::Unclear,
        Some(bytes) => Length::Bytes(bytes),
    }
}

fn has_bare_cr(head: &[u8]) -> bool {
    let mut after_cr = false;
    for byte in head {
        if after_cr && *byte != b'\n' {
            return true;
        }
        after_cr = *byte == b'\r';
    }
    after_cr
}
