//! URIs: `sip`, `sips` and `tel` in their parts, any other by its scheme (RFC 3261 §19.1, RFC 3966).

mod compare;
pub(super) mod host;

use std::borrow::Cow;

pub use host::Host;

use super::Malformed;
use super::scan::{self, Cursor};

/// A URI, as it stands in a request line or between angle brackets.
#[derive(Clone, Copy, Debug)]
pub enum Uri<'a> {
    /// `sip:` or `sips:`.
    Sip(SipUri<'a>),
    /// `tel:`.
    Tel(TelUri<'a>),
    /// Any other scheme.
    Other {
        /// The scheme, as written.
        scheme: &'a str,
        /// The whole URI, as written.
        text: &'a str,
    },
}

/// `sip:user:password@host:port;params?headers`.
#[derive(Clone, Copy, Debug)]
pub struct SipUri<'a> {
    /// The whole URI, as written.
    pub text: &'a str,
    /// Whether it is `sips:`.
    pub is_secure: bool,
    /// The user, escapes as written; may hold parameters of its own (RFC 4475 §3.1.1.9).
    pub user: Option<&'a str>,
    /// The password, escapes as written. Nothing of ours uses one.
    pub password: Option<&'a str>,
    /// The host.
    pub host: Host<'a>,
    /// The port; absent is not the same as 5060 (RFC 3261 §19.1.4).
    pub port: Option<u16>,
    /// The parameters.
    pub params: UriParams<'a>,
    /// What stands after `?`: header fields for a request made from this URI.
    pub headers: Option<&'a str>,
}

/// `tel:number;params`.
#[derive(Clone, Copy, Debug)]
pub struct TelUri<'a> {
    /// The whole URI, as written.
    pub text: &'a str,
    /// The number, with its visual separators.
    pub number: &'a str,
    /// The parameters.
    pub params: UriParams<'a>,
}

/// The parameters of a URI: `;name` and `;name=value`.
#[derive(Clone, Copy, Debug, Default)]
pub struct UriParams<'a> {
    text: &'a str,
}

impl<'a> Uri<'a> {
    /// Reads a whole URI.
    ///
    /// # Errors
    /// A byte that stands in no URI, an escape that is none, or parts that do not fit the scheme.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let text = scan::text(bytes)
            .filter(|text| is_uri_text(text))
            .ok_or(Malformed::Uri)?;
        let (scheme, rest) = text.split_once(':').ok_or(Malformed::Uri)?;
        let is_secure = scheme.eq_ignore_ascii_case("sips");
        if is_secure || scheme.eq_ignore_ascii_case("sip") {
            return sip(text, is_secure, rest).map(Self::Sip).ok_or(Malformed::Uri);
        }
        if scheme.eq_ignore_ascii_case("tel") {
            return tel(text, rest).map(Self::Tel).ok_or(Malformed::Uri);
        }
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
        if is_scheme {
            Ok(Self::Other { scheme, text })
        } else {
            Err(Malformed::Uri)
        }
    }

    /// As written.
    #[must_use]
    pub const fn as_str(&self) -> &'a str {
        match self {
            Self::Sip(uri) => uri.text,
            Self::Tel(uri) => uri.text,
            Self::Other { text, .. } => text,
        }
    }

    /// The account or number that is named, for looking it up: without escapes, without the domain that some programs
    /// put into the user as well (`101%40office@office`), without parameters of a number (`101;phone-context=…`,
    /// RFC 3261 §19.1.6) and, where it is a telephone number, without what stands in it for the eye (RFC 3966 §5.1.1).
    /// Empty where there is none.
    #[must_use]
    pub fn account(&self) -> Cow<'a, str> {
        let (name, is_number) = match self {
            Self::Sip(sip) => {
                let is_phone = sip
                    .params
                    .value("user")
                    .is_some_and(|user| user.eq_ignore_ascii_case("phone"));
                (sip.user_meant(), is_phone)
            }
            Self::Tel(tel) => (Cow::Borrowed(tel.number), true),
            Self::Other { .. } => (Cow::Borrowed(""), false),
        };
        let end = name.find(['@', ';']).unwrap_or(name.len());
        let is_eye = |c: char| is_number && u8::try_from(c).is_ok_and(is_separator);
        if end == name.len() && !name.contains(is_eye) {
            return name;
        }
        Cow::Owned(
            name.chars()
                .take_while(|c| !matches!(c, '@' | ';'))
                .filter(|c| !is_eye(*c))
                .collect(),
        )
    }

    /// The URI if it is `sip:` or `sips:`.
    #[must_use]
    pub const fn sip(&self) -> Option<&SipUri<'a>> {
        match self {
            Self::Sip(uri) => Some(uri),
            Self::Tel(_) | Self::Other { .. } => None,
        }
    }
}

