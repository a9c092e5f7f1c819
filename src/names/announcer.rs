//! Announces the appliance's name on the LAN, and tells when somebody else has it.
//!
//! The name is never changed: passkeys and certificates are bound to it. So the crate's own renaming (`linekey-2`) is
//! switched off, and with it its probing; in its place the name is asked for before the first announcement, and
//! listened to ever after. Whoever answers with an address that was never ours is another host of that name. A host
//! that comes late yields until the other one is gone, and probes, so that the one that stays hears of it: both tell.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::future::pending;
use std::mem;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use mdns_sd::{HostnameResolutionEvent, Receiver, ScopedIp, ServiceInfo};
use smol::Timer;
use smol::future::FutureExt;

use super::addresses::{Interfaces, is_of_use};
use super::daemon::Daemon;
use super::probe::{self, Probes};
use crate::rules::certificates::name::DnsName;

/// The service under which the name is announced: a host name alone cannot be.
const SERVICE: &str = "_https._tcp.local.";
/// How long nobody may answer before the name counts as free: three questions of RFC 6762 §8.1 take 750 ms; slow hosts
/// and Wi-Fi that saves power get twice that.
const SILENCE: Duration = Duration::from_millis(1_500);
/// Addresses that are remembered, of others, and as once ours: a cache on the LAN may repeat those for 75 minutes
/// (RFC 6762 §10).
const REMEMBERED: usize = 64;
/// For how many calls of [`Announcer::look`] a host that yields is remembered after its last probe: two and a half
/// minutes.
const YIELDING: u32 = 10;

/// Why the name is not announced.
#[derive(Debug)]
pub enum AnnounceError {
    /// The name does not end in `.local`, so it is not for multicast DNS (RFC 6762 §3).
    NotLocal,
    /// The announcing thread cannot be started, or has ended.
    Stopped(mdns_sd::Error),
}

impl fmt::Display for AnnounceError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotLocal => to.write_str("only names that end in .local are announced on the LAN"),
            Self::Stopped(why) => write!(to, "the name cannot be announced on the LAN: {why}"),
        }
    }
}

impl std::error::Error for AnnounceError {}

impl From<mdns_sd::Error> for AnnounceError {
    fn from(why: mdns_sd::Error) -> Self {
        Self::Stopped(why)
    }
}

/// What happened to the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Nobody else has it; it is announced from now on.
    Announced,
    /// Another host has it too. Ours is announced only if it was before.
    Taken {
        /// That host's address.
        by: IpAddr,
    },
    /// The other host is gone, and ours was announced all the while.
    Alone,
}

/// The name on the LAN, as long as this lives. Costs one thread.
pub struct Announcer {
    daemon: Daemon,
    host: String,
    service: ServiceInfo,
    heard: Receiver<HostnameResolutionEvent>,
    ours: Vec<IpAddr>,
    others: BTreeSet<IpAddr>,
    /// Hosts that yield to ours, and for how many more looks they are remembered.
    yielding: BTreeMap<IpAddr, u32>,
    /// None where the system allows no such socket: then only hosts that speak are told.
    probes: Option<Probes>,
    announced: bool,
}

/// What is heard of the name.
enum Heard {
    Nothing,
    Answer(HostnameResolutionEvent),
    Probe(Vec<IpAddr>),
    /// Of all names on the LAN: more than is to be remembered.
    TooMuch,
}

impl Announcer {
    /// Begins to ask for the name. [`Self::next`] announces it.
    ///
    /// # Errors
    /// The name is not for multicast DNS, or the thread cannot be started.
    pub fn start(
        name: &DnsName,
        port: u16,
        interfaces: &Interfaces,
        addresses: &[IpAddr],
    ) -> Result<Self, AnnounceError> {
        let instance = name.as_str().strip_suffix(".local").ok_or(AnnounceError::NotLocal)?;
        let host = format!("{}.", name.as_str());
        let daemon = Daemon::start(interfaces)?;
        let heard = daemon.thread().resolve_hostname(&host, None)?;
        let chosen: &[IpAddr] = match interfaces {
            Interfaces::Loopback => &[IpAddr::V4(Ipv4Addr::LOCALHOST)],
            Interfaces::Lan | Interfaces::Named(_) => addresses,
        };
        Ok(Self {
            probes: Probes::listen(&host, chosen).ok(),
            yielding: BTreeMap::new(),
            service: service(instance, &host, port, addresses)?,
            daemon,
            host,
            heard,
            ours: useful(addresses),
            others: BTreeSet::new(),
            announced: false,
        })
    }

    /// Waits for the next thing that happens to the name. To be called until the announcer ends: without it a name that
    /// became free is not taken, and what neighbours say is remembered without a bound.
    ///
    /// # Errors
    /// The name cannot be announced, or not begun anew. One whose thread has ended waits: [`Self::look`] mends that.
    pub async fn next(&mut self) -> Result<News, AnnounceError> {
        loop {
            let may_announce = !self.announced && self.others.is_empty();
            let Self {
                daemon, heard, probes, ..
            } = self;
            let silence = async {
                if may_announce {
                    Timer::after(SILENCE).await;
                } else {
                    pending::<()>().await;
                }
                Heard::Nothing
            };
            let answer = async {
                match heard.recv_async().await {
                    Ok(event) => Heard::Answer(event),
                    // More was said than could be heard, or the thread has ended: the next look mends it.
                    Err(_) => pending().await,
                }
            };
            let probe = async {
                match probes {
                    Some(probes) => probes.next().await.map_or(Heard::Nothing, Heard::Probe),
                    None => pending().await,
                }
            };
            let overfull = async {
                daemon.overfull().await;
                Heard::TooMuch
            };
            let news = match overfull.or(answer).or(probe).or(silence).await {
                Heard::Nothing if may_announce => Some(self.announce()?),
                Heard::Answer(HostnameResolutionEvent::AddressesFound(_, addresses)) => self.found(&addresses),
                Heard::Answer(HostnameResolutionEvent::AddressesRemoved(_, addresses)) => self.removed(&addresses),
                Heard::Probe(addresses) => self.probed(&addresses),
                Heard::TooMuch => {
                    self.begin_anew()?;
                    None
                }
                Heard::Nothing | Heard::Answer(_) => None,
            };
            if let Some(news) = news {
                return Ok(news);
            }
        }
    }

