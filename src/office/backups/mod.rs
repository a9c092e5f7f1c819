//! Backups that are made by themselves: written aside, opened again, put in their place; then the oldest go.

pub mod folder;
pub mod left;
pub mod mark;
pub mod shelf;

use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::folder::{Folder, mount_of, trouble};
use self::mark::{Looked, place};
use self::shelf::Shelf;
use super::backup::{self, Backup, KEY, Locked, STORE, Unopened};
use super::{Office, Shared, log};
use smol::lock::SemaphoreGuardArc;

use crate::rules::moment::{Fresh, Moment};
use crate::rules::office::journal::Actor;
use crate::rules::office::schedule::bucket::Bucket;
use crate::rules::office::schedule::{self, BucketTrouble, Good, Outcomes, Schedule, Trouble};
use crate::rules::refusal::Refusal;
use crate::rules::secret::SealKey;
use crate::rules::time::Date;
use crate::rules::verdict::Verdict;
use crate::store::{Fault, Store};

/// For a folder to say whose the office is. A bucket's client gives up by itself.
pub const A_LOOK: Duration = Duration::from_secs(20);
/// For a whole backup to be written and read again: a slow stick takes its time.
const A_BACKUP: Duration = Duration::from_secs(600);

/// What the last rotation could not remove, in a sentence, as long as the program runs: the next one tries again.
#[derive(Default)]
pub struct Stay(Mutex<Option<String>>);

impl Stay {
    /// What it says.
    pub fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, said: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = said;
    }
}

/// Makes a backup now, if backups were set, and writes down what came of it: whether it is good. Waits while another
/// one is made or downloaded.
pub async fn make(office: &Shared, actor: Actor) -> Result<Result<bool, Refusal>, Fault> {
    let place = office.backing_up.acquire_arc().await;
    at_the_place(office, place, actor).await
}

/// Makes one if it is due: another may have been made while this one waited.
pub async fn make_if_due(office: &Shared) -> Result<(), Fault> {
    let place = office.backing_up.acquire_arc().await;
    let (schedule, outcomes) = office.store.read(|facts| Ok((facts.schedule()?, facts.outcomes()?)))?;
    if schedule.is_some_and(|schedule| schedule.is_due(outcomes.good.as_ref(), office.now())) {
        at_the_place(office, place, Actor::APPLIANCE).await?.unwrap_or_default();
    }
    Ok(())
}

/// Looks who the board is: [`Office::look_for_the_board`], and waits so long for the place.
pub async fn look(office: &Shared) -> Result<Looked, Fault> {
    let bucket = office.store.read(|facts| facts.bucket())?;
    look_within(office, if bucket.is_some() { A_BACKUP } else { A_LOOK }).await
}

/// The same, waiting for so long.
pub async fn look_within(office: &Shared, time: Duration) -> Result<Looked, Fault> {
    let here = office.clone();
    let looked = office.left_behind.wait(time, move || here.look_for_the_board());
    looked.await.unwrap_or(Ok(Looked::Silent))
}

