//! The data folder: the store and its key, readable by this user alone.
//!
//! Store and key belong together. The store knows its key by a check value; a key beside no store tells that there was
//! one. So a new appliance begins only where there is neither, or where a factory reset was asked for.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::appliance::board::BOARD;
use crate::appliance::cannot_start::CannotStart;
use crate::net::file::{self, Unread};
use crate::rules::moment::{Moment, Reading};
use crate::rules::office::journal::Actor;
use crate::rules::office::upkeep;
use crate::rules::secret::SealKey;
use crate::rules::time::Date;
use crate::store::{Fault, Store, afresh, open};

/// The store's file within the folder.
pub(in crate::appliance) const STORE: &str = "linekey.redb";
/// A new store until it is put in its place.
const STORE_ASIDE: &str = "linekey.new";
/// The key's file within the folder: 32 bytes.
pub(in crate::appliance) const KEY: &str = "linekey.key";
/// What is written in one go, until it is put in its place.
const ASIDE: &str = "linekey.new-key";

/// Says that the store's key is not kept beside it, but given at each start ([`given_key`]).
const KEY_ELSEWHERE: &str = "linekey.key-elsewhere";

/// What can be done where the store is of no use.
const WAYS: &str = "put store and key back from where they were copied, restore a backup with --restore FILE, or start \
                    anew with --factory-reset";

/// The folder that was asked for, the board's, or the user's state folder (XDG Base Directory Specification).
pub(in crate::appliance) fn folder(wanted: Option<PathBuf>) -> Result<PathBuf, CannotStart> {
    let folder = match (wanted, BOARD.data) {
        (Some(folder), _) => folder,
        (None, Some(folder)) => PathBuf::from(folder),
        (None, None) => state_home()
            .ok_or("there is no home folder to keep the store in; say where with --data DIR")?
            .join("linekey"),
    };
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&folder);
    made.map_err(|error| format!("the data folder {} cannot be made: {error}", folder.display()))?;
    Ok(folder)
}

/// Takes the folder for this process alone, for as long as what is answered lives: between a reset's steps, or its last
/// one and the new store, no other start may find the folder half empty. The lock leaves no file behind, and ends with
/// the process however that ends.
pub(in crate::appliance) fn take(folder: &Path) -> Result<File, CannotStart> {
    let taken = File::open(folder);
    let taken = taken.map_err(|error| format!("the data folder {} cannot be opened: {error}", folder.display()))?;
    match taken.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Fault::InUse.into()),
        // A file system that has no locks keeps nobody out, but the store's own does what it can.
        Err(TryLockError::Error(_)) | Ok(()) => Ok(taken),
    }
}

/// Whether a file in the folder is one that Linekey made, the marker of a reset aside. Others are none of its business.
pub(in crate::appliance) fn is_ours(name: &str) -> bool {
    [STORE, STORE_ASIDE, KEY, ASIDE, KEY_ELSEWHERE].contains(&name)
        || name.strip_prefix(STORE).is_some_and(open::is_copy)
}

/// Opens the store and reads its key, or makes both where there is neither.
///
/// # Errors
/// Without `anew`, which a factory reset says: copies of an earlier store alone, or an empty one. One without the
/// other, a key that is another store's, and whatever stands in their places that is neither.
pub(in crate::appliance) fn open(
    folder: &Path,
    anew: bool,
    dice: &impl Fn() -> [u8; 32],
) -> Result<(Store, SealKey), CannotStart> {
    let (store, key) = (folder.join(STORE), folder.join(KEY));
    // A key beside the store is its own, as a restore leaves it there.
    let beside = is_kept(&key, "key")?;
    if let Some(given) = given_key().filter(|_| !beside) {
        return with_given_key(folder, anew, &given);
    }
    match (is_kept(&store, "store")?, beside) {
        (false, false) => begin(folder, anew, Key::Made(dice())),
        (true, false) => finish(folder),
        (false, true) => Err(format!(
            "the store {} is missing or empty, though its key is there; put the store back from where it was copied, \
             or start anew with --factory-reset, which erases the key as well",
            store.display()
        )
        .into()),
        (true, true) => {
            let key = read_key(&key)?;
            let store = open_store(&store)?;
            acquaint(&store, &key, &folder.join(KEY))?;
            Ok((store, key))
        }
    }
}

/// A new store's key.
enum Key {
    /// To be kept beside the store.
    Made([u8; 32]),
    /// Kept by somebody else.
    Given(SealKey),
}

/// The key's file as the service manager gives it: `LoadCredential=linekey.key:FILE` (systemd.exec(5), *Credentials*).
#[expect(clippy::disallowed_methods, reason = "credentials are named by the environment")]
fn given_key() -> Option<PathBuf> {
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY").filter(|folder| !folder.is_empty())?;
    // One that cannot be looked at was given: reading it says why not.
    Some(Path::new(&folder).join(KEY)).filter(|key| key.try_exists().unwrap_or(true))
}

