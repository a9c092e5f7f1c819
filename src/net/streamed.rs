//! A client for bodies of any length: sent and received piece by piece, over HTTPS or in the clear (HTTP/1.1). Blocks.

use std::io::{self, Read};
use std::time::Duration;

use http::Uri;
use rustls_pki_types::ServerName;
use smol::Timer;
use smol::future::FutureExt;
use smol::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::https::{AGENT, Client, FIELDS, HttpsError, connect, tls_error, unchunked};

/// For one piece to go or to come: a slow line is waited for, a dead one is not.
const PIECE_WAIT: Duration = Duration::from_secs(40);
/// Octets that go or come at once.
const PIECE: usize = 64 * 1024;
/// Octets of an answer's head.
const HEAD: usize = 16 * 1024;

/// What is asked.
pub struct Request<'a> {
    /// `GET`, `PUT`, `DELETE`.
    pub method: &'static str,
    /// With `https` or `http`.
    pub url: &'a str,
    /// Fields besides `Host`, `User-Agent`, `Connection` and `Content-Length`.
    pub fields: &'a [(&'static str, String)],
}

/// A body to be sent: its length, and where it comes from.
pub type Body<'a> = (u64, &'a mut dyn Read);

trait Both: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Both for T {}

/// An answer whose head came. Its body is read as it comes.
pub struct Received {
    /// The status (RFC 9110 §15).
    pub status: u16,
    fields: Vec<(String, String)>,
    line: Box<dyn Both>,
    /// What came with the head, and how much of it was read.
    early: Vec<u8>,
    taken: usize,
    /// Octets of the body that are still to come, where its head says.
    left: Option<u64>,
}

/// Asks, sends the body, and waits for the answer's head. `client`: for `https`.
///
/// # Errors
/// Why there is no answer. A body that cannot be read is [`HttpsError::Line`] with that error.
pub fn ask(client: Option<&Client>, asked: &Request<'_>, body: Option<Body<'_>>) -> Result<Received, HttpsError> {
    let no_address = || HttpsError::Address(asked.url.to_owned());
    let url: Uri = asked.url.parse().map_err(|_| no_address())?;
    let host = url.host().ok_or_else(no_address)?.trim_matches(['[', ']']).to_owned();
    let broken = |error: io::Error| match tls_error(&error) {
        Some(tls) => HttpsError::Tls(host.clone(), tls),
        None if error.kind() == io::ErrorKind::TimedOut => HttpsError::Late(host.clone()),
        None => HttpsError::Line(host.clone(), error),
    };
    let mut line = open(client, &url, &host)?;
    let length = body.as_ref().map(|(length, _)| *length);
    let head = head(asked, &url, length);
    let sent = send(&mut line, head.as_bytes(), body);
    // Whoever refuses a body answers before it is whole, and hangs up.
    match (received(line), sent) {
        (Ok(Some(received)), _) => Ok(received),
        (_, Err(error)) | (Err(error), Ok(())) => Err(broken(error)),
        (Ok(None), Ok(())) => Err(HttpsError::NoHttp(host.clone())),
    }
}

fn open(client: Option<&Client>, url: &Uri, host: &str) -> Result<Box<dyn Both>, HttpsError> {
    let secure = url.scheme_str() == Some("https");
    let port = url.port_u16().unwrap_or(if secure { 443 } else { 80 });
    smol::block_on(async {
        let line = connect(host, port).await?;
        let Some(client) = client.filter(|_| secure) else {
            let line: Box<dyn Both> = Box::new(line);
            return Ok(line);
        };
        let name = ServerName::try_from(host.to_owned()).map_err(|_| HttpsError::Address(url.to_string()))?;
        let late = async { Err(io::ErrorKind::TimedOut.into()) };
        let late = async {
            Timer::after(PIECE_WAIT).await;
            late.await
        };
        let line = async { client.0.connect(name, line).await }.or(late).await;
        let line = line.map_err(|error| match tls_error(&error) {
            Some(tls) => HttpsError::Tls(host.to_owned(), tls),
            None => HttpsError::Line(host.to_owned(), error),
        })?;
        let line: Box<dyn Both> = Box::new(line);
        Ok(line)
    })
}

