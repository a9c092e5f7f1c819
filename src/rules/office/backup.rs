//! The bytes of a backup: sealed by a passphrase, in chunks, so that it can be written and read with little memory.
//!
//! A head of 72 bytes, then chunks of 65 536 bytes of content and 16 bytes tag each; the last one holds 1 to 65 536.
//! DESIGN.md gives the layout. The chunks are a STREAM (Hoang, Reyhanitabar, Rogaway and Vizár 2015), as in age v1: the
//! nonce is the chunk's number and whether it is the last, and every chunk is bound to the head.

use std::fmt;
use std::ops::Range;

use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::rules::change::OfficeChange;
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::limits;
use crate::rules::people::account::Effort;
use crate::rules::text::{composed, opaque};
use crate::rules::verdict::Verdict;

/// Length of the head in bytes.
pub const HEAD: usize = 72;
/// Content of a chunk in bytes, the last one's aside.
pub const CHUNK: usize = 64 * 1024;
/// What each chunk is longer than its content: the tag of Poly1305 (RFC 8439 §2.5).
pub const TAG: usize = 16;
/// What the passphrase's key costs in a new backup: 7 MiB leave room within the 8 MiB that a backup may take, and twice
/// the passes of the OWASP's advice for that size make up for what an attacker saves by it.
pub const EFFORT: Effort = Effort {
    memory: 7 * 1024,
    passes: 10,
};
/// What a file may demand at most: 32 MiB, which every board has, and a minute or so of a slow one.
const MOST: Effort = Effort {
    memory: 32 * 1024,
    passes: 64,
};
const MAGIC: &[u8; 15] = b"linekey backup\n";
const VERSION: u8 = 1;
/// Where a head has 16 bytes that no other file has.
const FILE: Range<usize> = 40..56;

/// Why a backup does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It ends before its last chunk does.
    CutShort,
    /// A chunk is not the one that was written there.
    Damaged,
    /// It demands more work than any backup does.
    Effort,
    /// Its content is no store and key.
    Content,
    /// It does not begin as a backup does.
    NoBackup,
    /// It was written by a newer Linekey: the version of its form.
    Newer(u8),
    /// The passphrase is not its own, or the head is damaged.
    Passphrase,
}

impl fmt::Display for Flaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CutShort => out.write_str("it is cut short, or damaged at its end"),
            Self::Damaged => out.write_str("it is damaged"),
            Self::Effort => out.write_str("it demands more work than any backup does"),
            Self::Content => out.write_str("it does not hold a store and its key"),
            Self::NoBackup => out.write_str("it is not a backup of Linekey"),
            Self::Newer(version) => {
                write!(
                    out,
                    "it was written by a newer Linekey (form {version}, this one knows {VERSION})"
                )
            }
            Self::Passphrase => out.write_str("this is not its passphrase, or its first bytes are damaged"),
        }
    }
}

impl std::error::Error for Flaw {}

/// A passphrase in the one form that counts ([`opaque`]), without blanks and line ends around it.
pub struct Passphrase {
    form: Zeroizing<String>,
    /// The form in which releases before took it, where that is another: blanks of other kinds stayed as they were.
    older: Option<Zeroizing<String>>,
}

impl Passphrase {
    /// Takes what was typed or stands in a file, for opening.
    pub fn typed(text: &str) -> Self {
        let (form, older) = (opaque(text.trim()), composed(text.trim()));
        let older = Some(older).filter(|older| *older != form);
        Self { form, older }
    }

    /// The same for a new backup: 12 characters or more, at most 512 octets.
    pub fn chosen(text: &str) -> Result<Self, Invalid> {
        let passphrase = Self::typed(text);
        let why = if passphrase.form.len() > limits::PASSWORD_MAX_OCTETS {
            Why::TooLong
        } else if passphrase.form.chars().count() < limits::PASSWORD_MIN_CHARS {
            Why::TooShort
        } else {
            return Ok(passphrase);
        };
        Err(Invalid::new(Field::Passphrase, why))
    }

    /// What Argon2id takes.
    pub fn bytes(&self) -> &[u8] {
        self.form.as_bytes()
    }

    /// What it takes for a file to be opened: one after the other is tried.
    pub fn forms(&self) -> impl Iterator<Item = &[u8]> {
        let older = self.older.iter().map(|older| older.as_bytes());
        std::iter::once(self.bytes()).chain(older)
    }
}

