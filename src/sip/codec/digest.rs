//! Digest credentials and challenges as header fields (RFC 3261 §22.4, RFC 7616, RFC 8760). What they must contain to
//! be right is computed elsewhere.

use std::borrow::Cow;
use std::fmt;

use super::Malformed;
use super::params;
use super::scan::{self, Cursor};

/// A hash, as `algorithm` names it; written without regard to case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm<'a> {
    /// The default.
    Md5,
    /// RFC 8760.
    Sha256,
    /// Any other, such as `MD5-sess`, as written.
    Other(&'a str),
}

impl<'a> Algorithm<'a> {
    fn of(name: &'a str) -> Self {
        match name.len() {
            3 if name.eq_ignore_ascii_case("MD5") => Self::Md5,
            7 if name.eq_ignore_ascii_case("SHA-256") => Self::Sha256,
            _ => Self::Other(name),
        }
    }

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
            Self::Other(name) => name,
        }
    }
}

/// A nonce count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonceCount<'a> {
    /// As written: this is what was hashed.
    pub text: &'a str,
    /// Its value.
    pub value: u32,
    /// Whether it has eight digits, as RFC 3261 §25.1 asks.
    pub is_well_formed: bool,
}

/// Digest credentials. All texts are what stands between the quotes, escapes as written: that is what was hashed
/// (RFC 7616 §3.4.2). Values may be quoted or not, whatever the standard says of each.
#[derive(Clone, Copy, Debug)]
pub struct Credentials<'a> {
    /// The user name.
    pub username: &'a str,
    /// The realm.
    pub realm: &'a str,
    /// The nonce; may be empty.
    pub nonce: &'a str,
    /// The URI of the request, as the sender hashed it.
    pub uri: &'a str,
    /// The response: hexadecimal digits if it is right.
    pub response: &'a str,
    /// The algorithm; absent means MD5.
    pub algorithm: Option<Algorithm<'a>>,
    /// The quality of protection.
    pub qop: Option<&'a str>,
    /// The client's nonce.
    pub cnonce: Option<&'a str>,
    /// The nonce count.
    pub nc: Option<NonceCount<'a>>,
    /// What came with the challenge.
    pub opaque: Option<&'a str>,
}

impl<'a> Credentials<'a> {
    /// Reads the value of Authorization or Proxy-Authorization: one set as a rule, several where a program put all of
    /// its credentials into one field. None of another scheme than Digest, which counts as no credentials
    /// (RFC 4475 §3.3.7).
    ///
    /// # Errors
    /// No list of parameters, one twice with different values, a nonce count that is no number of up to eight
    /// hexadecimal digits, one of `username`, `realm`, `nonce`, `uri`, `response` missing, or more than `SETS_MAX`.
    pub fn parse(value: &'a [u8]) -> Result<Vec<Self>, Malformed> {
        let mut cursor = Cursor::new(scan::trimmed(value));
        let scheme = cursor.token().ok_or(Malformed::Authorization)?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return Ok(Vec::new());
        }
        let mut sets = Vec::new();
        while sets.is_empty() || !cursor.is_at_end() {
            let set = Parts::read(&mut cursor).and_then(Parts::whole);
            sets.push(set.ok_or(Malformed::Authorization)?);
            if sets.len() > SETS_MAX {
                return Err(Malformed::Authorization);
            }
        }
        Ok(sets)
    }

    /// The user name with its escapes taken off, to look it up.
    #[must_use]
    pub fn username_meant(&self) -> Cow<'a, str> {
        params::unescaped(self.username.as_bytes())
    }
}

/// The scheme that is read here; case does not count.
const SCHEME: &str = "Digest";

/// Sets of credentials in one field: a proxy, a registrar and two more on the way.
const SETS_MAX: usize = 4;

/// The parameters that were found, in the order of [`PARTS`].
#[derive(Default)]
struct Parts<'a>([Option<&'a str>; 10]);

const PARTS: [&str; 10] = [
    "username",
    "realm",
    "nonce",
    "uri",
    "response",
    "algorithm",
    "qop",
    "cnonce",
    "nc",
    "opaque",
];

