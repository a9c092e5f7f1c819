//! The nouns that name things: parsed once at the edge, valid ever after.

#[path = "id/host_name.rs"]
mod host_name;

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::invalid::{Field, Invalid, Why};
use super::limits;
use super::text::{self, breaks_line, visible};
pub use crate::rules::id::host_name::{HostName, server};

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
    /// Reads an extension, surrounding blanks and what nobody sees aside.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = visible(text);
        if (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text))
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
    /// Reads a name, surrounding blanks, case and what nobody sees aside.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = visible(text).to_ascii_lowercase();
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

/// An e-mail address (RFC 5321 mailbox, or RFC 6531 one, without quoting or address literals), lower case, composed
/// (NFC), its domain as people write it (`bücher.example`), at most 254 octets in that form and in the one of the
/// network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email(String);

impl Email {
    /// Reads an address, surrounding blanks, case and what nobody sees aside, and what mail programs and directories
    /// copy with it: `Mira Okafor <mira@example.org>`, `mailto:mira@example.org`, `SMTP:mira@example.org`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let invalid = Invalid::new(Field::Email, Why::NotEmail);
        let typed = visible(bare_address(&visible(text)));
        let (local, domain) = typed.rsplit_once('@').ok_or(invalid)?;
        let domain_octets = text::domain_on_the_wire(domain).ok_or(invalid)?.len();
        let email = folded(&typed);
        let octets = email.len().max(local.len() + 1 + domain_octets);
        if is_dot_atom(local, 64) && octets <= limits::EMAIL_OCTETS {
            Ok(Self(email))
        } else {
            Err(invalid)
        }
    }

    /// The address in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address as mail servers are told it: the domain in ASCII (`xn--bcher-kva.example`).
    pub fn on_the_wire(&self) -> String {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let domain = text::domain_on_the_wire(domain).unwrap_or(domain.into());
        format!("{local}@{domain}")
    }

    /// Whether only servers with SMTPUTF8 (RFC 6531) know it: there are other than ASCII letters in front of the `@`.
    pub fn needs_utf8(&self) -> bool {
        self.0.rsplit_once('@').is_some_and(|(local, _)| !local.is_ascii())
    }
}

/// A name to sign in by in the one form in which it is kept and looked for: lower case, and if it is an e-mail address,
/// with the domain as people write it. `typed` is [`visible`].
fn folded(typed: &str) -> String {
    let lower = match typed.rsplit_once('@') {
        Some((local, domain)) => format!("{}@{}", local.to_lowercase(), text::domain_shown(domain)),
        None => typed.to_lowercase(),
    };
    visible(&lower)
}

/// An address without the name in front of it and the brackets around it (RFC 5322 §3.4), and without the scheme of
/// a link (RFC 6068), or of a directory's address.
fn bare_address(text: &str) -> &str {
    let inside = text.strip_suffix('>').and_then(|text| text.rsplit_once('<'));
    let address = inside.map_or(text, |(_, address)| address).trim();
    match address.split_once(':') {
        Some((scheme, rest))
            if ["mailto", "smtp"]
                .iter()
                .any(|known| scheme.eq_ignore_ascii_case(known)) =>
        {
            rest
        }
        _ => address,
    }
}

fn is_dot_atom(local: &str, most: usize) -> bool {
    !local.is_empty()
        && local.len() <= most
        && local.split('.').all(|atom| {
            let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || !c.is_ascii();
            !atom.is_empty()
                && atom
                    .chars()
                    .all(|c| fits(c) && !text::is_break(c) && !c.is_whitespace())
        })
}

/// What somebody is called on screen: 1 to 64 characters, no line breaks or control characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisplayName(String);

