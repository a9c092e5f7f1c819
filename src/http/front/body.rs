//! The body of a request: JSON of a known shape.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use crate::http::edge::message::Request;

/// A message without content: `{}`.
#[derive(Deserialize)]
pub struct Nothing {}

/// Reads the body as JSON of the shape `T`. Its size was bounded at the wire.
pub fn json<T: DeserializeOwned>(request: &Request) -> Result<T, Failure> {
    let kind = request.field("content-type").unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Failure::NotJson);
    }
    // A byte order mark may be ignored (RFC 8259 §8.1), and Windows' editors write one.
    let body = request.body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&request.body);
    let text = std::str::from_utf8(body).map_err(|_| Failure::NotUtf8)?;
    serde_json::from_str(text).map_err(|error| Failure::Unreadable(error.to_string()))
}
