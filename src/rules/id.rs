//! The nouns that name things: parsed once at the edge, valid ever after.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::invalid::{Field, Invalid, Why};
use super::limits;

/// The store's number of an account; never used again after a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AccountId(pub u64);

impl AccountId {
    /// The first that a store ever hands out.
    pub const FIRST: Self = Self(1);
}

/// A WebAuthn credential ID: 1 to 1023 bytes (L3 §7.1), base64url as text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CredentialId(pub Vec<u8>);

impl CredentialId {
    /// Reads the text form.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        (1..=1023).contains(&bytes.len()).then_some(Self(bytes))
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

impl fmt::Debug for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The number that a person is rung by: 1 to 10 digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Extension(String);

impl Extension {
    /// Reads an extension, surrounding blanks aside.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new(Field::Extension, Why::NotExtension))
        }
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An administrator's sign-in name: 2 to 32 of `a`–`z`, `0`–`9`, `.`, `_`, `-`, at least one of them a letter, so that
/// it is neither an extension nor an e-mail address. Kept in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminName(String);

impl AdminName {
    /// Reads a name, surrounding blanks and case aside.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().to_ascii_lowercase();
        let fits = (2..=32).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
            && text.bytes().any(|byte| byte.is_ascii_alphabetic());
        if fits {
            Ok(Self(text))
        } else {
            Err(Invalid::new(Field::Username, Why::NotAdminName))
        }
    }

    /// The name in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address (RFC 5321 mailbox, without quoting or address literals), lower case, at most 254 octets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email(String);

impl Email {
    /// Reads an address, surrounding blanks and case aside.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().to_lowercase();
        let sound = text
            .split_once('@')
            .is_some_and(|(local, domain)| is_dot_atom(local, 64) && is_domain(domain));
        if sound && text.len() <= limits::EMAIL_OCTETS {
            Ok(Self(text))
        } else {
            Err(Invalid::new(Field::Email, Why::NotEmail))
        }
    }

    /// The address in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_dot_atom(text: &str, most: usize) -> bool {
    !text.is_empty()
        && text.len() <= most
        && text.split('.').all(|atom| {
            let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || !c.is_ascii();
            !atom.is_empty() && atom.chars().all(|c| fits(c) && !c.is_control() && !c.is_whitespace())
        })
}

fn is_domain(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|label| {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || (!c.is_ascii() && c.is_alphanumeric());
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(fits)
        })
}

/// The host name that passkeys are bound to: the RP ID (WebAuthn L3 §4), a DNS name in lower case, no IP address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostName(String);

impl HostName {
    /// Reads a host name, surrounding blanks and case aside.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().to_ascii_lowercase();
        let last_is_number = text
            .rsplit('.')
            .next()
            .is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()));
        if text.is_ascii() && is_domain(&text) && !last_is_number {
            Ok(Self(text))
        } else {
            Err(Invalid::new(Field::Name, Why::NotHostName))
        }
    }

    /// The name in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What somebody is called on screen: 1 to 64 characters, no line breaks or control characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisplayName(String);

impl DisplayName {
    /// Reads a name, surrounding blanks aside.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if (1..=limits::NAME_CHARS).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new(Field::Name, Why::NotDisplayName))
        }
    }

    /// At most 64 characters of whatever an authenticator or browser calls itself; `otherwise` if nothing is left.
    pub fn from_guess(text: &str, otherwise: &str) -> Self {
        let kept: String = text
            .chars()
            .filter(|c| !c.is_control())
            .take(limits::NAME_CHARS)
            .collect();
        let kept = kept.trim();
        Self(if kept.is_empty() { otherwise } else { kept }.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What somebody types to say who they are: an extension, an e-mail address or an administrator's name, in the form under
/// which the store finds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    /// Trims, folds case and bounds. Never refused: an unknown name and an impossible one are the same to a stranger.
    pub fn from_typed(text: &str) -> Self {
        let text = text.trim();
        let end = text.floor_char_boundary(limits::USERNAME_OCTETS);
        Self(text.get(..end).unwrap_or_default().to_lowercase())
    }

    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! shown_as_text {
    ($($noun:ty),*) => {$(
        impl fmt::Display for $noun {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

macro_rules! signs_in_by {
    ($($noun:ty),*) => {$(
        impl From<&$noun> for Username {
            fn from(noun: &$noun) -> Self {
                Self::from_typed(&noun.0)
            }
        }
    )*};
}

shown_as_text!(Extension, AdminName, Email, HostName, DisplayName);
signs_in_by!(Extension, AdminName, Email);
