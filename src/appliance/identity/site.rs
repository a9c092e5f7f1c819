//! Which name and origins the appliance answers to: from the flags, else the settings, else `localhost`.

use std::net::SocketAddr;

use crate::appliance::cannot_start::CannotStart;
use crate::office::Site;
use crate::rules::id::HostName;
use crate::rules::invalid::Invalid;
use crate::rules::text::visible;
use crate::rules::webauthn::RelyingParty;

/// Where browsers find the appliance when a proxy in front ends TLS: other than where it listens.
pub(in crate::appliance) struct Front {
    pub(in crate::appliance) name: HostName,
    /// As browsers write it, without the port where it is the usual one.
    origin: String,
}

impl Front {
    /// Reads `https://NAME` or `https://NAME:PORT`, with or without a slash behind it.
    ///
    /// # Errors
    /// What is wrong with the name; none: it is no such address.
    pub(in crate::appliance) fn parse(text: &str) -> Result<Self, Option<Invalid>> {
        let text = visible(text);
        let text = text.strip_suffix('/').unwrap_or(&text);
        let (scheme, authority) = text.split_once("://").ok_or(None)?;
        if !scheme.eq_ignore_ascii_case("https") {
            return Err(None);
        }
        let (name, port) = match authority.rsplit_once(':').filter(|_| !authority.ends_with(']')) {
            Some((name, port)) => (name, port.parse().ok().filter(|port| *port != 0).ok_or(None)?),
            None => (authority, 443),
        };
        let name = HostName::parse(name).map_err(Some)?;
        let origin = with_port("https", &name, port, 443);
        Ok(Self { name, origin })
    }
}

fn with_port(scheme: &str, name: &HostName, port: u16, usual: u16) -> String {
    if port == usual {
        format!("{scheme}://{name}")
    } else {
        format!("{scheme}://{name}:{port}")
    }
}

/// A name, and whether a start-up flag decided it.
pub(in crate::appliance) struct Called {
    pub(in crate::appliance) name: HostName,
    pub(in crate::appliance) by_flag: bool,
}

/// What the appliance is called: by the proxy's flag, the name's, the setting, or what it was called before; at first
/// by the board.
pub(in crate::appliance) fn called(
    front: Option<&Front>,
    flag: Option<HostName>,
    setting: Option<HostName>,
    before: Option<HostName>,
    by_board: Option<&str>,
) -> Result<Called, CannotStart> {
    let flag = front.map(|front| front.name.clone()).or(flag);
    let by_flag = flag.is_some();
    let local = HostName::parse("localhost").ok();
    // A flag that is left out leaves no name behind; `localhost` stays, as passkeys may be bound to it.
    let before = before.filter(|before| Some(before) == local.as_ref());
    let board = || by_board.and_then(|name| HostName::parse(name).ok());
    let name = flag.or(setting).or(before).or_else(board).or(local);
    let name = name.ok_or("the name localhost cannot be used")?;
    Ok(Called { name, by_flag })
}

/// The site as it is served at these doors. The proxy's first, then `https`: people are sent to the first.
pub(in crate::appliance) fn site(
    front: Option<Front>,
    Called { name, by_flag }: Called,
    http: Option<SocketAddr>,
    https: Option<SocketAddr>,
) -> Result<Site, CannotStart> {
    let secure = https.map(|address| with_port("https", &name, address.port(), 443));
    // Browsers treat plain HTTP as secure on localhost alone (Secure Contexts §3.1); elsewhere passkeys do not work
    // over it.
    let plain = http.map(|address| with_port("http", &name, address.port(), 80));
    if secure.is_none() && plain.is_none() {
        return Err("neither HTTP nor HTTPS is served; open one with --http or --https".into());
    }
    let front = front.map(|front| front.origin);
    let origins: Vec<String> = front.into_iter().chain(secure).chain(plain).collect();
    let origin = origins.first().cloned().unwrap_or_default();
    Ok(Site {
        party: RelyingParty::new(name.as_str(), origins),
        origin,
        name,
        name_fixed_by_flag: by_flag,
    })
}
