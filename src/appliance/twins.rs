//! Looks for other boards with a copy of this store and its key, such as one from a cloned card, and tells of them. It
//! ends nobody's service: which of the two is the office is for a person to say.

use std::net::{IpAddr, SocketAddr};

use data_encoding::HEXLOWER;
use smol::future::FutureExt;

use super::certificate;
use crate::names::addresses::Interfaces;
use crate::names::announcer::AnnounceError;
use crate::names::twins::{Heard, Told, Twins};
use crate::net::stop::Stop;
use crate::office::twins::Twin;
use crate::office::{Shared, log};
use crate::rules::office::journal::Actor;
use crate::rules::office::twin::{self, Run};

/// Tells this run of the program to the LAN and hears the others, until the program stops. Nothing where nobody but
/// this machine can come in, or where no announcement is wanted.
pub(super) async fn watch(office: Shared, door: Option<SocketAddr>, unwanted: bool, stop: Stop) {
    let Some(door) = door.filter(|door| !unwanted && !door.ip().is_loopback()) else {
        return;
    };
    let id = *(office.world.dice)().first_chunk::<16>().unwrap_or(&[0; 16]);
    let newest = office.store.read(|facts| facts.newest()).unwrap_or_default();
    let run = Run {
        id,
        started: office.now(),
        newest: newest.unwrap_or_default(),
    };
    let told = Told {
        office: &twin::office(&office.key),
        instance: &HEXLOWER.encode(&id),
        text: &run.text(&office.key),
        port: door.port(),
    };
    let twins = match Twins::start(&told, &Interfaces::Lan, &certificate::addresses(Some(door))) {
        Ok(twins) => twins,
        Err(why) => return log::warning(&why.to_string()),
    };
    let stopped = async {
        stop.called().await;
        Ok(())
    };
    if let Err(why) = stopped.or(listen(&twins, &office, &run)).await {
        log::warning(&why.to_string());
    }
    twins.goodbye().await;
}

async fn listen(twins: &Twins, office: &Shared, ours: &Run) -> Result<(), AnnounceError> {
    loop {
        match twins.next().await? {
            Heard::Here(instance, text, address) => {
                let other = Run::parse(&text, &office.key).filter(|run| run.id != ours.id);
                if let Some(run) = other {
                    let twin = Twin {
                        started_later: run.is_later_than(ours),
                        instance,
                        run,
                        address,
                    };
                    meet(office, twin).await;
                }
            }
            Heard::Gone(instance) => {
                if let Some(gone) = office.twins.forget(&instance) {
                    let place = place(gone.address);
                    log::notice(&format!("the other board with a copy of this store{place} is gone"));
                }
            }
        }
    }
}

/// Tells of a board once.
async fn meet(office: &Shared, twin: Twin) {
    let (address, run) = (twin.address, twin.run.clone());
    if !office.twins.note(twin) {
        return;
    }
    log::warning(&format!(
        "another board{} has a copy of this store and its key and is at work, started {}, with records up to {}: \
         people and phones may reach either, and neither learns what the other is told; switch one of them off, or \
         make it a new board with --factory-reset, or a spare with --standby PLACE",
        place(address),
        run.started.iso(),
        run.newest.iso(),
    ));
    let turn = office
        .store
        .turn(Actor::APPLIANCE, office.moment(), move |_, _| Ok(twin::met(address)));
    if let Err(fault) = turn.await {
        log::error(&format!("that another board was met cannot be written down: {fault}"));
    }
}

fn place(address: Option<IpAddr>) -> String {
    address.map(|address| format!(", {address},")).unwrap_or_default()
}
