//! What can be wrong with a message, and what its sender is told.

/// What is true of a message that cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Credentials or a challenge of the Digest scheme are not written as RFC 7616 §3.4 says.
    Authorization,
    /// A CR without LF stands in the head: some would read a line end there, others would not.
    BareCr,
    /// The body ends before its Content-Length (RFC 3261 §18.3).
    BodyShort,
    /// Call-ID is missing.
    CallIdMissing,
    /// Call-ID is empty or has blanks or control characters.
    CallId,
    /// Contact does not parse (RFC 3261 §20.10).
    Contact,
    /// Content-Length is no number, or there are two (RFC 3261 §20.14).
    ContentLength,
    /// CSeq is no number below 2^31 with a method (RFC 3261 §8.1.1.5).
    CSeq,
    /// The method of CSeq is not the method of the request.
    CSeqMethod,
    /// CSeq is missing.
    CSeqMissing,
    /// Event is no event package (RFC 6665 §8.2.1).
    Event,
    /// From does not parse (RFC 3261 §20.20).
    From,
    /// From is missing.
    FromMissing,
    /// The head has no empty line after it.
    HeadUnended,
    /// A list has more elements than [`ELEMENTS_MAX`](super::ELEMENTS_MAX).
    ListTooLong,
    /// Max-Forwards is no number up to 255.
    MaxForwards,
    /// A field that may stand once stands twice, with two values.
    Repeated,
    /// Reason is not protocol and parameters (RFC 3326).
    Reason,
    /// Refer-To is no address.
    ReferTo,
    /// Replaces lacks its Call-ID or a tag (RFC 3891 §6.1).
    Replaces,
    /// The request line is not method, URI and version with one space between (RFC 3261 §7.1).
    RequestLine,
    /// Require, Proxy-Require or Supported is no list of tokens.
    OptionTags,
    /// Route or Record-Route does not parse.
    Route,
    /// The scheme of the request's URI is none of sip, sips, tel (RFC 3261 §8.2.2.1).
    Scheme,
    /// Session-Expires or Min-SE is no number with parameters (RFC 4028).
    SessionExpires,
    /// The status line is not version, three digits and a reason (RFC 3261 §7.2).
    StatusLine,
    /// Subscription-State is no state with parameters (RFC 6665 §8.2.3).
    SubscriptionState,
    /// To does not parse (RFC 3261 §20.39).
    To,
    /// To is missing.
    ToMissing,
    /// A URI does not parse (RFC 3261 §19.1).
    Uri,
    /// The version is not SIP/2.0.
    Version,
    /// Via does not parse (RFC 3261 §20.42).
    Via,
    /// Via is missing.
    ViaMissing,
}

impl Malformed {
    /// The status and the reason phrase of the answer that a request of this kind deserves (RFC 3261 §21.4, §21.5).
    #[must_use]
    pub const fn status(self) -> (u16, &'static str) {
        match self {
            Self::Scheme => (416, "Unsupported URI Scheme"),
            Self::Version => (505, "Version Not Supported"),
            Self::Authorization => (400, "Malformed Authorization"),
            Self::BareCr => (400, "CR Without LF"),
            Self::BodyShort => (400, "Body Shorter Than Content-Length"),
            Self::CallIdMissing => (400, "Missing Call-ID"),
            Self::CallId => (400, "Malformed Call-ID"),
            Self::Contact => (400, "Malformed Contact"),
            Self::ContentLength => (400, "Malformed Content-Length"),
            Self::CSeq => (400, "Malformed CSeq"),
            Self::CSeqMethod => (400, "Method Differs From CSeq"),
            Self::CSeqMissing => (400, "Missing CSeq"),
            Self::Event => (400, "Malformed Event"),
            Self::From => (400, "Malformed From"),
            Self::FromMissing => (400, "Missing From"),
            Self::HeadUnended => (400, "Missing Empty Line"),
            Self::ListTooLong => (400, "List Too Long"),
            Self::MaxForwards => (400, "Malformed Max-Forwards"),
            Self::Repeated => (400, "Repeated Header Field"),
            Self::Reason => (400, "Malformed Reason"),
            Self::ReferTo => (400, "Malformed Refer-To"),
            Self::Replaces => (400, "Malformed Replaces"),
            Self::RequestLine => (400, "Malformed Request Line"),
            Self::OptionTags => (400, "Malformed Option Tags"),
            Self::Route => (400, "Malformed Route"),
            Self::SessionExpires => (400, "Malformed Session-Expires"),
            Self::StatusLine => (400, "Malformed Status Line"),
            Self::SubscriptionState => (400, "Malformed Subscription-State"),
            Self::To => (400, "Malformed To"),
            Self::ToMissing => (400, "Missing To"),
            Self::Uri => (400, "Malformed URI"),
            Self::Via => (400, "Malformed Via"),
            Self::ViaMissing => (400, "Missing Via"),
        }
    }
}

/// A message that is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong.
    pub why: Malformed,
    /// The status and the reason phrase to answer with. `None`: drop it. Nobody answers a response or an ACK
    /// (RFC 3261 §8.1.3.3, §17.1.1.3).
    pub answer: Option<(u16, &'static str)>,
}

/// Bytes in which not even a head can be told. Nobody can be answered: drop the datagram, close the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Nothing but line ends: a keep-alive (RFC 5626 §4.4.1).
    Empty,
    /// More header fields than [`FIELDS_MAX`](super::FIELDS_MAX).
    FieldsTooMany,
    /// A head longer than [`HEAD_MAX`](super::HEAD_MAX) bytes.
    HeadTooLong,
    /// The first byte begins no SIP message.
    NotSip,
}
