//! Addresses: `"Name" <uri>;params` and `uri;params` (RFC 3261 §20.10, name-addr and addr-spec).

use std::borrow::Cow;

use super::Malformed;
use super::params::{self, Params, Value};
use super::scan::{self, Cursor};
use super::uri::Uri;

/// An address with its display name and parameters: From, To, Route, Refer-To, and what Contact is made of.
#[derive(Clone, Copy, Debug)]
pub struct Address<'a> {
    /// The whole, as written.
    pub raw: &'a [u8],
    /// The display name without its quotes, escapes as written; empty where there is none.
    pub display: &'a [u8],
    /// The URI.
    pub uri: Uri<'a>,
    /// The parameters of the field. Without angle brackets all parameters are the field's (§20.10).
    pub params: Params<'a>,
}

impl<'a> Address<'a> {
    /// Reads an address to the end of the bytes.
    ///
    /// # Errors
    /// The name, the URI or a parameter is malformed: [`Malformed::Uri`] in every case; the caller knows the field.
    pub fn parse(raw: &'a [u8]) -> Result<Self, Malformed> {
        Self::read(raw).ok_or(Malformed::Uri)
    }

    fn read(raw: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(scan::trimmed(raw));
        let mut display: &[u8] = &[];
        let mut is_quoted = false;
        if cursor.peek() == Some(b'"') {
            display = cursor.quoted()?;
            is_quoted = true;
            cursor.skip_blanks();
        }
        let before = cursor.take_while(|byte| !matches!(byte, b'<' | b';' | b',' | b'?' | b'"'));
        let uri = if cursor.eat(b'<') {
            if !is_quoted {
                display = scan::trimmed(before);
            } else if !before.is_empty() {
                return None;
            }
            let uri = cursor.take_while(|byte| byte != b'>');
            if !cursor.eat(b'>') {
                return None;
            }
            uri
        } else if is_quoted {
            return None;
        } else {
            scan::trimmed(before)
        };
        let params = Params::parse(cursor.rest)?;
        Some(Self {
            raw,
            display,
            uri: Uri::parse(uri).ok()?,
            params,
        })
    }

    /// The display name as it is meant.
    #[must_use]
    pub fn display_meant(&self) -> Cow<'a, str> {
        params::unescaped(self.display)
    }

    /// The tag; `None` if there is none (RFC 3261 §19.3).
    #[must_use]
    pub fn tag(&self) -> Option<&'a str> {
        self.params.text("tag").filter(|tag| !tag.is_empty())
    }

    /// Whether its tag, if it has one, can be read: it has a value, and there are not two.
    pub(super) fn is_tag_clear(&self) -> bool {
        let mut tags = self.params.iter().filter(|(name, _)| name.eq_ignore_ascii_case("tag"));
        let is_clear = match tags.next() {
            None => true,
            Some((_, value)) => value.and_then(Value::text).is_some_and(|tag| !tag.is_empty()),
        };
        is_clear && tags.next().is_none()
    }
}
