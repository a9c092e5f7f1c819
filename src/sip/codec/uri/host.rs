//! Hosts and ports: `host`, `host:port`, `[v6]:port` (RFC 3261 §25.1).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::super::scan::{self, Cursor};

/// A host.
#[derive(Clone, Copy, Debug, Hash)]
pub enum Host<'a> {
    /// A name: letters, digits, `-`, `.`, and `_`, which phones use although RFC 1123 forbids it.
    Name(&'a str),
    /// An IPv4 address.
    V4(Ipv4Addr),
    /// An IPv6 address, which stands in brackets.
    V6(Ipv6Addr),
}

impl<'a> Host<'a> {
    /// Takes a host off the front. `None` if there is none: an IPv6 address without brackets is none either, for where
    /// its port begins cannot be told.
    pub(in super::super) fn take(cursor: &mut Cursor<'a>) -> Option<Self> {
        if cursor.eat(b'[') {
            let text = scan::text(cursor.take_while(|byte| byte != b']'))?;
            // Programs write their link-local address with its zone, which nobody else can use (RFC 6874 §4).
            let address = text.split('%').next()?.parse().ok()?;
            return cursor.eat(b']').then_some(Self::V6(address));
        }
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let name = scan::text(cursor.take_while(fits)).filter(|name| !name.is_empty())?;
        Some(name.parse().map_or(Self::Name(name), Self::V4))
    }

    /// The address; none for a name. An IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
    #[must_use]
    pub fn address(self) -> Option<IpAddr> {
        match self {
            Self::Name(_) => None,
            Self::V4(address) => Some(IpAddr::V4(address)),
            Self::V6(address) => Some(IpAddr::V6(address).to_canonical()),
        }
    }

    /// Whether both are the same name, without regard to case, or the same address (RFC 3261 §19.1.4).
    #[must_use]
    pub fn is_same(self, other: Host<'_>) -> bool {
        match (self, other) {
            (Self::Name(one), Host::Name(two)) => one
                .trim_end_matches('.')
                .eq_ignore_ascii_case(two.trim_end_matches('.')),
            (Self::V4(one), Host::V4(two)) => one == two,
            (Self::V6(one), Host::V6(two)) => one == two,
            (Self::Name(_) | Self::V4(_) | Self::V6(_), _) => false,
        }
    }
}

impl fmt::Display for Host<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => out.write_str(name),
            Self::V4(address) => address.fmt(out),
            Self::V6(address) => write!(out, "[{address}]"),
        }
    }
}

/// Takes `:port` off the front, if there is one; blanks around the colon are legal in Via alone. `None` if what follows
/// the colon is no port.
pub(in super::super) fn take_port(cursor: &mut Cursor<'_>) -> Option<Option<u16>> {
    if !cursor.eat_spaced(b':') {
        return Some(None);
    }
    scan::number_u16(cursor.take_while(|byte| byte.is_ascii_digit())).map(Some)
}
