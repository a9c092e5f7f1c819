//! A client for HTTPS: one question and its answer on a connection of its own (HTTP/1.1). No redirects, no cookies.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures_rustls::TlsConnector;
use futures_rustls::rustls;
use http::Uri;
use rustls_pki_types::ServerName;
use smol::Timer;
use smol::future::FutureExt;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use smol::net::TcpStream;

use super::{refused, trusted};

/// From the name's look-up to the last byte of the answer.
const WHOLE: Duration = Duration::from_secs(40);
/// For one address to take the connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Octets of an answer, head included: a chain of certificates has some KiB.
const ANSWER: usize = 256 * 1024;
/// Fields of an answer's head.
pub(super) const FIELDS: usize = 64;
/// What the client calls itself.
pub(super) const AGENT: &str = concat!("linekey/", env!("CARGO_PKG_VERSION"));

/// Why there is no answer, in words for the owner.
#[derive(Debug)]
pub enum HttpsError {
    /// It is no address with `https`.
    Address(String),
    /// Nothing came for too long.
    Late(String),
    /// The connection failed: to which host, and how.
    Line(String, io::Error),
    /// The name is not found.
    Name(String, io::Error),
    /// There is nobody to trust.
    Untrusting(trusted::Unusable),
    /// What came is no answer.
    NoHttp(String),
    /// The certificate is not trusted, or there is no common TLS.
    Tls(String, rustls::Error),
}

impl fmt::Display for HttpsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(url) => write!(out, "{url} is no address with https"),
            Self::Late(host) => write!(out, "{host} did not answer in time"),
            Self::Line(host, error) => write!(out, "no connection to {host}: {error}"),
            Self::Name(host, error) => write!(out, "{host} is not found: {error}"),
            Self::Untrusting(why) => why.fmt(out),
            Self::NoHttp(host) => write!(out, "{host} does not answer as a web server does"),
            Self::Tls(host, error) => write!(out, "TLS with {host}: {}", refused::sentence(error, host, false)),
        }
    }
}

impl std::error::Error for HttpsError {}

impl From<trusted::Unusable> for HttpsError {
    fn from(why: trusted::Unusable) -> Self {
        Self::Untrusting(why)
    }
}

/// What is asked.
pub struct Question<'a> {
    /// `GET`, `HEAD`, `POST`.
    pub method: &'static str,
    /// With `https`.
    pub url: &'a str,
    /// The body and its media type.
    pub body: Option<(&'static str, &'a [u8])>,
}

/// What came back.
pub struct Answered {
    /// The status (RFC 9110 §15).
    pub status: u16,
    fields: Vec<(String, String)>,
    /// The body, decoded.
    pub body: Vec<u8>,
}

impl Answered {
    /// The first field of that name.
    pub fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// Whom it trusts.
pub struct Client(pub(super) TlsConnector);

impl Client {
    /// Trusts servers whose certificates are or lead to one of those (DER); where none are given, to one of the
    /// system's or of those `besides`. Reads the system's list: blocks.
    ///
    /// # Errors
    /// [`HttpsError::Untrusting`].
    pub fn trusting(given: Option<Vec<Vec<u8>>>, besides: Vec<Vec<u8>>) -> Result<Self, HttpsError> {
        Ok(Self(TlsConnector::from(Arc::new(trusted::client(given, besides)?))))
    }

    /// Asks, and waits for the whole answer.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn ask(&self, question: &Question<'_>) -> Result<Answered, HttpsError> {
        let no_address = || HttpsError::Address(question.url.to_owned());
        let url: Uri = question.url.parse().map_err(|_| no_address())?;
        let host = url.host().filter(|_| url.scheme_str() == Some("https"));
        let host = host.ok_or_else(no_address)?.trim_matches(['[', ']']).to_owned();
        let late = async {
            Timer::after(WHOLE).await;
            Err(HttpsError::Late(host.clone()))
        };
        self.asked(question, &url, &host).or(late).await
    }

    async fn asked(&self, question: &Question<'_>, url: &Uri, host: &str) -> Result<Answered, HttpsError> {
        let broken = |error: io::Error| match tls_error(&error) {
            Some(tls) => HttpsError::Tls(host.to_owned(), tls),
            None => HttpsError::Line(host.to_owned(), error),
        };
        let name = ServerName::try_from(host.to_owned()).map_err(|_| HttpsError::Address(question.url.to_owned()))?;
        let line = connect(host, url.port_u16().unwrap_or(443)).await?;
        let mut line = self.0.connect(name, line).await.map_err(broken)?;
        line.write_all(&request(question, url)).await.map_err(broken)?;
        line.flush().await.map_err(broken)?;
        let (mut bytes, mut piece) = (Vec::new(), vec![0; 8 * 1024]);
        loop {
            let count = match line.read(&mut piece).await {
                Ok(count) => count,
                // Some servers do not say goodbye.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
                Err(error) => return Err(broken(error)),
            };
            bytes.extend_from_slice(piece.get(..count).unwrap_or_default());
            if let Some(answered) = answer(&bytes, question.method == "HEAD", count == 0) {
                return Ok(answered);
            }
            if count == 0 || bytes.len() > ANSWER {
                return Err(HttpsError::NoHttp(host.to_owned()));
            }
        }
    }
}

