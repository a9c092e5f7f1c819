//! MAC addresses: how phones and people write them, and which ranges belong to which make.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::text::{plain_hyphens, visible};

/// A hardware address, EUI-48: 48 bits. The all-zero one names no device; makes use it for files that all phones share.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mac([u8; 6]);

/// Octets of the longest usual form, `00:04:13:aa:bb:cc`.
const LONGEST: usize = 17;

impl Mac {
    /// The device with these six octets; `None` for the all-zero address.
    pub fn new(octets: [u8; 6]) -> Option<Self> {
        (octets != [0; 6]).then_some(Self(octets))
    }

    /// Reads what somebody typed: twelve hexadecimal digits in either case, with blanks, `:`, `-` or `.` between them,
    /// and what nobody sees aside.
    /// Not the address of a group (IEEE 802, the lowest bit of the first octet).
    pub fn parse(typed: &str) -> Result<Self, Invalid> {
        let typed = plain_hyphens(&visible(typed));
        let digits: String = typed.chars().filter(|c| !c.is_whitespace()).take(LONGEST + 1).collect();
        let mac = Self::read(&digits).filter(|mac| mac.0.first().is_some_and(|first| first & 1 == 0));
        mac.ok_or(Invalid::new(Field::Mac, Why::NotMac))
    }

    /// Reads what a phone wrote: twelve hexadecimal digits in either case, with or without `:`, `-` or `.` between
    /// them.
    pub fn read(written: &str) -> Option<Self> {
        if written.len() > LONGEST {
            return None;
        }
        let digits: String = written.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
        let octets = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?;
        Self::new(octets.try_into().ok()?)
    }

    /// Its six octets.
    pub fn octets(self) -> [u8; 6] {
        self.0
    }

    /// The maker's prefix (OUI): the first three octets.
    pub fn oui(self) -> [u8; 3] {
        let [first, second, third, ..] = self.0;
        [first, second, third]
    }

    /// Twelve digits in lower case: `000413aabbcc`.
    pub fn lower(self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }

    /// Twelve digits in upper case: `000413AABBCC`.
    pub fn upper(self) -> String {
        data_encoding::HEXUPPER.encode(&self.0)
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.lower())
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Mac({self})")
    }
}

/// The first MAC address in free text, as makes put it into their User-Agent: twelve digits, or six pairs with colons,
/// that no further digit or letter touches.
pub fn within(text: &str) -> Option<Mac> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == ':'))
        .flat_map(|word| [word, word.rsplit_once("SN:").map_or("", |(_, serial)| serial)])
        .filter(|word| word.len() == 12 || word.len() == LONGEST)
        .find_map(Mac::read)
}
