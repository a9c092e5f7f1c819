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

/// The board's name, under which HTTPS comes up by itself: none where the plain door is for this machine alone, which
/// is a trial, or a proxy's.
pub(in crate::appliance) fn by_board(board: Option<&str>, plain: Option<SocketAddr>) -> Option<&str> {
    board.filter(|_| !plain.is_some_and(|address| address.ip().is_loopback()))
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

#[cfg(test)]
mod tests {
    use super::*;

    const BOARD: Option<&str> = Some("linekey.local");

    fn name(text: &str) -> Option<HostName> {
        Some(HostName::parse(text).unwrap())
    }

    /// What it is called with that flag, setting and name of before.
    fn told(flag: Option<&str>, setting: Option<&str>, before: Option<&str>, by_board: Option<&str>) -> (String, bool) {
        let [flag, setting, before] = [flag, setting, before].map(|text| text.and_then(name));
        let called = called(None, flag, setting, before, by_board).ok().unwrap();
        (called.name.to_string(), called.by_flag)
    }

    #[test]
    fn a_boards_name_is_its_own_until_somebody_gives_it_another() {
        let own = |text: &str| (text.to_owned(), false);
        assert_eq!(told(None, None, None, BOARD), own("linekey.local"));
        assert_eq!(told(None, Some("office.local"), None, BOARD), own("office.local"));
        assert_eq!(
            told(Some("pbx.example.org"), Some("office.local"), None, BOARD),
            ("pbx.example.org".to_owned(), true)
        );
        assert_eq!(told(None, None, None, None), own("localhost"));
    }

    #[test]
    fn a_store_that_was_called_localhost_keeps_that_name_and_no_other_of_before() {
        let own = |text: &str| (text.to_owned(), false);
        assert_eq!(told(None, None, Some("localhost"), BOARD), own("localhost"));
        assert_eq!(told(None, None, Some("pbx.example.org"), BOARD), own("linekey.local"));
        assert_eq!(
            told(None, Some("office.local"), Some("localhost"), BOARD),
            own("office.local")
        );
    }

    #[test]
    fn behind_a_proxy_it_has_the_proxys_name() {
        let front = Front::parse("https://pbx.example.org:8443/").ok().unwrap();
        let called = called(Some(&front), name("other.example"), None, None, BOARD)
            .ok()
            .unwrap();
        assert_eq!((called.name.as_str(), called.by_flag), ("pbx.example.org", true));
    }

    #[test]
    fn a_plain_door_for_this_machine_alone_is_a_trial_and_brings_no_name_of_the_boards() {
        let at = |place: &str| Some(place.parse().unwrap());
        for (plain, brought) in [
            (at("0.0.0.0:80"), BOARD),
            (at("[::]:80"), BOARD),
            (at("192.168.1.2:80"), BOARD),
            (None, BOARD),
            (at("127.0.0.1:8080"), None),
            (at("[::1]:8080"), None),
        ] {
            assert_eq!(by_board(BOARD, plain), brought, "{plain:?}");
            assert_eq!(by_board(None, plain), None);
        }
    }
}
