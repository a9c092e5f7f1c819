//! `--standby PLACE`: a second board that keeps a copy of the newest backup, shows how old it is, and takes over.

use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

use super::fetched::{NoCopy, RefusedFiles, Tee};
use super::origin::Origin;
use crate::appliance::backup::restore::{self, Replacement};
use crate::appliance::backup::{bucket, passphrases};
use crate::appliance::cannot_start::CannotStart;
use crate::appliance::date::clock::Clock;
use crate::appliance::flags::Standby;
use crate::appliance::folder::data;
use crate::net::file;
use crate::office::backup;
use crate::office::backups::folder::Folder;
use crate::office::backups::left::LeftBehind;
use crate::office::backups::mark;
use crate::office::backups::shelf::Shelf;
use crate::rules::office::backup::Passphrase;
use crate::rules::office::schedule::{self, Trouble};
use crate::rules::office::tenure::{BoardMark, Tenure};
use crate::rules::secret::SealKey;
use crate::rules::time::Date;
use crate::store::backup::{Scratch, mark_taken_over};

/// The newest backup that opened.
pub(in crate::appliance) const COPY: &str = "linekey.spare";
const COPY_ASIDE: &str = "linekey.new-spare";
/// Where a store is looked into; it has no name for longer than a moment.
const SCRATCH: &str = "linekey.spare.snapshot";

/// For the place to say what is there, and for a file to come.
const A_LIST: Duration = Duration::from_secs(30);
const A_FILE: Duration = Duration::from_secs(600);
/// How many files are tried at a look.
const TRIED: usize = 8;
/// Bytes of a backup that is fetched at most: a thousand times those of an office with a thousand people.
const MOST: u64 = 1 << 30;

/// Whether a file in the data folder is a spare's.
pub(in crate::appliance) fn is_ours(name: &str) -> bool {
    [COPY, COPY_ASIDE, SCRATCH].contains(&name)
}

/// A backup that this board has, and that opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::appliance) struct Copy {
    /// When it was taken.
    pub(in crate::appliance) taken: Date,
    /// Its bytes.
    pub(in crate::appliance) bytes: u64,
    /// How the names of its office's backups begin.
    prefix: String,
    /// Its name where the backups are.
    name: String,
    key: [u8; 32],
}

/// How it stands.
#[derive(Clone, Default)]
pub(in crate::appliance) struct Standing {
    /// What it has.
    pub(in crate::appliance) copy: Option<Copy>,
    /// When it last looked, and the place answered.
    pub(in crate::appliance) looked: Option<Date>,
    /// What was wrong when it looked last.
    pub(in crate::appliance) trouble: Option<String>,
}

/// A spare.
pub(in crate::appliance) struct Spare {
    folder: PathBuf,
    place: Origin,
    passphrase: Passphrase,
    clock: Arc<Clock>,
    standing: Mutex<Standing>,
    /// Looking and taking over wait for each other. What did not open is not fetched again at each look.
    at_work: Mutex<RefusedFiles>,
    left_behind: LeftBehind,
}

impl Spare {
    /// Reads the files that the flags name, and looks what copy is there. The folder must be taken.
    pub(in crate::appliance) fn open(
        folder: &Path,
        standby: &Standby,
        passphrase: Option<&Path>,
        clock: Arc<Clock>,
    ) -> Result<Self, CannotStart> {
        let typed = passphrases::secret(passphrase, false)?;
        let spare = Self {
            folder: folder.to_owned(),
            place: Origin::read(standby)?,
            passphrase: Passphrase::typed(&typed),
            clock,
            standing: Mutex::default(),
            at_work: Mutex::default(),
            left_behind: LeftBehind::default(),
        };
        for left in [COPY_ASIDE, SCRATCH] {
            fs::remove_file(spare.folder.join(left)).or_else(absent)?;
        }
        let copy = spare.folder.join(COPY);
        if copy.exists() {
            // One that does not open any more is fetched anew.
            let opened = spare.kept(&copy);
            let mut standing = spare.standing.lock().unwrap_or_else(PoisonError::into_inner);
            match opened {
                Ok(copy) => standing.copy = Some(copy),
                Err(why) => standing.trouble = Some(format!("the copy that is here does not open: {why}")),
            }
            drop(standing);
        }
        Ok(spare)
    }