impl<'a> Parts<'a> {
    /// Empty elements of the list are passed over, as are parameters with other names and blanks or semicolons in the
    /// place of commas. Ends behind the name of the scheme where another set begins.
    fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        let mut parts = Self::default();
        loop {
            cursor.take_while(is_between);
            if cursor.is_at_end() {
                return Some(parts);
            }
            let name = cursor.token()?;
            if !cursor.eat_spaced(b'=') {
                return name.eq_ignore_ascii_case(SCHEME).then_some(parts);
            }
            let value = if cursor.peek() == Some(b'"') {
                cursor.quoted()?
            } else {
                let value = cursor.take_while(|byte| byte != b',' && byte != b'"' && !scan::is_blank(byte));
                value.strip_suffix(b";").unwrap_or(value)
            };
            if !cursor.peek().is_none_or(is_between) {
                return None;
            }
            if let Some(part) = PARTS.iter().position(|part| part.eq_ignore_ascii_case(name)) {
                let (slot, text) = (parts.0.get_mut(part)?, scan::text(value)?);
                if slot.is_some_and(|before| before != text) {
                    return None;
                }
                *slot = Some(text);
            }
        }
    }

    fn whole(self) -> Option<Credentials<'a>> {
        let [
            username,
            realm,
            nonce,
            uri,
            response,
            algorithm,
            qop,
            cnonce,
            nc,
            opaque,
        ] = self.0;
        // Written and empty is left out.
        let [qop, nc] = [qop, nc].map(|part| part.filter(|text| !text.is_empty()));
        let nc = match nc {
            Some(text) => Some(nonce_count(text)?),
            None => None,
        };
        Some(Credentials {
            username: username?,
            realm: realm?,
            nonce: nonce?,
            uri: uri?,
            response: response?,
            algorithm: algorithm.map(Algorithm::of),
            qop,
            cnonce,
            nc,
            opaque,
        })
    }
}

/// Whether a byte stands between two parameters.
const fn is_between(byte: u8) -> bool {
    scan::is_blank(byte) || matches!(byte, b',' | b';')
}

fn nonce_count(text: &str) -> Option<NonceCount<'_>> {
    let is_hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let value = u32::from_str_radix(text, 16)
        .ok()
        .filter(|_| is_hexadecimal && text.len() <= 8)?;
    Some(NonceCount {
        text,
        value,
        is_well_formed: text.len() == 8,
    })
}

/// As a client sends them: what RFC 7616 §3.4 quotes is quoted.
impl fmt::Display for Credentials<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            username,
            realm,
            nonce,
            uri,
            response,
            ..
        } = self;
        write!(
            out,
            "Digest username=\"{username}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\""
        )?;
        write!(out, ", response=\"{response}\"")?;
        if let Some(algorithm) = self.algorithm {
            write!(out, ", algorithm={}", algorithm.as_str())?;
        }
        if let Some(cnonce) = self.cnonce {
            write!(out, ", cnonce=\"{cnonce}\"")?;
        }
        if let Some(opaque) = self.opaque {
            write!(out, ", opaque=\"{opaque}\"")?;
        }
        if let Some(qop) = self.qop {
            write!(out, ", qop={qop}")?;
        }
        self.nc.map_or(Ok(()), |nc| write!(out, ", nc={}", nc.text))
    }
}

/// A challenge as it came. All texts are what stands between the quotes, escapes as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenged<'a> {
    /// The realm.
    pub realm: &'a str,
    /// The nonce.
    pub nonce: &'a str,
    /// The algorithm; absent means MD5.
    pub algorithm: Option<Algorithm<'a>>,
    /// The kinds of protection; absent: none (RFC 2069).
    pub qop: Option<&'a str>,
    /// To be sent back.
    pub opaque: Option<&'a str>,
}

impl<'a> Challenged<'a> {
    /// Reads the value of WWW-Authenticate. `Ok(None)`: another scheme than Digest, or `auth-int` alone.
    ///
    /// # Errors
    /// No list of parameters, one twice, or `realm` or `nonce` missing.
    pub fn parse(value: &'a [u8]) -> Result<Option<Self>, Malformed> {
        let mut cursor = Cursor::new(scan::trimmed(value));
        let scheme = cursor.token().ok_or(Malformed::Authorization)?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return Ok(None);
        }
        let Parts([_, realm, nonce, _, _, algorithm, qop, _, _, opaque]) =
            Parts::read(&mut cursor).ok_or(Malformed::Authorization)?;
        let (realm, nonce) = realm.zip(nonce).ok_or(Malformed::Authorization)?;
        let offers = |list: &str| list.split(',').any(|kind| kind.trim().eq_ignore_ascii_case("auth"));
        Ok(qop.is_none_or(offers).then(|| Self {
            realm,
            nonce,
            algorithm: algorithm.map(Algorithm::of),
            qop,
            opaque,
        }))
    }
}

/// A challenge: the value of WWW-Authenticate or Proxy-Authenticate, written by `Display`. Offers `qop="auth"` alone.
#[derive(Clone, Copy, Debug)]
pub struct Challenge<'a> {
    /// The realm; quotes and backslashes in it are escaped.
    pub realm: &'a str,
    /// The nonce: letters and digits.
    pub nonce: &'a str,
    /// The algorithm.
    pub algorithm: Algorithm<'a>,
    /// Whether the digest was right and the nonce too old, so that the phone asks nobody for a password.
    pub stale: bool,
}

impl fmt::Display for Challenge<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Digest realm=\"")?;
        for letter in self.realm.chars() {
            if matches!(letter, '"' | '\\') {
                out.write_str("\\")?;
            }
            write!(out, "{letter}")?;
        }
        write!(out, "\", nonce=\"{}\"", self.nonce)?;
        if self.stale {
            out.write_str(", stale=true")?;
        }
        write!(out, ", algorithm={}, qop=\"auth\"", self.algorithm.as_str())
    }
}
