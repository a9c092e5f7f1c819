//! X.509 certificates (RFC 5280) as far as a server's own need them, read from DER; and the little DER that is written
//! here.
//!
//! Attestation has a reader of its own (`webauthn/attestation/certificate.rs`): that one verifies signatures and never
//! looks at dates and names, this one does the opposite. Both stand on [`der`].

use std::net::IpAddr;

use super::validity::Validity;
use crate::rules::time::Date;
use crate::rules::webauthn::Malformed;
use crate::rules::webauthn::der::{self, Reader};

pub(super) use der::SEQUENCE;

/// `dNSName [2]` of a GeneralName (RFC 5280 §4.2.1.6).
pub(super) const DNS_NAME: u8 = 0x82;
/// `iPAddress [7]` of a GeneralName.
pub(super) const ADDRESS: u8 = 0x87;
/// `permittedSubtrees [0]` of NameConstraints.
pub(super) const PERMITTED: u8 = der::context(0);

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// Names and extensions that are read of one certificate; public ones have a few, the largest some hundred names.
const MEMBERS: usize = 256;

mod oid {
    pub(super) const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
    pub(super) const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];
    pub(super) const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x1e];
    pub(super) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
    pub(super) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
    pub(super) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
    pub(super) const SERVER: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01];
    pub(super) const ANY_USAGE: &[u8] = &[0x55, 0x1d, 0x25, 0x00];
}

/// One certificate, borrowed from its DER.
#[derive(Clone, Debug)]
pub struct Certificate<'a> {
    /// When it is valid.
    pub validity: Validity,
    /// Whether it says that it is of version 3 (RFC 5280 §4.1.2.1): older ones have no names of hosts.
    pub(super) is_version_3: bool,
    pub(super) issuer: &'a [u8],
    pub(super) subject: &'a [u8],
    /// The object identifier of the algorithm that it was signed with.
    pub(super) signed_with: &'a [u8],
    /// What that algorithm's parameters hold, where they are a sequence.
    pub(super) signed_how: Option<&'a [u8]>,
    pub(super) key: SubjectKey<'a>,
    /// What its issuer signed, and the signature.
    pub(super) signed: &'a [u8],
    pub(super) signature: &'a [u8],
    extensions: Vec<Extension<'a>>,
}

/// One extension.
#[derive(Clone, Copy, Debug)]
struct Extension<'a> {
    identifier: &'a [u8],
    is_critical: bool,
    value: &'a [u8],
}

/// A SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
#[derive(Clone, Copy, Debug)]
pub(super) struct SubjectKey<'a> {
    /// Object identifier of the algorithm.
    pub(super) algorithm: &'a [u8],
    /// Object identifier in the parameters: a curve's.
    pub(super) curve: Option<&'a [u8]>,
    pub(super) bits: &'a [u8],
}

/// The names of a certificate that TLS clients look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// DNS names as they are written, wildcards too.
    pub dns: Vec<String>,
    /// Addresses.
    pub addresses: Vec<IpAddr>,
}

impl<'a> Certificate<'a> {
    /// Reads one certificate that fills `bytes`. Signatures are not verified.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut certificate = Reader::new(bytes).only(SEQUENCE)?;
        let signed = certificate.any()?.whole;
        let mut algorithm = certificate.within(SEQUENCE)?;
        let signed_with = algorithm.value(der::OBJECT)?;
        let signed_how = algorithm.optional(SEQUENCE)?;
        let signature = certificate.bits()?;
        certificate.end()?;
        let mut fields = Reader::new(signed).only(SEQUENCE)?;

