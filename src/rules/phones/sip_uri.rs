//! How far two SIP URIs name the same, read from their text alone.

/// The parts of a `sip:` or `sips:` URI that name somebody: `sip:user@host:port`, parameters and headers aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// Before the `@`, a password included; case counts (RFC 3261 §19.1.4).
    pub user: Option<&'a str>,
    /// A name, an IPv4 address or an IPv6 address in brackets; case does not count.
    pub host: &'a str,
    /// As it is written.
    pub port: Option<&'a str>,
}

impl<'a> Named<'a> {
    /// Reads the parts; none where there is no scheme of ours or no host.
    pub fn parse(uri: &'a str) -> Option<Self> {
        let (scheme, rest) = uri.trim().split_once(':')?;
        if !scheme.eq_ignore_ascii_case("sip") && !scheme.eq_ignore_ascii_case("sips") {
            return None;
        }
        // A user may hold `;` and `?` (RFC 3261 §25.1, user-unreserved), a host may not.
        let (user, rest) = match rest.rsplit_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, rest),
        };
        let rest = rest.split([';', '?']).next().unwrap_or_default();
        let host_end = if rest.starts_with('[') {
            rest.find(']')? + 1
        } else {
            rest.find(':').unwrap_or(rest.len())
        };
        let (host, port) = rest.split_at_checked(host_end)?;
        let port = port.strip_prefix(':');
        (!host.is_empty()).then_some(Self { user, host, port })
    }

    /// Whether both name the same. A port that only one of them writes does not count: phones add and drop the default
    /// one.
    pub fn is(&self, other: &Self) -> bool {
        let ports = self.port.zip(other.port);
        self.user == other.user
            && self.host.eq_ignore_ascii_case(other.host)
            && ports.is_none_or(|(one, two)| one == two)
    }
}
