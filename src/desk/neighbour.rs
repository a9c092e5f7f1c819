//! Who counts as one and the same stranger.

use std::net::{IpAddr, Ipv6Addr};

/// An address as the desk counts it: an IPv4 address, or the /64 of an IPv6 one, because a household or a VPS is handed
/// at least a whole /64 (RFC 6177 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Neighbour(IpAddr);

impl From<IpAddr> for Neighbour {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}
