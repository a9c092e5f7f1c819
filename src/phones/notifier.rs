//! What phones are told outside of calls: that their settings changed (`check-sync`), and to a phone out of its box
//! where its settings are (SIP plug and play).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use smol::Timer;
use smol::channel::Receiver;
use smol::future::or;

use super::exchange::Exchange;
use super::limits;
use super::told::busy;
use crate::office::hardware::{Asking, Index};
use crate::office::line::Tested;
use crate::office::{Shared, log};
use crate::rules::phones::device::{DeviceId, Hardware};
use crate::rules::phones::provisioning::discovery::{self, Subscribe};
use crate::rules::phones::provisioning::{self};
use crate::rules::time::Tick;
use crate::sip::stack::{self, Event, Input, NotifyRequest, NotifyTo};
use crate::store::Fault;

/// What devices know, as far as they were told.
#[derive(Default)]
struct KnownRevisions {
    /// What was read of the store last.
    index: Option<Arc<Index>>,
    /// The revisions that devices were told of. In memory alone: after a start they are told once more.
    revisions: HashMap<DeviceId, u64>,
    /// The devices that are to be told, and since when.
    waiting: HashMap<DeviceId, Tick>,
    /// The number of the next NOTIFY.
    next: u64,
    /// NOTIFYs under way, by number.
    under_way: HashMap<u64, (DeviceId, u64)>,
}

/// Tells phones, for ever.
pub(super) async fn notify(exchange: &Exchange, office: &Shared, events: Receiver<Event>) {
    let mut told = KnownRevisions::default();
    let mut happened = None;
    loop {
        let changed = office.store.notices().of_phones();
        let heard = match happened.take() {
            Some(event) => told.hear(exchange, office, event),
            None => Ok(()),
        };
        if let Err(fault) = heard.and_then(|()| told.check_sync(exchange, office)) {
            log::error(&fault.to_string());
            Timer::after(limits::BREATH).await;
        }
        let pause = if told.waiting.is_empty() {
            limits::LOOK_AGAIN
        } else {
            limits::RETRY
        };
        let event = async { events.recv().await.ok() };
        let committed = async {
            changed.await;
            None
        };
        let again = async {
            Timer::after(pause).await;
            None
        };
        happened = or(event, or(committed, again)).await;
    }
}

impl KnownRevisions {
    fn hear(&mut self, exchange: &Exchange, office: &Shared, event: Event) -> Result<(), Fault> {
        if let Event::Notified { id, status } = &event {
            match (self.under_way.remove(id), status) {
                (Some((device, revision)), Some(_)) => drop(self.revisions.insert(device, revision)),
                // Whoever did not answer is told again, after a pause.
                (Some((device, _)), None) => drop(self.waiting.insert(device, exchange.tick())),
                (None, _) => {}
            }
        }
        if let Event::Tested { device, did } = &event {
            office.line.tests(*device, tested(*did));
        }
        if let Event::Discovered {
            id,
            remote,
            request_uri,
            from,
            event,
        } = &event
        {
            let asked = Subscribe {
                request_uri,
                from,
                event,
            };
            return self.discovered(exchange, office, *id, remote.ip(), &asked);
        }
        Ok(())
    }

