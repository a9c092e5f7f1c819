//! Certificates: loaded from PEM files, checked and exchanged in one place, whatever protocol serves them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use futures_rustls::rustls;
use futures_rustls::rustls::crypto::CryptoProvider;
use futures_rustls::rustls::crypto::ring::default_provider;
use futures_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use futures_rustls::rustls::sign::CertifiedKey;
use ring::rand::SystemRandom;
use rustls_pki_types::CertificateDer;

use super::file::{self, Unread};
use super::flaws;
use crate::rules::certificates::inspect::{File, Flaw, Pair};
use crate::rules::certificates::name::DnsName;
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
    certificate: Arc<Path>,
    key: Arc<Path>,
}

impl Certificates {
    /// From PEM files: the certificate first and its chain after it, and the key (PKCS #8, SEC 1 or PKCS #1).
    ///
    /// # Errors
    /// Which file, and what is wrong with it.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let provider = Arc::new(default_provider());
        let current = Arc::new(Current {
            loaded: RwLock::new(read(certificate, key, &provider)?),
            provider,
        });
        Ok(Self {
            current,
            certificate: certificate.into(),
            key: key.into(),
        })
    }

    /// Reads the files again. New connections get what they hold now; those that are open are left alone. Whether it is another
    /// certificate.
    ///
    /// # Errors
    /// As [`Self::open`]; the certificate in use then stays in use.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let fresh = read(&self.certificate, &self.key, &self.current.provider)?;
        let mut loaded = self.current.loaded.write().unwrap_or_else(PoisonError::into_inner);
        let is_another = loaded.pair.chain != fresh.pair.chain;
        *loaded = fresh;
        Ok(is_another)
    }

    /// What browsers will not like of the certificate in use, for an appliance of that name at that time: a sentence each.
    pub fn doubts(&self, name: &str, reading: Reading) -> Vec<String> {
        let loaded = self.current.loaded.read().unwrap_or_else(PoisonError::into_inner);
        let doubts = DnsName::parse(name).map(|name| loaded.pair.doubts(&name, reading));
        let sentence = |flaw| flaws::sentence(&flaw, &self.certificate, &self.key);
        doubts.into_iter().flatten().map(sentence).collect()
    }

    pub(super) fn resolver(&self) -> Arc<dyn ResolvesServerCert> {
        Arc::<Current>::clone(&self.current)
    }

    pub(super) fn provider(&self) -> Arc<CryptoProvider> {
        Arc::clone(&self.current.provider)
    }
}

#[derive(Debug)]
struct Current {
    loaded: RwLock<Loaded>,
    provider: Arc<CryptoProvider>,
}

/// Both files, as they were read and as TLS uses them.
#[derive(Debug)]
struct Loaded {
    pair: Pair,
    certified: Arc<CertifiedKey>,
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let loaded = self.loaded.read().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&loaded.certified))
    }
}

fn read(certificate: &Path, key: &Path, provider: &CryptoProvider) -> Result<Loaded, TlsError> {
    let bytes = |path: &Path| file::read(path, LONGEST_FILE).map_err(|unread| TlsError::Read(path.to_owned(), unread));
    let (chain, secret) = (bytes(certificate)?, bytes(key));
    // What is wrong with the certificate is said first, also where there is no key.
    let known = secret.as_ref().map_or(&[][..], |secret| secret.as_slice());
    let pair = Pair::read(&chain, known, &SystemRandom::new());
    if let (Err(Flaw::Missing { file: File::Key, .. }), Err(unread)) = (&pair, secret) {
        return Err(unread);
    }
    let pair = pair.map_err(|flaw| TlsError::Flawed {
        certificate: certificate.to_owned(),
        key: key.to_owned(),
        flaw,
    })?;
    let chain = pair.chain.iter().cloned().map(CertificateDer::from).collect();
    let certified = CertifiedKey::from_der(chain, pair.key.clone_key(), provider)
        .map_err(|error| TlsError::Unusable(certificate.to_owned(), error))?;
    Ok(Loaded {
        certified: Arc::new(certified),
        pair,
    })
}