    /// How it stands.
    pub(in crate::appliance) fn standing(&self) -> Standing {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The date.
    pub(in crate::appliance) fn now(&self) -> Date {
        self.clock.read().date
    }

    fn shelf(&self) -> Result<Box<dyn Shelf>, String> {
        match &self.place {
            Origin::Folder(folder) => {
                let path = folder.to_string_lossy();
                let folder = Folder::open(&path, None).map_err(|why| why.to_string())?;
                Ok(Box::new(folder))
            }
            Origin::Bucket(_) if !self.clock.read().known => {
                Err("this board does not know the date yet, by which it signs what it asks of the bucket".to_owned())
            }
            Origin::Bucket(access) => {
                let clock = self.clock.clone();
                Ok(bucket::opener(move || clock.read().date)(access.clone()))
            }
        }
    }

    /// Looks for a newer backup, fetches it, and keeps it if it opens. Blocks, though not for ever where the place does
    /// not answer.
    pub(in crate::appliance) fn look(self: &Arc<Self>) {
        let mut refused = self.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        let found = self.fetch_newest(&mut refused);
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        match found {
            Ok((fetched, wrong)) => {
                standing.copy = fetched.or(standing.copy.take());
                standing.looked = Some(now);
                standing.trouble = wrong;
            }
            Err(why) => standing.trouble = Some(why),
        }
    }

    /// Does what may hang.
    fn wait<T: Send + 'static>(
        &self,
        time: Duration,
        work: impl FnOnce() -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        let done = smol::block_on(self.left_behind.wait(time, work));
        done.unwrap_or_else(|| Err(Trouble::Silent.to_string()))
    }

    /// What was fetched, and what is wrong with a newer one. Nothing fetched: nothing newer than the copy opens.
    fn fetch_newest(self: &Arc<Self>, refused: &mut RefusedFiles) -> Result<(Option<Copy>, Option<String>), String> {
        let here = self.clone();
        let (mut shelf, names) = self.wait(A_LIST, move || {
            let shelf = here.shelf()?;
            let names = shelf.names().map_err(|why| why.to_string())?;
            Ok((shelf, names))
        })?;
        refused.look(&names);
        let (copy, reading) = (self.standing().copy, self.clock.read());
        let has = copy.as_ref().map(|copy| (copy.prefix.as_str(), copy.name.as_str()));
        let aside = self.folder.join(COPY_ASIDE);
        let (mut wrong, mut tried) = (None, 0);
        for name in schedule::newer(names, has, reading.known.then_some(reading.date)) {
            let (here, file, before) = (self.clone(), name.clone(), refused.of(&name));
            let (back, length, fetched) = self.wait(A_FILE, move || {
                let (length, fetched) = here.fetch(shelf.as_ref(), &file, before);
                Ok((shelf, length, fetched))
            })?;
            shelf = back;
            if fetched.is_err() {
                // The next one is written in its place.
                fs::remove_file(&aside).unwrap_or_default();
            }
            let why = match fetched {
                Ok(copy) => {
                    let placed = data::put_in_place(&self.folder, &aside, &self.folder.join(COPY));
                    placed.map_err(|error| unwritable(&error))?;
                    return Ok((Some(copy), wrong));
                }
                Err(NoCopy::Bad(why)) => {
                    tried += usize::from(refused.of(&name).is_none());
                    refused.add(name.clone(), length, why.clone());
                    why
                }
                Err(NoCopy::Failed(why)) => {
                    tried += 1;
                    why
                }
            };
            // An older one that opens is better than none; but what is wrong with the newest is said.
            wrong = wrong.or(Some(format!("{name} does not open: {why}")));
            if tried >= TRIED {
                break;
            }
        }
        match (wrong, copy) {
            (Some(wrong), None) => Err(wrong),
            (None, None) => Err("there is no backup yet".to_owned()),
            (wrong, Some(_)) => Ok((None, wrong)),
        }
    }

    /// Copies it aside, and opens it as it comes: nothing is copied behind what does not open. `before`: the length
    /// that it had, and why it did not open then. Its length now, and what came of it.
    fn fetch(
        &self,
        shelf: &dyn Shelf,
        name: &str,
        before: Option<(Option<u64>, String)>,
    ) -> (Option<u64>, Result<Copy, NoCopy>) {
        let from = match shelf.read(name) {
            Ok(from) => from,
            Err(why) => return (None, Err(NoCopy::Failed(why.to_string()))),
        };
        let length = from.length;
        if let Some((_, why)) = before.filter(|(before, _)| *before == length) {
            return (length, Err(NoCopy::Bad(why)));
        }
        let copied = data::make_aside(&self.folder.join(COPY_ASIDE)).map(|aside| {
            let mut tee = Tee::new(from.take(MOST), aside);
            let opened = self.opened(&mut tee);
            if let Some(error) = tee.broken.take() {
                return Err(NoCopy::Failed(unwritable(&error)));
            }
            let (mut copy, bytes) = (opened?, tee.bytes);
            let synced = tee.to().sync_all();
            synced.map_err(|error| NoCopy::Failed(unwritable(&error)))?;
            copy.bytes = bytes;
            name.clone_into(&mut copy.name);
            Ok(copy)
        });
        let copied = copied.unwrap_or_else(|error| Err(NoCopy::Failed(unwritable(&error))));
        (length, copied)
    }