impl<'a> SipUri<'a> {
    /// The user with its escapes taken off; empty where there is none.
    #[must_use]
    pub fn user_meant(&self) -> Cow<'a, str> {
        unescaped(self.user.unwrap_or_default())
    }

    /// Whether it carries `lr`, with or without a value (RFC 3261 §16.12, and phones that write `lr=on`).
    #[must_use]
    pub fn is_loose(&self) -> bool {
        self.params.has("lr")
    }

    /// Whether it carries `ob`: a contact whose requests shall come by the flow (RFC 5626 §5.4).
    #[must_use]
    pub fn is_outbound(&self) -> bool {
        self.params.has("ob")
    }
}

impl<'a> UriParams<'a> {
    /// As written, from the first semicolon on.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.text
    }

    /// Each parameter in its order, escapes as written.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        let parts = self.text.split(';').filter(|part| !part.is_empty());
        parts.map(|part| {
            part.split_once('=')
                .map_or((part, None), |(name, value)| (name, Some(value)))
        })
    }

    /// The first parameter of this name, without regard to case and escapes. Outer `None`: absent; inner `None`:
    /// without value.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Option<&'a str>> {
        self.iter()
            .find(|(found, _)| unescaped(found).eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Whether there is a parameter of this name.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The value of the first parameter of this name, escapes as written; none if it is absent or without value.
    #[must_use]
    pub fn value(self, name: &str) -> Option<&'a str> {
        self.get(name).flatten()
    }
}

/// Parameters and headers in one URI. Phones send fewer than ten; comparing takes the square of it.
const PARTS_MAX: usize = 32;

fn sip<'a>(text: &'a str, is_secure: bool, rest: &'a str) -> Option<SipUri<'a>> {
    let (user_info, place) = match rest.split_once('@') {
        Some((user_info, place)) => (Some(user_info), place),
        None => (None, rest),
    };
    let (user, password) = match user_info.map(|info| info.split_once(':').unwrap_or((info, ""))) {
        Some(("", _)) => return None,
        Some((user, password)) => (Some(user), Some(password).filter(|text| !text.is_empty())),
        None => (None, None),
    };
    let mut cursor = Cursor::new(place.as_bytes());
    let host = Host::take(&mut cursor)?;
    let port = host::take_port(&mut cursor)?;
    let tail = scan::text(cursor.rest)?;
    let (params, headers) = match tail.split_once('?') {
        Some((params, headers)) => (params, Some(headers)),
        None => (tail, None),
    };
    let parts = tail.bytes().filter(|byte| matches!(byte, b';' | b'&')).count();
    let is_well_formed = parts <= PARTS_MAX && !tail.contains('@') && (params.is_empty() || params.starts_with(';'));
    is_well_formed.then_some(SipUri {
        text,
        is_secure,
        user,
        password,
        host,
        port,
        params: UriParams { text: params },
        headers,
    })
}

fn tel<'a>(text: &'a str, rest: &'a str) -> Option<TelUri<'a>> {
    let (number, params) = rest.split_at_checked(rest.find(';').unwrap_or(rest.len()))?;
    let digits = number.strip_prefix('+').unwrap_or(number);
    let is_number = digits
        .bytes()
        .any(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'*' | b'#'))
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'*' | b'#') || is_separator(byte));
    (is_number && params.bytes().filter(|byte| *byte == b';').count() <= PARTS_MAX).then_some(TelUri {
        text,
        number,
        params: UriParams { text: params },
    })
}

/// Whether a byte in a telephone number is there for the eye alone (RFC 3966 §5.1.1).
const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'-' | b'.' | b'(' | b')')
}

/// Whether all bytes may stand in a URI, and each `%` begins an escape, or the zone of an address in brackets. More
/// than RFC 3261 allows in single places (`#` in a user), for phones dial so.
fn is_uri_text(text: &str) -> bool {
    let mut bytes = text.bytes();
    let mut is_in_brackets = false;
    while let Some(byte) = bytes.next() {
        is_in_brackets = byte == b'[' || (is_in_brackets && byte != b']');
        if !byte.is_ascii_graphic() || matches!(byte, b'<' | b'>' | b'"' | b'\\') {
            return false;
        }
        if byte == b'%' && !is_in_brackets {
            let digits = [bytes.next(), bytes.next()];
            if !digits
                .iter()
                .all(|digit| digit.is_some_and(|byte| byte.is_ascii_hexdigit()))
            {
                return false;
            }
        }
    }
    true
}

/// The text with each `%` escape taken off. Bytes that are not UTF-8 become U+FFFD.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut meant = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let escape = if *byte == b'%' {
            after.split_first_chunk::<2>()
        } else {
            None
        };
        match escape.and_then(|(digits, after)| Some((hex(*digits)?, after))) {
            Some((byte, after)) => {
                meant.push(byte);
                rest = after;
            }
            None => {
                meant.push(*byte);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&meant).into_owned())
}

fn hex([high, low]: [u8; 2]) -> Option<u8> {
    let digit = |byte| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some((digit(high)? << 4) | digit(low)?)
}
