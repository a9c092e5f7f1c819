//! What keeps a certificate that somebody else shows from ever being accepted, however much it is trusted.

use std::fmt;

use super::key::KeyKind;
use super::x509::Certificate;
use crate::rules::webauthn::der::{self, Reader};

/// Bits of an RSA modulus by which signatures are verified (as ring and rustls-webpki do).
const VERIFIED_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// In what way it is too weak or too old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// Its key is too short, or of a kind that nothing is verified by here.
    Key(KeyKind),
    /// It is signed over SHA-1 or MD5.
    Signature,
    /// It is of X.509 version 1 or 2.
    Version,
}

impl Weakness {
    /// What is wrong with that certificate (DER): the version before the key, and that before the signature.
    pub fn of(der: &[u8]) -> Option<Self> {
        let read = Certificate::parse(der).ok()?;
        if !read.is_version_3 {
            return Some(Self::Version);
        }
        Self::of_key(&read).or_else(|| is_weak(&read).then_some(Self::Signature))
    }

    /// Only whether nothing can be verified by its key, for whoever has signed others.
    pub fn of_issuer(der: &[u8]) -> Option<Self> {
        Self::of_key(&Certificate::parse(der).ok()?)
    }

    fn of_key(read: &Certificate<'_>) -> Option<Self> {
        match KeyKind::of(&read.key) {
            KeyKind::P256 | KeyKind::P384 | KeyKind::Ed25519 => None,
            KeyKind::Rsa { bits } if VERIFIED_BITS.contains(&bits) => None,
            kind @ (KeyKind::Rsa { .. } | KeyKind::P521 | KeyKind::Other) => Some(Self::Key(kind)),
        }
    }
}

/// Whether the second certificate (DER) says that the holder of the first one issued it.
pub fn is_issuer(issuer: &[u8], issued: &[u8]) -> bool {
    let (issuer, issued) = (Certificate::parse(issuer), Certificate::parse(issued));
    matches!((issuer, issued), (Ok(issuer), Ok(issued)) if issuer.subject == issued.issuer)
}

impl fmt::Display for Weakness {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(KeyKind::Rsa { bits }) if *bits < *VERIFIED_BITS.start() => write!(
                out,
                "has an RSA key of {bits} bits, which is too short; make a new one of at least 2048 bits, or over P-256"
            ),
            Self::Key(KeyKind::Rsa { bits }) => {
                write!(
                    out,
                    "has an RSA key of {bits} bits, which is too long; make a new one of at most 8192 bits"
                )
            }
            Self::Key(_) => out.write_str(
                "has a key of a kind that cannot be used here; make a new one over P-256, or RSA of 2048 bits or more",
            ),
            Self::Signature => {
                out.write_str("is signed with SHA-1 or MD5, which anybody can forge; have it signed anew with SHA-256")
            }
            Self::Version => out
                .write_str("is of version 1, which is no longer in use and names no host; make a new one of version 3"),
        }
    }
}

impl std::error::Error for Weakness {}

/// Algorithms over MD2, MD5 and SHA-1: RSA (RFC 3279 §2.2.1, and OIW's identifiers of the same), DSA and ECDSA.
/// RSASSA-PSS names its hash in its parameters, and means SHA-1 where it names none (RFC 4055 §3.1).
pub(super) fn is_weak(certificate: &Certificate<'_>) -> bool {
    const RSA_MD2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x02];
    const OIW_MD5: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x03];
    const OIW_SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1d];
    const RSA_MD5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04];
    const RSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05];
    const DSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x03];
    const ECDSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01];
    const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
    let weak = [RSA_MD2, RSA_MD5, RSA_SHA1, OIW_MD5, OIW_SHA1, DSA_SHA1, ECDSA_SHA1];
    let algorithm = certificate.signed_with;
    weak.contains(&algorithm) || algorithm == RSA_PSS && pss_hash(certificate.signed_how).is_none_or(is_weak_hash)
}

/// The hash that parameters of RSASSA-PSS name: `hashAlgorithm [0]` of a sequence; none where they name none.
fn pss_hash(parameters: Option<&[u8]>) -> Option<&[u8]> {
    let mut parameters = Reader::new(parameters?);
    let mut hash = Reader::new(parameters.optional(der::context(0)).ok()??);
    hash.within(der::SEQUENCE).ok()?.value(der::OBJECT).ok()
}

fn is_weak_hash(hash: &[u8]) -> bool {
    const SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];
    const MD5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05];
    const MD2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x02];
    [SHA1, MD5, MD2].contains(&hash)
}
