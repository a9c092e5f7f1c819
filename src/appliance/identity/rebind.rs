//! Whether the LAN's resolver gives out the appliance's name: many routers hold private addresses back (rebind
//! protection), so that a public name works everywhere but at home.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::certificate;
use crate::names::resolver::{self, ResolverAnswer};
use crate::office::trust::Withheld;
use crate::office::{Shared, log};
use crate::rules::certificates::authority;
use crate::rules::certificates::name::DnsName;

/// Where systems say whom they ask.
const RESOLV_CONF: &str = "/etc/resolv.conf";
/// How often is asked while the name is given out, and while it is not or nobody answers: somebody may be adding the
/// line.
const EVERY: Duration = Duration::from_secs(600);
const SOON: Duration = Duration::from_secs(20);

/// Asks for ever, where the name is one that resolvers give out; the door is where visitors come in.
pub(in crate::appliance) async fn watch<Pause: Future<Output = ()>>(
    office: Shared,
    door: Option<SocketAddr>,
    pause: impl Fn(Duration) -> Pause,
) {
    let name = DnsName::parse(office.site.name.as_str());
    let is_public = |name: &DnsName| name.as_str().contains('.') && !name.as_str().ends_with(".local");
    let Some(name) = name.filter(is_public) else { return };
    if door.is_none_or(|door| door.ip().is_loopback()) {
        return;
    }
    loop {
        let before = office.trust.withheld();
        // What nobody could say leaves what is known.
        let said = asked(&office, &name, door).await;
        let now = said.unwrap_or(before);
        if now != before {
            match now {
                Some(withheld) => log::warning(&format!(
                    "the resolver {} does not give out {name} (rebind protection, or no entry); visitors in this \
                     network need it to lead to {}",
                    withheld.by,
                    withheld.address,
                    name = name.as_str(),
                )),
                None => log::notice(&format!("{} is given out in this network", name.as_str())),
            }
        }
        office.trust.note_withheld(now);
        pause(if said == Some(None) { EVERY } else { SOON }).await;
    }
}

/// None where nobody could say.
async fn asked(office: &Shared, name: &DnsName, door: Option<SocketAddr>) -> Option<Option<Withheld>> {
    let (text, addresses) =
        smol::unblock(move || (std::fs::read_to_string(RESOLV_CONF), certificate::addresses(door))).await;
    let is_private = |address: &IpAddr| address.is_ipv4() && authority::permits_address(*address);
    let address = addresses.into_iter().find(is_private)?;
    for by in resolver::resolvers(&text.ok()?) {
        let [a, b, ..] = (office.world.dice)();
        match resolver::ask(by, name, u16::from_be_bytes([a, b])).await {
            ResolverAnswer::Given => return Some(None),
            ResolverAnswer::Withheld => return Some(Some(Withheld { by, address })),
            ResolverAnswer::Nothing => {}
        }
    }
    None
}