impl DisplayName {
    /// Reads a name, surrounding blanks and what nobody sees aside.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = visible(text);
        if (1..=limits::NAME_CHARS).contains(&text.chars().count()) && !breaks_line(&text) {
            Ok(Self(text))
        } else {
            Err(Invalid::new(Field::Name, Why::NotDisplayName))
        }
    }

    /// At most 64 characters of whatever an authenticator or browser calls itself; `otherwise` if nothing is left.
    pub fn from_guess(text: &str, otherwise: &str) -> Self {
        let kept: String = visible(text)
            .chars()
            .filter(|c| !text::is_break(*c))
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

/// Octets of a typed name that are looked at. Letters that come in parts, and what nobody sees, are longer than what is
/// kept.
const TYPED_OCTETS: usize = 4 * limits::USERNAME_OCTETS;

/// What somebody types to say who they are: an extension, an e-mail address or an administrator's name, in the form
/// under which the store finds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    /// Trims, folds spelling and case, and bounds. Never refused: an unknown name and an impossible one are the same to
    /// a stranger.
    pub fn from_typed(text: &str) -> Self {
        let text = text.trim();
        let end = text.floor_char_boundary(TYPED_OCTETS);
        let mut name = folded(&visible(text.get(..end).unwrap_or_default()));
        name.truncate(name.floor_char_boundary(limits::USERNAME_OCTETS));
        Self(name)
    }

    /// This name and the other spellings under which releases that did not fold them may have kept it: the domain in
    /// ASCII, and letters taken apart (NFD).
    pub fn spellings(&self) -> impl Iterator<Item = String> {
        let (local, domain) = self.0.rsplit_once('@').unwrap_or((&self.0, ""));
        let ascii = text::domain_on_the_wire(domain).map(|domain| format!("{local}@{domain}"));
        let apart = (!self.0.is_ascii()).then(|| text::decomposed(&self.0).into_owned());
        let older = ascii.into_iter().chain(apart).filter(|older| *older != self.0);
        std::iter::once(self.0.clone()).chain(older.collect::<Vec<_>>())
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

shown_as_text!(Extension, AdminName, Email, DisplayName);
signs_in_by!(Extension, AdminName, Email);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_form_to_keep_and_one_for_the_wire() {
        for typed in [
            "Mira@Bücher.example",
            "mira@bu\u{308}cher.example",
            "MIRA@xn--bcher-kva.example",
            "\u{feff}mira\u{200b}@bü\u{ad}cher.example\u{202c}",
        ] {
            let email = Email::parse(typed).unwrap();
            assert_eq!(
                (email.as_str(), email.on_the_wire().as_str(), email.needs_utf8()),
                ("mira@bücher.example", "mira@xn--bcher-kva.example", false)
            );
            assert_eq!(Username::from_typed(typed), Username::from(&email));
        }
        let email = Email::parse("Jo\u{308}rg@example.org").unwrap();
        assert!(email.as_str() == "jörg@example.org" && email.needs_utf8());
    }

    #[test]
    fn what_no_mail_server_knows_is_no_address() {
        let long = format!("{}@example.org", "m".repeat(65));
        let wide = format!("mira@{}.example", "ü".repeat(60));
        let all = format!(
            "{}@{}.org",
            "m".repeat(64),
            ["a".repeat(62), "b".repeat(62), "c".repeat(61)].join(".")
        );
        assert_eq!(all.len(), 64 + 1 + 187 + 4, "{}", all.len());
        for text in [
            "",
            "@",
            "mira",
            "@example.org",
            "mira@",
            "mira@exa_mple.org",
            "mira@-example.org",
            "mira@example.org.",
            "mi ra@example.org",
            "mi\nra@example.org",
            "mira\u{2028}x@example.org",
            "mira@xn--zz.example",
            "a@b@c.org",
            "mira@example.org; ole@example.org",
            "Mira <mira@example.org> or Ole",
            "http:mira@example.org",
            "mailto:",
            "<>",
            &long,
            &wide,
            &all,
        ] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_name_is_found_under_the_spellings_of_older_releases() {
        let spellings: Vec<_> = Username::from_typed("Jörg@Bücher.example").spellings().collect();
        assert_eq!(
            spellings,
            [
                "jörg@bücher.example",
                "jörg@xn--bcher-kva.example",
                "jo\u{308}rg@bu\u{308}cher.example"
            ]
        );
        for plain in ["101", "admin", "mira@example.org", "", "@", "a@b@c"] {
            assert_eq!(Username::from_typed(plain).spellings().collect::<Vec<_>>(), [plain]);
        }
    }

    #[test]
    fn names_to_show_and_to_type_hold_nothing_that_nobody_sees() {
        assert_eq!(Extension::parse("\u{202a}101\u{202c}").unwrap().as_str(), "101");
        assert_eq!(AdminName::parse("ad\u{200b}min").unwrap().as_str(), "admin");
        assert_eq!(DisplayName::parse("Mira \u{202e}nimdA").unwrap().as_str(), "Mira nimdA");
        assert_eq!(
            DisplayName::from_guess("Key\u{2028}\u{200f}chain", "?").as_str(),
            "Keychain"
        );
        for text in [
            "\u{200b}",
            "\u{3164}",
            "\u{2800}\u{ad}",
            "Mira\u{2028}Example",
            "Mira\u{2029}Example",
            "Mira\u{85}Example",
        ] {
            assert!(DisplayName::parse(text).is_err(), "{text:?}");
        }
    }
}
