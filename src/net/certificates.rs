//! Certificates: loaded from PEM files, issued by the office CA or by a CA on the network, checked and exchanged in one
//! place, whatever protocol serves them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use futures_rustls::rustls;
use futures_rustls::rustls::crypto::CryptoProvider;
use futures_rustls::rustls::crypto::ring::default_provider;
use futures_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use futures_rustls::rustls::sign::CertifiedKey;
use ring::rand::SystemRandom;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::file::{self, Unread};
use super::flaws;
use super::handshakes::Handshakes;
use crate::rules::certificates::inspect::{File, Flaw, Pair};
use crate::rules::certificates::leaf::Leaf;
use crate::rules::certificates::name::DnsName;
use crate::rules::certificates::served::{Served, Source};
use crate::rules::moment::Reading;

/// Certificates and key files are a few KiB; what is longer is something else, and is not read.
const LONGEST_FILE: usize = 64 * 1024;

/// Why there is no TLS. Each says which file, and what the owner can do.
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// The system gave no randomness, or no cipher suite is left; nothing to do with the files.
    Engine(rustls::Error),
    /// The files are read, but are of no use.
    Flawed {
        /// File with the certificates.
        certificate: PathBuf,
        /// File with the private key.
        key: PathBuf,
        /// In what way.
        flaw: Flaw,
    },
    /// What the office CA or a CA on the network issued cannot be served.
    Issued(rustls::Error),
    /// What was issued is no certificate.
    NotIssued,
    /// The file cannot be read.
    Read(PathBuf, Unread),
    /// The files are sound, but the TLS engine has no use for them.
    Unusable(PathBuf, rustls::Error),
}

impl fmt::Display for TlsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine(error) => write!(out, "TLS cannot be set up: {error}"),
            Self::Flawed { certificate, key, flaw } => out.write_str(&flaws::sentence(flaw, certificate, key)),
            Self::Issued(error) => write!(out, "the certificate that was issued cannot be used: {error}"),
            Self::NotIssued => out.write_str("the certificate that was issued cannot be read"),
            Self::Read(path, Unread::TooLong(_)) => {
                write!(out, "{} is too long to be a certificate or a key", path.display())
            }
            Self::Read(path, unread) => write!(out, "{} cannot be read: {unread}", path.display()),
            Self::Unusable(path, error) => write!(
                out,
                "the certificate in {} cannot be used with its key: {error}",
                path.display()
            ),
        }
    }
}

impl std::error::Error for TlsError {}

/// The certificate and key that every protocol's TLS serves, exchangeable while the program runs.
#[derive(Clone)]
pub struct Certificates {
    current: Arc<Current>,
    handshakes: Arc<Handshakes>,
    files: Option<Arc<Files>>,
}

