//! Names in the `Host` header: which of them are ours.

use std::net::IpAddr;

/// Whether a request for this `Host` (RFC 9110 §7.2) may be served under the site's name: the name itself on any port,
/// `localhost`, or a bare IP address. Another domain name could be somebody's DNS pointing at us (rebinding).
pub fn is_ours(host: &str, name: &str) -> bool {
    let host = without_port(host);
    host.eq_ignore_ascii_case(name) || host.eq_ignore_ascii_case("localhost") || is_address(host)
}

/// Whether a page asked for under this `Host` is at its right place, so that its passkeys work.
pub fn is_right(host: &str, name: &str) -> bool {
    without_port(host).eq_ignore_ascii_case(name)
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn is_address(host: &str) -> bool {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .map_or(host, |inside| {
            inside.split_once('%').map_or(inside, |(address, _)| address)
        });
    bare.parse::<IpAddr>().is_ok()
}
