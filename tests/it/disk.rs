//! A disk whose power can be cut: what was written but not synced may be there afterwards, or not, or in part.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use redb::StorageBackend;
use sha2::{Digest, Sha256};

/// What a disk writes whole: half a page of flash may be old and half new, but not within one sector.
const SECTOR: usize = 512;
/// Errors of the system (Linux, errno(3)).
pub const EIO: i32 = 5;
pub const EFBIG: i32 = 27;
pub const EROFS: i32 = 30;
pub const ENOSPC: i32 = 28;
pub const EDQUOT: i32 = 122;

#[derive(Clone, Debug)]
pub struct Disk(Arc<Mutex<Platter>>);

/// What becomes of the writes that were not synced when the power goes.
#[derive(Clone, Copy, Debug)]
pub enum Loss {
    /// All are lost.
    All,
    /// None is: they were all on their way.
    None,
    /// Some, sector by sector, by that seed.
    Some(u64),
}

#[derive(Debug)]
struct Platter {
    /// What is there whatever happens.
    durable: Vec<u8>,
    /// What a reader sees.
    seen: Vec<u8>,
    /// What lies between the two, in order.
    unsynced: Vec<Change>,
    syncs: u64,
    writes: u64,
    /// Bytes of all of them.
    octets: u64,
    /// The power goes when this sync is asked for.
    cut_at: Option<u64>,
    dead: bool,
    /// After so many writes, growths and syncs each further one fails with that error of the system.
    trouble: Option<(u64, i32)>,
    /// Whether reading fails.
    unreadable: bool,
}

#[derive(Clone, Debug)]
enum Change {
    Length(usize),
    Write(usize, Vec<u8>),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Length(length) => bytes.resize(*length, 0),
            Self::Write(offset, data) => {
                // A write may outlive the growth that it belongs to.
                bytes.resize(bytes.len().max(offset + data.len()), 0);
                bytes[*offset..offset + data.len()].copy_from_slice(data);
            }
        }
    }
}

impl Disk {
    pub fn empty() -> Self {
        Self::holding(Vec::new())
    }

    pub fn holding(bytes: Vec<u8>) -> Self {
        let seen = bytes.clone();
        let (unsynced, syncs, writes, cut_at, dead) = (Vec::new(), 0, 0, None, false);
        Self(Arc::new(Mutex::new(Platter {
            durable: bytes,
            seen,
            unsynced,
            syncs,
            writes,
            octets: 0,
            cut_at,
            dead,
            trouble: None,
            unreadable: false,
        })))
    }

    fn platter(&self) -> MutexGuard<'_, Platter> {
        self.0.lock().unwrap()
    }

    pub fn syncs(&self) -> u64 {
        self.platter().syncs
    }

    /// How long the file is.
    pub fn length(&self) -> usize {
        self.platter().seen.len()
    }

    /// Bytes that were written since it was made.
    pub fn octets(&self) -> u64 {
        self.platter().octets
    }

    pub fn writes(&self) -> u64 {
        self.platter().writes
    }

    /// The power goes instead of the `number`th sync from now on.
    pub fn cut_at_sync(&self, number: u64) {
        let mut platter = self.platter();
        platter.cut_at = Some(platter.syncs + number);
    }

    /// The power goes now. Says whether it was still there.
    pub fn cut(&self) -> bool {
        !std::mem::replace(&mut self.platter().dead, true)
    }

    /// Whether the power is gone.
    pub fn is_dead(&self) -> bool {
        self.platter().dead
    }

    /// From the `number`th write, growth or sync from now on each fails with that error of the system. A sync that
    /// fails forgets what it should have written, as Linux does: it is seen, is not on the disk, and no later sync
    /// brings it there.
    pub fn fail_from(&self, number: u64, error: i32) {
        self.platter().trouble = Some((number, error));
    }

    /// Whether something failed.
    pub fn has_failed(&self) -> bool {
        matches!(self.platter().trouble, Some((0, _)))
    }

    /// It cannot be read from now on.
    pub fn fail_to_read(&self) {
        self.platter().unreadable = true;
    }

    /// Nothing fails any more.
    pub fn recover(&self) {
        let mut platter = self.platter();
        platter.trouble = None;
        platter.unreadable = false;
    }

    /// What is on the disk when the power is back.
    pub fn after(&self, loss: Loss) -> Vec<u8> {
        let platter = self.platter();
        let mut bytes = platter.durable.clone();
        for (number, change) in platter.unsynced.iter().enumerate() {
            match (loss, change) {
                (Loss::All, _) => {}
                (Loss::None, change) => change.apply(&mut bytes),
                (Loss::Some(seed), Change::Length(_)) => {
                    if kept(seed, number, 0) {
                        change.apply(&mut bytes);
                    }
                }
                (Loss::Some(seed), Change::Write(offset, data)) => {
                    for (sector, piece) in data
                        .chunks(SECTOR)
                        .enumerate()
                        .filter(|(sector, _)| kept(seed, number, *sector))
                    {
                        Change::Write(offset + sector * SECTOR, piece.to_vec()).apply(&mut bytes);
                    }
                }
            }
        }
        bytes
    }
}

fn kept(seed: u64, change: usize, sector: usize) -> bool {
    let numbers = [seed, change as u64, sector as u64].map(u64::to_le_bytes).concat();
    Sha256::digest(numbers)[0] & 1 == 0
}

impl Platter {
    fn alive(&mut self) -> io::Result<&mut Self> {
        if self.dead {
            Err(io::Error::other("the power is gone"))
        } else {
            Ok(self)
        }
    }

    fn changeable(&mut self) -> io::Result<&mut Self> {
        if let Some((left, error)) = self.trouble.as_mut() {
            *left = left.saturating_sub(1);
            if *left == 0 {
                return Err(io::Error::from_raw_os_error(*error));
            }
        }
        self.alive()
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.platter().alive()?.seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let offset = offset as usize;
        let mut platter = self.platter();
        if platter.unreadable {
            return Err(io::Error::from_raw_os_error(EIO));
        }
        let bytes = platter.alive()?.seen.get(offset..offset + out.len());
        out.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        let mut platter = self.platter();
        let platter = platter.changeable()?;
        let change = Change::Length(length as usize);
        change.apply(&mut platter.seen);
        platter.unsynced.push(change);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut platter = self.platter();
        if let Err(error) = platter.changeable() {
            platter.unsynced.clear();
            return Err(error);
        }
        let platter = platter.alive()?;
        platter.syncs += 1;
        if platter.cut_at == Some(platter.syncs) {
            platter.dead = true;
            return Err(io::Error::other("the power went"));
        }
        for change in std::mem::take(&mut platter.unsynced) {
            change.apply(&mut platter.durable);
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut platter = self.platter();
        let platter = platter.changeable()?;
        platter.writes += 1;
        platter.octets += data.len() as u64;
        let change = Change::Write(offset as usize, data.to_vec());
        change.apply(&mut platter.seen);
        platter.unsynced.push(change);
        Ok(())
    }
}
