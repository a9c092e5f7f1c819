//! A board that another took over from: it serves no office, and says what to do.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use smol::channel::{Receiver, Sender};

use super::standby::words;
use crate::appliance::cannot_start::CannotStart;
use crate::appliance::console;
use crate::appliance::machine::Again;
use crate::appliance::service::closed::{self, Answers};
use crate::appliance::service::manager::Manager;
use crate::http::edge::server::Door;
use crate::office::backups::folder::mount_of;
use crate::office::backups::left::LeftBehind;
use crate::office::backups::look_within;
use crate::office::backups::mark::Looked;
use crate::office::{Shared, log};
use crate::rules::moment::Moment;
use crate::rules::office::journal::Actor;
use crate::rules::office::tenure::{self, BoardMark};
use crate::store::{Fault, Store};

/// For the place of the backups to say who the board is, before this one serves all the same.
const AT_START: Duration = Duration::from_secs(10);

/// Looks before anything is served. A place that cannot be reached keeps nobody from serving: it is asked again every
/// minute.
pub(in crate::appliance) fn looked(office: &Shared) -> Result<Looked, Fault> {
    smol::block_on(look_within(office, AT_START))
}

/// At the first start after a take-over: backups go on in the folder where this board sees them.
pub(in crate::appliance) fn settle(store: &Store, moment: Moment) -> Result<(), CannotStart> {
    let tenure = store.read(|facts| facts.tenure())?;
    let Some(folder) = &tenure.folder else {
        return Ok(());
    };
    // A share that does not answer keeps nobody from serving; where it is mounted is learnt by the first backup there.
    let path = std::path::PathBuf::from(folder);
    let looking = LeftBehind::default();
    let mount = smol::block_on(looking.wait(AT_START, move || mount_of(&path)));
    let mount = mount.and_then(Result::ok).flatten();
    let turn = store.turn_now(Actor::APPLIANCE, moment, |facts, _| {
        let schedule = facts.schedule()?.filter(|schedule| !schedule.folder.is_empty());
        Ok(tenure::settled(tenure, schedule, mount))
    })?;
    turn.map_err(|_| "the take-over could not be finished".into())
}

/// Says that it was replaced until it is told to stop.
pub(in crate::appliance) fn keep(
    office: &Shared,
    listeners: Vec<(TcpListener, Door)>,
    again: Receiver<Again>,
    manager: &Arc<Manager>,
) -> Result<Option<Again>, CannotStart> {
    let by = office.store.read(|facts| facts.tenure())?.replaced;
    let said = format!(
        "another board took over this office{}, so this one serves nothing: switch it off, or make it the spare with \
         --standby PLACE, or make it the board again by starting it once with --take-over (what the other board was \
         told since is lost then)",
        by.as_ref()
            .map(|mark| format!(" on {}", words(mark.at)))
            .unwrap_or_default()
    );
    log::warning(&said);
    console::say(&format!("Linekey was replaced: {said}\n"));
    closed::keep(
        "replaced",
        Arc::new(Replaced { by }),
        listeners,
        Vec::new(),
        (again, Box::new(|| {})),
        manager,
    )
}

/// Begins anew once this board was replaced, to say so.
pub(in crate::appliance) fn begin_anew(office: &Shared, begin: &Sender<Again>) {
    if office
        .store
        .read(|facts| facts.tenure())
        .is_ok_and(|tenure| tenure.replaced.is_some())
    {
        // Nobody hears it where the appliance ends already.
        drop(begin.try_send(Again { flags: Vec::new() }));
    }
}

struct Replaced {
    by: Option<BoardMark>,
}

impl Answers for Replaced {
    fn health(&self) -> &'static str {
        "replaced"
    }

    fn marks(&self) -> Vec<(&'static str, String)> {
        let since = self.by.as_ref().map(|mark| words(mark.at));
        vec![("[[since]]", since.unwrap_or_default())]
    }

    fn pressed(&self, _: &str) -> String {
        String::new()
    }
}
