//! What the appliance's own certificate says, and when it is made anew.
//!
//! A leaf names the appliance's names and its addresses on the LAN, lives for at most [`LIFE`] and is made anew when
//! two thirds of that are over. Nothing is renewed on a clock that is known to be wrong (SPEC §7), save that without a
//! leaf nobody could come in and set it: the first one is made on whatever date there is, begins earlier for it, and is
//! replaced as soon as the date is known.

use std::fmt;
use std::net::IpAddr;

use super::authority::{self, Authority, SERIAL};
use super::name::DnsName;
use super::validity::Validity;
use super::x509::Certificate;
use crate::rules::moment::{Moment, Reading};
use crate::rules::time::{Date, Ttl};

/// First to last second: 397 days, the day before it is made included. Browsers take 398 from public CAs, Apple 825
/// from installed ones; who holds to the shorter is refused by nobody.
pub const LIFE: Ttl = Ttl::days(397);
/// How much earlier than it is made it begins, on a known date: a day, for clients whose clocks are behind.
pub const BACKDATED: Ttl = Ttl::days(1);
/// The same on a date that is not known: the clock may stand ahead of the true date by what a time server once said.
pub const BACKDATED_UNKNOWN: Ttl = Ttl::days(30);
/// The life of a leaf that was made on an unknown date, which tells it apart at every later start. The date is then
/// that of the build or of the newest turn, a year and more ago maybe: the leaf has to be valid today for whoever comes
/// in to set it. Apple takes 825 days from CAs that people install.
const UNKNOWN_LIFE: Ttl = Ttl::days(820);
/// Addresses in one leaf: several interfaces, each with some; the newest count.
pub const ADDRESSES: usize = 16;
/// Names in one leaf: today's, the LAN's, and the old one during a move.
pub const NAMES: usize = 3;

/// What a leaf has to be good for today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The appliance's names, its right one first.
    pub names: Vec<DnsName>,
    /// Its addresses on the LAN.
    pub addresses: Vec<IpAddr>,
}

impl Wanted {
    /// For an appliance of that name, that still answers to `old` during a move. Of the addresses those are kept that
    /// the CA may sign for, each once.
    pub fn new(name: DnsName, old: Option<DnsName>, addresses: &[IpAddr]) -> Self {
        let mut names = vec![name];
        for other in [Some(DnsName::on_lan()), old].into_iter().flatten() {
            if !names.contains(&other) {
                names.push(other);
            }
        }
        let mut kept = Vec::new();
        for address in addresses.iter().map(IpAddr::to_canonical) {
            if authority::permits_address(address) && !kept.contains(&address) && kept.len() < ADDRESSES {
                kept.push(address);
            }
        }
        Self { names, addresses: kept }
    }
}

/// What is to be known of the leaf in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// When it is valid.
    pub validity: Validity,
    /// Its names.
    pub names: Vec<String>,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// The common name of the CA that signed it.
    pub issuer: String,
}

impl Leaf {
    /// Reads a certificate; none if it is not one of an office CA.
    pub fn read(certificate: &[u8]) -> Option<Self> {
        let read = Certificate::parse(certificate).ok()?;
        let names = read.names().ok()?;
        Some(Self {
            validity: read.validity,
            names: names.dns,
            addresses: names.addresses,
            issuer: read.issuer_common_name()?,
        })
    }

    /// Whether it was made on a date that was not known: told by its length.
    fn is_of_unknown_date(&self) -> bool {
        self.validity.until - self.validity.from == UNKNOWN_LIFE
    }
}

/// Why a new leaf is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// It lacks an address that the appliance has.
    Address(IpAddr),
    /// Another CA signed it.
    Authority,
    /// It was made before the date was known, which it is now.
    DateKnown,
    /// There is none, or it cannot be read.
    First,
    /// It lacks a name that the appliance has, or has one that a move is over from.
    Name,
    /// The date went back to before its first day, by somebody's deliberate act.
    NotYetValid,
    /// Two thirds of its life are over.
    TwoThirds,
}

impl fmt::Display for Due {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(to, "this appliance has the address {address} now"),
            Self::Authority => to.write_str("the office CA is another one now"),
            Self::DateKnown => to.write_str("the date is known now"),
            Self::First => to.write_str("there was none that could be used"),
            Self::Name => to.write_str("the names of this appliance are others now"),
            Self::NotYetValid => to.write_str("the date was brought back"),
            Self::TwoThirds => to.write_str("two thirds of its time are over"),
        }
    }
}