        let version = fields.optional(der::context(0))?;
        let is_version_3 = version.is_some_and(|version| version == [0x02, 0x01, 0x02]);
        fields.value(der::INTEGER)?;
        fields.value(SEQUENCE)?;
        let issuer = fields.value(SEQUENCE)?;
        let mut dates = fields.within(SEQUENCE)?;
        let validity = Validity {
            from: date(&mut dates)?,
            until: date(&mut dates)?,
        };
        let subject = fields.value(SEQUENCE)?;
        let key = SubjectKey::parse(fields.within(SEQUENCE)?)?;
        fields.optional(0x81)?;
        fields.optional(0x82)?;
        let extensions = match fields.optional(der::context(3))? {
            Some(list) => extensions(Reader::new(list).only(SEQUENCE)?)?,
            None => Vec::new(),
        };
        fields.end()?;
        Ok(Self {
            validity,
            is_version_3,
            issuer,
            subject,
            signed_with,
            signed_how,
            key,
            signed,
            signature,
            extensions,
        })
    }

    /// Whether it is for a CA: the basic constraints say so, and the key usage, if there is one, lets it sign
    /// certificates (RFC 5280 §6.1.4 (k), (n)).
    pub(super) fn is_authority(&self) -> bool {
        /// `keyCertSign (5)`, counted from the left of the first octet.
        const SIGN: u8 = 0x04;
        let constraints = |value| Reader::new(value).only(SEQUENCE)?.optional_boolean();
        let is_authority = self.extension(oid::BASIC_CONSTRAINTS).map(constraints) == Some(Ok(Some(true)));
        let usage = |value| match Reader::new(value).value(der::BIT_STRING) {
            Ok([_, first, ..]) => first & SIGN != 0,
            _ => false,
        };
        is_authority && self.extension(oid::KEY_USAGE).is_none_or(usage)
    }

    /// The first critical extension that is not among those known, as dotted numbers: whoever does not know a critical
    /// one must refuse the certificate (RFC 5280 §4.2).
    pub(super) fn unknown_critical(&self) -> Option<String> {
        let unknown = |extension: &&Extension<'_>| extension.is_critical && !is_known(extension.identifier);
        self.extensions
            .iter()
            .find(unknown)
            .map(|extension| dotted(extension.identifier))
    }

    /// The names of its Subject Alternative Name; a common name alone is no name (RFC 9525 §2.3).
    pub fn names(&self) -> Result<Names, Malformed> {
        let mut names = Names::default();
        let Some(value) = self.extension(oid::ALTERNATIVE_NAME) else {
            return Ok(names);
        };
        let mut list = Reader::new(value).only(SEQUENCE)?;
        for _ in 0..MEMBERS {
            if list.is_empty() {
                return Ok(names);
            }
            let name = list.any()?;
            match (name.tag, name.contents.len()) {
                (DNS_NAME, _) => names.dns.push(ascii(name.contents)?),
                (ADDRESS, _) => names.addresses.push(address(name.contents)?),
                _ => {}
            }
        }
        Err(Malformed::Oversized)
    }

    /// Whether TLS servers may use it: the Extended Key Usage says so, or is not there.
    pub(super) fn is_for_servers(&self) -> bool {
        let listed = |value| -> Result<bool, Malformed> {
            let mut purposes = Reader::new(value).only(SEQUENCE)?;
            let mut found = false;
            while !purposes.is_empty() {
                let purpose = purposes.value(der::OBJECT)?;
                found |= purpose == oid::SERVER || purpose == oid::ANY_USAGE;
            }
            Ok(found)
        };
        self.extension(oid::EXTENDED_KEY_USAGE)
            .is_none_or(|value| listed(value) == Ok(true))
    }

    /// The subject's common name.
    pub(super) fn common_name(&self) -> Option<String> {
        common_name(self.subject)
    }

    /// The issuer's common name.
    pub(super) fn issuer_common_name(&self) -> Option<String> {
        common_name(self.issuer)
    }

    /// The value of its name constraints.
    pub(super) fn name_constraints(&self) -> Option<&'a [u8]> {
        self.extension(oid::NAME_CONSTRAINTS)
    }

    fn extension(&self, identifier: &[u8]) -> Option<&'a [u8]> {
        let found = self.extensions.iter().find(|known| known.identifier == identifier);
        found.map(|extension| extension.value)
    }
}

impl<'a> SubjectKey<'a> {
    fn parse(mut info: Reader<'a>) -> Result<Self, Malformed> {
        let mut identifier = info.within(SEQUENCE)?;
        let algorithm = identifier.value(der::OBJECT)?;
        let curve = identifier.optional(der::OBJECT)?;
        let bits = info.bits()?;
        info.end()?;
        Ok(Self { algorithm, curve, bits })
    }
}

/// The DNS names that name constraints permit.
pub(super) fn permitted_names(constraints: &[u8]) -> Result<Vec<String>, Malformed> {
    let mut names = Vec::new();
    let mut constraints = Reader::new(constraints).only(SEQUENCE)?;
    let mut permitted = constraints.within(PERMITTED)?;
    while !permitted.is_empty() && names.len() < MEMBERS {
        let base = permitted.within(SEQUENCE)?.any()?;
        if base.tag == DNS_NAME {
            names.push(ascii(base.contents)?);
        }
    }
    Ok(names)
}

/// A value in DER: tag, length, contents. Nothing written here comes near 64 KiB.
pub(super) fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut value = vec![tag];
    match (u8::try_from(contents.len()), u16::try_from(contents.len())) {
        (Ok(length @ ..0x80), _) => value.push(length),
        (Ok(length), _) => value.extend([0x81, length]),
        (Err(_), Ok(length)) => {
            value.push(0x82);
            value.extend(length.to_be_bytes());
        }
        (Err(_), Err(_)) => unreachable!("names and ranges are few and short"),
    }
    value.extend_from_slice(contents);
    value
}

