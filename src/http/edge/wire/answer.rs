//! An answer's head, as bytes: status line, the application's fields, the safety fields, and the framing, which is
//! ours.

use std::io::Write;

use super::bad::Bad;
use crate::http::edge::headers;
use crate::http::edge::message::{Response, StatusCode};

/// How the answer's body is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sent {
    /// In chunks as they come, since nobody knows how many.
    Chunked,
    /// Exactly this many bytes.
    Length(usize),
    /// There is none and there cannot be one: 204 and 304 (RFC 9110 §6.4.1).
    Nothing,
    /// As it comes, ended by closing the connection: an unknown length to an HTTP/1.0 client.
    UntilClose,
}

impl Sent {
    /// Decides from the answer and whether its client speaks only HTTP/1.0.
    pub fn of(response: &Response, old: bool) -> Self {
        match (response.status, response.body.length()) {
            (StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED, _) => Self::Nothing,
            (status, _) if status.is_informational() => Self::Nothing,
            (_, Some(length)) => Self::Length(length),
            (_, None) if old => Self::UntilClose,
            (_, None) => Self::Chunked,
        }
    }
}

/// Fields that say how messages follow each other on the connection. What the application says of them is dropped.
const FRAMING: &[&str] = &[
    "connection",
    "content-length",
    "keep-alive",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Writes the head of `response` behind what `out` holds, through its empty line.
///
/// # Errors
/// [`Bad::Ours`] if a field's name is not a token or its value has a control character: the answer must not be
/// sent, and `out` is as it was.
pub fn head(out: &mut Vec<u8>, response: &Response, sent: Sent, strict: Option<&str>, keep: bool) -> Result<(), Bad> {
    let before = out.len();
    let status = response.status;
    let reason = status.canonical_reason().unwrap_or_default();
    write!(out, "HTTP/1.1 {} {reason}\r\n", status.as_u16()).map_err(|_| Bad::Ours)?;
    for (name, value) in response.fields.iter().filter(|(name, _)| !FRAMING.contains(name)) {
        if !is_token(name) || !is_value(value) {
            out.truncate(before);
            return Err(Bad::Ours);
        }
        field(out, name, value);
    }
    let strict = strict.map(|value| (headers::STRICT_TRANSPORT_SECURITY, value));
    let safety = headers::ALWAYS.iter().copied().chain(strict);
    for (name, value) in safety.filter(|(name, _)| response.field(name).is_none()) {
        field(out, name, value);
    }
    match sent {
        Sent::Chunked => field(out, "transfer-encoding", "chunked"),
        Sent::Length(length) => write!(out, "content-length: {length}\r\n").map_err(|_| Bad::Ours)?,
        Sent::Nothing | Sent::UntilClose => {}
    }
    if !keep {
        field(out, "connection", "close");
    }
    out.extend_from_slice(b"\r\n");
    Ok(())
}

/// The whole answer to a request that is refused at the edge.
pub fn refusal(bad: Bad) -> Response {
    let (status, code, sentence) = bad.told();
    let mut response = Response::new(status).with_body(format!(r#"{{"error":"{code}","message":"{sentence}"}}"#));
    response.set_field("content-type", "application/json");
    if bad == Bad::Busy {
        response.set_field("retry-after", "5");
    }
    response
}

fn field(out: &mut Vec<u8>, name: &str, value: &str) {
    for part in [name, ": ", value, "\r\n"] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// RFC 9110 §5.6.2.
fn is_token(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(fits)
}

/// RFC 9110 §5.5, and ASCII only.
fn is_value(value: &str) -> bool {
    value.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte))
}
