//! Which name and origins the appliance answers to: from the flags, else the settings, else `localhost`.

use std::net::SocketAddr;

use super::CannotStart;
use crate::http::office::Site;
use crate::rules::id::HostName;
use crate::rules::webauthn::RelyingParty;

/// The site as it is served at these doors. `https` first: where both are open, people are sent there.
pub(super) fn site(
    flag: Option<HostName>,
    setting: Option<HostName>,
    http: Option<SocketAddr>,
    https: Option<SocketAddr>,
) -> Result<Site, CannotStart> {
    let name_fixed_by_flag = flag.is_some();
    let local = || HostName::parse("localhost").ok();
    let name = flag
        .or(setting)
        .or_else(local)
        .ok_or("the name localhost cannot be used")?;
    let with_port = |scheme: &str, port: u16, usual: u16| {
        if port == usual {
            format!("{scheme}://{name}")
        } else {
            format!("{scheme}://{name}:{port}")
        }
    };
    let secure = https.map(|address| with_port("https", address.port(), 443));
    // Browsers treat plain HTTP as secure on localhost alone (Secure Contexts §3.1); elsewhere passkeys do not work over it.
    let plain = http.map(|address| with_port("http", address.port(), 80));
    let origins: Vec<String> = secure.into_iter().chain(plain).collect();
    let origin = origins
        .first()
        .cloned()
        .ok_or("neither HTTP nor HTTPS is served; open one with --http or --https")?;
    Ok(Site {
        party: RelyingParty::new(name.as_str(), origins),
        origin,
        name,
        name_fixed_by_flag,
    })
}
