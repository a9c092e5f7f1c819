//! The strict meaning of a request: what a registrar and a proxy must understand of it (RFC 3261 §8.2, §16.3).

use super::address::Address;
use super::contact::{Contacts, EXPIRES_ANY};
use super::digest::Credentials;
use super::fields::{Event, Reason, Replaces, SessionTime, SubscriptionState};
use super::mandatory::{Mandatory, listed, only};
use super::method::Method;
use super::name::Name;
use super::scan;
use super::uri::Uri;
use super::via::Via;
use super::view::View;
use super::{Malformed, Refused};

/// A request that is well-formed in everything that routes it. What only concerns some requests is read when asked for.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The message as it came.
    pub view: &'a View<'a>,
    /// The method; the same in CSeq.
    pub method: Method<'a>,
    /// The request's URI: `sip`, `sips` or `tel`.
    pub uri: Uri<'a>,
    /// Via, the topmost first.
    pub vias: Vec<Via<'a>>,
    /// From.
    pub from: Address<'a>,
    /// To.
    pub to: Address<'a>,
    /// Call-ID.
    pub call_id: &'a str,
    /// The number of CSeq, below 2^31.
    pub cseq: u32,
    /// Max-Forwards; absent in messages of RFC 2543.
    pub max_forwards: Option<u8>,
    /// Expires in seconds, at most 2^32-1; 3600 where it is no number, such as a date of RFC 2543 (RFC 3261 §20.10 has
    /// that of the parameter).
    pub expires: Option<u32>,
    /// Contact. Where the request makes, changes or reads no target it may be malformed, and is then empty.
    pub contacts: Contacts<'a>,
    /// Route, the topmost first.
    pub routes: Vec<Address<'a>>,
    /// Content-Type, as written; `None` if it is no media type, for that is the receiver's to judge.
    pub content_type: Option<&'a str>,
}

impl<'a> Request<'a> {
    /// Reads a request.
    ///
    /// # Errors
    /// What is wrong, and the answer for it. Nothing answers an ACK.
    pub fn parse(view: &'a View<'a>) -> Result<Self, Refused> {
        Self::read(view).map_err(|why| {
            let is_answered = view.method() != Some(Method::Ack) && !view.is_response();
            Refused {
                why,
                answer: is_answered.then(|| why.status()),
            }
        })
    }

    fn read(view: &'a View<'a>) -> Result<Self, Malformed> {
        let (method, uri) = request_line(view.start)?;
        let Mandatory {
            vias,
            from,
            to,
            call_id,
            cseq,
            cseq_method,
        } = Mandatory::parse(view)?;
        if cseq_method != method {
            return Err(Malformed::CSeqMethod);
        }
        let max_forwards = match only(view, Name::MaxForwards)? {
            Some(value) => {
                let number = scan::number(value).and_then(|number| u8::try_from(number).ok());
                Some(number.ok_or(Malformed::MaxForwards)?)
            }
            None => None,
        };
        let expires = only(view, Name::Expires)?.map(|value| scan::number(value).unwrap_or(EXPIRES_ANY));
        let content_type = only(view, Name::ContentType)?.and_then(media_type);
        let contacts = contacts(view, method)?;
        let routes = listed(view, Name::Route, next_hop)?.into_iter().flatten().collect();
        if matches!(uri, Uri::Other { .. }) {
            return Err(Malformed::Scheme);
        }
        Ok(Self {
            view,
            method,
            uri,
            vias,
            from,
            to,
            call_id,
            cseq,
            max_forwards,
            expires,
            contacts,
            routes,
            content_type,
        })
    }

