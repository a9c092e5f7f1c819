//! Every bound of the doors on one page, each with its reason, whatever is spoken behind them.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// What connections may cost, one and all of them together.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections in all, over all doors. When they are taken, a stranger who does nothing makes room for the next
    /// one. 256: an office of 40 browsers with 6 connections each, and a quarter of a usual 1,024 file descriptors.
    pub connections: usize,
    /// Connections per address (of an IPv6 network further away, per /64); for one more the idlest of them is closed,
    /// or the new one where all are known. 48: eight browsers behind one address.
    pub per_address: usize,
    /// Whom `per_address` does not hold: this machine, and the proxies that speak for many.
    pub exempt: Vec<IpNet>,
    /// Time for a TLS handshake. 10 s: three round trips over a bad mobile line, with retransmissions.
    pub handshake: Duration,
    /// After a stop, time for those who wait for an answer. 1.5 s of the 2 s that a stop may take.
    pub farewell: Duration,
}

impl Limits {
    /// The appliance's own numbers.
    pub fn appliance() -> Self {
        Self {
            connections: 256,
            per_address: 48,
            exempt: vec![
                IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8)),
                IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
            ],
            handshake: Duration::from_secs(10),
            farewell: Duration::from_millis(1500),
        }
    }
}
