//! What phones are told outside of calls: that their settings changed (`check-sync`), and to a phone out of its box
//! where its settings are (SIP plug and play).

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use smol::Timer;
use smol::channel::Receiver;
use smol::future::or;

use super::exchange::Exchange;
use super::limits;
use crate::office::Shared;
use crate::office::hardware::{Asking, Index};
use crate::rules::phones::device::{Device, DeviceId};
use crate::rules::phones::provisioning::discovery::{self, Subscribe};
use crate::rules::phones::provisioning::{self};
use crate::sip::stack::{Event, Input, NotifyRequest, NotifyTo};
use crate::store::Fault;

/// What devices know, as far as they were told.
#[derive(Default)]
struct KnownRevisions {
    revisions: HashMap<DeviceId, u64>,
    /// The number of the next NOTIFY.
    next: u64,
    /// NOTIFYs under way, by number.
    under_way: HashMap<u64, (DeviceId, u64)>,
}

/// Tells phones, for ever.
pub(super) async fn notify(exchange: &Exchange, office: &Shared, events: Receiver<Event>) {
    let mut told = KnownRevisions::default();
    // What was changed while the program was off is fetched at the phones' next turn.
    if let Ok(index) = office.hardware.index(&office.store) {
        told.revisions = revisions(&index).collect();
    }
    loop {
        let changed = office.store.notices().of_phones();
        let event = async { events.recv().await.ok() };
        let committed = async {
            changed.await;
            // Changes that come together are told together.
            Timer::after(limits::TOGETHER).await;
            None
        };
        let again = async {
            Timer::after(limits::RETRY).await;
            None
        };
        let happened = or(event, or(committed, again)).await;
        let outcome = match happened {
            Some(event) => told.hear(exchange, office, event),
            None => told.check_sync(exchange, office),
        };
        if let Err(fault) = outcome {
            eprintln!("linekey: {fault}");
            Timer::after(Duration::from_secs(1)).await;
        }
    }
}

/// The phones that were set up by us, with the revision of their files.
fn revisions(index: &Index) -> impl Iterator<Item = (DeviceId, u64)> {
    let ours = index
        .devices()
        .filter(|device| device.provisioning.own_address.is_some());
    ours.map(|device| (device.id, device.provisioning.revision))
}

impl KnownRevisions {
    fn hear(&mut self, exchange: &Exchange, office: &Shared, event: Event) -> Result<(), Fault> {
        if let Event::Notified { id, status } = &event {
            let notified = self.under_way.remove(id);
            // Whoever did not answer is told again.
            if let Some((device, revision)) = notified.filter(|_| status.is_some()) {
                self.revisions.insert(device, revision);
            }
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

    /// A phone whose window is open learns the address of all phones; one that is nobody's is on the page from now on.
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
        let Some(device) = index.of(found.mac).next() else {
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
        let is_open = index
            .of(found.mac)
            .any(|device| device.provisioning.is_open(office.now()));
        let make = device.hardware.make.map(provisioning::of).or(found.make);
        if let Some(make) = make.filter(|_| is_open) {
            let base = format!("{}/provision/", office.site.origin);
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

    /// Tells the devices whose files say something else, if they are registered and in no call; the others are told
    /// once they are.
    fn check_sync(&mut self, exchange: &Exchange, office: &Shared) -> Result<(), Fault> {
        let index = office.hardware.index(&office.store)?;
        let known: HashMap<DeviceId, u64> = revisions(&index).collect();
        self.revisions.retain(|device, _| known.contains_key(device));
        let seen = exchange.look(|stack, now| (stack.devices(now), stack.calls()));
        let (devices, calls) = seen.unwrap_or_default();
        let busy: HashSet<DeviceId> = calls
            .iter()
            .flat_map(|call| call.talking.iter().copied().chain([call.caller_device]))
            .collect();
        let under_way: HashSet<DeviceId> = self.under_way.values().map(|(device, _)| *device).collect();
        let reached = devices.iter().filter(|device| !device.bindings.is_empty());
        for device in reached.map(|device| device.device) {
            let Some(&revision) = known.get(&device) else { continue };
            // A device that was set up a moment ago has the newest files.
            let before = *self.revisions.entry(device).or_insert(revision);
            if before == revision || busy.contains(&device) || under_way.contains(&device) {
                continue;
            }
            let number = self.number();
            self.under_way.insert(number, (device, revision));
            exchange.input(Input::Notify(NotifyRequest {
                id: number,
                to: NotifyTo::Device(device),
                event: resync(index.device(device)).to_owned(),
                state: None,
                body: None,
            }));
        }
        Ok(())
    }

    fn number(&mut self) -> u64 {
        self.next = self.next.saturating_add(1);
        self.next
    }
}

/// How a device is told to fetch again: without a restart, where its make can.
fn resync(device: Option<&Device>) -> &'static str {
    let hardware = device.map(|device| &device.hardware);
    let make = hardware.and_then(|hardware| {
        let of_range = || hardware.mac.and_then(provisioning::of_range);
        hardware.make.map(provisioning::of).or_else(of_range)
    });
    make.map_or("check-sync", |make| make.resync)
}
