//! The appliance's name on the LAN while it runs: announced where it ends in `.local`, and taken back at the end.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use smol::future::FutureExt;

use super::certificate;
use crate::names::addresses::Interfaces;
use crate::names::announcer::{AnnounceError, Announcer, News};
use crate::net::stop::Stop;
use crate::office::trust::OnLan;
use crate::office::{Shared, Site, log};
use crate::rules::certificates::name::DnsName;

/// How often this machine's addresses are looked at.
const EVERY: Duration = Duration::from_secs(15);

/// A name to announce, and the door that it leads to.
pub(super) struct Lan {
    name: DnsName,
    door: SocketAddr,
}

impl Lan {
    /// None where the name is not for multicast DNS, where nobody but this machine can come in, or where it is not
    /// wanted.
    pub(super) fn of(site: &Site, door: Option<SocketAddr>, unwanted: bool) -> Option<Self> {
        let door = door.filter(|door| !unwanted && !door.ip().is_loopback())?;
        let name = DnsName::parse(site.name.as_str())?;
        name.as_str().ends_with(".local").then_some(Self { name, door })
    }

    /// Announces the name until the program stops, then takes it back.
    pub(super) async fn keep(self, office: Shared, stop: Stop) {
        let mut addresses = certificate::addresses(Some(self.door));
        let announcer = Announcer::start(&self.name, self.door.port(), &Interfaces::Lan, &addresses);
        let mut announcer = match announcer {
            Ok(announcer) => announcer,
            Err(why) => return log::warning(&why.to_string()),
        };
        let ended = self.tend(&mut announcer, &mut addresses, &office, &stop).await;
        if let Err(why) = ended {
            log::warning(&why.to_string());
        }
        announcer.goodbye().await;
    }

    async fn tend(
        &self,
        announcer: &mut Announcer,
        addresses: &mut Vec<IpAddr>,
        office: &Shared,
        stop: &Stop,
    ) -> Result<(), AnnounceError> {
        enum Next {
            Look,
            News(Result<News, AnnounceError>),
            Stop,
        }
        loop {
            let look = async {
                smol::Timer::after(EVERY).await;
                Next::Look
            };
            let news = async { Next::News(announcer.next().await) };
            let stopped = async {
                stop.called().await;
                Next::Stop
            };
            match stopped.or(news).or(look).await {
                Next::Stop => return Ok(()),
                Next::News(news) => self.tell(office, news?),
                Next::Look => {
                    let now = certificate::addresses(Some(self.door));
                    if now != *addresses {
                        announcer.change_addresses(&now)?;
                        *addresses = now;
                    }
                }
            }
        }
    }

    fn tell(&self, office: &Shared, news: News) {
        let (name, before) = (self.name.as_str(), office.trust.on_lan());
        let now = match news {
            News::Announced => {
                log::info(&format!("{name} is announced on the LAN"));
                OnLan {
                    announced: true,
                    taken_by: None,
                }
            }
            News::Taken { by } => {
                log::warning(&format!(
                    "another host, {by}, has the name {name} too: visitors may meet either; give one of them another name"
                ));
                OnLan {
                    taken_by: Some(by),
                    ..before
                }
            }
            News::Alone => {
                log::notice(&format!("the other host of the name {name} is gone"));
                OnLan {
                    taken_by: None,
                    ..before
                }
            }
        };
        office.trust.note_on_lan(now);
    }
}
