//! A request's head: from bytes to what it says (RFC 9112 §2–6).

use httparse::{Error, Status};

use super::bad::Bad;
use super::body::Framing;
use crate::http::edge::limits::Limits;
use crate::http::edge::message::Method;

/// A head that holds everything this server asks of one.
#[derive(Debug)]
pub struct Head {
    /// One of the seven that routes can have.
    pub method: Method,
    /// Path and query as sent: begins with `/`, visible ASCII, no `#` and no `\`. With OPTIONS it may be `*`, the
    /// server as a whole (RFC 9110 §9.3.7).
    pub target: String,
    /// Name and optional port, of the target if it was an address, else of the `Host` field. `None` only in HTTP/1.0.
    pub host: Option<String>,
    /// All fields but `Host`, names in lower case, in the order sent. Bytes outside ASCII are replaced by `?`.
    pub fields: Vec<(String, String)>,
    /// How the body is told from the next request.
    pub framing: Framing,
    /// Whether another request may follow on this connection.
    pub keep: bool,
    /// Whether the client waits for `100 Continue` before it sends the body.
    pub expects: bool,
    /// HTTP/1.0: no chunked answers.
    pub old: bool,
}

/// Where the head at the start of `bytes` ends: just behind its empty line. `None`: not yet there.
///
/// `known` bytes were searched before. A bare LF counts as a line's end here, so that [`read`] sees and refuses it
/// at once. One empty line before the request line is skipped (RFC 9112 §2.2).
pub fn end(bytes: &[u8], known: usize) -> Option<usize> {
    let lead = if bytes.starts_with(b"\r\n") { 2 } else { 0 };
    let from = known.saturating_sub(3).max(lead);
    let mut rest = bytes.get(from..)?;
    let mut at = from;
    loop {
        let line = rest.iter().position(|&byte| byte == b'\n')?;
        rest = rest.get(line + 1..)?;
        at += line + 1;
        match rest {
            [b'\n', ..] => return Some(at + 1),
            [b'\r', b'\n', ..] => return Some(at + 2),
            _ => {}
        }
    }
}

/// Whether bytes begin as a TLS handshake does (RFC 8446 §5.1).
pub fn is_tls(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x16, 0x03])
}

/// Reads the head that `bytes` are, from the request line through the empty line that ends it.
///
/// # Errors
/// What the sender is told; the connection must then be closed, since its framing is unknown.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Head, Bad> {
    let bytes = bytes.strip_prefix(b"\r\n").unwrap_or(bytes);
    if bytes.len() > limits.head {
        return Err(Bad::Fields);
    }
    let mut room = vec![httparse::EMPTY_HEADER; limits.fields];
    let mut request = httparse::Request::new(&mut room);
    match request.parse(bytes) {
        Ok(Status::Complete(_)) => {}
        Ok(Status::Partial) => return Err(Bad::RequestLine),
        Err(error) => return Err(malformed(error, bytes)),
    }
    if bare_line_feed(bytes) {
        return Err(Bad::Field);
    }
    let (Some(method), Some(target), Some(version)) = (request.method, request.path, request.version) else {
        return Err(Bad::RequestLine);
    };
    let old = version == 0;
    let method = method_of(method)?;
    if target.len() > limits.target {
        return Err(Bad::TargetLength);
    }
    let (authority, target) = match (target, &method) {
        ("*", &Method::OPTIONS) => (None, target.to_owned()),
        _ => target_of(target)?,
    };
    let target = of_phones(&target, limits.phones).unwrap_or(target);
    let told = HeadFields::of(request.headers)?;
    let is_of_phones = target.starts_with(limits.phones);
    if is_of_phones && !matches!(method, Method::GET | Method::HEAD) {
        return Err(Bad::Upload);
    }
    let is_hostless = target == limits.hostless || is_of_phones;
    let named = told.host.filter(|host| !(is_hostless && host.is_empty()));
    let host = match (named, old) {
        (None, false) if !is_hostless => return Err(Bad::Host),
        (named, _) => authority.map(str::to_owned).or(named),
    };
    if !host.as_deref().is_none_or(is_host) {
        return Err(Bad::Host);
    }
    let framing = Framing::of(told.length.as_deref(), told.coding.as_deref(), old, &limits.of(&target))?;
    Ok(Head {
        method,
        target,
        host,
        framing,
        keep: !old && !told.close,
        expects: told.expects && !old,
        old,
        fields: told.fields,
    })
}

/// What the fields say that concerns the connection, and the fields themselves.
#[derive(Default)]
struct HeadFields {
    close: bool,
    coding: Option<String>,
    expects: bool,
    fields: Vec<(String, String)>,
    host: Option<String>,
    length: Option<String>,
}

