//! Whom a board that does not know the date asks for it.

use std::fmt;

use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::text::{domain_on_the_wire, visible};

/// Names that are kept: three outvote a liar, a fourth may be down.
pub const SERVERS: usize = 4;
/// The longest of them: a host name and a port.
const LONGEST: usize = 253 + 6;
/// Whom it asks until somebody says otherwise: the public pool, by its four names, which never stand for one server.
const USUAL: [&str; SERVERS] = ["0.pool.ntp.org", "1.pool.ntp.org", "2.pool.ntp.org", "3.pool.ntp.org"];
/// What start-up flags say for nobody.
pub const NOBODY: &str = "off";
/// NTP's port (RFC 5905 §7.2).
const PORT: u16 = 123;

/// Time servers, by name or address, with a port where it is not NTP's. None: nobody is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeServers(Vec<String>);

impl Default for TimeServers {
    fn default() -> Self {
        Self(USUAL.map(str::to_owned).to_vec())
    }
}

impl fmt::Display for TimeServers {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.0.join(", "))
    }
}

impl TimeServers {
    /// Reads what somebody typed: servers with commas or white space between (none: nobody is asked), `HOST`,
    /// `HOST:PORT` or `[IPV6]:PORT`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = visible(text).to_ascii_lowercase();
        // Between two commas there is a name: a variable that was empty is no way to say that nobody is asked.
        let has_gap = !text.is_empty() && text.split(',').any(|part| part.trim().is_empty());
        let odd = |letter: char| letter == ',' || letter.is_whitespace();
        let names: Vec<String> = text.split(odd).filter(|name| !name.is_empty()).map(plain).collect();
        if has_gap || names.len() > SERVERS || names.iter().any(|name| !is_server(name)) {
            return Err(Invalid {
                field: Field::TimeServers,
                why: Why::NotTimeServers,
            });
        }
        Ok(Self(names))
    }

    /// Those of a row.
    pub fn kept(names: Vec<String>) -> Self {
        Self(names)
    }

    /// As they were typed.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// Host and port of each.
    pub fn places(&self) -> Vec<(String, u16)> {
        self.0.iter().filter_map(|name| parts(name)).collect()
    }
}

/// The word for nobody is no name, wherever it stands.
fn is_server(name: &str) -> bool {
    name.len() <= LONGEST && name != NOBODY && parts(name).is_some()
}

/// The name in the form that DNS knows, without the dot of its root.
fn plain(name: &str) -> String {
    let is_address = name.starts_with('[') || name.matches(':').count() > 1;
    let (host, port) = name
        .find(':')
        .filter(|_| !is_address)
        .map_or((name, ""), |at| name.split_at(at));
    let host = host.strip_suffix('.').unwrap_or(host);
    let wire = domain_on_the_wire(host).filter(|_| !host.is_ascii());
    format!("{}{port}", wire.as_deref().unwrap_or(host))
}

fn parts(name: &str) -> Option<(String, u16)> {
    let fits = |host: &str| {
        let letter = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        host.split('.').all(|label| !label.is_empty()) && host.chars().all(letter) && !host.starts_with('-')
    };
    if let Some(rest) = name.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        address.parse::<std::net::Ipv6Addr>().ok()?;
        let port = match port {
            "" => PORT,
            port => port.strip_prefix(':')?.parse().ok()?,
        };
        return Some((address.to_owned(), port));
    }
    if name.parse::<std::net::Ipv6Addr>().is_ok() {
        return Some((name.to_owned(), PORT));
    }
    let (host, port) = match name.split_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (name, PORT),
    };
    fits(host).then(|| (host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_names_or_addresses_with_a_port_or_without() {
        let servers = TimeServers::parse("Time.example.org, 192.0.2.7:1123\n[2001:db8::7]:123 2001:db8::8").unwrap();
        let places = servers.places();
        let place = |host: &str, port| (host.to_owned(), port);
        assert_eq!(
            places,
            [
                place("time.example.org", 123),
                place("192.0.2.7", 1123),
                place("2001:db8::7", 123),
                place("2001:db8::8", 123)
            ]
        );
        assert_eq!(TimeServers::parse(" ").unwrap().places(), []);
        let servers = TimeServers::parse("Ümlaut.de, time.example.org., bücher.example.:1123").unwrap();
        let known = ["xn--mlaut-jva.de", "time.example.org", "xn--bcher-kva.example:1123"];
        assert_eq!(servers.names(), known);
    }

    #[test]
    fn what_is_no_server_is_refused() {
        for text in [
            "http://time.example",
            "a b c d e",
            "host:x",
            "host:99999",
            "[::1",
            "off",
            "off,off",
            "time.example..",
            "♥..",
            "-x",
        ] {
            assert!(TimeServers::parse(text).is_err(), "{text}");
        }
    }
}
