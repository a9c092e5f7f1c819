//! Contact: where a device wants to be reached (RFC 3261 §20.10, RFC 5626 §4.1).

use super::address::Address;
use super::scan;
use super::{ELEMENTS_MAX, Malformed};

/// What the Contact fields of a message say together.
#[derive(Clone, Debug)]
pub enum Contacts<'a> {
    /// `*`: all bindings (RFC 3261 §10.2.2).
    All,
    /// Each contact in its order; empty where there is no Contact.
    Each(Vec<Contact<'a>>),
}

/// One contact.
#[derive(Clone, Copy, Debug)]
pub struct Contact<'a> {
    /// The address; `address.raw` is the element, as written.
    pub address: Address<'a>,
    /// `expires` in seconds, at most 2^32-1; 3600 where it is no number (RFC 3261 §20.10).
    pub expires: Option<u32>,
    /// `q` in thousandths, up to 1000; `None` where it is absent or no such number.
    pub q: Option<u16>,
    /// `+sip.instance` without quotes and folds, as a rule `<urn:uuid:…>`.
    pub instance: Option<&'a str>,
    /// `reg-id`: which of several flows of one instance this is.
    pub reg_id: Option<u32>,
}

impl Default for Contacts<'_> {
    fn default() -> Self {
        Self::Each(Vec::new())
    }
}

/// What `expires` is taken for where it is no number.
pub(super) const EXPIRES_ANY: u32 = 3600;

impl<'a> Contacts<'a> {
    /// Reads the elements of all Contact fields.
    pub(super) fn parse(elements: impl Iterator<Item = &'a [u8]>) -> Result<Self, Malformed> {
        let mut contacts = Vec::new();
        let mut is_all = false;
        for element in elements {
            if is_all || contacts.len() >= ELEMENTS_MAX {
                return Err(if is_all {
                    Malformed::Contact
                } else {
                    Malformed::ListTooLong
                });
            }
            if element == b"*" {
                is_all = true;
            } else {
                contacts.push(Contact::parse(element)?);
            }
        }
        match (is_all, contacts.is_empty()) {
            (true, true) => Ok(Self::All),
            (true, false) => Err(Malformed::Contact),
            (false, _) => Ok(Self::Each(contacts)),
        }
    }

    /// The contacts; none for `*`.
    #[must_use]
    pub fn each(&self) -> &[Contact<'a>] {
        match self {
            Self::All => &[],
            Self::Each(contacts) => contacts,
        }
    }
}

impl<'a> Contact<'a> {
    /// Reads one element that is not `*`.
    ///
    /// # Errors
    /// The address does not parse.
    pub fn parse(element: &'a [u8]) -> Result<Self, Malformed> {
        let address = Address::parse(element).map_err(|_| Malformed::Contact)?;
        let params = address.params;
        let value = |name| params.get(name).flatten();
        Ok(Self {
            address,
            expires: params.get("expires").map(|value| {
                value
                    .and_then(|value| scan::number(scan::trimmed(value.raw)))
                    .unwrap_or(EXPIRES_ANY)
            }),
            q: value("q").and_then(|value| thousandths(value.raw)),
            instance: params.text("+sip.instance").filter(|text| !text.is_empty()),
            reg_id: value("reg-id").and_then(|value| scan::number(value.raw)),
        })
    }
}

/// `0.5` is 500. At most three digits count (RFC 3261 §25.1, qvalue).
fn thousandths(raw: &[u8]) -> Option<u16> {
    let text = scan::text(raw)?;
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole = scan::number_u16(if whole.is_empty() { b"0" } else { whole.as_bytes() })?;
    let weights = [100, 10, 1_u16];
    let part: u16 = part
        .bytes()
        .zip(weights)
        .map(|(digit, weight)| u16::from(digit - b'0') * weight)
        .sum();
    whole.checked_mul(1000)?.checked_add(part).filter(|q| *q <= 1000)
}
