//! Certificates: loaded from PEM files, checked and exchanged in one place, whatever protocol serves them.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use futures_rustls::rustls::crypto::CryptoProvider;
use futures_rustls::rustls::crypto::ring::default_provider;
use futures_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use futures_rustls::rustls::sign::CertifiedKey;
use futures_rustls::rustls::{self, InconsistentKeys};
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

/// Certificates and key files are a few KiB; what is longer is something else, and is not read.
const LONGEST_FILE: usize = 64 * 1024;

/// Why there is no TLS. Each says which file, and what the owner can do.
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// A certificate in the file cannot be used, or the key is of a kind that TLS has no use for.
    Certificate(PathBuf, rustls::Error),
    /// The system gave no randomness, or no cipher suite is left; nothing to do with the files.
    Engine(rustls::Error),
    /// The private key is not that of the first certificate.
    Mismatch {
        /// File with the certificates.
        certificate: PathBuf,
        /// File with the private key.
        key: PathBuf,
    },
    /// The file holds no `CERTIFICATE` section.
    NoCertificate(PathBuf),
    /// The file holds no unencrypted private key section.
    NoKey(PathBuf),
    /// The file is not PEM.
    Pem(PathBuf, pem::Error),
    /// The file cannot be read.
    Read(PathBuf, std::io::Error),
    /// The file is longer than any certificate or key.
    TooLong(PathBuf),
}

impl fmt::Display for TlsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate(path, error) => {
                write!(
                    out,
                    "the certificate in {} cannot be used with its key: {error}",
                    path.display()
                )
            }
            Self::Engine(error) => write!(out, "TLS cannot be set up: {error}"),
            Self::Mismatch { certificate, key } => write!(
                out,
                "the private key in {} does not belong to the first certificate in {}",
                key.display(),
                certificate.display()
            ),
            Self::NoCertificate(path) => {
                write!(
                    out,
                    "{} holds no certificate; it should have a BEGIN CERTIFICATE line",
                    path.display()
                )
            }
            Self::NoKey(path) => write!(
                out,
                "{} holds no private key that can be read; it should have a BEGIN PRIVATE KEY line and no passphrase",
                path.display()
            ),
            Self::Pem(path, error) => write!(out, "{} is not a PEM file: {error}", path.display()),
            Self::Read(path, error) => write!(out, "{} cannot be read: {error}", path.display()),
            Self::TooLong(path) => write!(out, "{} is too long to be a certificate or a key", path.display()),
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
            pair: RwLock::new(Arc::new(read(certificate, key, &provider)?)),
            provider,
        });
        Ok(Self {
            current,
            certificate: certificate.into(),
            key: key.into(),
        })
    }

    /// Reads the files again. New connections get what they hold now; those that are open are left alone.
    ///
    /// # Errors
    /// As [`Self::open`]; the certificate in use then stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        let pair = Arc::new(read(&self.certificate, &self.key, &self.current.provider)?);
        *self.current.pair.write().unwrap_or_else(PoisonError::into_inner) = pair;
        Ok(())
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
    pair: RwLock<Arc<CertifiedKey>>,
    provider: Arc<CryptoProvider>,
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.pair.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn read(certificate: &Path, key: &Path, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let chain = CertificateDer::pem_slice_iter(&file(certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| TlsError::Pem(certificate.to_owned(), error))?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate(certificate.to_owned()));
    }
    let secret = PrivateKeyDer::from_pem_slice(&file(key)?).map_err(|error| {
        if matches!(error, pem::Error::NoItemsFound) {
            TlsError::NoKey(key.to_owned())
        } else {
            TlsError::Pem(key.to_owned(), error)
        }
    })?;
    CertifiedKey::from_der(chain, secret, provider).map_err(|error| {
        if error == rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) {
            TlsError::Mismatch {
                certificate: certificate.to_owned(),
                key: key.to_owned(),
            }
        } else {
            TlsError::Certificate(certificate.to_owned(), error)
        }
    })
}

/// The file's bytes, wiped when dropped: one of the two files is a secret.
fn file(path: &Path) -> Result<Zeroizing<Vec<u8>>, TlsError> {
    let unread = |error| TlsError::Read(path.to_owned(), error);
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST_FILE));
    let limit = u64::try_from(LONGEST_FILE).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path)
        .map_err(unread)?
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(unread)?;
    if bytes.len() > LONGEST_FILE {
        return Err(TlsError::TooLong(path.to_owned()));
    }
    Ok(bytes)
}
