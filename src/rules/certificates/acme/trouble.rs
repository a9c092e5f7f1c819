//! What is said of a try that failed.

use std::net::IpAddr;

use super::record::Trouble;

/// Characters of a CA's words that are kept.
pub const WORDS: usize = 600;
/// What ACME's kinds of error begin with (RFC 8555 §6.7).
const URN: &str = "urn:ietf:params:acme:error:";

/// What the owner can do, as far as can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// The CA came by IPv6: the AAAA record may lead to another machine.
    Aaaa(IpAddr),
    /// A CAA record in the DNS forbids this CA.
    Caa,
    /// The CA does not take the contact's address.
    Contact,
    /// The name has no address in the public DNS.
    Dns,
    /// The CA could not come in, or met another machine.
    Reach,
    /// Too many were asked for.
    RateLimited,
}

impl Trouble {
    /// Of a CA's problem document (RFC 7807): its kind and words, and the address that it names elsewhere.
    pub fn of_ca(kind: Option<&str>, said: &str, address: Option<IpAddr>) -> Self {
        let kind = kind.unwrap_or_default();
        Self {
            address: address.or_else(|| address_in(said)),
            said: shortened(said),
            kind: Some(shortened(kind.strip_prefix(URN).unwrap_or(kind))),
        }
    }

    /// Ours: the CA did not answer, or not as one.
    pub fn ours(said: &str) -> Self {
        Self {
            said: shortened(said),
            kind: None,
            address: None,
        }
    }

    /// What the owner can do.
    pub fn hint(&self) -> Option<Hint> {
        match (self.kind.as_deref()?, self.address) {
            ("connection" | "unauthorized" | "tls" | "incorrectResponse", Some(address)) if address.is_ipv6() => {
                Some(Hint::Aaaa(address))
            }
            ("connection" | "unauthorized" | "tls" | "incorrectResponse", _) => Some(Hint::Reach),
            ("caa", _) => Some(Hint::Caa),
            ("dns", _) => Some(Hint::Dns),
            ("invalidContact" | "unsupportedContact", _) => Some(Hint::Contact),
            ("rateLimited", _) => Some(Hint::RateLimited),
            _ => None,
        }
    }
}

/// One line without control characters, [`WORDS`] characters at most.
fn shortened(said: &str) -> String {
    let plain = |character: char| if character.is_control() { ' ' } else { character };
    said.chars().take(WORDS).map(plain).collect()
}

/// The first address in a CA's words: `2001:db8::1: Fetching http://…` (Boulder), `dial tcp [2001:db8::1]:80: …`
/// (Pebble).
fn address_in(said: &str) -> Option<IpAddr> {
    let words = said.split(|character: char| character.is_whitespace() || ",;()\"'/".contains(character));
    words.filter(|word| word.contains([':', '.'])).find_map(|word| {
        let word = word.trim_end_matches([':', '.']);
        let inside = word.strip_prefix('[').and_then(|rest| rest.split(']').next());
        let bare = inside.unwrap_or(word);
        let without_port = || bare.rsplit_once(':').and_then(|(host, _)| host.parse::<IpAddr>().ok());
        bare.parse().ok().or_else(without_port)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &str, said: &str) -> Trouble {
        Trouble::of_ca(Some(&format!("{URN}{kind}")), said, None)
    }

    #[test]
    fn the_address_that_the_ca_used_is_found_in_its_words() {
        for (said, address) in [
            (
                "2001:db8::1: Fetching http://pbx.example.org/.well-known/acme-challenge/x: Connection refused",
                "2001:db8::1",
            ),
            (
                "Get \"http://pbx.example.org/\": dial tcp [2001:db8::7]:80: connect: connection refused",
                "2001:db8::7",
            ),
            (
                "192.0.2.4: Invalid response from http://pbx.example.org/: 404",
                "192.0.2.4",
            ),
            ("dial tcp 192.0.2.4:443: i/o timeout", "192.0.2.4"),
        ] {
            assert_eq!(of("connection", said).address, address.parse().ok(), "{said}");
        }
        for said in [
            "Error getting validation data at 12:30.",
            "DNS problem: NXDOMAIN",
            "::",
            "",
        ] {
            assert_eq!(
                of("connection", said).address.filter(|it| !it.is_unspecified()),
                None,
                "{said}"
            );
        }
    }

    #[test]
    fn a_wrong_aaaa_is_named_where_the_ca_came_by_ipv6_and_only_there() {
        let six = "2001:db8::1: Timeout during connect (likely firewall problem)";
        assert_eq!(
            of("connection", six).hint(),
            Some(Hint::Aaaa("2001:db8::1".parse().unwrap()))
        );
        assert_eq!(of("unauthorized", "192.0.2.4: 404").hint(), Some(Hint::Reach));
        assert_eq!(of("rateLimited", six).hint(), Some(Hint::RateLimited));
        assert_eq!(of("caa", "").hint(), Some(Hint::Caa));
        assert_eq!(of("badCSR", "").hint(), None);
        assert_eq!(Trouble::ours("no answer").hint(), None);
    }

    #[test]
    fn words_are_one_line_of_bounded_length() {
        let trouble = of("connection", &"line\n".repeat(1000));
        assert_eq!(trouble.said.chars().count(), WORDS);
        assert!(!trouble.said.contains('\n'));
        assert_eq!(trouble.kind.as_deref(), Some("connection"));
    }
}
