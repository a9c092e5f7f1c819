//! The strict meaning of a response: what a proxy must understand of it (RFC 3261 §16.7).

use super::address::Address;
use super::contact::Contacts;
use super::mandatory::{Mandatory, listed};
use super::method::Method;
use super::name::Name;
use super::scan;
use super::via::Via;
use super::view::View;
use super::{Malformed, Refused};

/// A response that is well-formed in everything that routes it.
#[derive(Clone, Debug)]
pub struct Response<'a> {
    /// The message as it came.
    pub view: &'a View<'a>,
    /// 100 to 699.
    pub status: u16,
    /// The reason phrase; may be empty, and need not be UTF-8.
    pub reason: &'a [u8],
    /// Via, the topmost first: the topmost is our own.
    pub vias: Vec<Via<'a>>,
    /// From.
    pub from: Address<'a>,
    /// To.
    pub to: Address<'a>,
    /// Call-ID.
    pub call_id: &'a str,
    /// The number of CSeq, below 2^31.
    pub cseq: u32,
    /// The method that is answered.
    pub method: Method<'a>,
}

impl<'a> Response<'a> {
    /// Reads a response.
    ///
    /// # Errors
    /// What is wrong. Nothing answers a response: drop it.
    pub fn parse(view: &'a View<'a>) -> Result<Self, Refused> {
        Self::read(view).map_err(|why| Refused { why, answer: None })
    }

    fn read(view: &'a View<'a>) -> Result<Self, Malformed> {
        let (status, reason) = status_line(view.start).ok_or(Malformed::StatusLine)?;
        let Mandatory {
            vias,
            from,
            to,
            call_id,
            cseq,
            cseq_method: method,
        } = Mandatory::parse(view)?;
        Ok(Self {
            view,
            status,
            reason,
            vias,
            from,
            to,
            call_id,
            cseq,
            method,
        })
    }

    /// Contact.
    ///
    /// # Errors
    /// An element is malformed.
    pub fn contacts(&self) -> Result<Contacts<'a>, Malformed> {
        Contacts::parse(self.view.elements(Name::Contact))
    }

    /// Record-Route, the topmost first.
    ///
    /// # Errors
    /// An element is no address.
    pub fn record_routes(&self) -> Result<Vec<Address<'a>>, Malformed> {
        listed(self.view, Name::RecordRoute, |element| {
            Address::parse(element).map_err(|_| Malformed::Route)
        })
    }
}

/// A reason phrase may be empty, and then its space is often left out (RFC 4475 §3.1.1.13).
fn status_line(line: &[u8]) -> Option<(u16, &[u8])> {
    let (version, rest) = line.split_first_chunk::<8>()?;
    let (code, reason) = rest.split_first_chunk::<3>()?;
    if !version.eq_ignore_ascii_case(b"SIP/2.0 ") || !matches!(reason.first(), None | Some(b' ')) {
        return None;
    }
    let status = scan::number_u16(code).filter(|status| (100..700).contains(status))?;
    Some((status, reason.get(1..).unwrap_or_default()))
}
