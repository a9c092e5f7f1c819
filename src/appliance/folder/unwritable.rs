//! A card that is read-only or full before there is a store to serve: at the first start, before an older store is
//! brought up to date, in the middle of a restore. One page says so, and the start begins anew once the card can be
//! written. A store of this schema is served all the same ([`crate::store::Store::open`]).

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use smol::channel::bounded;

use super::data;
use crate::appliance::cannot_start::CannotStart;
use crate::appliance::console;
use crate::appliance::machine::Again;
use crate::appliance::service::closed::{self, Answers};
use crate::appliance::service::manager::Manager;
use crate::http::edge::server::Door;
use crate::office::log;

/// How often it is tried whether the card can be written.
const A_LOOK: Duration = Duration::from_secs(2);
/// What is written to try it; there is no name for longer than a moment.
const PROBE: &str = "linekey.probe";
/// Octets of it: where there is less room, no store can be made.
const ROOM: usize = 256 * 1024;

/// Whether a file in the data folder is one of these.
pub(in crate::appliance) fn is_ours(name: &str) -> bool {
    name == PROBE
}

/// Why the folder cannot be written, where that may pass by itself.
fn why(folder: &Path) -> Option<io::Error> {
    let probe = folder.join(PROBE);
    let written = OpenOptions::new().create(true).write(true).truncate(true).open(&probe);
    let written = written.and_then(|mut file| {
        file.write_all(&vec![0; ROOM])?;
        file.sync_all()
    });
    // What stays is written over by the next try.
    fs::remove_file(&probe).unwrap_or_default();
    let passing = [
        ErrorKind::QuotaExceeded,
        ErrorKind::ReadOnlyFilesystem,
        ErrorKind::StorageFull,
    ];
    written.err().filter(|error| passing.contains(&error.kind()))
}

/// Where the start failed because the card cannot be written, says so on a page until it can, or until it is told to
/// stop; everything else ends the start. `listen` opens the door for HTTP.
pub(in crate::appliance) fn wait(
    failed: CannotStart,
    folder: &Path,
    listen: impl FnOnce() -> Result<Option<TcpListener>, CannotStart>,
    manager: &Arc<Manager>,
) -> Result<Option<Again>, CannotStart> {
    let Some(error) = why(folder) else {
        return Err(failed);
    };
    let (error, CannotStart(said)) = (data::plain(&error), failed);
    log::error(&format!(
        "{said}; it is tried again until the card can be written, and the page says so meanwhile"
    ));
    let (begin, again) = bounded(1);
    let folder = folder.to_owned();
    let looking = async move {
        loop {
            smol::Timer::after(A_LOOK).await;
            let folder = folder.clone();
            if smol::unblock(move || why(&folder)).await.is_none() {
                log::notice("the card can be written: starting anew");
                // Nobody hears it where the program ends already.
                drop(begin.try_send(Again { flags: Vec::new() }));
            }
        }
    };
    let door = listen()?;
    let url = door.as_ref().map(TcpListener::local_addr).transpose()?;
    let url = url.map_or_else(|| "no address".to_owned(), |url| format!("http://{url}"));
    console::say(&format!(
        "Linekey waits at {url}: its card cannot be written: {error}\n"
    ));
    let listeners = door.into_iter().map(|door| (door, Door::Plain)).collect();
    closed::keep(
        "unwritable",
        Arc::new(Unwritable { error }),
        listeners,
        vec![Box::pin(looking)],
        (again, Box::new(|| {})),
        manager,
    )
}

struct Unwritable {
    error: String,
}

impl Answers for Unwritable {
    fn health(&self) -> &'static str {
        "unwritable"
    }

    fn marks(&self) -> Vec<(&'static str, String)> {
        vec![("[[why]]", self.error.clone())]
    }

    fn pressed(&self, _: &str) -> String {
        String::new()
    }
}
