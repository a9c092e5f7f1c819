//! Backups as streams of bytes: made of the store and its key, and taken apart again.

use std::fmt;
use std::io::{self, Read};

use zeroize::Zeroizing;

use super::passwords::argon2id;
use crate::rules::office::backup::last_chunk;
use crate::rules::office::backup::{CHUNK, EFFORT, Flaw, HEAD, Opener, Passphrase, Recipe, Root, Sealer, TAG, Table};
use crate::rules::secret::SealKey;
use crate::rules::time::Date;
use crate::store::backup::Snapshot;
use crate::store::{Fault, Store};

/// The part that is the appliance's key: 32 bytes.
pub const KEY: &str = "key";
/// The part that is the store, a redb database.
pub const STORE: &str = "store";

/// The part that is the time at which it was taken: seconds since 1970 (u64, little-endian).
pub const TAKEN: &str = "taken";

/// A passphrase after its slow hash, ready to seal files.
pub struct Locked {
    /// What the hash was made with.
    pub recipe: Recipe,
    /// Its answer.
    pub root: Root,
}

impl Locked {
    /// Hashes a passphrase under that salt, which is random. Slow; `None` where there is no memory for it.
    pub fn by(passphrase: &Passphrase, salt: [u8; 16]) -> Option<Self> {
        Self::in_form(passphrase.bytes(), salt)
    }

    /// The same for one form of a passphrase ([`Passphrase::forms`]).
    pub fn in_form(form: &[u8], salt: [u8; 16]) -> Option<Self> {
        let recipe = Recipe { effort: EFFORT, salt };
        Some(Self {
            root: root(form, &recipe)?,
            recipe,
        })
    }
}

/// A backup that is read once, from its beginning to its end. Takes the memory of two chunks.
pub struct Backup {
    snapshot: Snapshot,
    sealer: Sealer,
    /// The table, the time and the key, which stand before the store.
    front: Zeroizing<Vec<u8>>,
    /// How much of the content is sealed.
    sealed: u64,
    ready: Vec<u8>,
    taken: usize,
}

impl Backup {
    /// Takes one of the store as it is now, whatever the date. Blocks for the copy of the store. `file`: random bytes.
    pub fn take(store: &Store, key: &SealKey, locked: &Locked, file: [u8; 16], now: Date) -> Result<Self, Fault> {
        let snapshot = store.snapshot()?;
        let (taken, key) = (now.0.to_le_bytes(), key.reveal());
        let table = Table(vec![
            (TAKEN.to_owned(), count(taken.len())),
            (KEY.to_owned(), count(key.len())),
            (STORE.to_owned(), snapshot.length()),
        ]);
        let (sealer, head) = Sealer::new(&locked.recipe, &locked.root, &file);
        Ok(Self {
            snapshot,
            sealer,
            front: Zeroizing::new([table.bytes().as_slice(), &taken, key].concat()),
            sealed: 0,
            ready: head,
            taken: 0,
        })
    }

    /// Bytes of the whole file.
    pub fn length(&self) -> u64 {
        Sealer::length(self.content())
    }

    fn content(&self) -> u64 {
        count(self.front.len()) + self.snapshot.length()
    }

    /// Makes the next chunk ready; none is left after the last.
    fn seal(&mut self) -> io::Result<()> {
        let left = self.content() - self.sealed;
        let length = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
        self.taken = 0;
        self.ready.clear();
        if length == 0 {
            return Ok(());
        }
        // The front is shorter than a chunk.
        let front = if self.sealed == 0 { self.front.as_slice() } else { &[] };
        let at = self.sealed.saturating_sub(count(self.front.len()));
        self.ready.reserve_exact(CHUNK + TAG);
        self.ready.extend_from_slice(front);
        self.ready.resize(length, 0);
        let store = self.ready.get_mut(front.len()..).unwrap_or_default();
        self.snapshot.read(at, store)?;
        self.sealed += count(length);
        let last = self.sealed == self.content();
        self.sealer.seal(&mut self.ready, last);
        Ok(())
    }
}

impl Read for Backup {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.ready.len() {
            self.seal()?;
        }
        let rest = self.ready.get(self.taken..).unwrap_or_default();
        let length = rest.len().min(into.len());
        let (from, _) = rest.split_at(length);
        let (to, _) = into.split_at_mut(length);
        to.copy_from_slice(from);
        self.taken += length;
        Ok(length)
    }
}

fn root(passphrase: &[u8], recipe: &Recipe) -> Option<Root> {
    argon2id(passphrase, &recipe.salt, recipe.effort).map(Root::new)
}

/// Opens a head by a passphrase in the forms in which it may have been taken.
fn opener(head: &[u8; HEAD], recipe: &Recipe, passphrase: &Passphrase) -> Result<Opener, Unopened> {
    for form in passphrase.forms() {
        let root = root(form, recipe).ok_or(Unopened::Memory)?;
        match Opener::new(head, &root) {
            Err(Flaw::Passphrase) => {}
            opened => return Ok(opened?),
        }
    }
    Err(Flaw::Passphrase.into())
}

/// A length, which has no more than 64 bits anywhere.
fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Why a backup was not taken apart.
#[derive(Debug)]
pub enum Unopened {
    /// What is wrong with it.
    Flaw(Flaw),
    /// There is not enough memory for its passphrase's hash.
    Memory,
    /// It cannot be read.
    Read(io::Error),
    /// What it holds cannot be written.
    Write(io::Error),
}

