//! `--standby PLACE`: a second board that keeps a copy of the newest backup, shows how old it is, and takes over.

use std::fs::{self, File};
use std::io::{self, BufReader, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use super::bucket;
use super::cannot_start::CannotStart;
use super::clock::Clock;
use super::data;
use super::flags::Standby;
use super::restore::{self, Replacement};
use super::{backup as passphrases, one_time};
use crate::office::backup::{self, Unopened};
use crate::office::backups::folder::Folder;
use crate::office::backups::mark;
use crate::office::backups::shelf::Shelf;
use crate::rules::office::backup::Passphrase;
use crate::rules::office::schedule;
use crate::rules::office::schedule::bucket::{Access, TypedBucket};
use crate::rules::office::tenure::Tenure;
use crate::rules::secret::SealKey;
use crate::rules::time::Date;
use crate::store::backup::{Scratch, mark_taken_over};

/// The newest backup that opened.
pub(super) const COPY: &str = "linekey.spare";
const COPY_ASIDE: &str = "linekey.new-spare";
/// Where a store is looked into; it has no name for longer than a moment.
const SCRATCH: &str = "linekey.spare.snapshot";

/// Whether a file in the data folder is a spare's.
pub(super) fn is_ours(name: &str) -> bool {
    [COPY, COPY_ASIDE, SCRATCH].contains(&name)
}

/// Where the backups are.
enum Place {
    Folder(PathBuf),
    Bucket(Access),
}

/// A backup that this board has, and that opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Copy {
    /// When it was taken.
    pub(super) taken: Date,
    /// Its bytes.
    pub(super) bytes: u64,
    /// How the names of its office's backups begin.
    prefix: String,
    key: [u8; 32],
}

/// How it stands.
#[derive(Clone, Default)]
pub(super) struct Standing {
    /// What it has.
    pub(super) copy: Option<Copy>,
    /// When it last looked, and the place answered.
    pub(super) looked: Option<Date>,
    /// What was wrong when it looked last.
    pub(super) trouble: Option<String>,
}

/// A spare.
pub(super) struct Spare {
    folder: PathBuf,
    place: Place,
    passphrase: Passphrase,
    clock: Arc<Clock>,
    standing: Mutex<Standing>,
    /// Looking and taking over wait for each other.
    at_work: Mutex<()>,
}

