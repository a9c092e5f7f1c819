//! The thread that speaks multicast DNS for one service, and begins anew before neighbours fill its memory.
//!
//! The crate keeps what any message without PTR records says, for as long as that message wants, and has no bound of
//! its own.

use std::mem;
use std::time::Duration;

use mdns_sd::{IfKind, Metrics, Receiver, ServiceDaemon, ServiceInfo};
use smol::Timer;
use smol::future::FutureExt;
use smol::stream::StreamExt;

use super::addresses::Interfaces;

/// Records of others that a thread may hold: with their names and all that leads to them some 4 MB. A LAN of a hundred
/// printers and computers has some hundred.
const RECORDS: i64 = 4_000;
/// Timers that it may hold, of 16 bytes each: a record that is said again and again is kept once, with two timers more
/// each time.
const TIMERS: i64 = 65_536;
/// How often it is asked what it holds: so long a neighbour can go on as fast as the network is.
const ASK_EVERY: Duration = Duration::from_secs(1);
/// How long a goodbye may take.
const LONGEST: Duration = Duration::from_secs(1);

/// A thread that speaks multicast DNS, and the one service that it tells of.
pub(super) struct Daemon {
    thread: ServiceDaemon,
    interfaces: Interfaces,
    service: Option<ServiceInfo>,
    turns: Timer,
    /// A question that is not answered yet.
    asked: Option<Receiver<Metrics>>,
}

impl Daemon {
    pub(super) fn start(interfaces: &Interfaces) -> Result<Self, mdns_sd::Error> {
        Ok(Self {
            thread: interfaces.daemon()?,
            interfaces: interfaces.clone(),
            service: None,
            turns: Timer::interval(ASK_EVERY),
            asked: None,
        })
    }

    /// To ask with.
    pub(super) fn thread(&self) -> &ServiceDaemon {
        &self.thread
    }

    /// Announces the service, or what changed of it.
    pub(super) fn register(&mut self, service: ServiceInfo) -> Result<(), mdns_sd::Error> {
        self.service = Some(service.clone());
        self.thread.register(service)
    }

    /// Waits until it holds too much of what others said. May be given up at any time, and waited for again. A thread
    /// that is too busy to answer would not hear that it shall end either: it is waited for.
    pub(super) async fn overfull(&mut self) {
        loop {
            if let Some(asked) = &self.asked {
                let told = asked.recv_async().await;
                self.asked = None;
                if told.is_ok_and(|told| is_too_much(&told)) {
                    return;
                }
            } else {
                self.turns.next().await;
                self.asked = self.thread.get_metrics().ok();
            }
        }
    }

    /// Another thread in the place of this one, which announces the same service. What was asked of this one is to be
    /// asked again. Nobody is told that the service is gone: without interfaces the old thread has nobody to tell.
    pub(super) fn begin_anew(&mut self) -> Result<(), mdns_sd::Error> {
        let before = mem::replace(&mut self.thread, self.interfaces.daemon()?);
        self.asked = None;
        // Both fail only where it has ended by itself.
        before.disable_interface(IfKind::All).ok();
        before.shutdown().ok();
        match self.service.clone() {
            Some(service) => self.thread.register(service),
            None => Ok(()),
        }
    }

    /// Takes the service back (records with a lifetime of 0, RFC 6762 §10.1), and ends. Takes at most a second.
    pub(super) async fn goodbye(self) {
        let goodbye = async {
            let told = self
                .service
                .map(|service| self.thread.unregister(service.get_fullname()));
            if let Some(Ok(done)) = told {
                done.recv_async().await.ok();
            }
            if let Ok(done) = self.thread.shutdown() {
                done.recv_async().await.ok();
            }
        };
        let enough = async {
            Timer::after(LONGEST).await;
        };
        goodbye.or(enough).await;
    }
}

fn is_too_much(told: &Metrics) -> bool {
    let records = told.iter().filter(|(name, _)| name.starts_with("cached-"));
    let records: i64 = records.map(|(_, count)| *count).sum();
    records > RECORDS || told.get("timer").is_some_and(|timers| *timers > TIMERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_all_kinds_count_together_and_timers_by_themselves() {
        let told = |counts: &[(&str, i64)]| {
            counts
                .iter()
                .map(|(name, count)| ((*name).to_owned(), *count))
                .collect()
        };
        let quiet: Metrics = told(&[
            ("cached-addr", 2_000),
            ("cached-srv", 2_000),
            ("timer", 65_536),
            ("respond", 9_000),
        ]);
        assert!(!is_too_much(&quiet));
        assert!(is_too_much(&told(&[("cached-addr", 2_000), ("cached-nsec", 2_001)])));
        assert!(is_too_much(&told(&[("timer", 65_537)])));
    }
}
