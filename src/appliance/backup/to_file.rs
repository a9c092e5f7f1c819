//! `--backup FILE`: a backup of the stopped store.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::Path;

use super::passphrases;
use crate::appliance::board::BOARD;
use crate::appliance::cannot_start::CannotStart;
use crate::appliance::console;
use crate::appliance::date::clock::Clock;
use crate::appliance::folder::data::{self, KEY, STORE};
use crate::http::front::sentences;
use crate::office::backup::{Backup, Locked};
use crate::office::backups::opens;
use crate::rules::moment::Fresh;
use crate::rules::office::backup::Passphrase;
use crate::rules::office::schedule::Trouble;
use crate::store::{Fault, afresh};

/// Writes a backup of the folder's store, and opens it once more before it gets its name, which must be one that it may
/// have.
pub(in crate::appliance) fn write(
    folder: &Path,
    file: &Path,
    passphrase: Option<&Path>,
    dice: &impl Fn() -> [u8; 32],
) -> Result<(), CannotStart> {
    // Opening would begin a new appliance where there is none.
    if !data::is_kept(&folder.join(STORE), "store")? && !data::is_kept(&folder.join(KEY), "key")? {
        return Err(format!("there is nothing to back up in {}", folder.display()).into());
    }
    let typed = passphrases::secret(passphrase, true)?;
    let passphrase = Passphrase::chosen(&typed).map_err(sentences::invalid)?;
    let (store, key) = data::open(folder, false, dice)?;
    let failed = |error: &io::Error| {
        format!(
            "the backup {} cannot be written: {}",
            file.display(),
            data::plain(error)
        )
    };
    let mut fresh = Fresh::seeded(dice());
    // A name that nobody else has.
    let number = u64::from_le_bytes(fresh.bytes());
    let unfinished = data::folder_of(file).join(format!("linekey-{number:016x}.unfinished"));
    let locked = Locked::by(&passphrase, fresh.bytes()).ok_or(Fault::Memory("make the key of a backup"))?;
    let now = Clock::no_earlier_than(store.read(|facts| facts.newest())?, BOARD.clock, false)
        .read()
        .date;
    let mut taken = Backup::take(&store, &key, &locked, fresh.bytes(), now)?;
    let length = taken.length();
    let written = write_out(&mut taken, &unfinished)
        .map_err(|error| failed(&error))
        .and_then(|()| check(&unfinished, |file| opens(&store, &key, locked, file)))
        .and_then(|()| put_in_place(&unfinished, file).map_err(|error| failed(&error)));
    if let Err(why) = written {
        // What is left of it is of no use; where it cannot be removed, the reason is the same as before.
        fs::remove_file(&unfinished).ok();
        return Err(why.into());
    }
    console::say(&format!(
        "Backed up to {} ({length} bytes); it was read again, and opens.\n",
        file.display()
    ));
    Ok(())
}

fn write_out(from: &mut impl Read, path: &Path) -> io::Result<()> {
    let mut file = afresh::made_new(path)?;
    io::copy(from, &mut file)?;
    file.sync_all()
}

/// Whether what was written can be read again, to its end, and its store opened.
fn check(path: &Path, opens: impl FnOnce(BufReader<File>) -> Result<(), Trouble>) -> Result<(), String> {
    let file = File::open(path).map_err(|error| format!("what was written cannot be read: {error}"))?;
    opens(BufReader::new(file)).map_err(|why| why.to_string())
}

fn put_in_place(unfinished: &Path, file: &Path) -> io::Result<()> {
    fs::rename(unfinished, file)?;
    data::sync(data::folder_of(file))
}
