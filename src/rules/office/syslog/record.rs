//! The log server, as a record.

/// How lines get there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// A datagram for each line (RFC 5426): in the clear, and nobody knows whether it arrives.
    Udp,
    /// TLS over TCP, with octet counting (RFC 5425).
    Tls,
}

/// The log server as an administrator set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syslog {
    /// A host name in ASCII, or an address.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How lines get there.
    pub transport: Transport,
    /// Certificates (PEM) that the server's must lead to; `None`: the system's.
    pub roots: Option<String>,
}
