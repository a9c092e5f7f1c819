//! Which name and origins the appliance answers to: from the flags, else the settings, else `localhost`.

use std::net::SocketAddr;

use super::cannot_start::CannotStart;
use crate::office::Site;
use crate::rules::id::HostName;
use crate::rules::webauthn::RelyingParty;

/// Where browsers find the appliance when a proxy in front ends TLS: other than where it listens.
pub(super) struct Front {
    pub(super) name: HostName,
    /// As browsers write it, without the port where it is the usual one.
    origin: String,
}

impl Front {
    /// Reads `https://NAME` or `https://NAME:PORT`, with or without a slash behind it.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_suffix('/').unwrap_or(text);
        let (name, port) = match text.strip_prefix("https://")?.split_once(':') {
            Some((name, port)) => (name, port.parse().ok().filter(|port| *port != 0)?),
            None => (text.strip_prefix("https://")?, 443),
        };
        let name = HostName::parse(name).ok()?;
        let origin = with_port("https", &name, port, 443);
        Some(Self { name, origin })
    }
}

/// What is wrong with a name that was given to `--name`, where it is a mistake that people make.
pub(super) fn why_no_name(text: &str) -> Option<String> {
    let text = text.trim();
    let sentence = if text.contains("://") || text.contains('/') {
        "takes the name alone, like pbx.example.org: no https:// and no slash"
    } else if text.matches(':').count() == 1 {
        "takes no port; where it is served is said with --http or --https, and the name is the part before the colon"
    } else if text.contains('_') {
        "has an underscore, which host names may not have and browsers make no passkeys for; take a hyphen instead"
    } else if !text.is_ascii() {
        "has letters beyond a to z; give the form that begins with xn--, as browsers and DNS use it (`idn2 NAME` \
            prints it)"
    } else {
        return None;
    };
    Some(format!("--name {sentence}; not {text:?}"))
}

fn with_port(scheme: &str, name: &HostName, port: u16, usual: u16) -> String {
    if port == usual {
        format!("{scheme}://{name}")
    } else {
        format!("{scheme}://{name}:{port}")
    }
}

/// A name, and whether a start-up flag decided it.
pub(super) struct Called {
    pub(super) name: HostName,
    pub(super) by_flag: bool,
}

/// What the appliance is called: by the proxy's flag, the name's, the setting, or what it was called before; at first
/// by the board.
pub(super) fn called(
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
pub(super) fn site(
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
