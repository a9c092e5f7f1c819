//! Reverse proxies that the owner trusts: whom a request really comes from (RFC 7239, and the older `X-Forwarded-…`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::IpNet;

use super::forwarded::{self, Element};
use crate::http::edge::message::Request;
use crate::http::front::reply::Failure;
use crate::net::peer::Peer;

/// One step of the way, as the proxy after it wrote it down.
struct Hop {
    /// `None`: hidden, or unreadable.
    address: Option<IpAddr>,
    secure: bool,
}

/// The peer that a chain of trusted proxies speaks for. Read from the right, for as long as the proxies are trusted;
/// what stands further left anybody could have written.
///
/// A proxy writes one kind of field and lets the other pass as its caller wrote it, and nobody can tell which: where
/// both are there, they must name the same address, and both must say `https`. A trusted proxy that hides whom it
/// speaks for is not taken for the caller, whose address may open more than theirs does.
pub fn seen_through(trusted: &[IpNet], request: &Request) -> Result<Peer, Failure> {
    let peer = request.peer;
    if !is_one_of(trusted, peer.address.ip()) {
        return Ok(peer);
    }
    let standard = behind(trusted, standard_hops(request))?;
    let older = behind(trusted, older_hops(request).into_iter().rev())?;
    match (standard, older) {
        (Some(one), Some(other)) if one.address != other.address => Err(Failure::Proxies),
        (Some(one), Some(other)) => Ok(Peer {
            address: one.address,
            secure: one.secure && other.secure,
        }),
        (one, other) => Ok(one.or(other).unwrap_or(peer)),
    }
}

/// Whether a request comes from a trusted proxy.
pub fn is_through(trusted: &[IpNet], request: &Request) -> bool {
    is_one_of(trusted, request.peer.address.ip())
}

/// Whether a trusted proxy says how its caller came, and not who that is.
pub fn names_nobody(trusted: &[IpNet], request: &Request) -> bool {
    let names = ["forwarded", "x-forwarded-for"];
    is_through(trusted, request) && says_how(request) && names.iter().all(|name| request.field(name).is_none())
}

/// Whether the cookies of a request's browser are to be `Secure`: it came over TLS, or by way of a trusted proxy that
/// names nobody and says `https`. That word opens nothing else: whoever the proxy hides may have written it.
pub fn wants_secure_cookies(trusted: &[IpNet], request: &Request) -> bool {
    let says_https = || said_proto(request).is_some_and(is_over_tls);
    request.peer.secure || (names_nobody(trusted, request) && says_https())
}

/// Whether a proxy says anything of how its caller came.
pub fn says_how(request: &Request) -> bool {
    let mut standard = lines(request).flat_map(forwarded::from_the_end).flatten();
    standard.any(|element| element.only("proto").is_some())
        || request
            .field("x-forwarded-proto")
            .is_some_and(|proto| !proto.trim().is_empty())
}

fn is_one_of(trusted: &[IpNet], address: IpAddr) -> bool {
    trusted.iter().any(|range| range.contains(&address.to_canonical()))
}

/// Whom these hops lead to, the nearest first; none where there are none. What lies behind the first that is not
/// trusted is not looked at.
fn behind(trusted: &[IpNet], hops: impl Iterator<Item = Hop>) -> Result<Option<Peer>, Failure> {
    let mut seen = None;
    for hop in hops {
        let address = hop.address.ok_or(Failure::Proxies)?;
        seen = Some(Peer {
            address: SocketAddr::new(address.to_canonical(), 0),
            secure: hop.secure,
        });
        if !is_one_of(trusted, address) {
            break;
        }
    }
    Ok(seen)
}

/// A field's elements, of all its lines, in the order of the way.
fn elements<'a>(request: &'a Request, name: &'a str) -> impl DoubleEndedIterator<Item = &'a str> {
    request
        .fields_named(name)
        .flat_map(|line| line.split(','))
        .map(str::trim)
}

/// `X-Forwarded-For`, with the nearest proxy's word on how it was called: what stands left of that came from outside.
/// Empty elements are passed over (RFC 9110 §5.6.1), but for the nearest proxy's own, which hides its caller.
fn older_hops(request: &Request) -> Vec<Hop> {
    let secure = said_proto(request).is_some_and(is_over_tls);
    let hop = |text| Hop {
        address: node(text),
        secure,
    };
    let mut hops: Vec<&str> = elements(request, "x-forwarded-for").collect();
    let nearest = hops.pop();
    hops.retain(|text| !text.is_empty());
    hops.into_iter().chain(nearest).map(hop).collect()
}

/// The nearest proxy's word on how it was called.
fn said_proto(request: &Request) -> Option<&str> {
    elements(request, "x-forwarded-proto").next_back()
}

/// The lines of `Forwarded`, the last first. No quoted string goes over two of them.
fn lines(request: &Request) -> impl Iterator<Item = &str> {
    let lines: Vec<&str> = request.fields_named("forwarded").collect();
    lines.into_iter().rev()
}

/// `Forwarded`, the nearest proxy's element first. One that is malformed hides whom it speaks for.
fn standard_hops(request: &Request) -> impl Iterator<Item = Hop> {
    let elements = lines(request).flat_map(forwarded::from_the_end);
    elements.map(|element| {
        let element = element.ok();
        let only = |wanted| element.as_ref().and_then(|element: &Element| element.only(wanted));
        Hop {
            address: only("for").and_then(address),
            secure: only("proto").is_some_and(is_over_tls),
        }
    })
}

/// `wss` is what some proxies say of a WebSocket's first request.
fn is_over_tls(proto: &str) -> bool {
    ["https", "wss"].iter().any(|tls| proto.eq_ignore_ascii_case(tls))
}

fn unquoted(value: &str) -> Option<&str> {
    match value.strip_prefix('"') {
        Some(quoted) => quoted.strip_suffix('"'),
        None => Some(value),
    }
}

fn node(value: &str) -> Option<IpAddr> {
    address(unquoted(value)?)
}

/// An address with or without a port, which may be obfuscated (RFC 7239 §6); `unknown` and `_hidden` are none. Older
/// proxies write IPv6 without brackets.
fn address(node: &str) -> Option<IpAddr> {
    let text = &without_zone(node)?;
    if let Ok(bare) = text.parse() {
        return Some(bare);
    }
    let (address, port) = match text.strip_prefix('[') {
        Some(bracketed) => {
            let (address, port) = bracketed.split_once(']')?;
            (address.parse::<Ipv6Addr>().ok()?.into(), port)
        }
        None => {
            let (address, port) = text.split_at(text.find(':')?);
            (address.parse::<Ipv4Addr>().ok()?.into(), port)
        }
    };
    let known = |port: &str| port.starts_with('_') || port.parse::<u16>().is_ok();
    (port.is_empty() || port.strip_prefix(':').is_some_and(known)).then_some(address)
}

/// An IPv6 address without its zone (RFC 4007 §11), which means something on the proxy alone: `fe80::1%eth0`,
/// `[fe80::1%25eth0]:4711`.
fn without_zone(text: &str) -> Option<String> {
    let Some((address, rest)) = text.split_once('%') else {
        return Some(text.to_owned());
    };
    let zone = rest.split(']').next().unwrap_or_default();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
    let sound = !zone.is_empty() && zone.bytes().all(fits) && address.contains(':');
    sound.then(|| [address, rest.get(zone.len()..).unwrap_or_default()].concat())
}
