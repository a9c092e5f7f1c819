//! Looks for other boards with a copy of this store and its key, such as one from a cloned card, and tells of them. It
//! ends nobody's service: which of the two is the office is for a person to say.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use data_encoding::HEXLOWER;
use smol::future::FutureExt;
use smol::stream::StreamExt;

use super::certificate;
use crate::names::addresses::Interfaces;
use crate::names::announcer::AnnounceError;
use crate::names::twins::{Announcement, Heard, Twins};
use crate::net::stop::Stop;
use crate::office::seldom::{Seldom, counted};
use crate::office::twins::{Met, Twin};
use crate::office::{Shared, log};
use crate::rules::office::journal::Actor;
use crate::rules::office::twin::{self, Run};

/// Tells this run of the program to the LAN and hears the others, until the program stops. Nothing where nobody but
/// this machine can come in, or where no announcement is wanted.
pub(in crate::appliance) async fn watch(office: Shared, door: Option<SocketAddr>, unwanted: bool, stop: Stop) {
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
    let told = Announcement {
        office: &twin::office(&office.key),
        instance: &HEXLOWER.encode(&id),
        text: &run.text(&office.key),
        port: door.port(),
    };
    let mut twins = match Twins::start(&told, &Interfaces::Lan, &certificate::addresses(Some(door))) {
        Ok(twins) => twins,
        Err(why) => return log::warning(&why.to_string()),
    };
    let stopped = async {
        stop.called().await;
        Ok(())
    };
    if let Err(why) = stopped.or(listen(&mut twins, &office, &run)).await {
        log::warning(&why.to_string());
    }
    twins.goodbye().await;
}

/// How often it is looked at a line that was held back, and at boards that are silent.
const EVERY: Duration = Duration::from_secs(15);

/// Hears the others, and tells of them. Whoever recorded what a board once said can repeat it, so a board has one line
/// in the journal, and the log has one a minute.
async fn listen(twins: &mut Twins, office: &Shared, ours: &Run) -> Result<(), AnnounceError> {
    let mut seldom = Seldom::default();
    // Whatever is heard meanwhile, and however often.
    let mut looks = smol::Timer::interval(EVERY);
    loop {
        let look = async {
            looks.next().await;
            Ok(None)
        };
        let heard = async { twins.next().await.map(Some) };
        let heard = match heard.or(look).await? {
            None => twins.look()?,
            heard => heard,
        };
        let line = match heard {
            Some(Heard::Here(instance, text, address)) => {
                let other = Run::parse(&text, &office.key).filter(|run| run.id != ours.id);
                let twin = other.map(|run| Twin {
                    started_later: run.is_later_than(ours),
                    instance,
                    run,
                    address,
                });
                match twin {
                    Some(twin) => meet(office, twin).await,
                    None => None,
                }
            }
            Some(Heard::Gone(instance)) => office.twins.forget(&instance).map(|gone| {
                let place = place(gone.address);
                (
                    false,
                    format!("the other board with a copy of this store{place} is gone"),
                )
            }),
            None => None,
        };
        let now = office.stopwatch();
        let line = match line {
            Some(line) => seldom.admit(line, now),
            None => seldom.due(now),
        };
        match line {
            Some(((true, line), others)) => log::warning(&counted(&line, others)),
            Some(((false, line), others)) => log::notice(&counted(&line, others)),
            None => {}
        }
    }
}

/// Notes a board; what the log is to say of it, if anything, and whether that is a warning.
async fn meet(office: &Shared, twin: Twin) -> Option<(bool, String)> {
    let (address, run) = (twin.address, twin.run.clone());
    let met = office.twins.note(twin);
    if met == Met::New {
        let turn = office
            .store
            .turn(Actor::APPLIANCE, office.moment(), move |_, _| Ok(twin::met(address)));
        if let Err(fault) = turn.await {
            log::error(&format!("that another board was met cannot be written down: {fault}"));
        }
    }
    let line = || {
        format!(
            "another board{} has a copy of this store and its key and is at work, started {}, with records up to {}: \
             people and phones may reach either, and neither learns what the other is told; switch one of them off, \
             or make it a new board with --factory-reset, or a spare with --standby PLACE",
            place(address),
            run.started.iso(),
            run.newest.iso(),
        )
    };
    (met != Met::Known).then(|| (true, line()))
}

fn place(address: Option<IpAddr>) -> String {
    address.map(|address| format!(", {address},")).unwrap_or_default()
}
