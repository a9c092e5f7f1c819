//! `--restore FILE`: a backup in the place of the store and its key.
//!
//! The backup is taken apart aside and checked to its end, and so is the store in it. Then a marker decides: until it
//! is in its place nothing has happened; from then on every start finishes the exchange before anything else
//! ([`finish`]). The old store and key are renamed, never written over.

use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, IsTerminal, Write};
use std::path::Path;

use super::passphrases;
use crate::appliance::cannot_start::CannotStart;
use crate::appliance::console;
use crate::appliance::folder::data::{self, KEY, STORE};
use crate::net::file::{self, Unread};
use crate::office::backup::{self, Unopened};
use crate::rules::moment::Moment;
use crate::rules::office::backup::Passphrase;
use crate::rules::office::journal::Actor;
use crate::rules::office::restored;
use crate::store::backup::{StoreSummary, look, mark_restored};
use crate::store::{Fault, Store};

/// While this file is there, what lies aside is to be put in its place. It holds the number that the old files get.
const MARKER: &str = "linekey.restore";
const STORE_ASIDE: &str = "linekey.restore-store";
const KEY_ASIDE: &str = "linekey.restore-key";
const MARKER_ASIDE: &str = "linekey.restore-marker";
/// Follows the names of the store and the key that were there before, in front of a number.
const BEFORE: &str = ".before-restore-";
/// A restored file, and where it belongs.
const PLACES: [(&str, &str); 2] = [(STORE_ASIDE, STORE), (KEY_ASIDE, KEY)];

/// Whether a file in the data folder was made by a restore.
pub(in crate::appliance) fn is_ours(name: &str) -> bool {
    let old = |place| {
        name.strip_prefix(place)
            .is_some_and(|rest: &str| rest.starts_with(BEFORE))
    };
    [MARKER, STORE_ASIDE, KEY_ASIDE, MARKER_ASIDE].contains(&name) || old(STORE) || old(KEY)
}

/// Restores that backup into the folder, which must be taken ([`data::take`]). Asks before the exchange.
pub(in crate::appliance) fn carry_out(
    folder: &Path,
    file: &Path,
    passphrase: Option<&Path>,
    yes: bool,
) -> Result<(), CannotStart> {
    file::look(file).map_err(|why| match why {
        Unread::Io(error) => unopened(file, &Unopened::Read(error)),
        why @ (Unread::Directory | Unread::NoFile | Unread::TooLong(_)) => {
            CannotStart(format!("the backup {} was not restored: {why}", file.display()))
        }
    })?;
    let typed = passphrases::secret(passphrase, false)?;
    let passphrase = Passphrase::typed(&typed);
    let replacement = Replacement {
        folder,
        file,
        passphrase: &passphrase,
    };
    let number = replace(&replacement, |seen| confirm(folder, seen, yes), |_| Ok(()))?;
    let kept = match number {
        0 => String::new(),
        number => format!(" What was there before is kept as {STORE}{BEFORE}{number} and {KEY}{BEFORE}{number}."),
    };
    console::say(&format!(
        "Restored from {}.{kept}\nSessions and links of then are ended by the next start. Start Linekey without \
         --restore now.\n",
        file.display()
    ));
    Ok(())
}

/// A backup that is to be in the place of the folder's store.
pub(in crate::appliance) struct Replacement<'a> {
    pub(in crate::appliance) folder: &'a Path,
    pub(in crate::appliance) file: &'a Path,
    pub(in crate::appliance) passphrase: &'a Passphrase,
}

/// Puts it there: the number that the old files get; 0 if there are none. `mark` may write into the store that lies
/// aside, before it is decided.
pub(in crate::appliance) fn replace(
    replacement: &Replacement<'_>,
    confirm: impl FnOnce(&StoreSummary) -> Result<(), CannotStart>,
    mark: impl FnOnce(&Path) -> Result<(), Fault>,
) -> Result<u32, CannotStart> {
    let Replacement {
        folder,
        file,
        passphrase,
    } = *replacement;
    let prepared = take_apart(folder, file, passphrase)
        .map_err(|why| unopened(file, &why))
        .and_then(|()| look_at(folder, file, mark))
        .and_then(|seen| confirm(&seen))
        .and_then(|()| decide(folder).map_err(|error| failed(&error)));
    if prepared.is_err() {
        forget(folder);
    }
    let number = prepared?;
    finish(folder)?;
    Ok(number)
}

fn unopened(file: &Path, why: &Unopened) -> CannotStart {
    CannotStart(format!("the backup {} was not restored: {why}", file.display()))
}

fn failed(error: &io::Error) -> CannotStart {
    format!("the restore cannot go on: {}", data::plain(error)).into()
}

/// Writes what the backup holds beside the store, and checks it to the end.
fn take_apart(folder: &Path, file: &Path, passphrase: &Passphrase) -> Result<(), Unopened> {
    let from = BufReader::new(File::open(file).map_err(Unopened::Read)?);
    let write = |error: io::Error| Unopened::Write(io::Error::new(error.kind(), data::plain(&error)));
    let mut store = data::make_aside(&folder.join(STORE_ASIDE)).map_err(write)?;
    let mut key = data::make_aside(&folder.join(KEY_ASIDE)).map_err(write)?;
    backup::open(from, passphrase, |part, bytes| match part {
        backup::STORE => store.write_all(bytes),
        backup::KEY => key.write_all(bytes),
        // Written by a Linekey that knows more parts: the store says whether this one can use it.
        _ => Ok(()),
    })
    .map_err(|why| match why {
        Unopened::Write(error) => write(error),
        why @ (Unopened::Flaw(_) | Unopened::Memory | Unopened::Read(_)) => why,
    })?;
    store.sync_all().map_err(write)?;
    key.sync_all().map_err(write)?;
    data::sync(folder).map_err(write)
}