/// `place`: is held as long as the work takes, or until that was given up.
async fn at_the_place(office: &Shared, place: SemaphoreGuardArc, actor: Actor) -> Result<Result<bool, Refusal>, Fault> {
    let looked = look(office).await?;
    if looked != Looked::Silent {
        let here = office.clone();
        let place = Arc::new(Mutex::new(Some(place)));
        let held = place.clone();
        let work = move || {
            let made = here.make_backup(actor, looked);
            drop(held);
            made
        };
        if let Some(made) = office.left_behind.wait(A_BACKUP, work).await {
            return made;
        }
        drop(place.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
    let silent = office.store.turn(actor, office.moment(), |facts, moment| {
        let changes = schedule::failed(Trouble::Silent, &facts.outcomes()?, moment.now);
        let changes = facts.schedule()?.map_or_else(Vec::new, |_| changes);
        Ok(Verdict::yes(false, changes.into_iter().map(Into::into).collect()))
    });
    silent.await
}

impl Office {
    /// The same on a thread of the blocking pool.
    fn make_backup(&self, actor: Actor, looked: Looked) -> Result<Result<bool, Refusal>, Fault> {
        let set = self
            .store
            .read(|facts| Ok((facts.schedule()?, facts.bucket()?, facts.outcomes()?)))?;
        let (Some(schedule), bucket, outcomes) = set else {
            return Ok(Err(Refusal::NotFound));
        };
        let mut moment = self.moment();
        if !moment.known {
            return Ok(Err(Refusal::NoDate));
        }
        let now = moment.now;
        let made = match (looked, &bucket) {
            // It has no office to back up.
            (Looked::Replaced, _) => Err(Trouble::Replaced),
            (_, Some(bucket)) => sent(self, &schedule, bucket, (&mut moment.fresh, now)).map(|good| (good, None)),
            (_, None) => written(self, &schedule, &outcomes, (&mut moment.fresh, now)),
        };
        let well = made.is_ok();
        let moment = Moment::new((self.world.clock)(), (self.world.dice)());
        self.store.turn_from_pool(actor, moment, move |facts, moment| {
            // Whoever set another place meanwhile learns nothing of this one.
            if facts.schedule()?.as_ref() != Some(&schedule) || facts.bucket()? != bucket {
                return Ok(Verdict::yes(false, Vec::new()));
            }
            let before = facts.outcomes()?;
            let changes = match made {
                Ok((good, mount)) => schedule::made(good, mount, &before),
                Err(trouble) => schedule::failed(trouble, &before, moment.now),
            };
            Ok(Verdict::yes(well, changes.into_iter().map(Into::into).collect()))
        })
    }
}

fn locked(schedule: &Schedule, key: &SealKey) -> Result<Locked, Trouble> {
    let root = schedule.lock.root(key).ok_or(Trouble::Sealed)?;
    let recipe = schedule.lock.recipe();
    Ok(Locked { recipe, root })
}

/// Sends one into the bucket, fetches it back to open it, and rotates. What does not open is taken away again.
fn sent(
    office: &Office,
    schedule: &Schedule,
    bucket: &Bucket,
    (fresh, now): (&mut Fresh, Date),
) -> Result<Good, Trouble> {
    let (store, key) = (&office.store, office.key.as_ref());
    let shelf = place(office, schedule, Some(bucket), None)?;
    let prefix = schedule::prefix(key);
    // What refuses us does so before a copy is made of the store. One of the same second is there already, and good: it
    // keeps its name.
    let file = schedule::free_name(&prefix, now, &shelf.names()?);
    let mut send = || {
        let of_it = locked(schedule, key)?;
        let mut taken = Backup::take(store, key, &of_it, fresh.bytes(), now).map_err(|fault| of_store(&fault))?;
        let bytes = taken.length();
        shelf.put(&file, bytes, &mut taken).map(|()| bytes)
    };
    // One that took longer than its signature holds is signed anew, once.
    let bytes = match send() {
        Err(Trouble::Bucket(BucketTrouble::Expired)) => send()?,
        sent => sent?,
    };
    let back = shelf
        .read(&file)
        .and_then(|back| opens(store, key, locked(schedule, key)?, back));
    if let Err(why) = back {
        if matches!(why, Trouble::Broken(_)) {
            // Where it cannot be taken away either, the next good one rotates it out.
            shelf.remove(&file).unwrap_or_default();
        }
        return Err(why);
    }
    // The new one is good all the same.
    let stay = rotate(shelf.as_ref(), (&prefix, &file, schedule.keep), &bucket.place());
    office.stay.set(stay);
    Ok(Good { at: now, file, bytes })
}

/// Writes one and rotates. Where the folder is on a mount now, that is what is asked for from now on.
fn written(
    office: &Office,
    schedule: &Schedule,
    outcomes: &Outcomes,
    (fresh, now): (&mut Fresh, Date),
) -> Result<(Good, Option<String>), Trouble> {
    let (store, key) = (&office.store, office.key.as_ref());
    let locked = locked(schedule, key)?;
    let folder = Folder::open(&schedule.folder, outcomes.mount.as_deref())?;
    let mount = match &outcomes.mount {
        Some(mount) => Some(mount.clone()),
        None => mount_of(Path::new(&schedule.folder)).map_err(|error| trouble(&error))?,
    };
    let prefix = schedule::prefix(key);
    let unfinished = schedule::unfinished(&prefix);
    let file = schedule::name(&prefix, now);
    // What a cut run left makes room first.
    folder.remove(&unfinished).map_err(|error| trouble(&error))?;
    let taken = Backup::take(store, key, &locked, fresh.bytes(), now).map_err(|fault| of_store(&fault))?;
    let bytes = taken.length();
    let whole = write_out(taken, &folder, &unfinished)
        .map_err(|error| trouble(&error))
        .and_then(|()| check(store, key, locked, &folder, &unfinished))
        .and_then(|()| folder.rename(&unfinished, &file).map_err(|error| trouble(&error)));
    if let Err(why) = whole {
        // What is left of it is of no use; the next run tries again to remove it.
        folder.remove(&unfinished).ok();
        let gone = mount.as_deref().is_some_and(|mount| !folder::is_mounted(mount));
        return Err(if gone { Trouble::Absent } else { why });
    }
    // The new one is good all the same.
    let stay = rotate(&folder, (&prefix, &file, schedule.keep), &schedule.folder);
    office.stay.set(stay);
    // Old ones that come back with the power go at the next time.
    folder.sync().unwrap_or_default();
    Ok((Good { at: now, file, bytes }, mount))
}

fn write_out(mut taken: Backup, folder: &Folder, name: &str) -> io::Result<()> {
    let mut file = folder.create(name)?;
    io::copy(&mut taken, &mut file)?;
    file.sync_all()
}

/// Reads it to its end, and opens the store in it.
fn check(store: &Store, key: &SealKey, locked: Locked, folder: &Folder, name: &str) -> Result<(), Trouble> {
    let file = folder.read(name).map_err(|error| trouble(&error))?;
    opens(store, key, locked, BufReader::new(file))
}

/// Whether what was written opens by what it was sealed with, and holds a store that opens, and its key.
pub fn opens(store: &Store, key: &SealKey, locked: Locked, from: impl Read) -> Result<(), Trouble> {
    let mut scratch = store.scratch().map_err(|fault| of_store(&fault))?;
    let (mut kept, mut own) = (Vec::new(), false);
    let opened = backup::open_by(
        from,
        |recipe| {
            own = *recipe == locked.recipe;
            locked.root
        },
        |part, bytes| {
            match part {
                STORE => scratch.write(bytes)?,
                KEY => kept.extend_from_slice(bytes),
                _ => {}
            }
            Ok(())
        },
    );
    opened.map_err(|why| match why {
        Unopened::Write(error) => of_store_error(&error),
        why @ (Unopened::Flaw(_) | Unopened::Memory | Unopened::Read(_)) => Trouble::Broken(why.to_string()),
    })?;
    let seen = scratch.look().map_err(|fault| Trouble::Broken(fault.to_string()))?;
    if own && kept == key.reveal() && seen.key_check.is_none_or(|check| check == key.check()) {
        Ok(())
    } else {
        Err(Trouble::Broken("its key is not its store's".to_owned()))
    }
}

/// Removes what is too much; what stays all the same, in a sentence.
fn rotate(shelf: &dyn Shelf, (prefix, newest, keep): (&str, &str, u16), place: &str) -> Option<String> {
    let names = match shelf.names() {
        Ok(names) => schedule::surplus(names, prefix, newest, keep),
        Err(why) => return told(format!("old backups in {place} cannot be looked for: {why}")),
    };
    let stay = names.iter().filter_map(|name| Some((name, shelf.remove(name).err()?)));
    let stay: Vec<_> = stay.collect();
    let (name, why) = stay.first()?;
    let others = match stay.len() - 1 {
        0 => String::new(),
        others => format!(", nor can {others} others"),
    };
    told(format!(
        "{name} in {place} is too old, and cannot be removed{others}: {why}"
    ))
}

fn told(line: String) -> Option<String> {
    log::warning(&line);
    Some(line)
}

/// The store's own disk is another one than the folder's.
fn of_store(fault: &Fault) -> Trouble {
    fault
        .io()
        .map_or_else(|| Trouble::Other(fault.to_string()), of_store_error)
}

fn of_store_error(error: &io::Error) -> Trouble {
    let why = trouble(error);
    Trouble::Other(format!("the copy beside the store cannot be made: {why}"))
}
