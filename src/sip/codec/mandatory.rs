//! The fields that every message must have: Via, From, To, Call-ID, CSeq (RFC 3261 §8.1.1).

use super::address::Address;
use super::method::Method;
use super::name::Name;
use super::scan;
use super::via::Via;
use super::view::{Length, View};
use super::{ELEMENTS_MAX, Malformed};

/// The fields without which a message belongs to no transaction.
#[derive(Clone, Debug)]
pub(super) struct Mandatory<'a> {
    pub(super) vias: Vec<Via<'a>>,
    pub(super) from: Address<'a>,
    pub(super) to: Address<'a>,
    pub(super) call_id: &'a str,
    pub(super) cseq: u32,
    pub(super) cseq_method: Method<'a>,
}

/// A sequence number is below this (RFC 3261 §8.1.1.5).
const CSEQ_END: u32 = 1 << 31;

impl<'a> Mandatory<'a> {
    pub(super) fn parse(view: &View<'a>) -> Result<Self, Malformed> {
        if !view.is_head_ended {
            return Err(Malformed::HeadUnended);
        }
        if view.has_bare_cr {
            return Err(Malformed::BareCr);
        }
        let vias = listed(view, Name::Via, Via::parse)?;
        if vias.is_empty() {
            return Err(Malformed::ViaMissing);
        }
        let from = tagged(only(view, Name::From)?.ok_or(Malformed::FromMissing)?).ok_or(Malformed::From)?;
        let to = tagged(only(view, Name::To)?.ok_or(Malformed::ToMissing)?).ok_or(Malformed::To)?;
        let call_id = call_id(only(view, Name::CallId)?.ok_or(Malformed::CallIdMissing)?).ok_or(Malformed::CallId)?;
        let cseq = only(view, Name::CSeq)?.ok_or(Malformed::CSeqMissing)?;
        let (cseq, cseq_method) = numbered(cseq).ok_or(Malformed::CSeq)?;
        match view.length {
            Length::Unclear => return Err(Malformed::ContentLength),
            Length::Bytes(_) if view.is_body_short => return Err(Malformed::BodyShort),
            Length::Absent | Length::Bytes(_) => {}
        }
        Ok(Self {
            vias,
            from,
            to,
            call_id,
            cseq,
            cseq_method,
        })
    }
}

/// The value of a field that may stand once at most; the very same value again says nothing else, and some programs
/// write it. Two that differ are refused (RFC 3261 §7.3.1).
pub(super) fn only<'a>(view: &View<'a>, name: Name) -> Result<Option<&'a [u8]>, Malformed> {
    let first = view.first(name);
    if view.all(name).all(|field| Some(field.value) == first) {
        Ok(first)
    } else {
        Err(Malformed::Repeated)
    }
}

/// Each element of a list field, read.
pub(super) fn listed<'a, T>(
    view: &View<'a>,
    name: Name,
    read: impl Fn(&'a [u8]) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    let mut list = Vec::new();
    for element in view.elements(name) {
        if list.len() >= ELEMENTS_MAX {
            return Err(Malformed::ListTooLong);
        }
        list.push(read(element)?);
    }
    Ok(list)
}

fn tagged(value: &[u8]) -> Option<Address<'_>> {
    Address::parse(value).ok().filter(Address::is_tag_clear)
}

fn call_id(value: &[u8]) -> Option<&str> {
    scan::text(value).filter(|text| !text.is_empty() && text.bytes().all(|byte| byte > b' ' && byte != 0x7f))
}

fn numbered(value: &[u8]) -> Option<(u32, Method<'_>)> {
    let mut cursor = scan::Cursor::new(value);
    let number = scan::number(cursor.take_while(|byte| byte.is_ascii_digit()))?;
    let method = cursor.rest;
    let is_spaced = method.first().copied().is_some_and(scan::is_blank);
    let method = Method::parse(scan::trimmed(method))?;
    (number < CSEQ_END && is_spaced).then_some((number, method))
}
