//! Requests and answers as plain values: what the wire gives and takes, whoever routes them.

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;

pub use http::{Method, StatusCode};
use smol::io::AsyncRead;

use crate::net::peer::Peer;
use crate::rules::neighbour::Neighbour;

/// A request that is well-formed and within the limits.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path as it was sent, beginning with `/`: percent signs are not decoded.
    pub path: String,
    /// What stands behind the question mark, not decoded.
    pub query: Option<String>,
    /// Field names in lower case, with their values, in the order sent. `host` is among them.
    pub fields: Vec<(String, String)>,
    /// The body, whole.
    pub body: Vec<u8>,
    /// Who sent it.
    pub peer: Peer,
    /// The same as strangers are counted; the door knows who is on its own network.
    pub neighbour: Neighbour,
    /// Whether its browser's cookies are `Secure`: a proxy may have taken off the TLS that it came by.
    pub has_secure_cookies: bool,
}

impl Request {
    /// One without fields and body; `target` is a path with or without a query.
    pub fn new(method: Method, target: &str, peer: Peer) -> Self {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        Self {
            method,
            path: path.to_owned(),
            query,
            fields: Vec::new(),
            body: Vec::new(),
            peer,
            neighbour: peer.address.ip().into(),
            has_secure_cookies: peer.secure,
        }
    }

    /// Path and query.
    pub fn target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    /// The value of a field, by its name in lower case: the last one where there are several.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields_named(name).next_back()
    }

    /// All values of a field, by its name in lower case.
    pub fn fields_named(&self, name: &str) -> impl DoubleEndedIterator<Item = &str> {
        let named = self.fields.iter().filter(move |(known, _)| known == name);
        named.map(|(_, value)| value.as_str())
    }

    /// Adds a field behind those of its name.
    pub fn add_field(&mut self, name: &str, value: impl Into<String>) {
        self.fields.push((name.to_ascii_lowercase(), value.into()));
    }

    /// Takes all fields of a name away.
    pub fn remove_field(&mut self, name: &str) {
        self.fields.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// Sets a field in place of those of its name.
    pub fn set_field(&mut self, name: &str, value: impl Into<String>) {
        self.remove_field(name);
        self.add_field(name, value);
    }
}

/// An answer. How its body is framed is the wire's business.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// Field names in lower case, with their values.
    pub fields: Vec<(&'static str, String)>,
    /// The body.
    pub body: Body,
    /// Whether whoever asked has a live session: their connection is kept where there are too many.
    pub known: bool,
    /// Who wants to know whether the answer came through, if anybody.
    pub receipt: Option<Receipt>,
}

/// Told whether an answer came through; as far as that can be known at all. Dropped, it did not.
pub struct Receipt(Option<Box<dyn FnOnce(bool) + Send>>);

impl Receipt {
    /// One that is told `true` where the answer came through.
    pub fn new(told: impl FnOnce(bool) + Send + 'static) -> Self {
        Self(Some(Box::new(told)))
    }

    /// It came through.
    pub fn came_through(mut self) {
        if let Some(told) = self.0.take() {
            told(true);
        }
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        if let Some(told) = self.0.take() {
            told(false);
        }
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipt")
    }
}

/// The body of an answer.
pub enum Body {
    /// Bytes that are there already.
    Bytes(Cow<'static, [u8]>),
    /// Bytes as they come.
    Reader {
        /// Where they come from.
        reader: Pin<Box<dyn AsyncRead + Send>>,
        /// How many there are, if that is known.
        length: Option<usize>,
    },
}

impl Response {
    /// One without fields and body.
    pub fn new(status: StatusCode) -> Self {
        Self {
            status,
            fields: Vec::new(),
            body: Body::Bytes(Cow::Borrowed(&[])),
            known: false,
            receipt: None,
        }
    }

    /// Sets a field in place of those of its name; the name in lower case.
    pub fn set_field(&mut self, name: &'static str, value: impl Into<String>) {
        self.fields.retain(|(known, _)| *known != name);
        self.fields.push((name, value.into()));
    }

    /// The value of a field, by its name in lower case.
    pub fn field(&self, name: &str) -> Option<&str> {
        let named = self.fields.iter().find(|(known, _)| *known == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The same with that body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }
}

impl Body {
    /// Bytes as they come, nobody knows how many.
    pub fn live(reader: impl AsyncRead + Send + 'static) -> Self {
        Self::Reader {
            reader: Box::pin(reader),
            length: None,
        }
    }

    /// How many bytes there are, if that is known.
    pub fn length(&self) -> Option<usize> {
        match self {
            Self::Bytes(bytes) => Some(bytes.len()),
            Self::Reader { length, .. } => *length,
        }
    }
}

impl Body {
    /// The bytes, to be read as they come.
    pub fn into_reader(self) -> Pin<Box<dyn AsyncRead + Send>> {
        match self {
            Self::Bytes(bytes) => Box::pin(smol::io::Cursor::new(bytes)),
            Self::Reader { reader, .. } => reader,
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Cow::Owned(bytes))
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        text.into_bytes().into()
    }
}

impl From<&'static [u8]> for Body {
    fn from(bytes: &'static [u8]) -> Self {
        Self::Bytes(Cow::Borrowed(bytes))
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        text.as_bytes().into()
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.length() {
            Some(length) => write!(f, "Body({length} bytes)"),
            None => f.write_str("Body(live)"),
        }
    }
}
