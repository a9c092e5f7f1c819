//! Via: where a request came by and where its answer goes back (RFC 3261 §20.42, RFC 3581).

use std::net::{IpAddr, SocketAddr};

use super::Malformed;
use super::params::{Params, Value};
use super::scan::{self, Cursor};
use super::uri::{Host, host};

/// What a branch begins with if its sender follows RFC 3261 (§8.1.1.7).
pub const BRANCH_COOKIE: &str = "z9hG4bK";

/// A transport, as Via names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport<'a> {
    /// Datagrams.
    Udp,
    /// A stream.
    Tcp,
    /// A stream under TLS.
    Tls,
    /// Any other token, as written.
    Other(&'a str),
}

/// Whether the sender asked for its port to be filled in (RFC 3581 §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rport {
    /// No `rport`.
    Absent,
    /// `rport` without a number.
    Asked,
    /// `rport=number`: filled in by somebody on the way, or made up by the sender.
    Port(u16),
}

/// One element of Via.
#[derive(Clone, Copy, Debug)]
pub struct Via<'a> {
    /// The element, as written.
    pub raw: &'a [u8],
    /// The transport.
    pub transport: Transport<'a>,
    /// The host of sent-by.
    pub host: Host<'a>,
    /// The port of sent-by.
    pub port: Option<u16>,
    /// The branch; absent or without [`BRANCH_COOKIE`] where the sender follows RFC 2543 (§17.2.3).
    pub branch: Option<&'a str>,
    /// `received`, if it is an address.
    pub received: Option<IpAddr>,
    /// `rport`.
    pub rport: Rport,
    /// `maddr`, as written.
    pub maddr: Option<&'a str>,
    /// `ttl`, up to 255.
    pub ttl: Option<u8>,
    /// All parameters.
    pub params: Params<'a>,
}

impl<'a> Via<'a> {
    /// Reads one element.
    ///
    /// # Errors
    /// It is not protocol, sent-by and parameters.
    pub fn parse(raw: &'a [u8]) -> Result<Self, Malformed> {
        Self::read(raw).ok_or(Malformed::Via)
    }

    fn read(raw: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(raw);
        if !cursor.token()?.eq_ignore_ascii_case("SIP") || !cursor.eat_spaced(b'/') {
            return None;
        }
        if cursor.token()? != "2.0" || !cursor.eat_spaced(b'/') {
            return None;
        }
        let transport = transport(cursor.token()?);
        let before = cursor.rest.len();
        cursor.skip_blanks();
        if cursor.rest.len() == before {
            return None;
        }
        let host = Host::take(&mut cursor)?;
        let port = host::take_port(&mut cursor)?;
        let params = Params::parse(cursor.rest)?;
        let Parts {
            branch,
            rport,
            received,
            maddr,
            ttl,
        } = Parts::read(params)?;
        let branch = match branch {
            Some(value) => value?.text().filter(|text| !text.is_empty()).map(Some)?,
            None => None,
        };
        let rport = match rport {
            None => Rport::Absent,
            Some(value) => value
                .and_then(|value| scan::number_u16(value.raw))
                .map_or(Rport::Asked, Rport::Port),
        };
        let ttl = match ttl {
            Some(value) => Some(u8::try_from(scan::number(value?.raw)?).ok()?),
            None => None,
        };
        let text = |part: Option<Option<Value<'a>>>| part.flatten().and_then(Value::text);
        Some(Self {
            raw,
            transport,
            host,
            port,
            branch,
            received: text(received).and_then(address),
            rport,
            maddr: text(maddr),
            ttl,
            params,
        })
    }

    /// The branch if it identifies the transaction (RFC 3261 §17.2.3). `None`: match as RFC 2543 did.
    #[must_use]
    pub fn cookie_branch(&self) -> Option<&'a str> {
        let cookie = |branch: &&str| {
            let (begin, rest) = branch.split_at_checked(BRANCH_COOKIE.len()).unwrap_or_default();
            begin.eq_ignore_ascii_case(BRANCH_COOKIE) && !rest.is_empty()
        };
        self.branch.filter(cookie)
    }

    /// The element with `received` and `rport` as the source address has them (RFC 3261 §18.2.1, RFC 3581 §4). What the
    /// sender wrote in their place is replaced. `received` is there where sent-by is not the source's address, or where
    /// `rport` is asked for.
    #[must_use]
    pub fn stamped(&self, source: SocketAddr) -> Vec<u8> {
        let length = self.raw.len().saturating_sub(self.params.as_bytes().len());
        let mut stamped = scan::trimmed(self.raw.get(..length).unwrap_or(self.raw)).to_vec();
        for (name, value) in self.params.iter() {
            if name.eq_ignore_ascii_case("received") || name.eq_ignore_ascii_case("rport") {
                continue;
            }
            stamped.push(b';');
            stamped.extend_from_slice(name.as_bytes());
            if let Some(value) = value {
                let quote: &[u8] = if value.is_quoted { b"\"" } else { b"" };
                stamped.push(b'=');
                stamped.extend_from_slice(quote);
                stamped.extend_from_slice(value.raw);
                stamped.extend_from_slice(quote);
            }
        }
        let (address, asked) = (source.ip().to_canonical(), self.rport != Rport::Absent);
        if asked || self.host.address() != Some(address) {
            stamped.extend_from_slice(format!(";received={address}").as_bytes());
        }
        if asked {
            stamped.extend_from_slice(format!(";rport={}", source.port()).as_bytes());
        }
        stamped
    }
}

/// The parameters that mean something here, each the first of its name. Outer `None`: absent; inner `None`: without
/// value.
#[derive(Default)]
struct Parts<'a> {
    branch: Option<Option<Value<'a>>>,
    rport: Option<Option<Value<'a>>>,
    received: Option<Option<Value<'a>>>,
    maddr: Option<Option<Value<'a>>>,
    ttl: Option<Option<Value<'a>>>,
}

impl<'a> Parts<'a> {
    /// None: there are two branches.
    fn read(params: Params<'a>) -> Option<Self> {
        let mut parts = Self::default();
        for (name, value) in params.iter() {
            let part = match name.len() {
                3 if name.eq_ignore_ascii_case("ttl") => &mut parts.ttl,
                5 if name.eq_ignore_ascii_case("rport") => &mut parts.rport,
                5 if name.eq_ignore_ascii_case("maddr") => &mut parts.maddr,
                6 if name.eq_ignore_ascii_case("branch") => {
                    if parts.branch.is_some() {
                        return None;
                    }
                    &mut parts.branch
                }
                8 if name.eq_ignore_ascii_case("received") => &mut parts.received,
                _ => continue,
            };
            part.get_or_insert(value);
        }
        Some(parts)
    }
}

fn transport(name: &str) -> Transport<'_> {
    match name.len() {
        3 if name.eq_ignore_ascii_case("UDP") => Transport::Udp,
        3 if name.eq_ignore_ascii_case("TCP") => Transport::Tcp,
        3 if name.eq_ignore_ascii_case("TLS") => Transport::Tls,
        _ => Transport::Other(name),
    }
}

fn address(text: &str) -> Option<IpAddr> {
    text.trim_start_matches('[').trim_end_matches(']').parse().ok()
}
