//! Why there is no TLS, in sentences.

use std::fmt;
use std::path::PathBuf;

use futures_rustls::rustls;

use super::file::Unread;
use super::flaws;
use crate::rules::certificates::inspect::Flaw;

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
        flaw: Box<Flaw>,
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
