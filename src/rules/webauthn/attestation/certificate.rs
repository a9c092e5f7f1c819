//! X.509 certificates (RFC 5280) as far as attestation needs them, read from DER. Dates are not looked at: see `webauthn/mod.rs`.

use ring::signature::{
    ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};

use super::super::der::{self, Reader};
use super::super::limits::{MEMBERS, SIGNATURE};
use super::super::malformed::Malformed;
use super::super::public_key::{Key, Plain};

/// The extensions of RFC 5280 that are read somewhere here, and those that cannot make a certificate say less.
mod oid {
    pub(super) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
    pub(super) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
    pub(super) const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];
    pub(super) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
    pub(super) const POLICIES: &[u8] = &[0x55, 0x1d, 0x20];
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

/// `id-fido-gen-ce-aaguid`, 1.3.6.1.4.1.45724.1.1.4 (§8.2.1).
const FIDO_AAGUID: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xe5, 0x1c, 0x01, 0x01, 0x04];

/// How something was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Ecdsa256,
    Ecdsa384,
    Ed25519,
    /// RSASSA-PKCS1-v1_5 with SHA-1, which TPM statements of old Windows releases still have.
    Rsa1,
    Rsa256,
    Rsa384,
    Rsa512,
}

impl Scheme {
    /// The scheme of a COSE algorithm number in a statement's `alg`.
    pub(super) fn from_cose(alg: i64) -> Result<Self, Malformed> {
        Ok(match alg {
            -7 => Self::Ecdsa256,
            -8 => Self::Ed25519,
            -35 => Self::Ecdsa384,
            -257 => Self::Rsa256,
            -258 => Self::Rsa384,
            -259 => Self::Rsa512,
            -65535 => Self::Rsa1,
            _ => return Err(Malformed::Range),
        })
    }

    /// The scheme of an AlgorithmIdentifier that a certificate was signed with.
    fn from_identifier(mut identifier: Reader<'_>) -> Option<Self> {
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
    key: Key<'a>,
    /// The point, for curves.
    bits: &'a [u8],
}

impl<'a> SubjectKey<'a> {
    fn parse(mut info: Reader<'a>) -> Result<Self, Malformed> {
        let mut identifier = info.within(der::SEQUENCE)?;
        let bits = info.bits()?;
        info.end()?;
        let algorithm = identifier.value(der::OBJECT)?;
        let key = match algorithm {
            oid::EC_KEY => {
                let curve = identifier.value(der::OBJECT)?;
                let (&[4], point) = bits.split_first_chunk::<1>().ok_or(Malformed::Short)? else {
                    return Err(Malformed::Range);
                };
                let (x, y) = point.split_at(point.len() / 2);
                Key::point(curve == oid::P384, x, y).filter(|_| curve == oid::P256 || curve == oid::P384)
            }
            oid::RSA_KEY => {
                let mut numbers = Reader::new(bits).only(der::SEQUENCE)?;
                let (modulus, exponent) = (numbers.positive()?, numbers.positive()?);
                numbers.end()?;
                Key::rsa(modulus, exponent).ok()
            }
            oid::ED25519 => Key::ed25519(bits).ok(),
            _ => None,
        };
        Ok(Self {
            key: key.ok_or(Malformed::Range)?,
            bits,
        })
    }

    /// Whether it is the key of a COSE_Key.
    pub(super) fn is(&self, cose: &Plain<'_>) -> bool {
        match (&self.key, cose) {
            (Key::Es256(_) | Key::Es384(_), Plain::Point { x, y }) => self
                .bits
                .get(1..)
                .is_some_and(|point| point.iter().eq(x.iter().chain(*y))),
            (Key::EdDsa(ours), Plain::Edwards(theirs)) => ours.as_slice() == *theirs,
            (
                Key::Rs256 { modulus, exponent },
                Plain::Rsa {
                    modulus: n,
                    exponent: e,
                },
            ) => modulus == n && exponent == e,
            (Key::Es256(_) | Key::Es384(_) | Key::EdDsa(_) | Key::Rs256 { .. }, _) => false,
        }
    }

    /// Whether it is a point of P-256.
    pub(super) fn is_p256(&self) -> bool {
        matches!(self.key, Key::Es256(_))
    }

