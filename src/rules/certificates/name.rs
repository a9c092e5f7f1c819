//! A DNS name that a certificate may carry.

/// The name that every appliance has on its LAN besides its own (RFC 6762 §3).
pub const ON_LAN: &str = "linekey.local";

/// Octets of a whole name in its text form (RFC 1035 §2.3.4, less the root's length octet and dot).
const OCTETS: usize = 253;
/// Octets of one label (RFC 1035 §2.3.4).
const LABEL_OCTETS: usize = 63;

/// A host name in lower case: labels of letters, digits and inner hyphens (RFC 1123 §2.1), at most 253 octets, no dot
/// at the end, no address, no wildcard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DnsName(String);

impl DnsName {
    /// [`ON_LAN`].
    pub fn on_lan() -> Self {
        Self(ON_LAN.to_owned())
    }

    /// Reads a host name; upper case becomes lower case. A last label of digits alone would be read as an address
    /// (WHATWG URL, "ends in a number"), so it is refused.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.to_ascii_lowercase();
        let is_label = |label: &str| {
            let allowed = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'-';
            (1..=LABEL_OCTETS).contains(&label.len())
                && label.bytes().all(allowed)
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let last = name.rsplit('.').next().unwrap_or_default();
        let is_number = last.bytes().all(|octet| octet.is_ascii_digit());
        (name.len() <= OCTETS && name.split('.').all(is_label) && !is_number).then_some(Self(name))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `other` or a name below it.
    pub fn is_within(&self, other: &Self) -> bool {
        self.0 == other.0
            || self
                .0
                .strip_suffix(&other.0)
                .is_some_and(|before| before.ends_with('.'))
    }

    /// Whether a name of a certificate is this one, or a wildcard for it: `*` as the whole first label, for exactly one
    /// label (RFC 9525 §6.3).
    pub fn is_named_by(&self, pattern: &str) -> bool {
        let pattern = pattern.to_ascii_lowercase();
        match pattern.strip_prefix("*.") {
            Some(parent) => self.0.split_once('.').is_some_and(|(_, above)| above == parent),
            None => pattern == self.0,
        }
    }
}
