//! TLS handshakes that came to nothing, as pages tell of them.

use std::net::IpAddr;

use crate::rules::time::Ttl;

/// Why a client and this appliance found no common TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It knows TLS 1.0 or 1.1 alone, or older.
    OldTls,
    /// It knows no cipher and signature of ours: as a rule one that takes certificates with an RSA key alone.
    OtherKeys,
}

/// Handshakes of one address that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedHandshake {
    /// Whose.
    pub from: IpAddr,
    /// Why the newest failed.
    pub cause: Cause,
    /// How many since one came about.
    pub count: u32,
    /// How long ago the newest was.
    pub ago: Ttl,
}
