//! Tells the other boards of one office on the LAN that this one is at work, and hears them: a service of its own
//! (RFC 6763), whatever the appliance's name is. An instance is one run of the program on one board.

use std::net::IpAddr;

use mdns_sd::{Receiver, ResolvedService, ScopedIp, ServiceDaemon, ServiceEvent, ServiceInfo};

use super::addresses::{Interfaces, is_of_use};
use super::announcer::AnnounceError;
use super::goodbye::goodbye;

const SERVICE: &str = "_linekey._tcp.local.";
/// The TXT record's key under which an instance says which run it is.
const RUN: &str = "run";

/// What is told of this board.
pub struct Announcement<'a> {
    /// The same for all boards of the office: letters and digits, at most 16.
    pub office: &'a str,
    /// Another for each run: letters and digits, at most 32.
    pub instance: &'a str,
    /// What the others read; at most 250 octets.
    pub text: &'a str,
    /// Where it serves.
    pub port: u16,
}

/// What was heard of another board of this office, or of this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It is there: its instance's full name, what it says of itself, and where it is, if it says so.
    Here(String, String, Option<IpAddr>),
    /// The instance of that full name is gone.
    Gone(String),
}

/// The boards of one office on the LAN, as long as this lives. Costs one thread.
pub struct Twins {
    daemon: ServiceDaemon,
    heard: Receiver<ServiceEvent>,
    fullname: String,
    office: String,
}

impl Twins {
    /// Begins to tell and to listen.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn start(
        told: &Announcement<'_>,
        interfaces: &Interfaces,
        addresses: &[IpAddr],
    ) -> Result<Self, AnnounceError> {
        let daemon = interfaces.daemon()?;
        let name = format!("{}-{}", told.office, told.instance);
        let useful = addresses.iter().copied().filter(|address| is_of_use(*address));
        let useful: Vec<IpAddr> = useful.collect();
        let host = format!("linekey-{}.local.", told.instance);
        let said = [(RUN, told.text)];
        let mut service = ServiceInfo::new(SERVICE, &name, &host, useful.as_slice(), told.port, said.as_slice())?;
        // Nobody else can have it, so nobody is asked whether they have.
        service.set_requires_probe(false);
        let fullname = service.get_fullname().to_owned();
        let heard = daemon.browse(SERVICE)?;
        daemon.register(service)?;
        Ok(Self {
            daemon,
            heard,
            fullname,
            office: format!("{}-", told.office),
        })
    }

    /// Waits for the next thing that is heard of a board of this office.
    ///
    /// # Errors
    /// The thread has ended.
    pub async fn next(&self) -> Result<Heard, AnnounceError> {
        loop {
            let stopped = |_| AnnounceError::Stopped(mdns_sd::Error::DaemonShutdown);
            let event = self.heard.recv_async().await.map_err(stopped)?;
            if let ServiceEvent::ServiceResolved(found) = &event
                && let Some(heard) = self.here(found)
            {
                return Ok(heard);
            }
            if let ServiceEvent::ServiceRemoved(_, name) = event
                && self.is_of_office(&name)
            {
                return Ok(Heard::Gone(name));
            }
        }
    }

    /// Says that this board is gone (RFC 6762 §10.1), and ends. Takes at most a second.
    pub async fn goodbye(self) {
        goodbye(&self.daemon, &self.fullname).await;
    }

    fn is_of_office(&self, fullname: &str) -> bool {
        fullname.starts_with(&self.office)
    }

    fn here(&self, found: &ResolvedService) -> Option<Heard> {
        let name = found.get_fullname();
        let text = found.get_property_val_str(RUN).filter(|_| self.is_of_office(name))?;
        let mut addresses: Vec<IpAddr> = found.get_addresses().iter().map(ScopedIp::to_ip_addr).collect();
        // IPv4 first: it is what people type.
        addresses.sort_unstable();
        let address = addresses.into_iter().find(|address| is_of_use(*address));
        Some(Heard::Here(name.to_owned(), text.to_owned(), address))
    }
}