/// The files that a certificate is read from.
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Certificates {
    /// From PEM files: the certificate first and its chain after it, and the key (PKCS #8, SEC 1 or PKCS #1).
    ///
    /// # Errors
    /// Which file, and what is wrong with it.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let files = Files {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        };
        let provider = default_provider();
        let loaded = files.read(&provider)?;
        Ok(Self::of(loaded, provider, Some(files)))
    }

    /// From the office CA: a leaf (DER) and its key (PKCS #8). It is sent alone: the CA is what clients have.
    ///
    /// # Errors
    /// [`TlsError::Issued`], [`TlsError::NotIssued`].
    pub fn issued(leaf: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let provider = default_provider();
        let loaded = issued(leaf, key, &provider)?;
        Ok(Self::of(loaded, provider, None))
    }

    /// Serves this certificate to whoever asks for one of its names from now on: a chain (DER, the leaf first) and its
    /// key (PKCS #8), as a CA on the network issued them. Who comes by an address or another name, as phones do, gets
    /// the office CA's leaf as before. One that is not for today's name (`is_own`) is served in the same way, but
    /// [`Self::served`] tells of the office CA's leaf.
    ///
    /// # Errors
    /// As [`Self::issued`]; the certificate in use then stays in use.
    pub fn put_before(&self, chain: &[Vec<u8>], key: &[u8], is_test: bool, is_own: bool) -> Result<(), TlsError> {
        let source = Source::Acme { is_test };
        let fresh = Before {
            loaded: loaded(chain, key, source, &self.current.provider)?,
            is_own,
        };
        *self.current.before.write().unwrap_or_else(PoisonError::into_inner) = Some(fresh);
        Ok(())
    }

    /// Serves the office CA's leaf again.
    pub fn take_away(&self) {
        *self.current.before.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Answers handshakes that ask for nothing but [`ACME_TLS`] under that name with this certificate (DER, and its key
    /// in PKCS #8): RFC 8737 §3. All other handshakes are served as ever.
    ///
    /// # Errors
    /// [`TlsError::Issued`].
    pub fn meet_challenge(&self, name: &str, certificate: &[u8], key: &[u8]) -> Result<(), TlsError> {
        let chain = [certificate.to_vec()];
        let key = private_key(key);
        let key = self.current.provider.key_provider.load_private_key(key);
        // Not compared with the key: its critical extension is one that nobody else knows.
        let certified = CertifiedKey::new(ders(&chain), key.map_err(TlsError::Issued)?);
        let challenge = Challenge {
            name: name.to_owned(),
            certified: Arc::new(certified),
        };
        *self.current.challenge.write().unwrap_or_else(PoisonError::into_inner) = Some(challenge);
        Ok(())
    }

    /// Such handshakes get no answer any more.
    pub fn end_challenge(&self) {
        *self.current.challenge.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn of(loaded: Loaded, provider: CryptoProvider, files: Option<Files>) -> Self {
        let current = Arc::new(Current {
            loaded: RwLock::new(loaded),
            before: RwLock::default(),
            challenge: RwLock::default(),
            provider: Arc::new(provider),
        });
        Self {
            current,
            handshakes: Arc::default(),
            files: files.map(Arc::new),
        }
    }

    /// Serves another leaf of the office CA from now on; connections that are open are left alone.
    ///
    /// # Errors
    /// As [`Self::issued`]; the certificate in use then stays in use.
    pub fn exchange(&self, leaf: &[u8], key: &[u8]) -> Result<(), TlsError> {
        let fresh = issued(leaf, key, &self.current.provider)?;
        *self.current.loaded.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Reads the files again, where there are any. New connections get what they hold now; those that are open are left
    /// alone. Whether it is another certificate.
    ///
    /// # Errors
    /// As [`Self::open`]; the certificate in use then stays in use.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let Some(files) = &self.files else { return Ok(false) };
        let fresh = files.read(&self.current.provider)?;
        let mut loaded = self.current.loaded.write().unwrap_or_else(PoisonError::into_inner);
        let is_another = loaded.certified.cert != fresh.certified.cert;
        *loaded = fresh;
        Ok(is_another)
    }

    /// What browsers will not like of the files in use, for an appliance of that name at that time: a sentence each.
    /// The office CA's leaf is mended by itself.
    pub fn doubts(&self, name: &str, reading: Reading) -> Vec<String> {
        let loaded = self.current.loaded.read().unwrap_or_else(PoisonError::into_inner);
        let (Some(files), Some(pair)) = (&self.files, &loaded.pair) else {
            return Vec::new();
        };
        let doubts = DnsName::parse(name).map(|name| pair.doubts(&name, reading));
        let sentence = |flaw| flaws::sentence(&flaw, &files.certificate, &files.key);
        doubts.into_iter().flatten().map(sentence).collect()
    }

    /// What is to be known of the certificate in use.
    pub fn served(&self) -> Served {
        let before = self.current.before.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = before.as_ref().filter(|before| before.is_own) {
            return before.loaded.served.clone();
        }
        let loaded = self.current.loaded.read().unwrap_or_else(PoisonError::into_inner);
        loaded.served.clone()
    }

    pub(super) fn resolver(&self) -> Arc<dyn ResolvesServerCert> {
        Arc::<Current>::clone(&self.current)
    }

    /// The handshakes that failed, at all doors.
    pub fn handshakes(&self) -> Arc<Handshakes> {
        Arc::clone(&self.handshakes)
    }

    pub(super) fn provider(&self) -> Arc<CryptoProvider> {
        Arc::clone(&self.current.provider)
    }
}

/// The protocol that a CA asks for when it makes sure of a name by a handshake (RFC 8737 §6.2).
pub const ACME_TLS: &[u8] = b"acme-tls/1";

#[derive(Debug)]
struct Current {
    loaded: RwLock<Loaded>,
    /// What is served in its place.
    before: RwLock<Option<Before>>,
    challenge: RwLock<Option<Challenge>>,
    provider: Arc<CryptoProvider>,
}

impl Loaded {
    fn names(&self, asked: &str) -> bool {
        self.served.names.iter().any(|name| name.eq_ignore_ascii_case(asked))
    }
}

/// What a CA on the network issued.
#[derive(Debug)]
struct Before {
    loaded: Loaded,
    /// Whether it is for today's name, and not for a move's old one alone.
    is_own: bool,
}

/// A CA's question that is being answered.
#[derive(Debug)]
struct Challenge {
    name: String,
    certified: Arc<CertifiedKey>,
}

/// A certificate and key as TLS uses them.
#[derive(Debug)]
struct Loaded {
    certified: Arc<CertifiedKey>,
    served: Served,
    /// Both files, as they were read.
    pair: Option<Pair>,
}

impl ResolvesServerCert for Current {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let asks_for_nothing_else = hello
            .alpn()
            .is_some_and(|mut protocols| protocols.next() == Some(ACME_TLS) && protocols.next().is_none());
        if asks_for_nothing_else {
            let challenge = self.challenge.read().unwrap_or_else(PoisonError::into_inner);
            let met = challenge.as_ref();
            let met = met.filter(|met| {
                hello
                    .server_name()
                    .is_some_and(|name| name.eq_ignore_ascii_case(&met.name))
            });
            return met.map(|met| Arc::clone(&met.certified));
        }
        let before = self.before.read().unwrap_or_else(PoisonError::into_inner);
        let is_asked_for = |before: &&Before| hello.server_name().is_some_and(|name| before.loaded.names(name));
        if let Some(before) = before.as_ref().filter(is_asked_for) {
            return Some(Arc::clone(&before.loaded.certified));
        }
        drop(before);
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&loaded.certified))
    }
}