/// The store whose key is given at each start. As that key tells nothing of whether there was a store, a file beside
/// the store does.
fn with_given_key(folder: &Path, anew: bool, given: &Path) -> Result<(Store, SealKey), CannotStart> {
    let (path, mark) = (folder.join(STORE), folder.join(KEY_ELSEWHERE));
    let key = read_key(given)?;
    let opened = if is_kept(&path, "store")? {
        let store = open_store(&path)?;
        acquaint(&store, &key, given)?;
        (store, key)
    } else if mark.exists() {
        return Err(format!(
            "the store {} is missing or empty, though there was one; put the store back from where it was copied, or \
             start anew with --factory-reset",
            path.display()
        )
        .into());
    } else {
        begin(folder, anew, Key::Given(key))?
    };
    if !mark.exists() {
        let marked = make_aside(&mark).and_then(|_| sync(folder));
        marked.map_err(|error| format!("{} cannot be made: {}", mark.display(), plain(&error)))?;
    }
    Ok(opened)
}

/// Whether such a file is there and has something in it. What stands in its place and is no file is refused: opened, a
/// FIFO waits for ever, and `/dev/null` is empty at every start.
pub(in crate::appliance) fn is_kept(path: &Path, what: &str) -> Result<bool, CannotStart> {
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => match fs::symlink_metadata(path) {
            Err(_) => return Ok(false),
            Ok(_) => Err("a link to a file that is not there"),
        },
        Err(error) => return Err(format!("the {what} {} cannot be looked at: {error}", path.display()).into()),
        Ok(found) if found.is_file() => Ok(found.len()),
        Ok(found) if found.is_dir() => Err("a folder, and no file"),
        Ok(_) => Err("no file, but a FIFO, a device or a socket"),
    };
    match found {
        Ok(0) if what == "key" => Err(damaged(path).into()),
        Ok(length) => Ok(length > 0),
        Err(why) => Err(format!(
            "the {what} {} is {why}; put the {what} back from where it was copied, or start anew with --factory-reset",
            path.display()
        )
        .into()),
    }
}

/// The first start. Both are made aside, whole and on the disk, and put in their places one after the other: the store
/// first, so that a power cut leaves neither, or a store whose key still lies aside ([`finish`]), or both.
fn begin(folder: &Path, anew: bool, key: Key) -> Result<(Store, SealKey), CannotStart> {
    if fs::exists(folder.join(STORE))? {
        return Err(format!(
            "the store {} is empty, and its key is not there; {}",
            folder.join(STORE).display(),
            WAYS
        )
        .into());
    }
    if let Some(copy) = earlier_copy(folder).filter(|_| !anew) {
        return Err(format!(
            "the store and its key are missing, though a copy of an earlier one is there ({}); {WAYS}",
            folder.join(copy).display()
        )
        .into());
    }
    let (path, aside) = (folder.join(STORE), folder.join(STORE_ASIDE));
    let failed = |what: &str, path: &Path, error: std::io::Error| {
        format!("the {what} {} cannot be made: {}", path.display(), plain(&error))
    };
    let (key, bytes) = match key {
        Key::Made(bytes) => (SealKey::new(bytes), Some(bytes)),
        Key::Given(key) => (key, None),
    };
    make_aside(&aside).map_err(|error| failed("store", &path, error))?;
    let made = Store::open(&aside).map_err(|fault| full(folder, fault))?;
    acquaint(&made, &key, &folder.join(KEY))?;
    drop(made);
    if let Some(bytes) = bytes {
        write_aside(folder, &bytes).map_err(|error| failed("key", &folder.join(KEY), error))?;
    }
    put_in_place(folder, &aside, &path).map_err(|error| failed("store", &path, error))?;
    if bytes.is_some() {
        put_in_place(folder, &folder.join(ASIDE), &folder.join(KEY))
            .map_err(|error| failed("key", &folder.join(KEY), error))?;
    }
    Ok((open_store(&path)?, key))
}

/// A store without a key is given the one that lies aside, if that is its own: the first start was cut short.
fn finish(folder: &Path) -> Result<(Store, SealKey), CannotStart> {
    let (path, aside) = (folder.join(KEY), folder.join(ASIDE));
    let missing = || {
        if folder.join(KEY_ELSEWHERE).exists() {
            return CannotStart(
                "the store's key is kept elsewhere, and was not given: start by the unit that says \
                 LoadCredential=linekey.key:FILE, or set CREDENTIALS_DIRECTORY to the folder of linekey.key"
                    .to_owned(),
            );
        }
        let sentence = "the store's key {} is missing; put it back from where the store was copied, or start anew with \
                        --factory-reset";
        CannotStart(sentence.replace("{}", &path.display().to_string()))
    };
    let key = read_key(&aside).map_err(|_| missing())?;
    let store = open_store(&folder.join(STORE))?;
    if store.read(|facts| facts.key_check())? != Some(key.check()) {
        return Err(missing());
    }
    put_in_place(folder, &aside, &path).map_err(|error| {
        format!(
            "the key {} cannot be put in its place: {}",
            path.display(),
            plain(&error)
        )
    })?;
    acquaint(&store, &key, &path)?;
    Ok((store, key))
}

