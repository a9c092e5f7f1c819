//! Whom a board that does not know the date asks for it.

use std::fmt;

use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::text::visible;

/// Names that are kept: three outvote a liar, a fourth may be down.
pub const SERVERS: usize = 4;
/// The longest of them: a host name and a port.
const LONGEST: usize = 253 + 6;
/// Whom it asks until somebody says otherwise: the public pool, by its four names, which never stand for one server.
const USUAL: [&str; SERVERS] = ["0.pool.ntp.org", "1.pool.ntp.org", "2.pool.ntp.org", "3.pool.ntp.org"];
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
        let names: Vec<String> = text
            .split(odd)
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect();
        if has_gap || names.len() > SERVERS || names.iter().any(|name| name.len() > LONGEST || parts(name).is_none()) {
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

fn parts(name: &str) -> Option<(String, u16)> {
    let fits = |host: &str| {
        let letter = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        !host.is_empty() && host.chars().all(letter) && !host.starts_with('-')
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
    }

    #[test]
    fn what_is_no_server_is_refused() {
        for text in [
            "http://time.example",
            "a b c d e",
            "host:x",
            "host:99999",
            "[::1",
            "ümlaut",
            "-x",
        ] {
            assert!(TimeServers::parse(text).is_err(), "{text}");
        }
    }
}