impl Files {
    fn read(&self, provider: &CryptoProvider) -> Result<Loaded, TlsError> {
        let bytes =
            |path: &Path| file::read(path, LONGEST_FILE).map_err(|unread| TlsError::Read(path.to_owned(), unread));
        let (chain, secret) = (bytes(&self.certificate)?, bytes(&self.key));
        // What is wrong with the certificate is said first, also where there is no key.
        let known = secret.as_ref().map_or(&[][..], |secret| secret.as_slice());
        let pair = Pair::read(&chain, known, &SystemRandom::new());
        if let (Err(Flaw::Missing { file: File::Key, .. }), Err(unread)) = (&pair, secret) {
            return Err(unread);
        }
        let pair = pair.map_err(|flaw| TlsError::Flawed {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            flaw,
        })?;
        let chain = pair.chain.iter().cloned().map(CertificateDer::from).collect();
        let certified = CertifiedKey::from_der(chain, pair.key.clone_key(), provider)
            .map_err(|error| TlsError::Unusable(self.certificate.clone(), error))?;
        Ok(Loaded {
            certified: Arc::new(certified),
            served: Served {
                source: Source::Files,
                issuer: pair.issuer.clone(),
                names: pair.names.clone(),
                addresses: Vec::new(),
                validity: pair.validity,
            },
            pair: Some(pair),
        })
    }
}

fn issued(leaf: &[u8], key: &[u8], provider: &CryptoProvider) -> Result<Loaded, TlsError> {
    loaded(&[leaf.to_vec()], key, Source::Office, provider)
}

fn loaded(chain: &[Vec<u8>], key: &[u8], source: Source, provider: &CryptoProvider) -> Result<Loaded, TlsError> {
    let leaf = chain.first().ok_or(TlsError::NotIssued)?;
    let read = Leaf::read(leaf).ok_or(TlsError::NotIssued)?;
    Ok(Loaded {
        certified: Arc::new(certified(chain, key, provider)?),
        served: Served {
            source,
            issuer: Some(read.issuer),
            names: read.names,
            addresses: read.addresses,
            validity: read.validity,
        },
        pair: None,
    })
}

fn certified(chain: &[Vec<u8>], key: &[u8], provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    CertifiedKey::from_der(ders(chain), private_key(key), provider).map_err(TlsError::Issued)
}

fn ders(chain: &[Vec<u8>]) -> Vec<CertificateDer<'static>> {
    chain.iter().cloned().map(CertificateDer::from).collect()
}

fn private_key(key: &[u8]) -> PrivateKeyDer<'static> {
    PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.to_vec()))
}
