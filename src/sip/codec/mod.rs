//! SIP messages as bytes: read, judged, written, passed on (RFC 3261 and its relatives).
//!
//! - [`View`] is the liberal reader: it borrows the bytes, judges nothing and can always be answered or logged
//!   ([`Escaped`]).
//! - [`Request`] and [`Response`] are the strict meaning of a `View`. What does not fit is [`Refused`] with the reason
//!   and the answer that its sender deserves.
//! - [`Stream`] cuts messages out of a connection; a datagram goes to [`View::read`] as it is, unless it is [`Stun`].
//! - [`Draft`] writes messages of our own; [`Edit`] passes one on and leaves alone what it does not change.
//!
//! ```
//! # use linekey::sip::codec::{Algorithm, Challenge, Contacts, Draft, Edit, Method, Name, Request, View};
//! let source = "192.0.2.7:1035".parse()?;
//! let datagram = b"REGISTER sip:office.example SIP/2.0\r\nv: SIP/2.0/UDP 10.0.0.7:5060;rport;branch=z9hG4bK7\r\n\
//!     f: <sip:101@office.example>;tag=a\r\nt: <sip:101@office.example>\r\ni: 1\r\nCSeq: 1 REGISTER\r\n\
//!     m: <sip:101@10.0.0.7>;expires=60, <sip:101@10.0.0.8>\r\n\r\n";
//! let view = View::read(datagram).unwrap();
//! let request = Request::parse(&view).unwrap();
//! assert_eq!(request.method, Method::Register);
//! assert_eq!(request.contacts.each().len(), 2);
//! assert!(request.credentials(Name::Authorization).next().is_none());
//!
//! let challenge =
//!     Challenge { realm: "office.example", nonce: "n1", algorithm: Algorithm::Md5, stale: false };
//! let answer = Draft::response(&view, source, 401, "Unauthorized", "our-tag")
//!     .with("WWW-Authenticate", challenge)
//!     .finish();
//! assert!(answer.starts_with(b"SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP 10.0.0.7:5060;branch=z9hG4bK7\
//!     ;received=192.0.2.7;rport=1035\r\n"));
//!
//! // An INVITE is passed on: URI of the binding, one hop less, the own Route gone, the own Via on top.
//! let bytes = b"INVITE sip:102@office.example SIP/2.0\r\nVia: SIP/2.0/TCP 10.0.0.7;branch=z9hG4bK8\r\n\
//!     Route: <sip:192.0.2.10;lr>\r\nMax-Forwards: 70\r\nFrom: <sip:101@office.example>;tag=a\r\n\
//!     To: <sip:102@office.example>\r\nCall-ID: 2\r\nCSeq: 1 INVITE\r\nX-Odd:  kept  \r\nContent-Length: 0\r\n\r\n";
//! let view = View::read(bytes).unwrap();
//! let invite = Request::parse(&view).unwrap();
//! let mut edit = Edit::new(&view);
//! edit.set_uri("sip:102@10.0.0.9:5062");
//! edit.stamp(source);
//! edit.pop(Name::Route);
//! edit.count_hop(invite.max_forwards);
//! edit.push(Name::RecordRoute, "<sip:192.0.2.10;transport=udp;lr>");
//! edit.push(Name::Via, "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKours;rport");
//! let sent = edit.finish();
//! let sent = View::read(&sent).unwrap();
//! assert_eq!(sent.start, b"INVITE sip:102@10.0.0.9:5062 SIP/2.0");
//! assert_eq!(Request::parse(&sent).unwrap().max_forwards, Some(69));
//! # Ok::<(), std::net::AddrParseError>(())
//! ```

mod address;
mod contact;
mod digest;
mod draft;
mod edit;
mod error;
mod escaped;
mod fields;
mod mandatory;
mod method;
mod name;
mod params;
mod request;
mod response;
mod scan;
mod stream;
mod stun;
mod uri;
mod via;
mod view;

pub use address::Address;
pub use contact::{Contact, Contacts};
pub use digest::{Algorithm, Challenge, Challenged, Credentials, NonceCount};
pub use draft::{Draft, MAX_FORWARDS, ack, cancel};
pub use edit::Edit;
pub use error::{Malformed, Refused, Unreadable};
pub use escaped::Escaped;
pub use fields::{Event, Reason, Replaces, SessionTime, SubscriptionState};
pub use method::Method;
pub use name::Name;
pub use params::{Params, Value};
pub use request::Request;
pub use response::Response;
pub use stream::{Broken, Frame, PING_GAP_MS, PONG, Stream};
pub use stun::Stun;
pub use uri::{Host, SipUri, TelUri, Uri, UriParams};
pub use via::{BRANCH_COOKIE, Rport, Transport, Via};
pub use view::{Field, Length, View};

/// Bytes in a head. Requests with many Routes, Vias and long Contacts are below 4 KiB; a datagram cannot bring more
/// than 64 KiB of it.
pub const HEAD_MAX: usize = 16 * 1024;

/// Bytes in a message: what a datagram can hold (RFC 3261 §18.1.1 asks for 65,535), so that what came by a stream can
/// be passed on by UDP.
pub const MESSAGE_MAX: usize = 64 * 1024;

/// Header fields in a message. The longest of the corpus has fewer than 40; each hop adds two.
pub const FIELDS_MAX: usize = 128;

/// Elements in a list such as Via, Route or Contact. 70 hops (Max-Forwards) add at most 70 Vias.
pub const ELEMENTS_MAX: usize = 128;