/// UTCTime or GeneralizedTime in the forms of RFC 5280 §4.1.2.5: to the second, in UTC.
fn date(dates: &mut Reader<'_>) -> Result<Date, Malformed> {
    let value = dates.any()?;
    let text = std::str::from_utf8(value.contents).map_err(|_| Malformed::Text)?;
    let (century, rest) = match (value.tag, text.len()) {
        (UTC_TIME, 13) => (None, text),
        (GENERALIZED_TIME, 15) => text
            .split_at_checked(2)
            .map(|(century, rest)| (Some(century), rest))
            .ok_or(Malformed::Short)?,
        _ => return Err(Malformed::Kind),
    };
    let digits = rest.strip_suffix('Z').ok_or(Malformed::Text)?;
    let number = |at: usize| -> Result<u64, Malformed> {
        let two = digits
            .get(at..at + 2)
            .filter(|two| two.bytes().all(|digit| digit.is_ascii_digit()));
        two.and_then(|two| two.parse().ok()).ok_or(Malformed::Text)
    };
    let year = match century {
        Some(century) => century.parse::<u64>().map_err(|_| Malformed::Text)? * 100 + number(0)?,
        None => match number(0)? {
            year @ 50.. => 1900 + year,
            year => 2000 + year,
        },
    };
    let (month, day) = (number(2)?, number(4)?);
    let (hour, minute, second) = (number(6)?, number(8)?, number(10)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return Err(Malformed::Range);
    }
    let days = days_before(year, month) + day - 1;
    Ok(Date(
        days.saturating_sub(DAYS_BEFORE_1970) * 86_400 + hour * 3600 + minute * 60 + second,
    ))
}

const DAYS_BEFORE_1970: u64 = 719_468;

/// Days from 0000-03-01 to the first of that month, by the proleptic Gregorian calendar: years begin in March, so that
/// the leap day is their last.
fn days_before(year: u64, month: u64) -> u64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year.saturating_sub(1), month + 9)
    };
    year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5
}

fn extensions(mut list: Reader<'_>) -> Result<Vec<Extension<'_>>, Malformed> {
    let mut extensions = Vec::new();
    while !list.is_empty() {
        if extensions.len() == MEMBERS {
            return Err(Malformed::Oversized);
        }
        let mut fields = list.within(SEQUENCE)?;
        let identifier = fields.value(der::OBJECT)?;
        let is_critical = fields.optional_boolean()? == Some(true);
        let value = fields.value(der::OCTET_STRING)?;
        fields.end()?;
        extensions.push(Extension {
            identifier,
            is_critical,
            value,
        });
    }
    Ok(extensions)
}

/// Extensions that TLS clients know (RFC 5280 §4.2.1): all of `id-ce` that stand in certificates, but for private keys'
/// periods and issuers' other names.
fn is_known(identifier: &[u8]) -> bool {
    /// Subject key, key usage, names, basic constraints, name constraints, CRL, policies, mappings, authority key,
    /// policy constraints, extended key usage, any policy.
    const LAST: [u8; 12] = [14, 15, 17, 19, 30, 31, 32, 33, 35, 36, 37, 54];
    matches!(identifier, [0x55, 0x1d, last] if LAST.contains(last))
}

/// An object identifier's contents as dotted numbers.
fn dotted(identifier: &[u8]) -> String {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number: u64 = 0;
    for octet in identifier {
        number = number.wrapping_shl(7) | u64::from(octet & 0x7f);
        if octet & 0x80 == 0 {
            if numbers.is_empty() {
                let first = (number / 40).min(2);
                numbers.extend([first, number - first * 40]);
            } else {
                numbers.push(number);
            }
            number = 0;
        }
    }
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    numbers.join(".")
}

/// The last common name of a Name's contents, as text.
fn common_name(name: &[u8]) -> Option<String> {
    let mut sets = Reader::new(name);
    let mut found = None;
    while let Ok(mut set) = sets.within(der::SET) {
        while let Ok(mut attribute) = set.within(SEQUENCE) {
            if attribute.value(der::OBJECT).ok()? == oid::COMMON_NAME {
                found = std::str::from_utf8(attribute.any().ok()?.contents).ok();
            }
        }
    }
    found.map(str::to_owned)
}

fn ascii(contents: &[u8]) -> Result<String, Malformed> {
    let text = std::str::from_utf8(contents).ok().filter(|text| text.is_ascii());
    text.map(str::to_owned).ok_or(Malformed::Text)
}

fn address(octets: &[u8]) -> Result<IpAddr, Malformed> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    let v6 = <[u8; 16]>::try_from(octets).map(IpAddr::from);
    v4.or(v6).map_err(|_| Malformed::Range)
}