    /// A phone whose window is open learns the address of all phones; one that is nobody's, or may
    /// not have its files now, is on the page from now on.
    fn discovered(
        &mut self,
        exchange: &Exchange,
        office: &Shared,
        id: u64,
        from: std::net::IpAddr,
        asked: &Subscribe<'_>,
    ) -> Result<(), Fault> {
        let Some(found) = discovery::read(asked) else {
            return Ok(());
        };
        let index = office.hardware.index(&office.store)?;
        let device = index.of(found.mac).next();
        let is_open = index
            .of(found.mac)
            .any(|device| device.provisioning.is_open(office.now()));
        let Some(device) = device.filter(|_| is_open) else {
            office.hardware.asks(Asking {
                mac: found.mac,
                make: found.make.map(|make| make.id),
                model: found.model,
                from: from.to_canonical(),
                at: office.now(),
                plug_and_play: true,
            });
            return Ok(());
        };
        let make = device.hardware.make.map(provisioning::of).or(found.make);
        if let Some(make) = make {
            let in_the_clear = office.hardware.comes_in_the_clear(make, &index.phones);
            let base = format!("{}/provision/", office.origin_for_phones(in_the_clear));
            let answer = discovery::notify(asked, make, &base);
            let number = self.number();
            exchange.input(Input::Notify(NotifyRequest {
                id: number,
                to: NotifyTo::Discovered(id),
                event: answer.event,
                state: Some(answer.state.to_owned()),
                body: Some((answer.content_type.to_owned(), answer.body.into_bytes())),
            }));
        }
        Ok(())
    }

    /// Tells the devices whose files say something else than those that they fetched, if they are in no call and
    /// registered, or were until they got other secrets; the others are told once they are. Changes that come together
    /// are told together.
    fn check_sync(&mut self, exchange: &Exchange, office: &Shared) -> Result<(), Fault> {
        let index = office.hardware.index(&office.store)?;
        let now = exchange.tick();
        self.wait(&index, now);
        let together_ms = u64::try_from(limits::TOGETHER.as_millis()).unwrap_or(u64::MAX);
        let is_due = |since: &Tick| now.ms_since(*since) >= together_ms;
        if !self.waiting.values().any(is_due) {
            return Ok(());
        }
        let seen = exchange.look(|stack, now| (stack.notifiable(now), stack.calls()));
        let (reached, calls) = seen.unwrap_or_default();
        let busy = busy(&calls);
        let under_way: HashSet<DeviceId> = self.under_way.values().map(|(device, _)| *device).collect();
        for id in reached {
            let due = self.waiting.get(&id).is_some_and(is_due);
            let Some(device) = index.device(id) else { continue };
            if !due || busy.contains(&id) || under_way.contains(&id) {
                continue;
            }
            let number = self.number();
            self.under_way.insert(number, (id, device.provisioning.revision));
            exchange.input(Input::Notify(NotifyRequest {
                id: number,
                to: NotifyTo::Device(id),
                event: resync(&device.hardware).to_owned(),
                state: None,
                body: None,
            }));
        }
        Ok(())
    }

    /// Notes who is to be told, after a commit that may have changed it or when somebody was told.
    fn wait(&mut self, index: &Arc<Index>, now: Tick) {
        let is_same = self.index.as_ref().is_some_and(|known| Arc::ptr_eq(known, index));
        if is_same && self.waiting.is_empty() {
            return;
        }
        self.index = Some(Arc::clone(index));
        self.revisions.retain(|id, _| index.device(*id).is_some());
        let behind = index.devices().filter(|device| index.is_behind(device));
        let told = &self.revisions;
        let untold = behind.filter(|device| told.get(&device.id) != Some(&device.provisioning.revision));
        let untold: HashSet<DeviceId> = untold.map(|device| device.id).collect();
        self.waiting.retain(|id, _| untold.contains(id));
        for id in untold {
            self.waiting.entry(id).or_insert(now);
        }
    }

    fn number(&mut self) -> u64 {
        self.next = self.next.saturating_add(1);
        self.next
    }
}

/// How a device is told to fetch again: without a restart, where its make can.
fn resync(hardware: &Hardware) -> &'static str {
    provisioning::made(hardware).map_or("check-sync", |make| make.resync)
}

fn tested(did: stack::Tested) -> Tested {
    match did {
        stack::Tested::Answered => Tested::Answered,
        stack::Tested::Declined => Tested::Declined,
        stack::Tested::Rings => Tested::Rings,
        stack::Tested::Unanswered => Tested::Unanswered,
    }
}
