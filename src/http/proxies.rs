//! Reverse proxies that the owner trusts: whom a request really comes from (RFC 7239, and the older `X-Forwarded-…`).

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;
use tide::Request;

use super::office::Shared;
use super::server::Peer;

/// One step of the way, as the proxy after it wrote it down.
struct Hop {
    /// `None`: hidden, or unreadable.
    address: Option<IpAddr>,
    secure: bool,
}

/// The peer that a chain of trusted proxies speaks for. Read from the right, for as long as the proxies are trusted; what
/// stands further left anybody could have written. A hop that cannot be read counts as the proxy itself.
pub fn seen_through(trusted: &[IpNet], request: &Request<Shared>, peer: Peer) -> Peer {
    let is_trusted = |address: IpAddr| trusted.iter().any(|range| range.contains(&address.to_canonical()));
    let mut seen = peer;
    if !is_trusted(peer.address.ip()) {
        return seen;
    }
    for hop in hops(request).into_iter().rev() {
        seen.secure = hop.secure;
        let Some(address) = hop.address else { return seen };
        seen.address = SocketAddr::new(address.to_canonical(), 0);
        if !is_trusted(address) {
            return seen;
        }
    }
    seen
}

/// The hops in the order of the way. `Forwarded` wins over the older fields, which are not mixed with it.
fn hops(request: &Request<Shared>) -> Vec<Hop> {
    let fields = |name: &str| -> Vec<String> {
        let values = request.header(name).into_iter().flat_map(|values| values.iter());
        let parts = values.flat_map(|value| value.as_str().split(','));
        parts.map(|part| part.trim().to_owned()).collect()
    };
    let forwarded = fields("Forwarded");
    if !forwarded.is_empty() {
        return forwarded.iter().map(|element| standard(element)).collect();
    }
    // The nearest proxy's word: what stands left of it came from outside.
    let secure = fields("X-Forwarded-Proto")
        .last()
        .is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
    let older = |text: &String| Hop {
        address: node(text),
        secure,
    };
    fields("X-Forwarded-For").iter().map(older).collect()
}

/// `for="[2001:db8::1]:4711";proto=https` (RFC 7239 §4).
fn standard(element: &str) -> Hop {
    let mut hop = Hop {
        address: None,
        secure: false,
    };
    for (name, value) in element.split(';').filter_map(|pair| pair.trim().split_once('=')) {
        let value = value.trim_matches('"');
        if name.eq_ignore_ascii_case("for") {
            hop.address = node(value);
        } else if name.eq_ignore_ascii_case("proto") {
            hop.secure = value.eq_ignore_ascii_case("https");
        }
    }
    hop
}

/// An address with or without a port (RFC 7239 §6); `unknown` and `_hidden` are none.
fn node(text: &str) -> Option<IpAddr> {
    let bare = text.trim_matches(['[', ']']).parse().ok();
    bare.or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}