/// Holds the key against what the store knows of its own; a store of an earlier version learns it.
fn acquaint(store: &Store, key: &SealKey, path: &Path) -> Result<(), CannotStart> {
    let check = key.check();
    match store.read(|facts| facts.key_check())? {
        Some(known) if known == check => Ok(()),
        Some(_) => Err(format!(
            "the key {} is not the key of this store; put back the one that was copied with the store, or start anew \
             with --factory-reset",
            path.display()
        )
        .into()),
        None => {
            // It has no line in the journal and moves no date.
            let undated = Reading {
                date: Date(0),
                known: false,
                running: Date(0),
            };
            let moment = Moment::new(undated, [0; 32]);
            let noted = store.turn_now(Actor::APPLIANCE, moment, |_, _| Ok(upkeep::key_noted(check)));
            noted
                .map_err(|fault| full(path.parent().unwrap_or(path), fault))?
                .map_err(|_| "the store's key could not be noted".into())
        }
    }
}

fn open_store(path: &Path) -> Result<Store, CannotStart> {
    Store::open(path).map_err(|fault| full(path.parent().unwrap_or(path), fault))
}

/// Says which file it is about.
fn full(folder: &Path, fault: Fault) -> CannotStart {
    if let Some(error) = fault.io() {
        let path = folder.join(STORE);
        if ![
            ErrorKind::InvalidData,
            ErrorKind::InvalidInput,
            ErrorKind::UnexpectedEof,
        ]
        .contains(&error.kind())
        {
            return format!("the store {} cannot be used: {}", path.display(), plain(error)).into();
        }
    }
    if !matches!(fault, Fault::Corrupt { .. } | Fault::Disk { .. }) {
        return fault.into();
    }
    format!(
        "the store {} is damaged, or no store of Linekey ({fault}); {WAYS}. The file is left as it is: move it away \
         first to keep it",
        folder.join(STORE).display()
    )
    .into()
}

/// What the system says, in the owner's words where it is known.
pub(in crate::appliance) fn plain(error: &std::io::Error) -> String {
    let known = [
        (
            ErrorKind::FileTooLarge,
            "this process may not write files of that size; raise its limit (ulimit -f)",
        ),
        (ErrorKind::PermissionDenied, "this user may not read and write it"),
        (ErrorKind::QuotaExceeded, "this user may not keep more on this disk"),
        (ErrorKind::ReadOnlyFilesystem, "the file system is mounted read-only"),
        (ErrorKind::StorageFull, "the disk is full"),
    ];
    let known = known.iter().find(|(kind, _)| *kind == error.kind());
    known.map_or_else(|| error.to_string(), |(_, words)| (*words).to_owned())
}

/// A file whose name says that it was a store or a key: kept by us, or copied by the owner (`linekey.redb.bak`).
fn earlier_copy(folder: &Path) -> Option<String> {
    let names = fs::read_dir(folder).ok()?.flatten();
    let mut names = names.filter_map(|file| file.file_name().into_string().ok());
    names.find(|name| {
        let name = name.to_ascii_lowercase();
        name.starts_with("linekey") && (name.contains(".redb") || name.contains(".key"))
    })
}

pub(in crate::appliance) fn read_key(path: &Path) -> Result<SealKey, CannotStart> {
    let bytes = match file::read(path, 32) {
        Ok(bytes) => <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| damaged(path))?,
        Err(Unread::TooLong(_)) => return Err(damaged(path).into()),
        Err(unread) => return Err(format!("the key {} cannot be read: {unread}", path.display()).into()),
    };
    Ok(SealKey::new(bytes))
}

fn damaged(path: &Path) -> String {
    format!(
        "the key {} is damaged: it must be 32 bytes long; put it back from where the store was copied",
        path.display()
    )
}

/// Written aside, then renamed: after a power cut there is a whole file or none.
pub(in crate::appliance) fn write_new(folder: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    write_aside(folder, bytes)?;
    put_in_place(folder, &folder.join(ASIDE), path)
}

fn write_aside(folder: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = make_aside(&folder.join(ASIDE))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    sync(folder)
}

pub(in crate::appliance) fn make_aside(aside: &Path) -> std::io::Result<File> {
    afresh::made_again(aside)
}

/// The folder that a file is in.
pub(in crate::appliance) fn folder_of(file: &Path) -> &Path {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

pub(in crate::appliance) fn put_in_place(folder: &Path, aside: &Path, path: &Path) -> std::io::Result<()> {
    fs::rename(aside, path)?;
    sync(folder)
}

/// Makes sure that what was renamed or removed in the folder stays so after a power cut.
pub(in crate::appliance) fn sync(folder: &Path) -> std::io::Result<()> {
    File::open(folder)?.sync_all()
}

#[expect(clippy::disallowed_methods, reason = "the state folder is named by the environment")]
fn state_home() -> Option<PathBuf> {
    let absolute = |path: &PathBuf| path.is_absolute();
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(absolute);
    state.or_else(|| {
        std::env::home_dir()
            .filter(absolute)
            .map(|home| home.join(".local/state"))
    })
}