    /// Whether `signature` is this key's signature of `message`, made in this way.
    pub(super) fn verify(&self, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
        let by_ring = |algorithm: &'static dyn VerificationAlgorithm| {
            UnparsedPublicKey::new(algorithm, self.bits)
                .verify(message, signature)
                .is_ok()
        };
        if signature.len() > SIGNATURE {
            return false;
        }
        match (&self.key, scheme) {
            (Key::Es256(_), Scheme::Ecdsa256) | (Key::EdDsa(_), Scheme::Ed25519) => self.key.verify(message, signature),
            (Key::Es256(_), Scheme::Ecdsa384) => by_ring(&ECDSA_P256_SHA384_ASN1),
            (Key::Es384(_), Scheme::Ecdsa256) => by_ring(&ECDSA_P384_SHA256_ASN1),
            (Key::Es384(_), Scheme::Ecdsa384) => by_ring(&ECDSA_P384_SHA384_ASN1),
            (Key::Rs256 { modulus, exponent }, scheme) => scheme.rsa().is_some_and(|parameters| {
                RsaPublicKeyComponents {
                    n: modulus,
                    e: exponent,
                }
                .verify(parameters, message, signature)
                .is_ok()
            }),
            (Key::Es256(_) | Key::Es384(_) | Key::EdDsa(_), _) => false,
        }
    }
}

/// A certificate of version 3, or of an older one without extensions.
#[derive(Clone, Debug)]
pub(in super::super) struct Certificate<'a> {
    whole: &'a [u8],
    signed: &'a [u8],
    scheme: Option<Scheme>,
    signature: &'a [u8],
    issuer: &'a [u8],
    pub(super) version: u8,
    pub(super) subject: &'a [u8],
    pub(super) key: SubjectKey<'a>,
    extensions: Vec<Extension<'a>>,
}

/// One extension: its value is DER of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extension<'a> {
    identifier: &'a [u8],
    pub(super) critical: bool,
    pub(super) value: &'a [u8],
}

impl<'a> Certificate<'a> {
    /// Reads one certificate that fills `bytes`.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut certificate = Reader::new(bytes).only(der::SEQUENCE)?;
        let signed = certificate.any()?;
        let outer = certificate.value(der::SEQUENCE)?;
        let signature = certificate.bits()?;
        certificate.end()?;