    /// The topmost Via: whoever sent the request here.
    #[must_use]
    pub fn top_via(&self) -> Option<&Via<'a>> {
        self.vias.first()
    }

    /// Digest credentials, for whatever realm. Other schemes are passed over.
    ///
    /// # Errors
    /// Each set of credentials that is malformed.
    pub fn credentials(&self, name: Name) -> impl Iterator<Item = Result<Credentials<'a>, Malformed>> {
        self.view
            .all(name)
            .flat_map(|field| match Credentials::parse(field.value) {
                Ok(sets) => sets.into_iter().map(Ok).collect(),
                Err(why) => vec![Err(why)],
            })
    }

    /// Record-Route, the topmost first.
    ///
    /// # Errors
    /// An element is no address.
    pub fn record_routes(&self) -> Result<Vec<Address<'a>>, Malformed> {
        listed(self.view, Name::RecordRoute, route)
    }

    /// The option tags of Require, Proxy-Require or Supported; case does not count.
    ///
    /// # Errors
    /// An element is no token.
    pub fn option_tags(&self, name: Name) -> Result<Vec<&'a str>, Malformed> {
        let tags = listed(self.view, name, |element| {
            if element.is_empty() {
                Ok(None)
            } else {
                scan::token(element).map(Some).ok_or(Malformed::OptionTags)
            }
        })?;
        Ok(tags.into_iter().flatten().collect())
    }

    /// Event.
    ///
    /// # Errors
    /// Malformed, or twice.
    pub fn event(&self) -> Result<Option<Event<'a>>, Malformed> {
        only(self.view, Name::Event)?.map(Event::parse).transpose()
    }

    /// Subscription-State.
    ///
    /// # Errors
    /// Malformed, or twice.
    pub fn subscription_state(&self) -> Result<Option<SubscriptionState<'a>>, Malformed> {
        only(self.view, Name::SubscriptionState)?
            .map(SubscriptionState::parse)
            .transpose()
    }

    /// Replaces.
    ///
    /// # Errors
    /// Malformed, or twice (RFC 3891 §3: 400).
    pub fn replaces(&self) -> Result<Option<Replaces<'a>>, Malformed> {
        only(self.view, Name::Replaces)?.map(Replaces::parse).transpose()
    }

    /// Refer-To.
    ///
    /// # Errors
    /// Malformed, or twice (RFC 3515 §2.4.2: 400).
    pub fn refer_to(&self) -> Result<Option<Address<'a>>, Malformed> {
        let address = |value| Address::parse(value).map_err(|_| Malformed::ReferTo);
        only(self.view, Name::ReferTo)?.map(address).transpose()
    }

    /// Reason, each protocol's.
    ///
    /// # Errors
    /// An element is malformed.
    pub fn reasons(&self) -> Result<Vec<Reason<'a>>, Malformed> {
        listed(self.view, Name::Reason, Reason::parse)
    }

    /// Session-Expires or Min-SE.
    ///
    /// # Errors
    /// Malformed, or twice.
    pub fn session_time(&self, name: Name) -> Result<Option<SessionTime<'a>>, Malformed> {
        only(self.view, name)?.map(SessionTime::parse).transpose()
    }
}

/// Method, URI and version with exactly one space between. The version is judged first, so that a message of another
/// version is told so.
fn request_line(line: &[u8]) -> Result<(Method<'_>, Uri<'_>), Malformed> {
    let mut parts = line.split(|byte| *byte == b' ');
    let (Some(method), Some(uri), Some(version), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Malformed::RequestLine);
    };
    if !version.eq_ignore_ascii_case(b"SIP/2.0") {
        let is_version = version
            .get(..4)
            .is_some_and(|begin| begin.eq_ignore_ascii_case(b"SIP/"));
        return Err(if is_version {
            Malformed::Version
        } else {
            Malformed::RequestLine
        });
    }
    let method = Method::parse(method).ok_or(Malformed::RequestLine)?;
    let uri = Uri::parse(uri)?;
    match uri.sip() {
        // A request's URI has no header fields (RFC 3261 §19.1.1, RFC 4475 §3.1.2.11).
        Some(sip) if sip.headers.is_some() => Err(Malformed::Uri),
        Some(_) | None => Ok((method, uri)),
    }
}

fn contacts<'a>(view: &View<'a>, method: Method<'a>) -> Result<Contacts<'a>, Malformed> {
    let contacts = Contacts::parse(view.elements(Name::Contact));
    if method == Method::Register {
        return contacts;
    }
    let contacts = contacts.and_then(|contacts| match contacts {
        Contacts::All => Err(Malformed::Contact),
        Contacts::Each(_) => Ok(contacts),
    });
    if method.makes_dialog() || method == Method::Update {
        contacts
    } else {
        Ok(contacts.unwrap_or_default())
    }
}

/// A Route as it comes: phones without an outbound proxy write an empty one, others leave the brackets out.
fn next_hop(element: &[u8]) -> Result<Option<Address<'_>>, Malformed> {
    if element.is_empty() {
        return Ok(None);
    }
    Address::parse(element).map(Some).map_err(|_| Malformed::Route)
}

fn route(element: &[u8]) -> Result<Address<'_>, Malformed> {
    let is_bracketed = element.contains(&b'<');
    Address::parse(element)
        .ok()
        .filter(|_| is_bracketed)
        .ok_or(Malformed::Route)
}

fn media_type(value: &[u8]) -> Option<&str> {
    let mut cursor = scan::Cursor::new(value);
    cursor.token()?;
    let is_split = cursor.eat_spaced(b'/');
    cursor.token()?;
    scan::text(value).filter(|_| is_split)
}