impl fmt::Display for Unopened {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flaw(flaw) => flaw.fmt(out),
            Self::Memory => out.write_str("there is not enough memory to open it"),
            Self::Read(error) => write!(out, "it cannot be read: {error}"),
            Self::Write(error) => write!(out, "what it holds cannot be written: {error}"),
        }
    }
}

impl From<Flaw> for Unopened {
    fn from(flaw: Flaw) -> Self {
        Self::Flaw(flaw)
    }
}

/// Takes a backup apart: hands each part to `write`, piece by piece, under its name. What was handed out counts only
/// when this comes back without an error: then the backup is whole, and holds a store and a key.
pub fn open(
    from: impl Read,
    passphrase: &Passphrase,
    write: impl FnMut(&str, &[u8]) -> io::Result<()>,
) -> Result<(), Unopened> {
    open_with(from, |head, recipe| opener(head, recipe, passphrase), write)
}

/// The same by a root that is known.
pub fn open_by(
    from: impl Read,
    root: impl FnOnce(&Recipe) -> Root,
    write: impl FnMut(&str, &[u8]) -> io::Result<()>,
) -> Result<(), Unopened> {
    open_with(from, |head, recipe| Ok(Opener::new(head, &root(recipe))?), write)
}

fn open_with(
    mut from: impl Read,
    opener: impl FnOnce(&[u8; HEAD], &Recipe) -> Result<Opener, Unopened>,
    write: impl FnMut(&str, &[u8]) -> io::Result<()>,
) -> Result<(), Unopened> {
    let mut head = [0; HEAD];
    match from.read_exact(&mut head) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(Flaw::NoBackup.into()),
        read => read.map_err(Unopened::Read)?,
    }
    let mut opener = opener(&head, &Recipe::parse(&head)?)?;
    let mut parts = Parts { write, left: None };
    let mut chunk = piece(&mut from)?;
    loop {
        let next = piece(&mut from)?;
        opener.open(&mut chunk, next.is_empty())?;
        parts.take(&chunk)?;
        if next.is_empty() {
            return parts.end();
        }
        chunk = next;
    }
}

/// A chunk as it stands in the file; empty behind the last one. Its content is wiped when dropped.
fn piece(from: &mut impl Read) -> Result<Zeroizing<Vec<u8>>, Unopened> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(CHUNK + TAG));
    let limit = count(CHUNK + TAG);
    from.take(limit).read_to_end(&mut bytes).map_err(Unopened::Read)?;
    Ok(bytes)
}

/// The content on its way to where its parts go.
struct Parts<W> {
    write: W,
    /// What is still to come of which parts; `None` before the first chunk.
    left: Option<Vec<(String, u64)>>,
}

impl<W: FnMut(&str, &[u8]) -> io::Result<()>> Parts<W> {
    fn take(&mut self, chunk: &[u8]) -> Result<(), Unopened> {
        let (mut left, mut bytes) = match self.left.take() {
            Some(left) => (left, chunk),
            None => {
                let (Table(parts), rest) = Table::parse(chunk)?;
                let is_there = |name: &str| parts.iter().filter(|(known, _)| known == name).count() == 1;
                if !is_there(KEY) || !is_there(STORE) {
                    return Err(Flaw::Content.into());
                }
                (parts, rest)
            }
        };
        while let Some((name, length)) = left.first_mut() {
            let now = usize::try_from(*length).unwrap_or(usize::MAX).min(bytes.len());
            let (part, rest) = bytes.split_at(now);
            (self.write)(name, part).map_err(Unopened::Write)?;
            *length -= count(now);
            bytes = rest;
            if *length > 0 {
                break;
            }
            left.remove(0);
        }
        if !bytes.is_empty() {
            return Err(Flaw::Content.into());
        }
        self.left = Some(left);
        Ok(())
    }

    fn end(self) -> Result<(), Unopened> {
        match self.left {
            Some(left) if left.is_empty() => Ok(()),
            _ => Err(Flaw::Content.into()),
        }
    }
}

/// Looks at a file's two ends alone: `start` is its head and first chunk, `end` its last chunk, or empty where that is
/// the first; `length` its bytes. Says when it was taken, where it says so. Blocks for the passphrase's hash, which may
/// cost no more than that of our own files.
pub fn look(start: &[u8], end: &[u8], length: u64, passphrase: &Passphrase) -> Result<Option<Date>, Unopened> {
    let (head, first) = start.split_first_chunk::<HEAD>().ok_or(Flaw::NoBackup)?;
    let recipe = Recipe::parse(head)?;
    if recipe.effort.memory > EFFORT.memory || recipe.effort.passes > EFFORT.passes {
        return Err(Flaw::Effort.into());
    }
    let mut opener = opener(head, &recipe, passphrase)?;
    let (last, bytes) = last_chunk(length).ok_or(Flaw::CutShort)?;
    let ends = if last == 0 { first } else { end };
    if count(ends.len()) != bytes || last > 0 && first.len() != CHUNK + TAG {
        return Err(Flaw::CutShort.into());
    }
    let mut chunk = Zeroizing::new(first.to_vec());
    opener.open(&mut chunk, last == 0)?;
    let (Table(parts), mut rest) = Table::parse(&chunk)?;
    let mut taken = None;
    for (name, length) in parts {
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(rest.len());
        let (part, after) = rest.split_at(length);
        if name == TAKEN {
            taken = <[u8; 8]>::try_from(part).ok().map(u64::from_le_bytes).map(Date);
        }
        rest = after;
    }
    if last > 0 {
        opener.skip_to(last);
        opener.open(&mut Zeroizing::new(end.to_vec()), true)?;
    }
    Ok(taken)
}
