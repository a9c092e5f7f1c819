//! Factory reset, before the store is opened for work. A power cut leaves it undone or lets the next start finish it.

use std::fs;
use std::io::{ErrorKind, IsTerminal};
use std::path::Path;

use super::backup::restore;
use super::board::Clock as Kind;
use super::cannot_start::CannotStart;
use super::console;
use super::date::clock::Clock;
use super::flags::Reset;
use super::folder::data::{self, STORE};
use super::folder::unwritable;
use super::spare::copy;
use crate::office::log;
use crate::rules::moment::Moment;
use crate::rules::office::journal::Actor;
use crate::rules::office::rescue;
use crate::rules::verdict::Verdict;
use crate::store::Store;

/// While this file is there, everything is to be erased, whoever starts.
const MARKER: &str = "linekey.reset";

/// Carries out what was asked for, after it was confirmed, and finishes what a power cut left half done. The folder
/// must be taken ([`data::take`]): whatever state the store is in, it may go, but not from under another Linekey's
/// feet.
pub(super) fn carry_out(
    folder: &Path,
    wish: Option<Reset>,
    yes: bool,
    dice: &impl Fn() -> [u8; 32],
) -> Result<(), CannotStart> {
    if fs::exists(folder.join(MARKER))? {
        erase(folder)?;
    }
    let Some(wish) = wish else { return Ok(()) };
    let path = folder.join(STORE);
    let there = fs::metadata(&path).is_ok_and(|store| store.is_file() && store.len() > 0);
    confirm(wish, yes)?;
    match wish {
        Reset::All => {
            data::write_new(folder, &folder.join(MARKER), &[])
                .map_err(|error| format!("the factory reset cannot begin: {error}"))?;
            erase(folder)?;
            tell_what_stays(folder);
            Ok(())
        }
        // Opened as every start opens it: beside a foreign key nothing is carried out.
        Reset::Access if there => reset_access(&data::open(folder, false, dice)?.0, dice),
        Reset::Access => Ok(()),
    }
}

/// Whether a file of that name in the data folder is Linekey's own, also where the file system tells no capitals.
pub(super) fn is_ours(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == MARKER || data::is_ours(&name) || restore::is_ours(&name) || copy::is_ours(&name)
}

/// Removes every file of ours, the marker last. Each step can be repeated.
fn erase(folder: &Path) -> Result<(), CannotStart> {
    let failed = |error: std::io::Error| format!("the factory reset could not be finished: {error}; start once more");
    for file in fs::read_dir(folder).map_err(failed)? {
        let name = file.map_err(failed)?.file_name();
        if name.to_str().is_some_and(|name| {
            data::is_ours(name) || restore::is_ours(name) || copy::is_ours(name) || unwritable::is_ours(name)
        }) {
            removed(&folder.join(&name)).map_err(failed)?;
        }
    }
    data::sync(folder).map_err(failed)?;
    removed(&folder.join(MARKER)).map_err(failed)?;
    data::sync(folder).map_err(failed)?;
    Ok(())
}

/// What somebody else put there, or had put there, as backups, is theirs.
fn tell_what_stays(folder: &Path) {
    let names = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = names.map(|file| file.file_name().display().to_string()).collect();
    names.sort();
    if !names.is_empty() {
        log::warning(&format!(
            "the factory reset left what is not the appliance's own in {}, also where it is of the old office: {}",
            folder.display(),
            names.join(", ")
        ));
    }
}

fn removed(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        // Containers make one for a file that they were to mount and did not find; one with something in it is not
        // ours.
        Err(error) if error.kind() == ErrorKind::IsADirectory => fs::remove_dir(path),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn reset_access(store: &Store, dice: &impl Fn() -> [u8; 32]) -> Result<(), CannotStart> {
    let newest = store.read(|facts| facts.newest())?;
    let moment = Moment::new(Clock::no_earlier_than(newest, Kind::None, true).read(), dice());
    let turn = store.turn_now(Actor::APPLIANCE, moment, |facts, _| {
        Ok(Verdict::yes((), rescue::reset_access(&facts.administrators()?)))
    })?;
    turn.map_err(|_| "the factory reset was refused".into())
}

fn confirm(wish: Reset, yes: bool) -> Result<(), CannotStart> {
    let question = match wish {
        Reset::All => "This erases every person, passkey and setting of this appliance.",
        Reset::Access => "This erases the passkeys, passwords, sessions and address ranges of every administrator.",
    };
    confirmed(question, yes)
}

/// Asks on a terminal; elsewhere only `--yes` counts.
pub(super) fn confirmed(question: &str, yes: bool) -> Result<(), CannotStart> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(format!("{question} Add --yes if that is what you want").into());
    }
    if console::confirmed(question)? {
        Ok(())
    } else {
        Err("nothing was changed".into())
    }
}
