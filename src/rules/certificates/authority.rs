//! What the office CA says.
//!
//! **What it may sign for.** People install this CA on their own computers and phones, so its key must be worth nothing
//! for any other site. Three extensions bound it:
//! - *Name constraints, DNS:* the appliance's name and [`ON_LAN`](super::name::ON_LAN), and during a move the old name;
//!   nothing else. Another name therefore needs another CA, which everybody installs again.
//! - *Name constraints, addresses:* a constraint binds only the kinds of name that it lists, so a CA with DNS names
//!   alone could sign for any address. [`ADDRESSES`] lists every range that is private by definition and leaves out all
//!   others. The LAN's subnet alone would be narrower, but the CA would be lost with the next router. Public addresses
//!   (also a LAN's global IPv6, which a provider can change any day) are not covered; the way in by them is the name.
//! - *Extended key usage:* TLS servers only, so that no system believes it for mail or programs.
//!
//! **Name constraints are not critical**, against RFC 5280 §4.2.1.10: Mbed TLS 2.28, on which telephones rest, refuses
//! to load a CA with a critical extension that it does not know. OpenSSL, GnuTLS and Chromium enforce it as it is
//! (`tests/trust`); Mbed TLS does not. The cost: a client that does not know the extension is not bound by it.
//!
//! **How long.** A CA that ends has to be installed again by everybody, so it lives for [`LIFE`]; it begins
//! [`BACKDATED`] earlier than it is made, because the board that makes it may not know the date yet.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::name::DnsName;
use super::validity::Validity;
use super::x509::{self, Certificate};
use crate::rules::moment::Fresh;
use crate::rules::time::{Date, Ttl};

/// From the day it is made: ten years, as mkcert's. It ends before 2038 on boards of 2026 and 2027, which spares
/// clients with 32-bit time.
pub const LIFE: Ttl = Ttl::days(3_650);
/// How much earlier than it is made it begins: a year, for clocks of clients and boards that are behind.
pub const BACKDATED: Ttl = Ttl::days(365);
/// How long before its end administrators are told.
pub const WARNED: Ttl = Ttl::days(365);

/// The address ranges that the CA may sign for: private (RFC 1918), shared by a provider's customers, as overlay
/// networks use it too (RFC 6598), link-local of IPv4 (RFC 3927) and unique local (RFC 4193). Link-local addresses of
/// IPv6 mean nothing without an interface, which a certificate cannot name; loopback never leaves the machine.
pub const ADDRESSES: [IpNet; 6] = [
    IpNet::V4(Ipv4Net::new_assert(std::net::Ipv4Addr::new(10, 0, 0, 0), 8)),
    IpNet::V4(Ipv4Net::new_assert(std::net::Ipv4Addr::new(172, 16, 0, 0), 12)),
    IpNet::V4(Ipv4Net::new_assert(std::net::Ipv4Addr::new(192, 168, 0, 0), 16)),
    IpNet::V4(Ipv4Net::new_assert(std::net::Ipv4Addr::new(100, 64, 0, 0), 10)),
    IpNet::V4(Ipv4Net::new_assert(std::net::Ipv4Addr::new(169, 254, 0, 0), 16)),
    IpNet::V6(Ipv6Net::new_assert(
        std::net::Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0),
        7,
    )),
];

/// Bytes of a serial number: 16 random ones, below the 20 of RFC 5280 §4.1.2.2.
pub const SERIAL: usize = 16;

/// What a new CA's certificate says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorityPlan {
    /// Subject and issuer: one common name (Apple shows no root without one), other for every CA, so that a new CA for
    /// the old name is never taken for the old one.
    pub common_name: String,
    /// A positive number.
    pub serial: [u8; SERIAL],
    /// From a year ago on.
    pub validity: Validity,
    /// The value of the name constraints extension (OID 2.5.29.30), DER.
    pub constraints: Vec<u8>,
}

