//! A message that is passed on: what must change is changed, all else stays byte for byte and in its order
//! (RFC 3261 §16.6, §16.7).

use std::borrow::Cow;
use std::fmt::Display;
use std::net::SocketAddr;

use super::draft::MAX_FORWARDS;
use super::name::Name;
use super::scan;
use super::via::Via;
use super::view::{Field, Length, View};

/// A header field on its way out.
struct Part<'a> {
    name: Name,
    /// Whole lines with their line ends.
    line: Cow<'a, [u8]>,
}

/// A message that is being changed.
pub struct Edit<'a> {
    start: Cow<'a, [u8]>,
    parts: Vec<Part<'a>>,
    body: &'a [u8],
    has_length: bool,
}

impl<'a> Edit<'a> {
    /// The message as it came, without what came after its body, and without what a field that may stand once says
    /// again.
    #[must_use]
    pub fn new(view: &View<'a>) -> Self {
        let said_before = |at: usize, field: &Field<'_>| {
            let mut before = view.fields.iter().take(at);
            field.name.is_single() && before.any(|other| (other.name, other.value) == (field.name, field.value))
        };
        let parts = view
            .fields
            .iter()
            .enumerate()
            .filter(|(at, field)| !said_before(*at, field))
            .map(|(_, field)| Part {
                name: field.name,
                line: Cow::Borrowed(field.line),
            })
            .collect();
        let has_length = view.length != Length::Absent;
        Self {
            start: Cow::Borrowed(view.start),
            parts,
            body: view.body,
            has_length,
        }
    }

    /// Replaces the request's URI (§16.6 step 2).
    pub fn set_uri(&mut self, uri: &str) {
        let mut words = self.start.split(|byte| *byte == b' ');
        if let (Some(method), Some(version)) = (words.next(), words.next_back()) {
            let line = [method, b" ", one_line(uri.to_owned()).as_bytes(), b" ", version].concat();
            self.start = Cow::Owned(line);
        }
    }

    /// Adds a field on top of all others.
    pub fn push_top(&mut self, name: Name, value: impl Display) {
        self.parts.insert(0, own(name, value));
    }

    /// Adds a field on top of those with its name; on top of all where there is none. For Via and Record-Route (§16.6
    /// steps 4 and 8).
    pub fn push(&mut self, name: Name, value: impl Display) {
        let place = self.parts.iter().position(|part| part.name == name).unwrap_or(0);
        self.parts.insert(place, own(name, value));
    }

    /// Adds a field below all others.
    pub fn append(&mut self, name: Name, value: impl Display) {
        self.parts.push(own(name, value));
    }

    /// Adds a field that has no [`Name`] below all others.
    pub fn append_named(&mut self, name: &str, value: impl Display) {
        self.parts.push(Part {
            name: Name::of(name.as_bytes()),
            line: Cow::Owned(line(name, value)),
        });
    }

    /// Takes out all fields of this name; true if there was one.
    pub fn remove(&mut self, name: Name) -> bool {
        let before = self.parts.len();
        self.parts.retain(|part| part.name != name);
        before != self.parts.len()
    }

    /// Takes out the fields of this name whose value passes.
    pub fn remove_where(&mut self, name: Name, pass: impl Fn(&[u8]) -> bool) {
        self.parts.retain(|part| part.name != name || !pass(value(&part.line)));
    }

    /// Puts one field in the place of all fields of this name; where there is none, below all others.
    pub fn replace(&mut self, name: Name, value: impl Display) {
        let place = self
            .parts
            .iter()
            .position(|part| part.name == name)
            .unwrap_or(self.parts.len());
        self.remove(name);
        self.parts.insert(place.min(self.parts.len()), own(name, value));
    }

    /// Takes out the first element of a list field: the own Via of a response (§16.7 step 3), the own Route of a
    /// request (§16.4). False if there is none.
    pub fn pop(&mut self, name: Name) -> bool {
        let Some(place) = self.parts.iter().position(|part| part.name == name) else {
            return false;
        };
        let rest = self.parts.get(place).and_then(|part| {
            let value = value(&part.line);
            let rest = value.get(scan::first_element_length(value).saturating_add(1)..)?;
            Some(scan::trimmed(rest).to_vec())
        });
        match (rest.filter(|rest| !rest.is_empty()), self.parts.get_mut(place)) {
            (Some(rest), Some(part)) => part.line = Cow::Owned(raw_line(name, &rest)),
            _ => {
                self.parts.remove(place);
            }
        }
        true
    }

    /// Writes `received` and `rport` into the topmost Via of a request, as its source has them (§18.2.1, RFC 3581 §4).
    /// A Via that does not parse stays as it is.
    pub fn stamp(&mut self, source: SocketAddr) {
        let Some(part) = self.parts.iter_mut().find(|part| part.name == Name::Via) else {
            return;
        };
        let value = value(&part.line);
        let (first, rest) = value
            .split_at_checked(scan::first_element_length(value))
            .unwrap_or((value, &[]));
        if let Ok(via) = Via::parse(scan::trimmed(first)) {
            let stamped = [&via.stamped(source), rest].concat();
            part.line = Cow::Owned(raw_line(Name::Via, &stamped));
        }
    }

    /// Counts Max-Forwards down by one, and adds it with 70 where it is missing (§16.6 step 3). Whether it has reached
    /// 0 is looked at before.
    pub fn count_hop(&mut self, max_forwards: Option<u8>) {
        match max_forwards {
            Some(hops) => self.replace(Name::MaxForwards, hops.saturating_sub(1)),
            None => self.append(Name::MaxForwards, MAX_FORWARDS),
        }
    }

    /// The message. A Content-Length is added where there was none, since a stream needs it (§18.3).
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        let length: usize = self.parts.iter().map(|part| part.line.len()).sum();
        let mut bytes =
            Vec::with_capacity(length.saturating_add(self.start.len()).saturating_add(self.body.len()) + 64);
        bytes.extend_from_slice(&self.start);
        bytes.extend_from_slice(b"\r\n");
        for part in &self.parts {
            bytes.extend_from_slice(&part.line);
            if !part.line.ends_with(b"\n") {
                bytes.extend_from_slice(b"\r\n");
            }
        }
        if !self.has_length {
            bytes.extend_from_slice(&line("Content-Length", self.body.len()));
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(self.body);
        bytes
    }
}

fn own<'a>(name: Name, value: impl Display) -> Part<'a> {
    Part {
        name,
        line: Cow::Owned(line(name.as_str().unwrap_or_default(), value)),
    }
}

fn line(name: &str, value: impl Display) -> Vec<u8> {
    let mut line = one_line(format!("{name}: {value}")).into_bytes();
    line.extend_from_slice(b"\r\n");
    line
}

fn raw_line(name: Name, value: &[u8]) -> Vec<u8> {
    [name.as_str().unwrap_or_default().as_bytes(), b": ", value, b"\r\n"].concat()
}

/// Control characters become blanks, so that a value cannot begin another line.
fn one_line(text: String) -> String {
    if text.chars().any(char::is_control) {
        text.chars()
            .map(|letter| if letter.is_control() { ' ' } else { letter })
            .collect()
    } else {
        text
    }
}

/// What stands after the colon.
fn value(line: &[u8]) -> &[u8] {
    let colon = line.iter().position(|byte| *byte == b':').unwrap_or(0);
    scan::trimmed(line.get(colon.saturating_add(1)..).unwrap_or_default())
}
