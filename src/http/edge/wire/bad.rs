//! What is wrong with a request, and what its sender is told. After each of these the connection is closed.

use crate::http::edge::message::StatusCode;

/// A request that does not reach the application.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Bad {
    /// The body is longer than the limit; nothing of it was read if its length was announced.
    BodyLength,
    /// The body did not arrive in time.
    BodyTime,
    /// A chunk's size line, its end or the trailer section is not as RFC 9112 §7.1 has it.
    Chunk,
    /// The application did not answer in time, or there is no room for one more.
    Busy,
    /// `Content-Length` twice, not decimal digits, or together with `Transfer-Encoding` (RFC 9112 §6.3).
    ContentLength,
    /// An `Expect` other than `100-continue` (RFC 9110 §10.1.1).
    Expectation,
    /// A header field that is malformed, folded (RFC 9112 §5.2), or ended by anything but CRLF.
    Field,
    /// More header fields, or longer ones, than the limits.
    Fields,
    /// The head did not arrive in time.
    HeadTime,
    /// No `Host`, more than one, or one that is not a name with an optional port (RFC 9112 §3.2).
    Host,
    /// A method that no route of ours has.
    Method,
    /// The application's answer cannot be sent: a header of it holds a line break, or its body broke off.
    Ours,
    /// Plain HTTP sent to the door that speaks TLS.
    Plain,
    /// The request line is not `method SP target SP version`.
    RequestLine,
    /// A table that is longer than the limit; nothing of it was read.
    TableLength,
    /// A target that is neither a path nor an `http(s)` address, or has bytes that belong in neither.
    Target,
    /// A target longer than the limit.
    TargetLength,
    /// A transfer coding other than exactly `chunked`.
    TransferCoding,
    /// A `Transfer-Encoding` where the standard allows none: in HTTP/1.0, or twice.
    TransferEncoding,
    /// A phone would send something; nothing of it was read.
    Upload,
    /// A version other than HTTP/1.0 and HTTP/1.1.
    Version,
}

impl Bad {
    /// Status, stable code and sentence, for the JSON answer.
    pub const fn told(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::BodyLength => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                "The request's body is too large.",
            ),
            Self::BodyTime => (
                StatusCode::REQUEST_TIMEOUT,
                "too-slow",
                "The request's body took too long to arrive.",
            ),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "Too much to do just now. Try again in a moment.",
            ),
            Self::Chunk => (
                StatusCode::BAD_REQUEST,
                "malformed",
                "The request's chunked body is malformed.",
            ),
            Self::ContentLength => (
                StatusCode::BAD_REQUEST,
                "malformed",
                "The request's length is stated wrongly, or more than once.",
            ),
            Self::Expectation => (
                StatusCode::EXPECTATION_FAILED,
                "expectation",
                "Only the expectation 100-continue is known here.",
            ),
            Self::Field => (
                StatusCode::BAD_REQUEST,
                "malformed",
                "A header field of the request is malformed.",
            ),
            Self::Fields => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "too-large",
                "The request's header fields are too many or too long. Deleting this site's cookies may help.",
            ),
            Self::HeadTime => (
                StatusCode::REQUEST_TIMEOUT,
                "too-slow",
                "The request took too long to arrive.",
            ),
            Self::Host => (
                StatusCode::BAD_REQUEST,
                "malformed",
                "The request must name exactly one host.",
            ),
            Self::Method => (
                StatusCode::NOT_IMPLEMENTED,
                "no-such-method",
                "This method is not known here.",
            ),
            Self::Ours => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "fault",
                "Something went wrong here. Try again.",
            ),
            Self::Plain => (
                StatusCode::BAD_REQUEST,
                "speak-tls",
                "This port speaks HTTPS: let the address begin with https:// instead of http://.",
            ),
            Self::RequestLine => (StatusCode::BAD_REQUEST, "malformed", "The request line is malformed."),
            Self::TableLength => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                "A table has at most 1,000 lines and 512 KiB. Import it in parts.",
            ),
            Self::Target => (
                StatusCode::BAD_REQUEST,
                "malformed",
                "The request's target is malformed.",
            ),
            Self::TargetLength => (
                StatusCode::URI_TOO_LONG,
                "too-large",
                "The request's address is too long.",
            ),
            Self::TransferCoding => (
                StatusCode::NOT_IMPLEMENTED,
                "no-such-coding",
                "Only the transfer coding chunked is known here.",
            ),
            Self::TransferEncoding => (
                StatusCode::BAD_REQUEST,
                "malformed",
                "The request's transfer encoding is stated wrongly.",
            ),
            Self::Upload => (
                StatusCode::FORBIDDEN,
                "no-uploads",
                "Phones fetch their files here; nothing is taken from them.",
            ),
            Self::Version => (
                StatusCode::HTTP_VERSION_NOT_SUPPORTED,
                "no-such-version",
                "Only HTTP/1.1 and HTTP/1.0 are spoken here.",
            ),
        }
    }
}
