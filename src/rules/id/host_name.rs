//! The name of the appliance on the network.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::rules::invalid::{Field, Invalid, Why, WrongName};
use crate::rules::text::{plain_hyphens, visible};

fn is_domain(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|label| {
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(fits)
        })
}

/// Whether no name of the network's ends so: it would be taken for an IP address (URL Standard, "ends in a number").
fn ends_in_number(name: &str) -> bool {
    let last = name.rsplit('.').next();
    last.is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What is wrong with a host name, where it is a mistake that people make.
fn wrong(name: &str) -> WrongName {
    let bare = name.trim_start_matches('[').split(']').next().unwrap_or_default();
    if name.contains("://") || name.contains(['/', '?', '#', '\\']) {
        WrongName::Scheme
    } else if bare.parse::<IpAddr>().is_ok() || (ends_in_number(name) && is_domain(name)) {
        WrongName::Address
    } else if name.matches(':').count() == 1 {
        WrongName::Port
    } else if name.contains('_') {
        WrongName::Underscore
    } else if !name.is_ascii() {
        WrongName::BeyondAscii
    } else {
        WrongName::Other
    }
}

/// The host name that passkeys are bound to: the RP ID (WebAuthn L3 §4), a DNS name in lower case, no IP address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostName(String);

impl HostName {
    /// Reads a host name, surrounding blanks, case and what nobody sees aside. A typographic hyphen is a plain one.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = plain_hyphens(&visible(text)).to_ascii_lowercase();
        if text.is_ascii() && is_domain(&text) && !ends_in_number(&text) {
            Ok(Self(text))
        } else {
            Err(Invalid::new(Field::Name, Why::NotHostName(wrong(&text))))
        }
    }

    /// The name in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_that_is_none_is_told_what_ails_it() {
        for (text, wrong) in [
            ("https://pbx.example.org", WrongName::Scheme),
            ("pbx.example.org/", WrongName::Scheme),
            ("pbx.example.org:8443", WrongName::Port),
            ("my_pbx.example.org", WrongName::Underscore),
            ("straße.de", WrongName::BeyondAscii),
            ("192.168.1.1", WrongName::Address),
            ("192.168.1.1:443", WrongName::Port),
            ("[fd00::1]", WrongName::Address),
            ("fd00::1", WrongName::Address),
            ("pbx..org", WrongName::Other),
            ("pbx example.org", WrongName::Other),
            ("", WrongName::Other),
            ("\u{200b}", WrongName::Other),
        ] {
            let why = HostName::parse(text).unwrap_err();
            assert_eq!(why, Invalid::new(Field::Name, Why::NotHostName(wrong)), "{text:?}");
        }
        for text in [
            "\u{202a}Pbx.Example.org\u{202c}",
            "\u{feff}pbx.exam\u{200b}ple.org\u{a0}",
            "pbx.example.org",
        ] {
            assert_eq!(HostName::parse(text).unwrap().as_str(), "pbx.example.org", "{text:?}");
        }
        assert_eq!(HostName::parse("my\u{2011}pbx.de").unwrap().as_str(), "my-pbx.de");
    }
}