impl AuthorityPlan {
    /// A CA for that name and the LAN's, and for the `old` one that a move began at. `now` may be the date at which an
    /// unset clock stands.
    pub fn new(name: &DnsName, old: Option<&DnsName>, now: Date, fresh: &mut Fresh) -> Self {
        let serial = serial(fresh);
        let [a, b, c, ..] = serial;
        // A common name has at most 64 characters (RFC 5280, ub-common-name); a whole host name may not fit.
        let shown: String = name.as_str().chars().take(32).collect();
        Self {
            common_name: format!("Linekey office CA {shown} {a:02x}{b:02x}{c:02x}"),
            serial,
            validity: Validity {
                from: Date(now.0.saturating_sub(BACKDATED.0)),
                until: now + LIFE,
            },
            constraints: constraints(&permitted_names(name, old)),
        }
    }
}

/// What is to be known of a CA that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// The subject's common name.
    pub common_name: String,
    /// SHA-256 of the certificate.
    pub fingerprint: [u8; 32],
    /// When it is valid.
    pub validity: Validity,
    permitted: Vec<DnsName>,
}

impl Authority {
    /// Reads the certificate of a CA that [`AuthorityPlan`] described; none if it is any other.
    pub fn read(certificate: &[u8]) -> Option<Self> {
        let read = Certificate::parse(certificate).ok()?;
        let permitted = x509::permitted_names(read.name_constraints()?).ok()?;
        Some(Self {
            common_name: read.common_name()?,
            fingerprint: super::profile::digest(certificate),
            validity: read.validity,
            permitted: permitted.iter().filter_map(|name| DnsName::parse(name)).collect(),
        })
    }

    /// Whether a leaf for that name is within its constraints.
    pub fn permits(&self, name: &DnsName) -> bool {
        self.permitted.iter().any(|permitted| name.is_within(permitted))
    }

    /// Whether administrators should be told that its end is near, or past.
    pub fn ends_soon(&self, now: Date) -> bool {
        ends_soon(self.validity.until, now)
    }

    /// Whether it can sign nothing more: then a new one costs nobody anything, as every device warns already.
    pub fn has_ended(&self, now: Date) -> bool {
        now >= self.validity.until
    }
}

/// Whether administrators should be told of a CA's end.
pub fn ends_soon(until: Date, now: Date) -> bool {
    now + WARNED >= until
}

/// Whether a leaf may carry that address.
pub fn permits_address(address: IpAddr) -> bool {
    ADDRESSES.iter().any(|range| range.contains(&address))
}

/// A fresh serial number: positive, never zero, always of 16 bytes.
pub(super) fn serial(fresh: &mut Fresh) -> [u8; SERIAL] {
    let mut serial: [u8; SERIAL] = fresh.bytes();
    let [first, ..] = &mut serial;
    *first = (*first & 0x7f) | 0x40;
    serial
}

fn permitted_names(name: &DnsName, old: Option<&DnsName>) -> Vec<DnsName> {
    let mut names = vec![name.clone()];
    for other in [Some(&DnsName::on_lan()), old].into_iter().flatten() {
        if !names.contains(other) {
            names.push(other.clone());
        }
    }
    names
}

/// `NameConstraints ::= SEQUENCE { permittedSubtrees [0] … }` (RFC 5280 §4.2.1.10): every name, and every range as
/// address and mask.
fn constraints(names: &[DnsName]) -> Vec<u8> {
    let names = names
        .iter()
        .map(|name| x509::tlv(x509::DNS_NAME, name.as_str().as_bytes()));
    let ranges = ADDRESSES.iter().map(|range| {
        let octets = match range {
            IpNet::V4(range) => [range.network().octets(), range.netmask().octets()].concat(),
            IpNet::V6(range) => [range.network().octets(), range.netmask().octets()].concat(),
        };
        x509::tlv(x509::ADDRESS, &octets)
    });
    let subtrees: Vec<u8> = names
        .chain(ranges)
        .flat_map(|base| x509::tlv(x509::SEQUENCE, &base))
        .collect();
    x509::tlv(x509::SEQUENCE, &x509::tlv(x509::PERMITTED, &subtrees))
}
