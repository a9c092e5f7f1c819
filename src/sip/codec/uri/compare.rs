//! When two URIs are the same (RFC 3261 §19.1.4, RFC 3966 §4).

use super::{SipUri, TelUri, Uri, UriParams, is_separator, unescaped};

/// Parameters that make two URIs differ where only one has them, even with the default value.
const TELLING: [&str; 5] = ["user", "ttl", "method", "maddr", "transport"];

impl Uri<'_> {
    /// Whether both name the same.
    #[must_use]
    pub fn is_same(&self, other: &Uri<'_>) -> bool {
        match (self, other) {
            (Self::Sip(one), Uri::Sip(two)) => one.is_same(two),
            (Self::Tel(one), Uri::Tel(two)) => one.is_same(two),
            (Self::Other { text: one, .. }, Uri::Other { text: two, .. }) => one == two,
            (Self::Sip(_) | Self::Tel(_) | Self::Other { .. }, _) => false,
        }
    }
}

impl SipUri<'_> {
    /// Whether both name the same. User and password are compared with case, all else without.
    #[must_use]
    pub fn is_same(&self, other: &SipUri<'_>) -> bool {
        self.is_secure == other.is_secure
            && is_same_part(self.user, other.user)
            && is_same_part(self.password, other.password)
            && self.host.is_same(other.host)
            && self.port == other.port
            && are_same_params(self.params, other.params)
            && are_same_headers(self.headers, other.headers)
    }
}

impl TelUri<'_> {
    /// Whether both are the same number, visual separators apart, with the same parameters.
    #[must_use]
    pub fn is_same(&self, other: &TelUri<'_>) -> bool {
        let digits = |number: &str| -> Vec<u8> {
            number
                .bytes()
                .filter(|byte| !is_separator(*byte))
                .map(|byte| byte.to_ascii_lowercase())
                .collect()
        };
        digits(self.number) == digits(other.number)
            && holds_all(self.params, other.params)
            && holds_all(other.params, self.params)
    }
}

fn is_same_part(one: Option<&str>, two: Option<&str>) -> bool {
    one.map(unescaped) == two.map(unescaped)
}

/// A value as it is compared: without escapes and case.
fn folded(value: Option<&str>) -> Option<String> {
    value.map(|value| unescaped(value).to_ascii_lowercase())
}

/// Where a name stands twice its first value counts.
fn are_same_params(one: UriParams<'_>, two: UriParams<'_>) -> bool {
    TELLING.iter().all(|name| one.has(name) == two.has(name))
        && one.iter().all(|(name, _)| {
            let name = unescaped(name);
            let (one, two) = (one.get(&name), two.get(&name));
            two.is_none() || one.map(folded) == two.map(folded)
        })
}

fn holds_all(all: UriParams<'_>, some: UriParams<'_>) -> bool {
    some.iter().all(|(name, _)| {
        let name = unescaped(name);
        all.get(&name).map(folded) == some.get(&name).map(folded)
    })
}

/// Headers are never ignored, and their order does not count.
fn are_same_headers(one: Option<&str>, two: Option<&str>) -> bool {
    let sorted = |headers: Option<&str>| {
        let each = headers
            .unwrap_or_default()
            .split('&')
            .filter(|header| !header.is_empty());
        let mut all: Vec<(String, String)> = each
            .map(|header| header.split_once('=').unwrap_or((header, "")))
            .map(|(name, value)| (unescaped(name).to_ascii_lowercase(), unescaped(value).into_owned()))
            .collect();
        all.sort();
        all
    };
    sorted(one) == sorted(two)
}
