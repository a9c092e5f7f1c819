//! Kinds of keys that a server's certificate may have, and whether a private key belongs to one.

use ring::rand::SecureRandom;
use ring::rsa;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair,
};
use rustls_pki_types::PrivateKeyDer;

use super::x509::SubjectKey;
use crate::rules::webauthn::Malformed;
use crate::rules::webauthn::der::{self, Reader};

/// Object identifiers of RFC 8017, 5480 and 8410.
mod oid {
    pub(super) const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    pub(super) const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    pub(super) const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    pub(super) const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
    pub(super) const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
    pub(super) const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
}

/// Bits of an RSA modulus that are served: browsers take no shorter one, and ring signs with no longer one.
pub const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// What a public key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// ECDSA over P-256.
    P256,
    /// ECDSA over P-384.
    P384,
    /// ECDSA over P-521, which TLS here cannot sign with.
    P521,
    /// Ed25519, which no browser takes in a certificate.
    Ed25519,
    /// RSA with a modulus of so many bits.
    Rsa {
        /// Bits.
        bits: usize,
    },
    /// Any other.
    Other,
}

impl KeyKind {
    /// The kind of a certificate's key.
    pub(super) fn of(key: &SubjectKey<'_>) -> Self {
        match (key.algorithm, key.curve) {
            (oid::EC, Some(oid::P256)) => Self::P256,
            (oid::EC, Some(oid::P384)) => Self::P384,
            (oid::EC, Some(oid::P521)) => Self::P521,
            (oid::ED25519, _) => Self::Ed25519,
            (oid::RSA, _) => modulus_bits(key.bits).map_or(Self::Other, |bits| Self::Rsa { bits }),
            _ => Self::Other,
        }
    }
}

/// Whether the private key is that of the certificate. ring wants `random` to hold the key, not for the comparison.
pub(super) fn belongs(
    key: &PrivateKeyDer<'_>,
    to: &SubjectKey<'_>,
    random: &dyn SecureRandom,
) -> Result<bool, Malformed> {
    match key {
        PrivateKeyDer::Pkcs1(key) => rsa_belongs(key.secret_pkcs1_der(), to),
        PrivateKeyDer::Sec1(key) => ec_belongs(key.secret_sec1_der(), to, random),
        PrivateKeyDer::Pkcs8(key) => pkcs8_belongs(key.secret_pkcs8_der(), to, random),
        _ => Err(Malformed::Kind),
    }
}

/// PrivateKeyInfo (RFC 5958 §2): version, algorithm, the key in a form of its own; attributes and public key are not
/// read.
fn pkcs8_belongs(der: &[u8], to: &SubjectKey<'_>, random: &dyn SecureRandom) -> Result<bool, Malformed> {
    let mut info = Reader::new(der).only(der::SEQUENCE)?;
    info.positive()?;
    let algorithm = info.within(der::SEQUENCE)?.value(der::OBJECT)?;
    let key = info.value(der::OCTET_STRING)?;
    match algorithm {
        oid::RSA => rsa_belongs(key, to),
        oid::EC => ec_belongs(key, to, random),
        oid::ED25519 => {
            let seed = Reader::new(key).value(der::OCTET_STRING)?;
            let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| Malformed::Range)?;
            Ok(to.algorithm == oid::ED25519 && pair.public_key().as_ref() == to.bits)
        }
        _ => Ok(false),
    }
}

fn rsa_belongs(der: &[u8], to: &SubjectKey<'_>) -> Result<bool, Malformed> {
    if to.algorithm != oid::RSA {
        return Ok(false);
    }
    let pair = rsa::KeyPair::from_der(der).map_err(|_| Malformed::Range)?;
    Ok(pair.public().as_ref() == to.bits)
}

/// ECPrivateKey (RFC 5915 §3): version 1, the scalar, and what the certificate says better.
fn ec_belongs(der: &[u8], to: &SubjectKey<'_>, random: &dyn SecureRandom) -> Result<bool, Malformed> {
    let (algorithm, length): (&EcdsaSigningAlgorithm, usize) = match KeyKind::of(to) {
        KeyKind::P256 => (&ECDSA_P256_SHA256_ASN1_SIGNING, 32),
        KeyKind::P384 => (&ECDSA_P384_SHA384_ASN1_SIGNING, 48),
        KeyKind::P521 | KeyKind::Ed25519 | KeyKind::Rsa { .. } | KeyKind::Other => return Ok(false),
    };
    let mut key = Reader::new(der).only(der::SEQUENCE)?;
    key.positive()?;
    let scalar = key.value(der::OCTET_STRING)?;
    let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, scalar, to.bits, random);
    Ok(scalar.len() == length && pair.is_ok())
}

/// Bits of the modulus in an RSAPublicKey (RFC 8017 §A.1.1).
fn modulus_bits(key: &[u8]) -> Option<usize> {
    let modulus = Reader::new(key).only(der::SEQUENCE).ok()?.positive().ok()?;
    let unused = modulus.first()?.leading_zeros();
    (modulus.len() * 8).checked_sub(usize::try_from(unused).ok()?)
}