/// What a passphrase's root is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// Argon2id's memory and passes; one lane.
    pub effort: Effort,
    /// Its salt.
    pub salt: [u8; 16],
}

/// Argon2id's answer, of which each file's key and check value follow.
pub struct Root(Zeroizing<[u8; 32]>);

impl Root {
    /// Takes the 32 bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The 32 bytes, to be sealed.
    pub fn reveal(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA-256 of a purpose and bytes.
    fn derive(&self, purpose: &[u8], bytes: &[u8]) -> Zeroizing<[u8; 32]> {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_slice()) else {
            unreachable!("HMAC takes keys of any length (RFC 2104 §2)")
        };
        mac.update(purpose);
        mac.update(&[0]);
        mac.update(bytes);
        Zeroizing::new(mac.finalize().into_bytes().into())
    }

    /// 16 bytes that tell whether a passphrase is the right one, bound to the head before it.
    fn check(&self, head: &[u8]) -> [u8; 16] {
        let whole = self.derive(b"linekey backup check", head);
        whole.first_chunk().copied().unwrap_or_default()
    }
}

impl Recipe {
    /// The head's first 56 bytes. `file` makes the file's key another than that of every other file under this recipe.
    fn bytes(&self, file: &[u8; 16]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.push(VERSION);
        bytes.extend(self.effort.memory.to_le_bytes());
        bytes.extend(self.effort.passes.to_le_bytes());
        bytes.extend(self.salt);
        bytes.extend(file);
        bytes
    }

    /// Reads it from a head.
    pub fn parse(head: &[u8; HEAD]) -> Result<Self, Flaw> {
        let rest = head.strip_prefix(MAGIC).ok_or(Flaw::NoBackup)?;
        let (&[version], rest) = rest.split_first_chunk().ok_or(Flaw::NoBackup)?;
        if version != VERSION {
            return Err(Flaw::Newer(version));
        }
        let (memory, rest) = rest.split_first_chunk().ok_or(Flaw::NoBackup)?;
        let (passes, rest) = rest.split_first_chunk().ok_or(Flaw::NoBackup)?;
        let salt = rest.first_chunk().ok_or(Flaw::NoBackup)?;
        let effort = Effort {
            memory: u32::from_le_bytes(*memory),
            passes: u32::from_le_bytes(*passes),
        };
        if !(8..=MOST.memory).contains(&effort.memory) || !(1..=MOST.passes).contains(&effort.passes) {
            return Err(Flaw::Effort);
        }
        Ok(Self { effort, salt: *salt })
    }
}

/// The chunks' key, their number so far, and the head that they are bound to.
struct Stream {
    key: LessSafeKey,
    head: Vec<u8>,
    number: u64,
}

impl Stream {
    fn new(root: &Root, head: Vec<u8>) -> Self {
        let file = head.get(FILE).unwrap_or_default();
        let key = root.derive(b"linekey backup key", file);
        match UnboundKey::new(&CHACHA20_POLY1305, key.as_slice()) {
            Ok(key) => Self {
                key: LessSafeKey::new(key),
                head,
                number: 0,
            },
            Err(_) => unreachable!("a key of ChaCha20-Poly1305 has 32 bytes (RFC 8439 §2.8)"),
        }
    }

    /// 3 bytes zero, the number (u64, big-endian), 1 for the last chunk and else 0. No nonce comes twice: the key is
    /// this file's alone, by 16 random bytes of its head.
    fn nonce(&mut self, last: bool) -> Nonce {
        let mut nonce = [0; NONCE_LEN];
        let number = self.number.to_be_bytes();
        for (place, byte) in nonce.iter_mut().skip(3).zip(number.into_iter().chain([u8::from(last)])) {
            *place = byte;
        }
        self.number += 1;
        Nonce::assume_unique_for_key(nonce)
    }
}

/// Writes a backup.
pub struct Sealer(Stream);

impl Sealer {
    /// One for that recipe and what Argon2id made of it, and the head that the file begins with. `file`: random bytes
    /// that are used once.
    pub fn new(recipe: &Recipe, root: &Root, file: &[u8; 16]) -> (Self, Vec<u8>) {
        let mut head = recipe.bytes(file);
        head.extend(root.check(&head));
        (Self(Stream::new(root, head.clone())), head)
    }