impl Spare {
    /// Reads the files that the flags name, and looks what copy is there. The folder must be taken.
    pub(super) fn open(
        folder: &Path,
        standby: &Standby,
        passphrase: Option<&Path>,
        clock: Arc<Clock>,
    ) -> Result<Self, CannotStart> {
        let typed = passphrases::secret(passphrase, false)?;
        let spare = Self {
            folder: folder.to_owned(),
            place: place(standby)?,
            passphrase: Passphrase::typed(&typed),
            clock,
            standing: Mutex::default(),
            at_work: Mutex::default(),
        };
        for left in [COPY_ASIDE, SCRATCH] {
            fs::remove_file(spare.folder.join(left)).or_else(absent)?;
        }
        let copy = spare.folder.join(COPY);
        if copy.exists() {
            // One that does not open any more is fetched anew.
            let opened = spare.opened(&copy).map_err(|why| why.to_string());
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
    pub(super) fn standing(&self) -> Standing {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The date.
    pub(super) fn now(&self) -> Date {
        self.clock.read().date
    }

    fn shelf(&self) -> Result<Box<dyn Shelf>, String> {
        match &self.place {
            Place::Folder(folder) => {
                let path = folder.to_string_lossy();
                let folder = Folder::open(&path, None).map_err(|why| why.to_string())?;
                Ok(Box::new(folder))
            }
            Place::Bucket(_) if !self.clock.read().known => {
                Err("this board does not know the date yet, by which it signs what it asks of the bucket".to_owned())
            }
            Place::Bucket(access) => {
                let clock = self.clock.clone();
                Ok(bucket::opener(move || clock.read().date)(access.clone()))
            }
        }
    }

    /// Looks for a newer backup, fetches it, and keeps it if it opens. Blocks.
    pub(super) fn look(&self) {
        let _turn = self.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        let found = self.fetch_newest();
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        match found {
            Ok(fetched) => {
                standing.copy = fetched.or(standing.copy.take());
                standing.looked = Some(now);
                standing.trouble = None;
            }
            Err(why) => standing.trouble = Some(why),
        }
    }

    /// What was fetched; `None`: nothing is newer than the copy.
    fn fetch_newest(&self) -> Result<Option<Copy>, String> {
        let shelf = self.shelf()?;
        let mut names = shelf.names().map_err(|why| why.to_string())?;
        let copy = self.standing().copy;
        names.retain(|name| name.starts_with("linekey-") && name.ends_with(".backup"));
        if let Some(copy) = &copy {
            let have = schedule::name(&copy.prefix, copy.taken);
            names.retain(|name| name.starts_with(&copy.prefix) && *name > have);
        }
        // By the time in their names: several offices may share the place.
        names.sort_unstable_by_key(|name| name.rsplit_once("-20").map(|(_, time)| time.to_owned()));
        let mut wrong = None;
        for name in names.into_iter().rev().take(8) {
            match self.fetch(shelf.as_ref(), &name) {
                Ok(copy) => return Ok(Some(copy)),
                // An older one that opens is better than none; but what is wrong with the newest is said.
                Err(why) => drop(wrong.get_or_insert(format!("{name} does not open: {why}"))),
            }
            if copy.is_some() {
                break;
            }
        }
        match (wrong, copy) {
            (Some(wrong), _) => Err(wrong),
            (None, None) => Err("there is no backup yet".to_owned()),
            (None, Some(_)) => Ok(None),
        }
    }

    fn fetch(&self, shelf: &dyn Shelf, name: &str) -> Result<Copy, String> {
        let aside = self.folder.join(COPY_ASIDE);
        let write = |error: &io::Error| format!("it cannot be written here: {}", data::plain(error));
        let mut from = shelf.read(name).map_err(|why| why.to_string())?;
        let mut file = data::make_aside(&aside).map_err(|error| write(&error))?;
        let copied = io::copy(&mut from, &mut file).and_then(|_| file.sync_all());
        let opened = copied
            .map_err(|error| data::plain(&error))
            .and_then(|()| self.opened(&aside).map_err(|why| why.to_string()));
        match opened {
            Ok(copy) => {
                data::put_in_place(&self.folder, &aside, &self.folder.join(COPY)).map_err(|error| write(&error))?;
                Ok(copy)
            }
            Err(why) => {
                // The next one writes over it.
                fs::remove_file(&aside).unwrap_or_default();
                Err(why)
            }
        }
    }

    /// Opens a backup to its end, and the store in it.
    fn opened(&self, path: &Path) -> Result<Copy, Unopened> {
        let file = File::open(path).map_err(Unopened::Read)?;
        let bytes = file.metadata().map_err(Unopened::Read)?.len();
        let mut scratch = Scratch::beside(&self.folder.join(COPY)).map_err(Unopened::Write)?;
        let (mut key, mut taken) = (Zeroizing::new(Vec::new()), Vec::new());
        backup::open(BufReader::new(file), &self.passphrase, |part, bytes| {
            match part {
                backup::STORE => scratch.write(bytes)?,
                backup::KEY => key.extend_from_slice(bytes),
                backup::TAKEN => taken.extend_from_slice(bytes),
                _ => {}
            }
            Ok(())
        })?;
        let odd = |why: String| Unopened::Read(io::Error::other(why));
        let seen = scratch.look().map_err(|fault| odd(fault.to_string()))?;
        let key = <[u8; 32]>::try_from(key.as_slice()).map_err(|_| odd("its key is none".to_owned()))?;
        let of_it = SealKey::new(key);
        if seen.key_check.is_some_and(|known| known != of_it.check()) {
            return Err(odd("its key is not its store's".to_owned()));
        }
        let taken = <[u8; 8]>::try_from(taken.as_slice()).map(u64::from_le_bytes);
        Ok(Copy {
            taken: Date(taken.unwrap_or_default()),
            bytes,
            prefix: schedule::prefix(&of_it),
            key,
        })
    }

    /// Whether the board that the place is of was replaced since the store with that key and number was its own.
    pub(super) fn sees_another(&self, key: &SealKey, tenure: &Tenure) -> bool {
        let seen = self.shelf().ok().and_then(|shelf| mark::seen(shelf.as_ref(), key).ok());
        tenure.replaced_by(seen.flatten().as_ref()).is_some()
    }

    /// Takes over: the copy becomes the store of this folder. Looks for a newer one first, where the place can be
    /// reached. What was there before is kept beside. The date of the backup.
    pub(super) fn take_over(&self, dice: &impl Fn() -> [u8; 32]) -> Result<Date, CannotStart> {
        self.look();
        let _turn = self.at_work.lock().unwrap_or_else(PoisonError::into_inner);
        let standing = self.standing();
        let Some(copy) = standing.copy else {
            let why = standing.trouble.unwrap_or_default();
            return Err(format!("this spare cannot take over, for it has no copy yet: {why}").into());
        };
        let key = SealKey::new(copy.key);
        let seen = self
            .shelf()
            .ok()
            .and_then(|shelf| mark::seen(shelf.as_ref(), &key).ok())
            .flatten();
        let folder = match &self.place {
            Place::Folder(folder) => folder.to_str().map(str::to_owned),
            Place::Bucket(_) => None,
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

fn absent(error: io::Error) -> io::Result<()> {
    if error.kind() == ErrorKind::NotFound {
        Ok(())
    } else {
        Err(error)
    }
}

/// `/a/folder`, or `https://server/bucket/prefix` with a file that holds access key, secret and region in lines.
fn place(standby: &Standby) -> Result<Place, CannotStart> {
    let text = standby.place.as_str();
    if text.starts_with('/') {
        return Ok(Place::Folder(PathBuf::from(text)));
    }
    let odd = || {
        CannotStart(format!(
            "--standby takes the folder or the bucket that the board's backups go to, like /media/nas or \
             https://s3.example.org/bucket/prefix; not {text:?}"
        ))
    };
    let (scheme, rest) = text.split_once("://").ok_or_else(odd)?;
    let (host, path) = rest.split_once('/').ok_or_else(odd)?;
    let (name, prefix) = path.split_once('/').unwrap_or((path, ""));
    let file = standby.key_file.as_deref();
    let file = file.ok_or("a bucket's access key and secret come from a file: name it with --bucket-key-file FILE")?;
    let lines = one_time::lines(file)
        .map_err(|why| format!("the bucket's access key cannot be read from {}: {why}", file.display()))?;
    let mut lines = lines.iter();
    let mut line = || lines.next().map(|line| line.to_string()).unwrap_or_default();
    let typed = TypedBucket {
        endpoint: format!("{scheme}://{host}"),
        name: name.to_owned(),
        prefix: prefix.to_owned(),
        access_key: line(),
        secret: Some(Zeroizing::new(line())),
        region: line(),
    };
    let access = typed
        .read(None)
        .map_err(|invalid| format!("--standby: {}", crate::http::front::sentences::invalid(invalid)))?;
    Ok(Place::Bucket(access))
}
