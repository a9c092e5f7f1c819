//! A subject's public key in a certificate (RFC 5280 §4.1.2.7), and the ways in which it may have signed something.

use ring::signature::{
    ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};

use super::super::der::{self, Reader};
use super::super::malformed::Malformed;
use super::super::public_key::{Key, Plain};

/// Kinds of keys and their curves, then the ways of signing (RFC 3279, 4055, 5480, 5758, 8410).
mod oid {
    pub(super) const EC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    pub(super) const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    pub(super) const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
    pub(super) const RSA_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    pub(super) const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
    pub(super) const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    pub(super) const ECDSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
    pub(super) const RSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
    pub(super) const RSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c];
    pub(super) const RSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d];
}

/// How something was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Ecdsa256,
    Ecdsa384,
    Ed25519,
    /// RSASSA-PKCS1-v1_5 with SHA-1: TPMs' alone (see `tpm.rs`).
    Rsa1,
    Rsa256,
    Rsa384,
    Rsa512,
}

impl Scheme {
    /// The scheme of a COSE algorithm number in a statement's `alg`. RS1 is none: no new key signs with SHA-1.
    pub(super) fn from_cose(alg: i64) -> Result<Self, Malformed> {
        Ok(match alg {
            -7 => Self::Ecdsa256,
            -8 => Self::Ed25519,
            -35 => Self::Ecdsa384,
            -257 => Self::Rsa256,
            -258 => Self::Rsa384,
            -259 => Self::Rsa512,
            _ => return Err(Malformed::Range),
        })
    }

    /// The scheme of an AlgorithmIdentifier that a certificate was signed with.
    pub(super) fn from_identifier(mut identifier: Reader<'_>) -> Option<Self> {
        Some(match identifier.value(der::OBJECT).ok()? {
            oid::ECDSA_SHA256 => Self::Ecdsa256,
            oid::ECDSA_SHA384 => Self::Ecdsa384,
            oid::ED25519 => Self::Ed25519,
            oid::RSA_SHA256 => Self::Rsa256,
            oid::RSA_SHA384 => Self::Rsa384,
            oid::RSA_SHA512 => Self::Rsa512,
            _ => return None,
        })
    }

    fn rsa(self) -> Option<&'static RsaParameters> {
        match self {
            Self::Rsa1 => Some(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
            Self::Rsa256 => Some(&RSA_PKCS1_2048_8192_SHA256),
            Self::Rsa384 => Some(&RSA_PKCS1_2048_8192_SHA384),
            Self::Rsa512 => Some(&RSA_PKCS1_2048_8192_SHA512),
            Self::Ecdsa256 | Self::Ecdsa384 | Self::Ed25519 => None,
        }
    }
}

/// A subject's public key, checked as a COSE key would be.
#[derive(Clone, Debug)]
pub(super) struct SubjectKey<'a> {
    /// None where it is no key, or of a kind or size that is not built: then it has signed nothing, and is nobody's. A
    /// chain may hold one that nothing rests on.
    key: Option<Key<'a>>,
    /// The point, for curves.
    bits: &'a [u8],
}

impl<'a> SubjectKey<'a> {
    /// Reads a SubjectPublicKeyInfo's contents.
    pub(super) fn parse(mut info: Reader<'a>) -> Result<Self, Malformed> {
        let identifier = info.within(der::SEQUENCE)?;
        let bits = info.bits()?;
        info.end()?;
        let key = key_of(identifier, bits).ok();
        Ok(Self { key, bits })
    }

    /// Whether it is the key of a COSE_Key.
    pub(super) fn is(&self, cose: &Plain<'_>) -> bool {
        match (&self.key, cose) {
            (Some(Key::Es256(_) | Key::Es384(_)), Plain::Point { x, y }) => self
                .bits
                .get(1..)
                .is_some_and(|point| point.iter().eq(x.iter().chain(*y))),
            (Some(Key::EdDsa(ours)), Plain::Edwards(theirs)) => ours.as_slice() == *theirs,
            (
                Some(Key::Rs256 { modulus, exponent }),
                Plain::Rsa {
                    modulus: n,
                    exponent: e,
                },
            ) => modulus == n && exponent == e,
            (None | Some(Key::Es256(_) | Key::Es384(_) | Key::EdDsa(_) | Key::Rs256 { .. }), _) => false,
        }
    }

    /// Whether it can have signed anything that is checked here.
    pub(super) fn is_usable(&self) -> bool {
        self.key.is_some()
    }

    /// Whether it is a point of P-256.
    pub(super) fn is_p256(&self) -> bool {
        matches!(self.key, Some(Key::Es256(_)))
    }

    /// Whether `signature` is this key's signature of `message`, made in this way.
    pub(super) fn verify(&self, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
        let by_ring = |algorithm: &'static dyn VerificationAlgorithm| {
            UnparsedPublicKey::new(algorithm, self.bits)
                .verify(message, signature)
                .is_ok()
        };
        match (&self.key, scheme) {
            (Some(key @ Key::Es256(_)), Scheme::Ecdsa256) | (Some(key @ Key::EdDsa(_)), Scheme::Ed25519) => {
                key.verify(message, signature)
            }
            (Some(Key::Es256(_)), Scheme::Ecdsa384) => by_ring(&ECDSA_P256_SHA384_ASN1),
            (Some(Key::Es384(_)), Scheme::Ecdsa256) => by_ring(&ECDSA_P384_SHA256_ASN1),
            (Some(Key::Es384(_)), Scheme::Ecdsa384) => by_ring(&ECDSA_P384_SHA384_ASN1),
            (Some(Key::Rs256 { modulus, exponent }), scheme) => scheme.rsa().is_some_and(|parameters| {
                RsaPublicKeyComponents {
                    n: modulus,
                    e: exponent,
                }
                .verify(parameters, message, signature)
                .is_ok()
            }),
            (None | Some(Key::Es256(_) | Key::Es384(_) | Key::EdDsa(_)), _) => false,
        }
    }
}

/// The key of an AlgorithmIdentifier's contents and a BIT STRING, where it is one of those that are built.
fn key_of<'a>(mut identifier: Reader<'a>, bits: &'a [u8]) -> Result<Key<'a>, Malformed> {
    match identifier.value(der::OBJECT)? {
        oid::EC_KEY => {
            let curve = identifier.value(der::OBJECT)?;
            let (&[4], point) = bits.split_first_chunk::<1>().ok_or(Malformed::Short)? else {
                return Err(Malformed::Range);
            };
            let (x, y) = point.split_at(point.len() / 2);
            Key::point(curve == oid::P384, x, y)
                .filter(|_| curve == oid::P256 || curve == oid::P384)
                .ok_or(Malformed::Range)
        }
        oid::RSA_KEY => {
            let mut numbers = Reader::new(bits).only(der::SEQUENCE)?;
            let (modulus, exponent) = (numbers.positive()?, numbers.positive()?);
            numbers.end()?;
            Key::rsa(modulus, exponent)
        }
        oid::ED25519 => Key::ed25519(bits),
        _ => Err(Malformed::Range),
    }
}