    /// Seals the next chunk in place: [`CHUNK`] bytes, or fewer if it is the last one.
    pub fn seal(&mut self, chunk: &mut Vec<u8>, last: bool) {
        let nonce = self.0.nonce(last);
        let aad = Aad::from(self.0.head.as_slice());
        if self.0.key.seal_in_place_append_tag(nonce, aad, chunk).is_err() {
            unreachable!("ChaCha20-Poly1305 seals whatever is shorter than 256 GiB (RFC 8439 §2.8)")
        }
    }

    /// Length of the file for a content of so many bytes, which are not none.
    pub fn length(content: u64) -> u64 {
        let (head, chunk, tag) = (72, 65_536, 16);
        head + content + content.div_ceil(chunk) * tag
    }
}

/// Reads a backup.
pub struct Opener(Stream);

impl Opener {
    /// One for a file with that head.
    pub fn new(head: &[u8; HEAD], root: &Root) -> Result<Self, Flaw> {
        let (bound, check) = head.split_at(HEAD - 16);
        if bool::from(root.check(bound).ct_eq(check)) {
            Ok(Self(Stream::new(root, head.to_vec())))
        } else {
            Err(Flaw::Passphrase)
        }
    }

    /// Goes on with the chunk of that number: for somebody who looks at a file's ends alone.
    pub fn skip_to(&mut self, number: u64) {
        self.0.number = number;
    }

    /// Opens the next chunk in place, tag and all; what is left is its content.
    pub fn open(&mut self, chunk: &mut Vec<u8>, last: bool) -> Result<(), Flaw> {
        if chunk.len() <= TAG {
            return Err(Flaw::CutShort);
        }
        let nonce = self.0.nonce(last);
        let aad = Aad::from(self.0.head.as_slice());
        let opened = self.0.key.open_in_place(nonce, aad, chunk);
        let length = opened
            .map_err(|_| if last { Flaw::CutShort } else { Flaw::Damaged })?
            .len();
        chunk.truncate(length);
        Ok(())
    }
}

/// What the content begins with: the parts' names and lengths, in the order in which they follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table(pub Vec<(String, u64)>);

/// Parts that a content has at most: there are two, and room for what comes.
const PARTS: usize = 16;

impl Table {
    /// One byte how many parts; for each one byte length of its name, the name, and its length (u64, little-endian).
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![u8::try_from(self.0.len()).unwrap_or(u8::MAX)];
        for (name, length) in &self.0 {
            bytes.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
            bytes.extend(name.as_bytes());
            bytes.extend(length.to_le_bytes());
        }
        bytes
    }

    /// Reads it from the beginning of the first chunk, and hands back what follows it.
    pub fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), Flaw> {
        let (&[count], mut rest) = bytes.split_first_chunk().ok_or(Flaw::Content)?;
        if usize::from(count) > PARTS {
            return Err(Flaw::Content);
        }
        let mut parts = Vec::new();
        for _ in 0..count {
            let (&[length], after) = rest.split_first_chunk().ok_or(Flaw::Content)?;
            let (name, after) = after.split_at_checked(length.into()).ok_or(Flaw::Content)?;
            let (length, after) = after.split_first_chunk().ok_or(Flaw::Content)?;
            let name = String::from_utf8(name.to_vec()).map_err(|_| Flaw::Content)?;
            parts.push((name, u64::from_le_bytes(*length)));
            rest = after;
        }
        Ok((Self(parts), rest))
    }
}

/// The number of the last chunk of a file of so many bytes, and the bytes of that chunk; `None` where no backup has
/// that length.
pub fn last_chunk(file: u64) -> Option<(u64, u64)> {
    let (head, chunk, tag) = (72, 65_552, 16);
    let body = file.checked_sub(head)?;
    let last = body.div_ceil(chunk).checked_sub(1)?;
    let length = body - last * chunk;
    (length > tag).then_some((last, length))
}

/// An administrator took a backup: everybody who reads the journal learns of it, for it holds everything.
pub fn taken() -> Verdict<()> {
    Verdict::yes((), vec![OfficeChange::BackupTaken.into()])
}

#[cfg(test)]
mod tests;
