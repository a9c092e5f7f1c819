//! Who is at the other end of a connection.

use std::net::SocketAddr;

/// The other end, as the socket has it. Never what a `Forwarded` field says of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Peer {
    /// Where the connection comes from; an IPv4 address is never in its IPv6-mapped form.
    pub address: SocketAddr,
    /// Whether it came over TLS.
    pub secure: bool,
}