        let mut fields = Reader::new(signed.whole).only(der::SEQUENCE)?;
        let version = match fields.optional(der::context(0))? {
            None => 1,
            Some([der::INTEGER, 1, number @ (1 | 2)]) => number + 1,
            Some(_) => return Err(Malformed::Range),
        };
        fields.value(der::INTEGER)?;
        if fields.value(der::SEQUENCE)? != outer {
            return Err(Malformed::Kind);
        }
        let issuer = fields.value(der::SEQUENCE)?;
        fields.value(der::SEQUENCE)?;
        let subject = fields.value(der::SEQUENCE)?;
        let key = SubjectKey::parse(fields.within(der::SEQUENCE)?)?;
        fields.optional(0x81)?;
        fields.optional(0x82)?;
        let extensions = match fields.optional(der::context(3))? {
            Some(extensions) if version == 3 => extensions_of(Reader::new(extensions).only(der::SEQUENCE)?)?,
            Some(_) => return Err(Malformed::Range),
            None => Vec::new(),
        };
        fields.end()?;
        let scheme = Scheme::from_identifier(Reader::new(outer));
        Ok(Self {
            whole: bytes,
            signed: signed.whole,
            scheme,
            signature,
            issuer,
            version,
            subject,
            key,
            extensions,
        })
    }

    /// The extension with this object identifier (its contents in DER).
    pub(super) fn extension(&self, identifier: &[u8]) -> Option<Extension<'a>> {
        self.extensions
            .iter()
            .find(|extension| extension.identifier == identifier)
            .copied()
    }

    /// The Subject Alternative Name's GeneralNames.
    pub(super) fn alternative_names(&self) -> Option<&'a [u8]> {
        self.extension(oid::ALTERNATIVE_NAME).map(|extension| extension.value)
    }

    /// Whether the Extended Key Usage lists this purpose.
    pub(super) fn is_for(&self, purpose: &[u8]) -> bool {
        let listed = |value: &[u8]| -> Result<bool, Malformed> {
            let mut purposes = Reader::new(value).only(der::SEQUENCE)?;
            let mut found = false;
            while !purposes.is_empty() {
                found |= purposes.value(der::OBJECT)? == purpose;
            }
            Ok(found)
        };
        self.extension(oid::EXTENDED_KEY_USAGE)
            .is_some_and(|extension| listed(extension.value) == Ok(true))
    }

    /// What the Basic Constraints say, where they are there: whether this is an authority, and over how many others.
    fn constraints(&self) -> Result<Option<(bool, Option<usize>)>, Malformed> {
        let Some(extension) = self.extension(oid::BASIC_CONSTRAINTS) else {
            return Ok(None);
        };
        let mut constraints = Reader::new(extension.value).only(der::SEQUENCE)?;
        let authority = constraints.optional_boolean()?.unwrap_or(false);
        let below = if constraints.is_empty() {
            None
        } else {
            match constraints.positive()? {
                [] => Some(0),
                [count] => Some(usize::from(*count)),
                _ => return Err(Malformed::Range),
            }
        };
        constraints.end()?;
        Ok(Some((authority, below)))
    }

    /// Whether the Basic Constraints are there and say that this is no authority.
    pub(super) fn is_end_entity(&self) -> bool {
        matches!(self.constraints(), Ok(Some((false, _))))
    }

    /// The model that the id-fido-gen-ce-aaguid extension names: not critical, an octet string of 16 bytes (§8.2.1).
    pub(super) fn aaguid(&self) -> Option<&'a [u8; 16]> {
        let extension = self.extension(FIDO_AAGUID)?;
        let mut value = Reader::new(extension.value);
        let aaguid = value.value(der::OCTET_STRING).ok()?.try_into().ok()?;
        (!extension.critical && value.is_empty()).then_some(aaguid)
    }

    /// That extension must be absent, or name this AAGUID.
    pub(super) fn allows_aaguid(&self, aaguid: &[u8; 16]) -> bool {
        self.extension(FIDO_AAGUID).is_none() || self.aaguid() == Some(aaguid)
    }

    /// Whether this authority signed `child`, below which `below` more authorities have signed.
    fn issued(&self, child: &Self, below: usize) -> bool {
        let authority = matches!(self.constraints(), Ok(Some((true, most))) if most.is_none_or(|most| below <= most));
        // KeyUsage is a BIT STRING whose bit 5 is keyCertSign (RFC 5280 §4.2.1.3).
        let may_sign = self.extension(oid::KEY_USAGE).is_none_or(|usage| {
            let mut value = Reader::new(usage.value);
            matches!(value.value(der::BIT_STRING), Ok([_, bits, ..]) if bits & 0x04 != 0) && value.is_empty()
        });
        authority && may_sign && self.knows_what_is_critical() && self.signed(child)
    }

    /// Whether `child` names this subject as its issuer and bears its signature.
    fn signed(&self, child: &Self) -> bool {
        let Some(scheme) = child.scheme else { return false };
        child.issuer == self.subject && self.key.verify(scheme, child.signed, child.signature)
    }

    fn knows_what_is_critical(&self) -> bool {
        self.extensions
            .iter()
            .filter(|extension| extension.critical)
            .all(|extension| {
                [
                    oid::BASIC_CONSTRAINTS,
                    oid::KEY_USAGE,
                    oid::ALTERNATIVE_NAME,
                    oid::EXTENDED_KEY_USAGE,
                    oid::POLICIES,
                ]
                .contains(&extension.identifier)
            })
    }
}

/// Whether the chain, leaf first, reaches one of the roots: a certificate of it is a root, or was signed by one.
pub(super) fn anchored(chain: &[Certificate<'_>], roots: &[Vec<u8>]) -> bool {
    let roots: Vec<_> = roots.iter().filter_map(|root| Certificate::parse(root).ok()).collect();
    for (below, certificate) in chain.iter().enumerate() {
        let is_root = roots.iter().any(|root| root.whole == certificate.whole);
        if is_root || roots.iter().any(|root| root.signed(certificate)) {
            return true;
        }
        if !chain
            .get(below + 1)
            .is_some_and(|above| above.issued(certificate, below))
        {
            return false;
        }
    }
    false
}

fn extensions_of(mut list: Reader<'_>) -> Result<Vec<Extension<'_>>, Malformed> {
    let mut extensions: Vec<Extension<'_>> = Vec::new();
    while !list.is_empty() {
        let mut fields = list.within(der::SEQUENCE)?;
        let identifier = fields.value(der::OBJECT)?;
        let critical = fields.optional_boolean()?.unwrap_or(false);
        let value = fields.value(der::OCTET_STRING)?;
        fields.end()?;
        if extensions.iter().any(|other| other.identifier == identifier) {
            return Err(Malformed::Duplicate);
        }
        if extensions.len() == MEMBERS {
            return Err(Malformed::Oversized);
        }
        extensions.push(Extension {
            identifier,
            critical,
            value,
        });
    }
    Ok(extensions)
}
