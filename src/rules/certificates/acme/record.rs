//! What is kept of ACME: the choice, and for each directory an account, a certificate and how the last try went.

use std::net::IpAddr;

use zeroize::Zeroizing;

use crate::rules::id::Email;
use crate::rules::moment::Fresh;
use crate::rules::secret::{SealKey, Sealed};
use crate::rules::time::Date;

/// Let's Encrypt: certificates that browsers know.
pub const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
/// Let's Encrypt's place for a first try: certificates that no browser knows, and limits that are hard to reach.
pub const LETS_ENCRYPT_STAGING: &str = "https://acme-staging-v02.api.letsencrypt.org/directory";

/// What the key of an account is sealed for.
const ACCOUNT: &str = "acme-account";
/// What the key of a certificate is sealed for.
const CERTIFICATE: &str = "acme-certificate";

/// How the CA makes sure that the name leads here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// It fetches a file in the clear, from port 80 (RFC 8555 §8.3).
    Http,
    /// It makes a handshake at port 443 (RFC 8737).
    TlsAlpn,
}

/// The owner's choice of ACME.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acme {
    /// The CA's directory: an address with `https`.
    pub directory: String,
    /// Whether its certificates are for trying alone: browsers do not know them.
    pub is_test: bool,
    /// Whom the CA may write to.
    pub contact: Option<Email>,
    /// Certificates (PEM) that the directory's own must lead to; `None`: the system's.
    pub roots: Option<String>,
    /// Which challenge is met.
    pub challenge: Challenge,
    /// Whether browsers are told to come by HTTPS alone (HSTS), while a certificate is served that they know.
    pub is_strict: bool,
    /// The directory that was chosen before, whose certificate stays in use until there is another.
    pub before: Option<String>,
}

/// The appliance's account at one directory.
#[derive(Clone, Debug)]
pub struct Account {
    /// The directory.
    pub directory: String,
    /// PKCS #8 (P-256), sealed; bound to the directory.
    pub key: Sealed,
    /// Its address there (RFC 8555 §7.3); none before it was opened, or once the CA no longer knows it.
    pub url: Option<String>,
    /// Whom the CA was told that it may write to.
    pub contact: Option<Email>,
    /// When accounts were opened there, the newest [`super::due::OPENED`] of them, oldest first.
    pub opened: Vec<Date>,
}

/// A certificate that a directory issued.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The directory.
    pub directory: String,
    /// DER, the leaf first.
    pub chain: Vec<Vec<u8>>,
    /// PKCS #8 (P-256), sealed; bound to the leaf.
    pub key: Sealed,
    /// Whether it was issued for trying alone.
    pub is_test: bool,
}

/// How things stand at a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The directory.
    pub directory: String,
    /// Tries that failed since the last certificate.
    pub failures: u32,
    /// When the next one is; none: when the certificate is due.
    pub next: Option<Date>,
    /// Why the last one failed; none if it did not.
    pub trouble: Option<Trouble>,
    /// When the last try began.
    pub tried: Option<Date>,
}

/// Why a try failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The CA's words, or ours where it said none; at most [`super::trouble::WORDS`] characters.
    pub said: String,
    /// Its kind as the CA calls it, without `urn:ietf:params:acme:error:` (RFC 8555 §6.7); none where the CA did not
    /// answer.
    pub kind: Option<String>,
    /// Under which address the CA looked for the appliance, where it says so.
    pub address: Option<IpAddr>,
}

impl Account {
    /// One that is yet to be opened, with that key (PKCS #8).
    pub fn new(directory: &str, key: &[u8], under: &SealKey, fresh: &mut Fresh) -> Self {
        Self {
            directory: directory.to_owned(),
            key: under.seal(ACCOUNT, directory.as_bytes(), key, fresh),
            url: None,
            contact: None,
            opened: Vec::new(),
        }
    }

    /// Its key (PKCS #8); none where another appliance's key sealed it.
    pub fn opened_key(&self, under: &SealKey) -> Option<Zeroizing<Vec<u8>>> {
        under.open(ACCOUNT, self.directory.as_bytes(), &self.key)
    }
}

impl Issued {
    /// Seals the key (PKCS #8) of a chain (DER, the leaf first).
    pub fn seal(acme: &Acme, chain: Vec<Vec<u8>>, key: &[u8], under: &SealKey, fresh: &mut Fresh) -> Self {
        let leaf = chain.first().map_or(&[][..], Vec::as_slice);
        Self {
            directory: acme.directory.clone(),
            key: under.seal(CERTIFICATE, leaf, key, fresh),
            is_test: acme.is_test,
            chain,
        }
    }

    /// Its key (PKCS #8); none where another appliance's key sealed it.
    pub fn opened_key(&self, under: &SealKey) -> Option<Zeroizing<Vec<u8>>> {
        let leaf = self.chain.first().map_or(&[][..], Vec::as_slice);
        under.open(CERTIFICATE, leaf, &self.key)
    }
}
