//! The data folder: the store and its key, readable by this user alone.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::CannotStart;
use super::board::BOARD;
use crate::rules::secret::SealKey;
use crate::store::{Fault, Store, open};

/// The store's file within the folder.
pub(super) const STORE: &str = "linekey.redb";
/// A new store until it is put in its place.
const STORE_ASIDE: &str = "linekey.new";
/// The key's file within the folder: 32 bytes.
pub(super) const KEY: &str = "linekey.key";
/// What is written in one go, until it is put in its place.
const ASIDE: &str = "linekey.new-key";

/// The folder that was asked for, the board's, or the user's state folder (XDG Base Directory Specification).
pub(super) fn folder(wanted: Option<PathBuf>) -> Result<PathBuf, CannotStart> {
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

/// Takes the folder for this process alone, for as long as what is answered lives: between a reset's steps, or its last one
/// and the new store, no other start may find the folder half empty. The lock leaves no file behind, and ends with the process
/// however that ends.
pub(super) fn take(folder: &Path) -> Result<File, CannotStart> {
    let taken = File::open(folder)?;
    match taken.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Fault::InUse.into()),
        // A file system that has no locks keeps nobody out, but the store's own does what it can.
        Err(TryLockError::Error(_)) | Ok(()) => Ok(taken),
    }
}

/// Whether a file in the folder is one that Linekey made, the marker of a reset aside. Others are none of its business.
pub(super) fn is_ours(name: &str) -> bool {
    [STORE, STORE_ASIDE, KEY, ASIDE].contains(&name) || name.strip_prefix(STORE).is_some_and(open::is_copy)
}

/// Opens the store. A new one is made aside and put in its place whole, so that a power cut in the middle of the first
/// start leaves nothing that the second one trips over. Readable by this user alone from the first byte on.
pub(super) fn store(folder: &Path) -> Result<Store, CannotStart> {
    let path = folder.join(STORE);
    if fs::metadata(&path).map_or(0, |store| store.len()) == 0 {
        let aside = folder.join(STORE_ASIDE);
        make_aside(&aside).map_err(|error| format!("the store {} cannot be made: {error}", path.display()))?;
        drop(Store::open(&aside)?);
        put_in_place(folder, &aside, &path)
            .map_err(|error| format!("the store {} cannot be put in its place: {error}", path.display()))?;
    }
    Ok(Store::open(&path)?)
}

/// Reads the key, or makes one for a store that is not there yet: a store whose key is lost is not given another by
/// accident.
pub(super) fn key(folder: &Path, dice: impl Fn() -> [u8; 32]) -> Result<SealKey, CannotStart> {
    let path = folder.join(KEY);
    let mut bytes = [0; 32];
    match File::open(&path) {
        Ok(mut file) => {
            let whole = file.read_exact(&mut bytes).and_then(|()| file.read(&mut [0]));
            if !matches!(whole, Ok(0)) {
                return Err(format!("the key {} is damaged: it must be 32 bytes long", path.display()).into());
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if fs::metadata(folder.join(STORE)).is_ok_and(|store| store.len() > 0) {
                let sentence = "the store's key {} is missing; put it back from where the store was copied";
                return Err(sentence.replace("{}", &path.display().to_string()).into());
            }
            bytes = dice();
            write_new(folder, &path, &bytes)
                .map_err(|error| format!("the key {} cannot be written: {error}", path.display()))?;
        }
        Err(error) => return Err(format!("the key {} cannot be read: {error}", path.display()).into()),
    }
    Ok(SealKey::new(bytes))
}

/// Written aside, then renamed: after a power cut there is a whole key or none.
pub(super) fn write_new(folder: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let aside = folder.join(ASIDE);
    let mut file = make_aside(&aside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    put_in_place(folder, &aside, path)
}

fn make_aside(aside: &Path) -> std::io::Result<File> {
    OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(aside)
}

fn put_in_place(folder: &Path, aside: &Path, path: &Path) -> std::io::Result<()> {
    fs::rename(aside, path)?;
    sync(folder)
}

/// Makes sure that what was renamed or removed in the folder stays so after a power cut.
pub(super) fn sync(folder: &Path) -> std::io::Result<()> {
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
