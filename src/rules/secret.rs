//! Secrets: shown to nobody by accident, kept only as hashes, wiped when dropped.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::error::Unspecified;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::moment::Fresh;
use super::text::{plain_hyphens, visible};

/// Random bytes that open something for whoever has them: as text, base64url without padding.
pub struct Bearer<const BYTES: usize>(Zeroizing<[u8; BYTES]>);

/// A session's cookie or an invite's link: 256 bits, 43 characters.
pub type Token = Bearer<32>;

/// The secret of a program's access: 192 bits, 32 characters. Shown once.
pub type ApiSecret = Bearer<24>;

impl<const BYTES: usize> Bearer<BYTES> {
    /// One that nobody has seen.
    pub fn fresh(fresh: &mut Fresh) -> Self {
        Self(Zeroizing::new(fresh.bytes()))
    }

    /// Reads the text form; anything that is not so many characters of canonical base64url is none.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != BASE64URL_NOPAD.encode_len(BYTES) {
            return None;
        }
        let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(text.as_bytes()).ok()?);
        Some(Self(Zeroizing::new(bytes.as_slice().try_into().ok()?)))
    }

    /// What is kept in its stead.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.0.as_slice()).into())
    }

    /// The text form, for the one who gets it alone.
    pub fn reveal(&self) -> String {
        BASE64URL_NOPAD.encode(self.0.as_slice())
    }
}

impl<const BYTES: usize> fmt::Debug for Bearer<BYTES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bearer(..)")
    }
}

/// A short code for somebody who reads letters on another device: eight digits, worth something only in the browser
/// that asked and for a few tries.
#[derive(Clone)]
pub struct ShortCode(Zeroizing<String>);

impl ShortCode {
    /// A code that nobody has seen. The bias of the remainder is below 2⁻³⁷.
    pub fn fresh(fresh: &mut Fresh) -> Self {
        let number = u64::from_le_bytes(fresh.bytes()) % 100_000_000;
        Self(Zeroizing::new(format!("{number:08}")))
    }

    /// The digits, in two groups of four for reading.
    pub fn reveal(&self) -> String {
        let (left, right) = self.0.split_at(4);
        format!("{left} {right}")
    }

    /// Whether this was typed, blanks, dashes and what nobody sees aside. Compared in constant time.
    pub fn is(&self, typed: &str) -> bool {
        let digits: String = plain_hyphens(&visible(typed))
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .take(9)
            .collect();
        self.0.as_bytes().ct_eq(digits.as_bytes()).into()
    }
}

/// SHA-256 of a [`Token`] or [`ApiSecret`]: finds the row, opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// The name under which lists show the row: the first 16 bytes as base64url (22 characters).
    pub fn public_id(&self) -> String {
        BASE64URL_NOPAD.encode(self.0.first_chunk::<16>().map_or(&[], |head| head))
    }
}

/// The appliance's own key: 32 bytes beside the store, never in it. Without it the store's sealed rows and one-time
/// password marks are worthless.
pub struct SealKey(Zeroizing<[u8; 32]>);

impl SealKey {
    /// Takes the 32 bytes of the key file.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The 32 bytes, for a backup alone.
    pub fn reveal(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA-256 over a purpose and a value: the same for the same flags at every start, and useless for guessing to
    /// whoever holds the store without the key.
    pub fn mark(&self, purpose: &str, value: &str) -> Mark {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_slice()) else {
            unreachable!("HMAC takes keys of any length (RFC 2104 §2)")
        };
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        Mark(mac.finalize().into_bytes().into())
    }

    /// A token that follows from a purpose and a value: the same each time, and nobody without the key can tell it.
    pub fn token(&self, purpose: &str, value: &str) -> Token {
        let Mark(bytes) = self.mark(purpose, value);
        Bearer(Zeroizing::new(bytes))
    }
}

impl Mark {
    /// Its first 4 bytes, as 8 hexadecimal digits: a name that tells few things apart.
    pub fn short(&self) -> String {
        data_encoding::HEXLOWER.encode(self.0.first_chunk::<4>().map_or(&[], |head| head))
    }
}

impl SealKey {
    /// What a store recognises its key by. Tells nothing of the key.
    pub fn check(&self) -> Mark {
        self.mark("key check", "linekey")
    }
}

/// Bytes that only the appliance's key opens: 12 bytes nonce, ciphertext, 16 bytes tag (ChaCha20-Poly1305, RFC 8439).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// The bytes, to be given to somebody who brings them back.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for Sealed {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl SealKey {
    /// Seals bytes for one purpose, bound to a row: elsewhere they do not open.
    pub fn seal(&self, purpose: &str, row: &[u8], plain: &[u8], fresh: &mut Fresh) -> Sealed {
        let nonce: [u8; NONCE_LEN] = fresh.bytes();
        let mut bytes = plain.to_vec();
        let sealed = self.cipher(purpose).and_then(|cipher| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            cipher.seal_in_place_append_tag(nonce, Aad::from(row), &mut bytes)
        });
        if sealed.is_err() {
            unreachable!("ChaCha20-Poly1305 seals whatever is shorter than 256 GiB (RFC 8439 §2.8)")
        }
        Sealed([nonce.as_slice(), &bytes].concat())
    }

    /// Opens what was sealed for that purpose and row, and nothing else.
    pub fn open(&self, purpose: &str, row: &[u8], sealed: &Sealed) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, bytes) = sealed.0.split_first_chunk::<NONCE_LEN>()?;
        let mut bytes = Zeroizing::new(bytes.to_vec());
        let cipher = self.cipher(purpose).ok()?;
        let opened = cipher.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(row), &mut bytes);
        let length = opened.ok()?.len();
        bytes.truncate(length);
        Some(bytes)
    }

    fn cipher(&self, purpose: &str) -> Result<LessSafeKey, Unspecified> {
        let Mark(key) = self.mark("seal", purpose);
        UnboundKey::new(&CHACHA20_POLY1305, &key).map(LessSafeKey::new)
    }
}

/// See [`SealKey::mark`]. Compared in constant time.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Mark([u8; 32]);

impl Mark {
    /// All of it, as 64 hexadecimal digits.
    pub fn hex(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }
}

impl PartialEq for Mark {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Mark {}

/// A one-time password for a person to type: four groups of four letters and digits that cannot be mistaken for each
/// other (Crockford's base 32 in lower case), 80 bits.
pub fn one_time_password(fresh: &mut Fresh) -> Zeroizing<String> {
    const LETTERS: [char; 32] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j', 'k', 'm', 'n',
        'p', 'q', 'r', 's', 't', 'v', 'w', 'x', 'y', 'z',
    ];
    let mut text = Zeroizing::new(String::with_capacity(19));
    for (place, byte) in fresh.bytes::<16>().into_iter().enumerate() {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        text.extend(LETTERS.get(usize::from(byte & 31)));
    }
    text
}