impl HeadFields {
    fn of(headers: &[httparse::Header<'_>]) -> Result<Self, Bad> {
        let mut told = Self {
            fields: Vec::with_capacity(headers.len()),
            ..Self::default()
        };
        for header in headers {
            let name = header.name.to_ascii_lowercase();
            let value = ascii(header.value);
            match name.as_str() {
                "host" => once(&mut told.host, value, Bad::Host)?,
                "content-length" => once(&mut told.length, value, Bad::ContentLength)?,
                "transfer-encoding" => once(&mut told.coding, value, Bad::TransferEncoding)?,
                "expect" if value.eq_ignore_ascii_case("100-continue") => told.expects = true,
                "expect" => return Err(Bad::Expectation),
                "connection" => {
                    told.close |= value.split(',').any(|word| word.trim().eq_ignore_ascii_case("close"));
                    told.fields.push((name, value));
                }
                _ => told.fields.push((name, value)),
            }
        }
        Ok(told)
    }
}

fn once(place: &mut Option<String>, value: String, bad: Bad) -> Result<(), Bad> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(bad),
    }
}

/// Field values are ASCII for the application. A byte that is not becomes `?`: the field stays visible to checks
/// that ask whether it is there, and cannot equal anything that they compare it with.
fn ascii(value: &[u8]) -> String {
    value
        .iter()
        .map(|&byte| if byte.is_ascii() { char::from(byte) } else { '?' })
        .collect()
}

fn malformed(error: Error, bytes: &[u8]) -> Bad {
    match error {
        Error::TooManyHeaders => Bad::Fields,
        Error::HeaderName | Error::HeaderValue => Bad::Field,
        // `GET / HTTP/2.0` is a version we lack; `GET / of ours` is nothing at all.
        Error::Version
            if bytes
                .split(|&b| b == b'\n')
                .next()
                .is_some_and(|line| holds(line, b" HTTP/")) =>
        {
            Bad::Version
        }
        Error::NewLine | Error::Status | Error::Token | Error::Version => Bad::RequestLine,
    }
}

fn holds(line: &[u8], part: &[u8]) -> bool {
    line.windows(part.len()).any(|window| window == part)
}

fn bare_line_feed(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\n")
        || bytes
            .windows(2)
            .any(|pair| matches!(pair, [before, b'\n'] if *before != b'\r'))
}

fn method_of(name: &str) -> Result<Method, Bad> {
    Ok(match name {
        "DELETE" => Method::DELETE,
        "GET" => Method::GET,
        "HEAD" => Method::HEAD,
        "OPTIONS" => Method::OPTIONS,
        "PATCH" => Method::PATCH,
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        _ => return Err(Bad::Method),
    })
}

/// Splits a target into the authority that an absolute form names (RFC 9112 §3.2.2) and path with query.
fn target_of(target: &str) -> Result<(Option<&str>, String), Bad> {
    let fits = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'\\' | b'"' | b'<' | b'>');
    if !target.bytes().all(fits) {
        return Err(Bad::Target);
    }
    if target.starts_with('/') {
        return Ok((None, target.to_owned()));
    }
    let (scheme, rest) = target.split_once("://").ok_or(Bad::Target)?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(Bad::Target);
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    match rest.get(authority.len()..).unwrap_or_default() {
        "" => Ok((Some(authority), "/".to_owned())),
        query if query.starts_with('?') => Ok((Some(authority), format!("/{query}"))),
        path => Ok((Some(authority), path.to_owned())),
    }
}

/// A target in phones' folder, where it is written with slashes too many in front, in another letter case, or without
/// the slash at the folder's end: each make joins what DHCP hands out and a file's name by a rule of its own.
fn of_phones(target: &str, phones: &str) -> Option<String> {
    let folder = phones.trim_matches('/');
    let (first, rest) = target.trim_start_matches('/').split_at_checked(folder.len())?;
    let fits = first.eq_ignore_ascii_case(folder) && (rest.is_empty() || rest.starts_with(['/', '?']));
    fits.then(|| format!("{phones}{}", rest.strip_prefix('/').unwrap_or(rest)))
}

/// Octets of a zone: an interface's name has at most 15, and `25` may stand in front.
const ZONE_OCTETS: usize = 17;

/// A name, an IPv4 address or an IPv6 address in brackets, with a zone perhaps, and perhaps a port (RFC 3986 §3.2.2,
/// without `%` and user otherwise; RFC 6874 §2: `%25eth0`, and what people type, `%eth0`).
fn is_host(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => {
            let (address, zone) = address.split_once('%').unwrap_or((address, "0"));
            let zoned = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
            let is_zone = (1..=ZONE_OCTETS).contains(&zone.len()) && zone.bytes().all(zoned);
            if !is_zone || address.parse::<std::net::Ipv6Addr>().is_err() {
                return false;
            }
            ("v6", rest)
        }
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let digits = port.strip_prefix(':').unwrap_or(port);
    let named = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !name.is_empty()
        && name.len() <= 255
        && name.bytes().all(named)
        && (port.is_empty() || port.starts_with(':'))
        && digits.len() <= 5
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}
