//! The addresses that this host has, as far as others on its LANs can use them.

use std::io;
use std::net::IpAddr;

use mdns_sd::{IfKind, ServiceDaemon};

/// How often the interfaces are looked at, in seconds.
const LOOK_EVERY_S: u32 = 15;

/// Which interfaces take part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Interfaces {
    /// All but loopback.
    Lan,
    /// Those of these names alone.
    Named(Vec<String>),
    /// Loopback's IPv4 alone: for a trial on one machine.
    Loopback,
}

impl Interfaces {
    /// A thread that speaks multicast DNS on these alone.
    pub(super) fn daemon(&self) -> Result<ServiceDaemon, mdns_sd::Error> {
        let daemon = ServiceDaemon::new()?;
        daemon.set_ip_check_interval(LOOK_EVERY_S)?;
        let chosen = match self {
            Self::Lan => vec![IfKind::All],
            Self::Named(names) => names.iter().cloned().map(IfKind::Name).collect(),
            Self::Loopback => vec![IfKind::LoopbackV4],
        };
        daemon.disable_interface(IfKind::All)?;
        daemon.enable_interface(chosen)?;
        if *self == Self::Lan {
            daemon.disable_interface(vec![IfKind::LoopbackV4, IfKind::LoopbackV6])?;
        }
        Ok(daemon)
    }

    fn has(&self, name: &str, is_loopback: bool) -> bool {
        match self {
            Self::Lan => !is_loopback,
            Self::Named(names) => names.iter().any(|named| named == name),
            Self::Loopback => is_loopback,
        }
    }
}

/// The addresses of these interfaces: none that is link-local in IPv6, because it is of no use without the name of the
/// visitor's own interface.
///
/// # Errors
/// The system does not tell.
pub fn of_this_host(interfaces: &Interfaces) -> io::Result<Vec<IpAddr>> {
    let mut found = Vec::new();
    for interface in if_addrs::get_if_addrs()? {
        let address = interface.ip();
        if interfaces.has(&interface.name, interface.is_loopback()) && is_of_use(address) && !found.contains(&address) {
            found.push(address);
        }
    }
    Ok(found)
}

/// Whether a visitor can use the address as it is.
pub(super) fn is_of_use(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !v4.is_unspecified(),
        IpAddr::V6(v6) => !v6.is_unspecified() && !v6.is_unicast_link_local(),
    }
}