/// The first of the name's addresses that takes the connection.
///
/// # Errors
/// The name is not found, or none of them takes it.
pub async fn connect(host: &str, port: u16) -> Result<TcpStream, HttpsError> {
    let found = smol::net::resolve((host, port)).await;
    let found = found.map_err(|error| HttpsError::Name(host.to_owned(), error))?;
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in found {
        let late = async {
            Timer::after(CONNECT).await;
            Err(io::ErrorKind::TimedOut.into())
        };
        match TcpStream::connect(address).or(late).await {
            Ok(line) => return Ok(line),
            Err(error) => last = error,
        }
    }
    Err(HttpsError::Line(host.to_owned(), last))
}

fn request(question: &Question<'_>, url: &Uri) -> Vec<u8> {
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let authority = url.authority().map_or("", |authority| authority.as_str());
    let mut head = format!(
        "{} {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: {AGENT}\r\nAccept-Language: en\r\nConnection: \
            close\r\n",
        question.method
    );
    let body = question.body.map_or(&[][..], |(kind, body)| {
        head += &format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
        body
    });
    [head.as_bytes(), b"\r\n", body].concat()
}

/// What TLS did not like.
pub(super) fn tls_error(error: &io::Error) -> Option<rustls::Error> {
    error.get_ref()?.downcast_ref::<rustls::Error>().cloned()
}

/// The answer in these bytes, once it is whole; `ended`: nothing more comes.
fn answer(bytes: &[u8], of_head: bool, ended: bool) -> Option<Answered> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut head = httparse::Response::new(&mut fields);
    let httparse::Status::Complete(length) = head.parse(bytes).ok()? else {
        return None;
    };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let fields = head
        .headers
        .iter()
        .map(|field| (field.name.to_owned(), text(field.value)));
    let mut answered = Answered {
        status: head.code?,
        fields: fields.collect(),
        body: Vec::new(),
    };
    let rest = bytes.get(length..)?;
    let is_chunked = answered
        .field("transfer-encoding")
        .is_some_and(|coding| coding.contains("chunked"));
    let sized = answered
        .field("content-length")
        .and_then(|length| length.trim().parse::<usize>().ok());
    answered.body = match sized {
        _ if of_head || answered.status == 204 => Vec::new(),
        _ if is_chunked => unchunked(rest)?,
        Some(length) => rest.get(..length)?.to_vec(),
        None if ended => rest.to_vec(),
        None => return None,
    };
    Some(answered)
}

/// The content of a chunked body (RFC 9112 §7.1) that is whole.
pub(super) fn unchunked(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let httparse::Status::Complete((head, length)) = httparse::parse_chunk_size(bytes).ok()? else {
            return None;
        };
        if length == 0 {
            return Some(body);
        }
        let end = head.checked_add(usize::try_from(length).ok()?)?;
        body.extend_from_slice(bytes.get(head..end)?);
        bytes = bytes.get(end.checked_add(2)?..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(bytes: &str, ended: bool) -> Option<String> {
        answer(bytes.as_bytes(), false, ended).map(|answered| String::from_utf8(answered.body).unwrap())
    }

    #[test]
    fn an_answer_is_whole_by_its_length_its_chunks_or_the_end_of_the_line() {
        let sized = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
        assert_eq!(body(&format!("{sized}abc"), true), None);
        assert_eq!(body(&format!("{sized}abcd"), false).as_deref(), Some("abcd"));
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(body(&format!("{chunked}3\r\nabc\r\n"), true), None);
        assert_eq!(
            body(&format!("{chunked}3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"), false).as_deref(),
            Some("abcd")
        );
        assert_eq!(body(&format!("{chunked}ffffffffffffffff\r\nabc\r\n"), true), None);
        let open = "HTTP/1.1 200 OK\r\n\r\nabc";
        assert_eq!((body(open, false), body(open, true).as_deref()), (None, Some("abc")));
        assert_eq!(body("SSH-2.0-x\r\n\r\n", true), None);
    }
}
