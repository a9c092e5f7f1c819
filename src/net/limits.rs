//! Every bound of the edge on one page, each with its reason.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// What one visitor, and all of them together, may cost us.
///
/// Worst case in memory, when every place is held by a stranger with a full body: `connections` × (`head` + `body`),
/// 20 MiB. Nothing else grows with traffic.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections in all, over all doors. When they are taken, the next one waits in the kernel's queue.
    /// 256: an office of 40 browsers with 6 connections each, and a quarter of a usual 1,024 file descriptors.
    pub connections: usize,
    /// Connections per IPv4 address or IPv6 /64; one more is closed at once. 48: eight browsers behind one address.
    pub per_address: usize,
    /// Whom `per_address` does not hold: this machine, and the proxies that speak for many.
    pub exempt: Vec<IpNet>,
    /// Bytes of request line and header fields together. 16 KiB: what browsers' cookies fit in, and nginx's order.
    pub head: usize,
    /// Header fields. 64: Chromium sends about 20, a chain of proxies adds some.
    pub fields: usize,
    /// Bytes of the request target. 2 KiB: our longest path is below 200.
    pub target: usize,
    /// Bytes of a body, chunked or not. 64 KiB: the largest registration with attestation is below 16.
    pub body: usize,
    /// Time for a head, from its first byte to its end.
    pub head_time: Duration,
    /// Time for a whole body. 64 KiB in 20 s is 26 kbit/s: any line that can show the page.
    pub body_time: Duration,
    /// How long a connection without a request is kept. 30 s: a page's next click, and no longer.
    pub idle: Duration,
    /// Time for the application's answer to begin. 60 s: two password checks at a time, on the slowest board, queued.
    pub answer: Duration,
    /// Time for the client to take an answer, or 64 KiB of a longer one.
    pub write: Duration,
    /// The longest silence of a live stream, after which it is closed: streams must say something more often.
    pub silence: Duration,
    /// Time for a TLS handshake. 10 s: three round trips over a bad mobile line, with retransmissions.
    pub handshake: Duration,
    /// How long we listen, after our last word, to what the client still sends. Closing at once would make the
    /// kernel send a reset that overtakes the answer (RFC 9112 §9.6).
    pub linger: Duration,
    /// Requests on one connection; the last answer says `close`. 1,000: none is for ever, and handshakes stay rare.
    pub requests: u32,
    /// After a stop, time for those who wait for an answer. 1.5 s of the 2 s that a stop may take.
    pub farewell: Duration,
}

impl Limits {
    /// The appliance's own numbers, with proxies that speak for many.
    pub fn trusting(proxies: Vec<IpNet>) -> Self {
        let mut limits = Self::appliance();
        limits.exempt.extend(proxies);
        limits
    }

    /// The appliance's own numbers.
    pub fn appliance() -> Self {
        Self {
            connections: 256,
            per_address: 48,
            exempt: vec![
                IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8)),
                IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
            ],
            head: 16 * 1024,
            fields: 64,
            target: 2 * 1024,
            body: 64 * 1024,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(20),
            idle: Duration::from_secs(30),
            answer: Duration::from_secs(60),
            write: Duration::from_secs(20),
            silence: Duration::from_secs(60),
            handshake: Duration::from_secs(10),
            linger: Duration::from_secs(2),
            requests: 1000,
            farewell: Duration::from_millis(1500),
        }
    }
}
