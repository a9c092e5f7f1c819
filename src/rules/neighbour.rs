//! Who counts as one and the same stranger.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::rules::people::access::is_near;

/// An address as strangers are counted: on the LAN each by itself; further away an IPv4 address, or the /64 of an IPv6
/// one, because a household or a VPS is handed at least a whole /64 (RFC 6177 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Neighbour(IpAddr);

impl Neighbour {
    /// The same for whoever came to that address of ours: who shares its /64 is on our LAN (RFC 4291 §2.5.4).
    pub fn met_at(address: IpAddr, door: IpAddr) -> Self {
        let (address, door) = (address.to_canonical(), door.to_canonical());
        let far = Self::from(address);
        if address.is_ipv6() && far == Self::from(door) {
            return Self(address);
        }
        far
    }

    /// Whether somebody at that address may be this one.
    pub fn may_be_at(self, address: IpAddr) -> bool {
        self.0 == address.to_canonical() || self == Self::from(address)
    }
}

impl From<IpAddr> for Neighbour {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(v6) if !is_near(address) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
            near @ (IpAddr::V4(_) | IpAddr::V6(_)) => near,
        })
    }
}

impl From<Ipv4Addr> for Neighbour {
    fn from(address: Ipv4Addr) -> Self {
        IpAddr::V4(address).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn on_the_lan_every_address_is_one_and_further_away_every_slash_64() {
        for (one, other, same) in [
            ("192.168.1.7", "192.168.1.8", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("fd00::1", "fd00::2", false),
            ("fe80::1", "fe80::2", false),
            ("::1", "::2", false),
            ("2001:db8::1", "2001:db8::2", true),
            ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
        ] {
            assert_eq!(
                Neighbour::from(at(one)) == Neighbour::from(at(other)),
                same,
                "{one} {other}"
            );
        }
    }

    #[test]
    fn who_shares_our_own_slash_64_is_on_the_lan() {
        let met = |address| Neighbour::met_at(at(address), at("2001:db8::80"));
        assert_ne!(met("2001:db8::1"), met("2001:db8::2"));
        assert!(met("2001:db8::1").may_be_at(at("2001:db8::1")) && !met("2001:db8::1").may_be_at(at("2001:db8::2")));
        assert!(met("2001:db8:0:1::1").may_be_at(at("2001:db8:0:1::2")));
        assert_eq!(met("2001:db8:0:1::1"), met("2001:db8:0:1::2"));
        assert_eq!(met("::ffff:192.0.2.1"), met("192.0.2.1"));
    }
}