/// Opens the store that lies aside, and holds its key against it.
fn look_at(
    folder: &Path,
    file: &Path,
    mark: impl FnOnce(&Path) -> Result<(), Fault>,
) -> Result<StoreSummary, CannotStart> {
    let key = data::read_key(&folder.join(KEY_ASIDE))?;
    let seen = look(&folder.join(STORE_ASIDE))
        .map_err(|fault| format!("the backup {} was not restored: {fault}", file.display()))?;
    if seen.key_check.is_some_and(|known| known != key.check()) {
        return Err(format!(
            "the backup {} was not restored: its key is not its store's",
            file.display()
        )
        .into());
    }
    let marked = mark_restored(&folder.join(STORE_ASIDE)).and_then(|()| mark(&folder.join(STORE_ASIDE)));
    marked.map_err(|fault| match fault.io() {
        Some(error) => failed(error),
        None => fault.into(),
    })?;
    // It was closed after the look, which may have written to it.
    let store = File::open(folder.join(STORE_ASIDE)).and_then(|store| store.sync_all());
    store.map_err(|error| failed(&error))?;
    Ok(seen)
}

/// Asks on a terminal where there is something to be replaced; elsewhere only `--yes` counts.
fn confirm(folder: &Path, seen: &StoreSummary, yes: bool) -> Result<(), CannotStart> {
    let is_there = |name| fs::symlink_metadata(folder.join(name)).is_ok();
    if yes || !is_there(STORE) && !is_there(KEY) {
        return Ok(());
    }
    let newest = seen
        .newest
        .map_or_else(String::new, |date| format!(" of {}", date.iso()));
    let question = format!(
        "This puts the people, passkeys and settings{newest} in the place of those in {}; the old files are kept \
         beside them. Everybody is signed out, links that are out stop working, and people sign in by passkey again: a \
         passkey or password that was deleted since works again.",
        folder.display()
    );
    if !io::stdin().is_terminal() {
        return Err(format!("{question} Add --yes if that is what you want").into());
    }
    if console::confirmed(&question)? {
        Ok(())
    } else {
        Err("nothing was restored".into())
    }
}

/// Puts the marker in its place: the moment from which on the backup counts. The number that the old files get; 0 if
/// there are none.
fn decide(folder: &Path) -> io::Result<u32> {
    let is_there = |name: &str| fs::symlink_metadata(folder.join(name)).is_ok();
    let free = |number: &u32| {
        PLACES
            .iter()
            .all(|(_, place)| !is_there(&format!("{place}{BEFORE}{number}")))
    };
    let number = (1..).find(free).unwrap_or(u32::MAX);
    let aside = folder.join(MARKER_ASIDE);
    let mut marker = data::make_aside(&aside)?;
    marker.write_all(number.to_string().as_bytes())?;
    marker.sync_all()?;
    data::put_in_place(folder, &aside, &folder.join(MARKER))?;
    Ok(if is_there(STORE) || is_there(KEY) { number } else { 0 })
}

/// Finishes a restore that was decided, and clears away one that was not. Each step can be repeated.
pub(in crate::appliance) fn finish(folder: &Path) -> Result<(), CannotStart> {
    let marker = folder.join(MARKER);
    let number = match file::read(&marker, 16) {
        Ok(number) => number,
        Err(Unread::Io(error)) if error.kind() == ErrorKind::NotFound => {
            forget(folder);
            return Ok(());
        }
        Err(why) => return Err(format!("the restore's marker {} cannot be read: {why}", marker.display()).into()),
    };
    let number = String::from_utf8_lossy(&number).into_owned();
    let failed = |error: io::Error| CannotStart(format!("the restore could not be finished: {error}; start once more"));
    for (aside, place) in PLACES {
        let (aside, old) = (folder.join(aside), folder.join(format!("{place}{BEFORE}{number}")));
        let place = folder.join(place);
        // Nothing aside: it was put in its place already.
        if !fs::exists(&aside).map_err(failed)? {
            continue;
        }
        if fs::symlink_metadata(&place).is_ok() {
            fs::rename(&place, &old).map_err(failed)?;
        }
        data::put_in_place(folder, &aside, &place).map_err(failed)?;
    }
    fs::remove_file(&marker).map_err(failed)?;
    data::sync(folder).map_err(failed)
}

/// At the first start of a store that came out of a backup, before anything is served: what was ended or spent since
/// does not come back.
pub(in crate::appliance) fn end_what_was(store: &Store, moment: Moment) -> Result<(), CannotStart> {
    if !store.read(|facts| facts.is_restored())? {
        return Ok(());
    }
    let turn = store.turn_now(Actor::APPLIANCE, moment, |facts, moment| {
        Ok(restored::end(&facts.devices()?, facts.newest()?, moment.now))
    })?;
    turn.map_err(|_| "the restored store could not be made ready".into())
}

/// Removes what was taken apart for nothing. Where that does not succeed, the next start tries again.
fn forget(folder: &Path) {
    for aside in [STORE_ASIDE, KEY_ASIDE, MARKER_ASIDE] {
        fs::remove_file(folder.join(aside)).ok();
    }
}
