//! Where phones are served, from the flags, and under which addresses this machine can be reached.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::handed::Handed;
use crate::appliance::cannot_start::CannotStart;
use crate::appliance::flags::Listen;
use crate::names::addresses::{self, Interfaces};
use crate::phones::sockets::{self, Places};

/// SIP's own ports (RFC 3261 §19.1.2), on all addresses.
const SIP: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 5060);
const SIPS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 5061);

/// The places that the flags say, else those of the sockets that were handed over, else SIP's own ports. Nothing is
/// left open here, but what a flag says must be possible: phones may be turned on at any time.
pub(in crate::appliance) fn places(
    sip: Option<Listen>,
    sips: Option<Listen>,
    handed: &Handed,
    certificate: bool,
) -> Result<Places, CannotStart> {
    let sip = sip.or(handed.sip.map(Listen::At));
    let sips = sips.or(handed.sips.map(Listen::At));
    if matches!(sips, Some(Listen::At(_))) && !certificate {
        return Err("--sips needs a certificate: give --tls-cert and --tls-key".into());
    }
    let wanted = Places {
        plain: sip.and_then(at),
        secure: sips.and_then(at),
    };
    sockets::can_be_opened(wanted, &handed.phones)?;
    Ok(Places {
        plain: sip.map_or(Some(SIP), at),
        secure: sips.map_or(Some(SIPS), at),
    })
}

fn at(listen: Listen) -> Option<SocketAddr> {
    match listen {
        Listen::At(address) => Some(address),
        Listen::Off => None,
    }
}

/// This machine's addresses, those on LANs first; what the system does not tell is left out.
pub(in crate::appliance) fn hosts() -> Vec<String> {
    let found = [Interfaces::Lan, Interfaces::Loopback].map(|of| addresses::of_this_host(&of).unwrap_or_default());
    found.iter().flatten().map(IpAddr::to_string).collect()
}
