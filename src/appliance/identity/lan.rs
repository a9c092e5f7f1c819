//! The appliance's name on the LAN while it runs: announced where it ends in `.local`, and taken back at the end.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use smol::future::FutureExt;
use smol::stream::StreamExt;

use super::certificate;
use crate::names::addresses::Interfaces;
use crate::names::announcer::{AnnounceError, Announcer, News};
use crate::net::stop::Stop;
use crate::office::seldom::{Seldom, counted};
use crate::office::trust::OnLan;
use crate::office::{Office, Shared, log};
use crate::rules::certificates::name::DnsName;
use crate::rules::id::HostName;
use crate::store::Fault;

/// How often this machine's addresses are looked at.
const EVERY: Duration = Duration::from_secs(15);

/// A name to announce, and the door that it leads to.
pub(in crate::appliance) struct Lan {
    name: DnsName,
    door: SocketAddr,
    /// Whether it is the name of before, which is announced while the appliance moves.
    is_old: bool,
}

impl Lan {
    /// None where the name is not for multicast DNS, where nobody but this machine can come in, or where it is not
    /// wanted.
    fn of(name: &HostName, door: Option<SocketAddr>, is_old: bool) -> Option<Self> {
        let door = door.filter(|door| !door.ip().is_loopback())?;
        let name = DnsName::parse(name.as_str())?;
        let is_for_lan = name.as_str().ends_with(".local");
        is_for_lan.then_some(Self { name, door, is_old })
    }

    /// The name, and during a move the old one; none where no announcement is wanted.
    pub(in crate::appliance) fn all(
        office: &Office,
        door: Option<SocketAddr>,
        unwanted: bool,
    ) -> Result<Vec<Self>, Fault> {
        if unwanted {
            return Ok(Vec::new());
        }
        let old = office.moved_from()?;
        let old = old.and_then(|old| Self::of(&old, door, true));
        Ok(Self::of(&office.site.name, door, false)
            .into_iter()
            .chain(old)
            .collect())
    }

    /// Whether the move from this name is over.
    fn is_over(&self, office: &Office) -> bool {
        let is_old = |old: Option<HostName>| old.is_some_and(|old| old.as_str() == self.name.as_str());
        self.is_old && office.moved_from().is_ok_and(|old| !is_old(old))
    }

    /// Announces the name until the program stops, then takes it back.
    pub(in crate::appliance) async fn keep(self, office: Shared, stop: Stop) {
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
        let mut seldom = Seldom::default();
        // Whatever is heard meanwhile, and however often.
        let mut looks = smol::Timer::interval(EVERY);
        loop {
            let look = async {
                looks.next().await;
                Next::Look
            };
            let news = async { Next::News(announcer.next().await) };
            let stopped = async {
                stop.called().await;
                Next::Stop
            };
            match stopped.or(news).or(look).await {
                Next::Stop => return Ok(()),
                Next::News(news) => self.hear(office, news?, &mut seldom),
                Next::Look if self.is_over(office) => return Ok(()),
                Next::Look => {
                    let now = certificate::addresses(Some(self.door));
                    if now != *addresses {
                        announcer.change_addresses(&now)?;
                        *addresses = now;
                    }
                    if let Some(news) = announcer.look()? {
                        self.hear(office, news, &mut seldom);
                    }
                    if let Some((news, others)) = seldom.due(office.stopwatch()) {
                        self.tell(news, others);
                    }
                }
            }
        }
    }

    /// Notes it for the pages, and tells the log: whoever speaks multicast DNS causes such news, so not each time.
    fn hear(&self, office: &Shared, news: News, seldom: &mut Seldom<News>) {
        let before = office.trust.on_lan();
        let now = match news {
            News::Announced => OnLan {
                announced: true,
                taken_by: None,
            },
            News::Taken { by } => OnLan {
                taken_by: Some(by),
                ..before
            },
            News::Alone => OnLan {
                taken_by: None,
                ..before
            },
        };
        if !self.is_old {
            office.trust.note_on_lan(now);
        }
        if let Some((news, others)) = seldom.admit(news, office.stopwatch()) {
            self.tell(news, others);
        }
    }

    fn tell(&self, news: News, others: u32) {
        let name = self.name.as_str();
        match news {
            News::Announced => log::info(&counted(&format!("{name} is announced on the LAN"), others)),
            News::Taken { by } => log::warning(&counted(
                &format!(
                    "another host, {by}, has the name {name} too: visitors may meet either; give one of them another \
                     name"
                ),
                others,
            )),
            News::Alone => log::notice(&counted(&format!("the other host of the name {name} is gone"), others)),
        }
    }
}