/// Whether a new leaf is due, and why. The first, and one that another name or CA makes worthless, at once; all else
/// waits for a known date, save an address that a leaf of an unknown date lacks: that has nothing to lose. An address
/// that went away is no reason: it comes back with the next cable or lease.
pub fn due(leaf: Option<&Leaf>, wanted: &Wanted, authority: &Authority, reading: Reading) -> Option<Due> {
    let Some(leaf) = leaf else { return Some(Due::First) };
    if leaf.issuer != authority.common_name {
        return Some(Due::Authority);
    }
    let has = |name: &DnsName| leaf.names.iter().any(|listed| listed == name.as_str());
    if !wanted.names.iter().all(|name| has(name) || !authority.permits(name)) {
        return Some(Due::Name);
    }
    let is_wanted = |listed: &String| wanted.names.iter().any(|name| name.as_str() == listed);
    let unknown = leaf.is_of_unknown_date();
    let lacking = wanted
        .addresses
        .iter()
        .find(|address| !leaf.addresses.contains(address));
    if !reading.known {
        return lacking.filter(|_| unknown).map(|address| Due::Address(*address));
    }
    if unknown {
        return Some(Due::DateKnown);
    }
    if reading.date < leaf.validity.from {
        return Some(Due::NotYetValid);
    }
    // A leaf that ends with its CA cannot be made to last longer.
    if reading.date >= two_thirds(leaf.validity) && leaf.validity.until < authority.validity.until {
        return Some(Due::TwoThirds);
    }
    if !leaf.names.iter().all(is_wanted) {
        return Some(Due::Name);
    }
    lacking.map(|address| Due::Address(*address))
}

/// When two thirds of a certificate's life are over: for 397 days the 264th, for 47 the 31st, for six the fourth.
pub fn two_thirds(validity: Validity) -> Date {
    let life = validity.until - validity.from;
    validity.from + Ttl(life.0 / 3 * 2)
}

/// What a new leaf says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeafPlan {
    /// The subject's common name, which is the first of the names too; none where that has more than the 64 characters
    /// of RFC 5280's ub-common-name.
    pub common_name: Option<String>,
    /// A positive number.
    pub serial: [u8; SERIAL],
    /// At most [`LIFE`], and never past the CA's own end.
    pub validity: Validity,
    /// DNS names: those wanted that the CA permits.
    pub names: Vec<DnsName>,
    /// Addresses: those wanted, and those of the leaf before while there is room, so that a lease that changes to and
    /// fro does not make a new leaf each time.
    pub addresses: Vec<IpAddr>,
}

impl LeafPlan {
    /// The leaf that follows `before`; none where the CA permits none of the names or is past its end.
    pub fn new(wanted: &Wanted, before: Option<&Leaf>, authority: &Authority, moment: &mut Moment) -> Option<Self> {
        let names: Vec<DnsName> = wanted
            .names
            .iter()
            .filter(|name| authority.permits(name))
            .cloned()
            .collect();
        let first = names.first()?.as_str();
        let mut addresses = wanted.addresses.clone();
        let renewed = before.filter(|before| two_thirds(before.validity) > moment.now && moment.known);
        for address in renewed.into_iter().flat_map(|before| &before.addresses) {
            if !addresses.contains(address) && addresses.len() < ADDRESSES {
                addresses.push(*address);
            }
        }
        Some(Self {
            common_name: (first.len() <= 64).then(|| first.to_owned()),
            serial: authority::serial(&mut moment.fresh),
            validity: validity(authority, moment)?,
            names,
            addresses,
        })
    }
}

fn validity(authority: &Authority, moment: &Moment) -> Option<Validity> {
    let (back, life) = if moment.known {
        (BACKDATED, LIFE)
    } else {
        (BACKDATED_UNKNOWN, UNKNOWN_LIFE)
    };
    let from = Date(moment.now.0.saturating_sub(back.0)).max(authority.validity.from);
    let until = (from + Ttl(life.0)).min(authority.validity.until);
    (until > moment.now).then_some(Validity { from, until })
}
