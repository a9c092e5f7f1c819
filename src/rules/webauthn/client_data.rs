//! Client data (§5.8.1): what the browser says that it was asked, and by whom.
//!
//! Always read by the full grammar: §5.8.1.2's limited algorithm would pass whatever follows its prefix. The order of
//! §5.8.1.1 makes that cheap, and a serialization by the standard's own algorithm is read without a copy.

use std::borrow::Cow;

use super::json::{Reader, Value};
use super::limits::{CLIENT_DATA, JSON_DEPTH, MEMBERS};
use super::malformed::Malformed;

/// The members that a relying party looks at. A member of another type than the standard's is malformed; one that is
/// absent is `None`, and it is for its step to refuse that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientData<'a> {
    /// `type`: `webauthn.create` or `webauthn.get`.
    pub kind: Option<Cow<'a, str>>,
    /// `challenge`, as base64url text.
    pub challenge: Option<Cow<'a, str>>,
    /// `origin`.
    pub origin: Option<Cow<'a, str>>,
    /// `crossOrigin`; absent in Level 1, which is `false`.
    pub cross_origin: bool,
    /// `topOrigin`, only there when framed.
    pub top_origin: Option<Cow<'a, str>>,
}

/// UTF-8 decode without replacement characters: strips a leading byte order mark, refuses what is not UTF-8, and
/// anything above [`CLIENT_DATA`] bytes.
pub fn decode(bytes: &[u8]) -> Result<&str, Malformed> {
    if bytes.len() > CLIENT_DATA {
        return Err(Malformed::Oversized);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|_| Malformed::Text)
}

impl<'a> ClientData<'a> {
    /// Reads the decoded text: an object, its own members without duplicates (at most [`MEMBERS`]), unknown ones
    /// ignored.
    pub fn parse(text: &'a str) -> Result<Self, Malformed> {
        let mut said = Self::default();
        let mut seen: heapless::Vec<Cow<'a, str>, MEMBERS> = heapless::Vec::new();
        Reader::new(text).object(JSON_DEPTH, |name, value| {
            if seen.contains(&name) {
                return Err(Malformed::Duplicate);
            }
            match (&*name, value) {
                ("type", Value::Text(text)) => said.kind = Some(text),
                ("challenge", Value::Text(text)) => said.challenge = Some(text),
                ("origin", Value::Text(text)) => said.origin = Some(text),
                ("topOrigin", Value::Text(text)) => said.top_origin = Some(text),
                ("crossOrigin", Value::Bool(value)) => said.cross_origin = value,
                ("type" | "challenge" | "origin" | "topOrigin" | "crossOrigin", _) => {
                    return Err(Malformed::Kind);
                }
                _ => {}
            }
            seen.push(name).map_err(|_| Malformed::Oversized)
        })?;
        Ok(said)
    }
}