    /// The copy that is here.
    fn kept(&self, path: &Path) -> Result<Copy, String> {
        let kept = || -> Result<_, String> {
            let length = file::look(path).map_err(|why| why.to_string())?;
            Ok((File::open(path).map_err(|error| error.to_string())?, length))
        };
        let (file, bytes) = kept()?;
        let opened = self.opened(BufReader::new(file)).map_err(|why| match why {
            NoCopy::Bad(why) | NoCopy::Failed(why) => why,
        });
        opened.map(|copy| Copy { bytes, ..copy })
    }

    /// Opens a backup to its end, and the store in it.
    fn opened(&self, from: impl Read) -> Result<Copy, NoCopy> {
        let scratch = Scratch::beside(&self.folder.join(COPY));
        let mut scratch = scratch.map_err(|error| NoCopy::Failed(unwritable(&error)))?;
        let (mut key, mut taken) = (Zeroizing::new(Vec::new()), Vec::new());
        backup::open(from, &self.passphrase, |part, bytes| {
            match part {
                backup::STORE => scratch.write(bytes)?,
                backup::KEY => key.extend_from_slice(bytes),
                backup::TAKEN => taken.extend_from_slice(bytes),
                _ => {}
            }
            Ok(())
        })?;
        let seen = scratch.look().map_err(|fault| NoCopy::Bad(fault.to_string()))?;
        let key = <[u8; 32]>::try_from(key.as_slice()).map_err(|_| NoCopy::Bad("its key is none".to_owned()))?;
        let of_it = SealKey::new(key);
        if seen.key_check.is_some_and(|known| known != of_it.check()) {
            return Err(NoCopy::Bad("its key is not its store's".to_owned()));
        }
        let taken = <[u8; 8]>::try_from(taken.as_slice()).map(u64::from_le_bytes);
        let taken = Date(taken.unwrap_or_default());
        let prefix = schedule::prefix(&of_it);
        Ok(Copy {
            taken,
            bytes: 0,
            name: schedule::name(&prefix, taken),
            prefix,
            key,
        })
    }

    /// Whether the board that the place is of was replaced since the store with that key and number was its own.
    pub(in crate::appliance) fn sees_another(self: &Arc<Self>, key: &SealKey, tenure: &Tenure) -> bool {
        tenure.replaced_by(self.seen(key).as_ref()).is_some()
    }

    /// The mark beside the backups; `None` also where nobody knows.
    fn seen(self: &Arc<Self>, key: &SealKey) -> Option<BoardMark> {
        let (here, key) = (self.clone(), SealKey::new(*key.reveal()));
        let seen = self.wait(A_LIST, move || {
            let shelf = here.shelf()?;
            mark::seen(shelf.as_ref(), &key).map_err(|why| why.to_string())
        });
        seen.unwrap_or_default()
    }

    /// Takes over: the copy becomes the store of this folder. Looks for a newer one first, where the place can be
    /// reached. What was there before is kept beside. The date of the backup.
    pub(in crate::appliance) fn take_over(self: &Arc<Self>, dice: &impl Fn() -> [u8; 32]) -> Result<Date, CannotStart> {
        self.look();
        let _turn = self.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        let standing = self.standing();
        let Some(copy) = standing.copy else {
            let why = standing.trouble.unwrap_or_default();
            return Err(format!("this spare cannot take over, for it has no copy yet: {why}").into());
        };
        let key = SealKey::new(copy.key);
        let seen = self.seen(&key);
        let folder = match &self.place {
            Origin::Folder(folder) => folder.to_str().map(str::to_owned),
            Origin::Bucket(_) => None,
        };
        let board = *dice().first_chunk::<16>().unwrap_or(&[0; 16]);
        let now = self.now();
        let file = self.folder.join(COPY);
        let replacement = Replacement {
            folder: &self.folder,
            file: &file,
            passphrase: &self.passphrase,
        };
        let mark = |store: &Path| {
            mark_taken_over(store, |tenure| {
                tenure.take_over(seen.as_ref(), board, now, (true, folder.clone()))
            })
        };
        restore::replace(&replacement, |_| Ok(()), mark)?;
        Ok(copy.taken)
    }
}

fn unwritable(error: &io::Error) -> String {
    format!("it cannot be written here: {}", data::plain(error))
}

fn absent(error: io::Error) -> io::Result<()> {
    if error.kind() == ErrorKind::NotFound {
        Ok(())
    } else {
        Err(error)
    }
}
