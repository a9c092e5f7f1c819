//! What an account's access is limited to, as a record.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::rules::people::session::record::{By, Session, Use};
use crate::rules::secret::TokenHash;
use crate::rules::time::{Date, Ttl};

/// What limits an administrator. An account without a row has no limit, and no API access.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// The ranges that the account may be used from; empty: from everywhere.
    pub ranges: Vec<IpNet>,
    /// API access, where an administrator turned it on by hand.
    pub api: Option<Api>,
}

/// HTTP Basic access for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// Recognises the secret; it was shown once.
    pub secret: TokenHash,
    /// When it was made.
    pub since: Date,
    /// The last use that was written down (at most an hour behind).
    pub last_used: Option<Use>,
}

impl Api {
    /// Whether a use was of this secret, and not of the one before it.
    pub fn is_of(&self, seen: &Use) -> bool {
        seen.at >= self.since
    }
}

impl Access {
    /// Whether the account may be used from that address.
    pub fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.ranges.is_empty() || self.ranges.iter().any(|range| range.contains(&address))
    }

    /// Whether somebody may sign in that way from that address: a rescue by one-time password from this machine or the
    /// LAN is not held up by ranges (SPEC §4).
    pub fn admits_by(&self, by: By, address: IpAddr) -> bool {
        self.admits(address) || (by == By::OneTime && is_near(address))
    }

    /// Whether a session may be used from that address. A rescue's goes on outside the ranges for [`RESCUE`] after it
    /// was opened: long enough to make a passkey and to mend the ranges, and then it is held to them like any other.
    pub fn admits_session(&self, session: &Session, address: IpAddr, now: Date) -> bool {
        self.admits(address) || (self.admits_by(session.by, address) && now < session.opened + RESCUE)
    }
}

/// How long a rescue is not held up by ranges.
pub const RESCUE: Ttl = Ttl::hours(1);

/// Whether an address is this machine's or the LAN's: loopback, private (RFC 1918, RFC 4193) or link-local.
pub fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}
