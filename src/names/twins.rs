//! Tells the other boards of one office on the LAN that this one is at work, and hears them: a service of its own
//! (RFC 6763), whatever the appliance's name is. An instance is one run of the program on one board.

use std::collections::BTreeMap;
use std::future::pending;
use std::net::IpAddr;

use mdns_sd::{Receiver, ResolvedService, ScopedIp, ServiceEvent, ServiceInfo};
use smol::future::FutureExt;

use super::addresses::{Interfaces, is_of_use};
use super::announcer::AnnounceError;
use super::daemon::Daemon;

const SERVICE: &str = "_linekey._tcp.local.";
/// The TXT record's key under which an instance says which run it is.
const RUN: &str = "run";
/// Boards of this office that are remembered, whoever claims to be one.
const REMEMBERED: usize = 64;
/// For how many calls of [`Twins::look`] a board may be silent once listening began anew: two minutes.
const SILENT: u32 = 8;

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
    daemon: Daemon,
    heard: Receiver<ServiceEvent>,
    office: String,
    /// The instances that were heard, and for how many more looks one may be silent that was not heard since listening
    /// began anew.
    known: BTreeMap<String, Option<u32>>,
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
        let mut daemon = Daemon::start(interfaces)?;
        let name = format!("{}-{}", told.office, told.instance);
        let useful = addresses.iter().copied().filter(|address| is_of_use(*address));
        let useful: Vec<IpAddr> = useful.collect();
        let host = format!("linekey-{}.local.", told.instance);
        let said = [(RUN, told.text)];
        let mut service = ServiceInfo::new(SERVICE, &name, &host, useful.as_slice(), told.port, said.as_slice())?;
        // Nobody else can have it, so nobody is asked whether they have.
        service.set_requires_probe(false);
        let heard = daemon.thread().browse(SERVICE)?;
        daemon.register(service)?;
        Ok(Self {
            daemon,
            heard,
            office: format!("{}-", told.office),
            known: BTreeMap::new(),
        })
    }

    /// Waits for the next thing that is heard of a board of this office. To be called until the end: without it what
    /// neighbours say is remembered without a bound.
    ///
    /// # Errors
    /// The thread cannot be started again.
    pub async fn next(&mut self) -> Result<Heard, AnnounceError> {
        loop {
            let Self { daemon, heard, .. } = self;
            let overfull = async {
                daemon.overfull().await;
                None
            };
            let event = async {
                match heard.recv_async().await {
                    Ok(event) => Some(event),
                    // More was said than could be heard, or the thread has ended: the next look mends it.
                    Err(_) => pending().await,
                }
            };
            let Some(event) = overfull.or(event).await else {
                self.begin_anew()?;
                continue;
            };
            if let ServiceEvent::ServiceResolved(found) = &event
                && let Some(heard) = self.here(found)
            {
                return Ok(heard);
            }
            if let ServiceEvent::ServiceRemoved(_, name) = event
                && self.is_of_office(&name)
            {
                self.known.remove(&name);
                return Ok(Heard::Gone(name));
            }
        }
    }

    /// To be called every 15 seconds. Where more was said than could be heard, telling and listening begin anew; a
    /// board that is silent ever after is gone.
    ///
    /// # Errors
    /// The thread cannot be started again.
    pub fn look(&mut self) -> Result<Option<Heard>, AnnounceError> {
        if self.heard.is_disconnected() {
            self.begin_anew()?;
        }
        for looks in self.known.values_mut().flatten() {
            *looks = looks.saturating_sub(1);
        }
        let silent = self.known.iter().find(|(_, looks)| **looks == Some(0));
        let silent = silent.map(|(name, _)| name.clone());
        Ok(silent.map(|name| {
            self.known.remove(&name);
            Heard::Gone(name)
        }))
    }

    fn begin_anew(&mut self) -> Result<(), AnnounceError> {
        self.daemon.begin_anew()?;
        self.heard = self.daemon.thread().browse(SERVICE)?;
        for looks in self.known.values_mut() {
            looks.get_or_insert(SILENT);
        }
        Ok(())
    }

    /// Says that this board is gone (RFC 6762 §10.1), and ends. Takes at most a second.
    pub async fn goodbye(self) {
        self.daemon.goodbye().await;
    }

    fn is_of_office(&self, fullname: &str) -> bool {
        fullname.starts_with(&self.office)
    }

    fn here(&mut self, found: &ResolvedService) -> Option<Heard> {
        let name = found.get_fullname();
        let text = found.get_property_val_str(RUN).filter(|_| self.is_of_office(name))?;
        let mut addresses: Vec<IpAddr> = found.get_addresses().iter().map(ScopedIp::to_ip_addr).collect();
        // IPv4 first: it is what people type.
        addresses.sort_unstable();
        let address = addresses.into_iter().find(|address| is_of_use(*address));
        if self.known.len() < REMEMBERED || self.known.contains_key(name) {
            self.known.insert(name.to_owned(), None);
        }
        Some(Heard::Here(name.to_owned(), text.to_owned(), address))
    }
}
