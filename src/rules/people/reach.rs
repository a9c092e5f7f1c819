//! How far an administrator's account reaches: from which addresses it may be used, and whether programs may use it.

use std::net::IpAddr;

use super::session::Use;
use super::sign_in::By;
use super::ways_in::{self, Administrator};
use crate::rules::id::AccountId;
use crate::rules::limits;
use crate::rules::moment::Moment;
use crate::rules::secret::{ApiSecret, TokenHash};
use crate::rules::time::Date;
use crate::rules::verdict::{Change, Refusal};
use ipnet::{IpNet, Ipv4Net};

/// What limits an administrator. An account without a row has no limit, and no API access.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
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
    /// The last use that was written down (at most 5 minutes behind).
    pub last_used: Option<Use>,
}

impl Api {
    /// Whether a use was of this secret, and not of the one before it.
    pub fn is_of(&self, seen: &Use) -> bool {
        seen.at >= self.since
    }
}

impl Reach {
    /// Whether the account may be used from that address.
    pub fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.ranges.is_empty() || self.ranges.iter().any(|range| range.contains(&address))
    }

    /// Whether somebody who came in that way may go on from that address: a rescue by one-time password from this machine
    /// or the LAN is not held up by ranges (SPEC §4).
    pub fn admits_by(&self, by: By, address: IpAddr) -> bool {
        self.admits(address) || (by == By::OneTime && is_near(address))
    }
}

/// Whether an address is this machine's or the LAN's: loopback, private (RFC 1918, RFC 4193) or link-local.
pub fn is_near(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

/// Reads a list of CIDR ranges or single addresses, blank ones aside.
pub fn parse_ranges(texts: &[String]) -> Result<Vec<IpNet>, Refusal> {
    let texts = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
    let ranges: Option<Vec<IpNet>> = texts.map(range).collect();
    let ranges = ranges.ok_or(Refusal::Field(
        "ranges",
        "A range looks like 192.168.1.0/24 or 2001:db8::/32; a single address will do, too.",
    ))?;
    if ranges.len() > limits::RANGES_OF_ONE {
        return Err(Refusal::Field(
            "ranges",
            "At most 32 ranges are kept for one administrator.",
        ));
    }
    Ok(ranges)
}

/// Reads one range; a bare address is the range of itself alone, and bits behind the prefix are dropped. A range of IPv4-mapped
/// addresses (RFC 4291 §2.5.5.2) becomes IPv4's, in which form addresses are held against it.
pub fn range(text: &str) -> Option<IpNet> {
    let alone = || {
        text.parse::<IpAddr>()
            .ok()
            .map(|address| IpNet::from(address.to_canonical()))
    };
    let range = text.parse::<IpNet>().ok().map(|range| range.trunc()).or_else(alone)?;
    match (range.addr().to_canonical(), range.prefix_len().checked_sub(96)) {
        (IpAddr::V4(mapped), Some(prefix)) if matches!(range, IpNet::V6(_)) => {
            Ipv4Net::new(mapped, prefix).ok().map(IpNet::V4)
        }
        _ => Some(range),
    }
}

/// Limits an account to these ranges. `saver` is the account and address of whoever saves them: nobody shuts themselves
/// out, nor the last of `administrators` who can sign in from there.
pub fn limit(
    account: AccountId,
    ranges: Vec<IpNet>,
    reach: Reach,
    saver: (AccountId, IpAddr),
    administrators: &[Administrator],
) -> Result<((), Vec<Change>), Refusal> {
    let limited = Reach { ranges, ..reach };
    if saver.0 == account && !limited.admits(saver.1) {
        return Err(Refusal::ShutsYouOut);
    }
    if ways_in::shuts_out_all(administrators, account, &limited, saver.1) {
        return Err(Refusal::LastWayIn);
    }
    Ok(((), vec![Change::RangesChanged(account, limited.ranges)]))
}

/// Turns API access on, or gives it another secret; the old one ends.
pub fn open_api(account: AccountId, moment: &mut Moment) -> (ApiSecret, Vec<Change>) {
    let secret = ApiSecret::fresh(&mut moment.fresh);
    let api = Api {
        secret: secret.hash(),
        since: moment.now,
        last_used: None,
    };
    (secret, vec![Change::ApiOpened(account, api)])
}

/// Turns API access off.
pub fn close_api(account: AccountId, reach: &Reach) -> Result<((), Vec<Change>), Refusal> {
    reach.api.as_ref().ok_or(Refusal::NotFound)?;
    Ok(((), vec![Change::ApiClosed(account)]))
}
