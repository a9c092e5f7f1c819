//! The name of the appliance on the network.

use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::rules::invalid::{Field, Invalid, Why, WrongName};
use crate::rules::text::{domain_on_the_wire, plain_hyphens, visible};

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

/// A server as the network knows it: an address, or a host name in ASCII (underscores are no part of one), without the
/// dot of DNS's root behind it.
///
/// # Errors
/// What is wrong with the name.
pub fn server(typed: &str) -> Result<String, WrongName> {
    let typed = visible(typed);
    let bare = typed.trim_matches(['[', ']']);
    if bare.parse::<IpAddr>().is_ok() {
        return Ok(bare.to_ascii_lowercase());
    }
    let name = typed.strip_suffix('.').unwrap_or(&typed);
    domain_on_the_wire(name).ok_or_else(|| wrong(name))
}

/// The host name that passkeys are bound to: the RP ID (WebAuthn L3 §4), a DNS name in lower case, no IP address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostName(String);

impl HostName {
    /// Reads a host name, surrounding blanks, case and what nobody sees aside. A typographic hyphen is a plain one.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = plain_hyphens(&visible(text)).to_ascii_lowercase();
        // DNS writes names with their root: `pbx.example.org.` (RFC 1034 §3.1).
        let text = text.strip_suffix('.').unwrap_or(&text).to_owned();
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
    fn a_servers_name_that_is_none_is_told_by_the_mistake() {
        for (text, wrong) in [
            ("smtp://mail.example.org", WrongName::Scheme),
            ("mail.example.org/", WrongName::Scheme),
            ("mail.example.org:587", WrongName::Port),
            ("192.0.2.1:25", WrongName::Port),
            ("my_mail.example.org", WrongName::Underscore),
            ("mail example.org", WrongName::Other),
            ("", WrongName::Other),
        ] {
            assert_eq!(server(text), Err(wrong), "{text:?}");
        }
        for (text, known) in [
            ("Mail.Example.org.", "mail.example.org"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("[2001:DB8::1]", "2001:db8::1"),
            ("192.0.2.1", "192.0.2.1"),
        ] {
            assert_eq!(server(text).as_deref(), Ok(known), "{text:?}");
        }
    }

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
            ("pbx.example.org..", WrongName::Other),
            (".", WrongName::Other),
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
