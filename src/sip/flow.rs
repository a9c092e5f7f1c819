//! Where bytes come from and go to.

use std::net::SocketAddr;

/// How a message travels.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A stream in the clear.
    Tcp,
    /// A stream under TLS.
    Tls,
}

impl Transport {
    /// As Via names it.
    #[must_use]
    pub const fn via(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }

    /// As a URI's `transport` names it.
    #[must_use]
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }

    /// The port that is meant where none is written (RFC 3261 §19.1.2).
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp => 5060,
            Self::Tls => 5061,
        }
    }
}

/// One of our sockets: its place in `Config::listeners`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ListenerId(pub u8);

/// A connection. The shell gives the number and never uses it again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StreamId(pub u64);

/// One way to one peer (RFC 5626 §5.3).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Flow {
    /// Datagrams between one of our sockets and an address.
    Datagram {
        /// Our socket.
        listener: ListenerId,
        /// The peer's address, as it was seen.
        remote: SocketAddr,
    },
    /// A connection that is open.
    Stream(StreamId),
}

impl Flow {
    /// Whether what is sent here has to be sent again until it is answered.
    #[must_use]
    pub const fn is_datagram(self) -> bool {
        matches!(self, Self::Datagram { .. })
    }
}