    /// To be called every 15 seconds: a host that yields says so again, and one that has not said so for long is
    /// forgotten. Where more was said than could be heard, announcing and listening begin anew.
    ///
    /// # Errors
    /// The announcing thread cannot be started again.
    pub fn look(&mut self) -> Result<Option<News>, AnnounceError> {
        if self.heard.is_disconnected() {
            self.begin_anew()?;
        }
        if !self.announced && !self.others.is_empty() {
            probe::send(&self.host, &self.ours_now());
        }
        let before = self.yielding.len();
        self.yielding.retain(|_, looks| {
            *looks = looks.saturating_sub(1);
            *looks > 0
        });
        Ok((before > 0).then(|| self.alone()).flatten())
    }

    /// Asks for the name once more. Other hosts of it answer, or are forgotten in time as those that yield are.
    fn begin_anew(&mut self) -> Result<(), AnnounceError> {
        self.daemon.begin_anew()?;
        self.heard = self.daemon.thread().resolve_hostname(&self.host, None)?;
        let others = mem::take(&mut self.others);
        if self.announced {
            let room = REMEMBERED.saturating_sub(self.yielding.len());
            self.yielding
                .extend(others.into_iter().take(room).map(|by| (by, YIELDING)));
        }
        Ok(())
    }

    /// The host's addresses are these from now on.
    ///
    /// # Errors
    /// The announcing thread has ended.
    pub fn change_addresses(&mut self, addresses: &[IpAddr]) -> Result<(), AnnounceError> {
        let instance = self.host.strip_suffix(".local.").unwrap_or(&self.host);
        self.service = service(instance, &self.host, self.service.get_port(), addresses)?;
        let now = useful(addresses);
        self.ours.retain(|address| !now.contains(address));
        for address in now {
            self.others.remove(&address);
            self.ours.push(address);
        }
        let surplus = self.ours.len().saturating_sub(REMEMBERED);
        self.ours.drain(..surplus);
        if let Some(probes) = &self.probes {
            probes.join(addresses);
        }
        if self.announced {
            self.daemon.register(self.service.clone())?;
        }
        Ok(())
    }

    /// Takes the name back (records with a lifetime of 0, RFC 6762 §10.1), and ends. Takes at most a second.
    pub async fn goodbye(self) {
        self.daemon.goodbye().await;
    }

    fn announce(&mut self) -> Result<News, AnnounceError> {
        self.daemon.register(self.service.clone())?;
        self.announced = true;
        Ok(News::Announced)
    }

    fn found(&mut self, addresses: &HashSet<ScopedIp>) -> Option<News> {
        let strangers = addresses
            .iter()
            .map(ScopedIp::to_ip_addr)
            .filter(|address| !self.ours.contains(address));
        let room = REMEMBERED.saturating_sub(self.others.len());
        let fresh: Vec<IpAddr> = strangers
            .filter(|address| !self.others.contains(address))
            .take(room)
            .collect();
        // Where so many are known already, one more is no news.
        let by = *fresh.first()?;
        self.others.extend(fresh);
        if !self.announced {
            probe::send(&self.host, &self.ours_now());
        }
        Some(News::Taken { by })
    }

    /// Another host wanted the name. It yields, as ours is announced; before that the two are equal.
    fn probed(&mut self, addresses: &[IpAddr]) -> Option<News> {
        let strangers = addresses.iter().filter(|address| !self.ours.contains(address));
        let mut news = None;
        for by in strangers.filter(|_| self.announced) {
            let is_room = self.yielding.len() < REMEMBERED;
            if self.yielding.contains_key(by) || is_room {
                let before = self.yielding.insert(*by, YIELDING);
                news = news.or(before.is_none().then_some(News::Taken { by: *by }));
            }
        }
        news
    }

    fn removed(&mut self, addresses: &HashSet<ScopedIp>) -> Option<News> {
        let before = self.others.len();
        for address in addresses {
            self.others.remove(&address.to_ip_addr());
        }
        (before > 0).then(|| self.alone()).flatten()
    }

    /// Whether nobody else is known, now that one of them is gone.
    fn alone(&self) -> Option<News> {
        (self.announced && self.others.is_empty() && self.yielding.is_empty()).then_some(News::Alone)
    }

    /// The host's addresses as they are told, without those that it had before.
    fn ours_now(&self) -> Vec<IpAddr> {
        self.service.get_addresses().iter().copied().collect()
    }
}

fn useful(addresses: &[IpAddr]) -> Vec<IpAddr> {
    addresses
        .iter()
        .copied()
        .filter(|address| is_of_use(*address))
        .collect()
}

fn service(instance: &str, host: &str, port: u16, addresses: &[IpAddr]) -> Result<ServiceInfo, AnnounceError> {
    let addresses = useful(addresses);
    let mut service = ServiceInfo::new(SERVICE, instance, host, addresses.as_slice(), port, None)?;
    service.set_requires_probe(false);
    Ok(service)
}
