//! How far an administrator's account reaches: from which addresses it may be used, and whether programs may use it.

pub mod record;

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};

use crate::rules::change::{Change, PeopleChange};
use crate::rules::id::AccountId;
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::limits;
use crate::rules::moment::Moment;
use crate::rules::office::difference::Difference;
use crate::rules::people::ways_in::{self, Administrator};
use crate::rules::refusal::Refusal;
use crate::rules::secret::ApiSecret;
use crate::rules::text::visible;
pub use record::*;

/// Reads a list of CIDR ranges or single addresses, blank ones aside.
pub fn parse_ranges(texts: &[String]) -> Result<Vec<IpNet>, Invalid> {
    let ranges: Option<Vec<IpNet>> = texts.iter().map(|text| range(text)).collect();
    let ranges = ranges.ok_or(Invalid::new(Field::Ranges, Why::NotRange))?;
    if ranges.len() > limits::RANGES_OF_ONE {
        return Err(Invalid::new(Field::Ranges, Why::TooManyRanges));
    }
    Ok(ranges)
}

/// Reads one range, surrounding blanks and what nobody sees aside; a bare address is the range of itself alone, and
/// bits behind the prefix are dropped. A range of IPv4-mapped addresses (RFC 4291 §2.5.5.2) becomes IPv4's, in which
/// form addresses are held against it.
pub fn range(text: &str) -> Option<IpNet> {
    let text = visible(text);
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
    reach: Access,
    saver: (AccountId, IpAddr),
    administrators: &[Administrator],
) -> Result<((), Vec<Change>), Refusal> {
    let altered = Difference::default().between_lists("ranges", &reach.ranges, &ranges, "everywhere");
    let limited = Access { ranges, ..reach };
    if saver.0 == account && !limited.admits(saver.1) {
        return Err(Refusal::ShutsYouOut);
    }
    if ways_in::shuts_out_all(administrators, account, &limited, saver.1) {
        return Err(Refusal::LastWayIn);
    }
    Ok((
        (),
        vec![Change::People(PeopleChange::RangesChanged(
            account,
            limited.ranges,
            altered,
        ))],
    ))
}

/// Turns API access on, or gives it another secret; the old one ends.
pub fn open_api(account: AccountId, moment: &mut Moment) -> (ApiSecret, Vec<Change>) {
    let secret = ApiSecret::fresh(&mut moment.fresh);
    let api = Api {
        secret: secret.hash(),
        since: moment.now,
        last_used: None,
    };
    (secret, vec![Change::People(PeopleChange::ApiOpened(account, api))])
}

/// Turns API access off.
pub fn close_api(account: AccountId, reach: &Access) -> Result<((), Vec<Change>), Refusal> {
    reach.api.as_ref().ok_or(Refusal::NotFound)?;
    Ok(((), vec![Change::People(PeopleChange::ApiClosed(account))]))
}