fn head(asked: &Request<'_>, url: &Uri, length: Option<u64>) -> String {
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let authority = url.authority().map_or("", |authority| authority.as_str());
    let mut head = format!(
        "{} {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: {AGENT}\r\nConnection: close\r\n",
        asked.method
    );
    for (name, value) in asked.fields {
        head += &format!("{name}: {value}\r\n");
    }
    if let Some(length) = length {
        head += &format!("Content-Length: {length}\r\n");
    }
    head + "\r\n"
}

fn send(line: &mut Box<dyn Both>, head: &[u8], body: Option<Body<'_>>) -> io::Result<()> {
    in_time(line.write_all(head))?;
    if let Some((length, from)) = body {
        let mut piece = vec![0; PIECE];
        let mut from = from.take(length);
        loop {
            let count = from.read(&mut piece)?;
            if count == 0 {
                break;
            }
            in_time(line.write_all(piece.get(..count).unwrap_or_default()))?;
        }
    }
    in_time(line.flush())
}

/// The answer's head; `None`: what came is none.
fn received(mut line: Box<dyn Both>) -> io::Result<Option<Received>> {
    let (mut bytes, mut piece) = (Vec::new(), vec![0; HEAD]);
    loop {
        let count = in_time(line.read(&mut piece))?;
        bytes.extend_from_slice(piece.get(..count).unwrap_or_default());
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let mut head = httparse::Response::new(&mut fields);
        match head.parse(&bytes) {
            Ok(httparse::Status::Complete(length)) => {
                // An interim answer (RFC 9110 §15.2): the answer follows it.
                if head.code.is_some_and(|code| code < 200) {
                    bytes.drain(..length);
                    continue;
                }
                let Some(status) = head.code else { return Ok(None) };
                let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
                let fields: Vec<_> = head
                    .headers
                    .iter()
                    .map(|field| (field.name.to_ascii_lowercase(), text(field.value)))
                    .collect();
                let left = fields.iter().find(|(name, _)| name == "content-length");
                let left = left.and_then(|(_, length)| length.trim().parse().ok());
                let early = bytes.split_off(length);
                return Ok(Some(Received {
                    status,
                    fields,
                    line,
                    early,
                    taken: 0,
                    left,
                }));
            }
            Ok(httparse::Status::Partial) if count > 0 && bytes.len() <= HEAD => {}
            Ok(httparse::Status::Partial) | Err(_) => return Ok(None),
        }
    }
}

/// Waits for one piece.
fn in_time<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let late = async {
        Timer::after(PIECE_WAIT).await;
        Err(io::ErrorKind::TimedOut.into())
    };
    smol::block_on(work.or(late))
}

impl Received {
    /// The first field of that name, in lower case.
    pub fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Octets of the body that are still to come, where its head says.
    pub fn length(&self) -> Option<u64> {
        self.left
    }

    /// The body, whole, if it has no more than so many octets; what has more, or is cut, is an error.
    pub fn whole(mut self, most: u64) -> io::Result<Vec<u8>> {
        let is_chunked = self
            .field("transfer-encoding")
            .is_some_and(|coding| coding.contains("chunked"));
        let mut bytes = Vec::new();
        (&mut self).take(most + 1).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        if is_chunked {
            return unchunked(&bytes).ok_or_else(|| io::ErrorKind::UnexpectedEof.into());
        }
        Ok(bytes)
    }
}

impl Read for Received {
    /// The body as it comes, in whatever coding it has. A body that says its length and is cut is an error.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        let length = into.len().min(most);
        let Some(into) = into.get_mut(..length).filter(|into| !into.is_empty()) else {
            return Ok(0);
        };
        let mut early = self.early.get(self.taken..).unwrap_or_default();
        let count = if early.is_empty() {
            match in_time(self.line.read(into)) {
                // Some servers do not say goodbye.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && self.left.is_none() => 0,
                count => count?,
            }
        } else {
            let count = Read::read(&mut early, into)?;
            self.taken += count;
            count
        };
        match &mut self.left {
            Some(_) if count == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            Some(left) => *left = left.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX)),
            None => {}
        }
        Ok(count)
    }
}
