//! A passkey's public key: a COSE_Key (RFC 9052 §7) with exactly the parameters that §6.5.1.1 of the standard allows.

use coset::{AsCborValue, CborSerializable, CoseKey, iana};
use ring::signature::UnparsedPublicKey;
use ring::signature::{ECDSA_P384_SHA384_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use sha2::{Digest, Sha256};

use super::algorithm::Algorithm;
use super::cbor::{self, Item, Order};
use super::curves;
use super::es256::{self, Table};
use super::limits::{CBOR_DEPTH, RSA_BITS};
use super::malformed::Malformed;

/// A public key that was checked in full, with the bytes that it came in. The bytes are what the store keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    algorithm: Algorithm,
    cose: Vec<u8>,
}

impl PublicKey {
    /// Checks a COSE key by [`Key::parse`], and by coset as a second reader that must agree.
    pub fn new(cose: &[u8]) -> Result<Self, Malformed> {
        let algorithm = Key::parse(cose)?.algorithm();
        let second = CoseKey::from_slice(cose).map_err(|_| Malformed::Kind)?;
        let expected = iana::EnumI64::from_i64(algorithm.cose()).map(coset::RegisteredLabelWithPrivate::Assigned);
        if second.alg != expected || second.to_cbor_value().is_err() {
            return Err(Malformed::Kind);
        }
        Ok(Self {
            algorithm,
            cose: cose.to_vec(),
        })
    }

    /// What the key signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The COSE_Key, byte for byte as the authenticator wrote it.
    pub fn cose(&self) -> &[u8] {
        &self.cose
    }
}

/// A public key ready to check signatures; what is variable in size is borrowed.
#[derive(Clone, Debug)]
pub enum Key<'a> {
    /// A point of P-256.
    Es256(es256::Key),
    /// The encoding of a point of edwards25519 that is not of small order.
    EdDsa(&'a [u8; 32]),
    /// A point of P-384, uncompressed: 4, x, y.
    Es384([u8; 97]),
    /// Modulus and exponent, big-endian, without leading zeros.
    Rs256 {
        /// An odd number of 2048 to 4096 bits.
        modulus: &'a [u8],
        /// An odd number from 3 to 2³³ − 1.
        exponent: &'a [u8],
    },
}

impl<'a> Key<'a> {
    /// The P-256 key, where it is one.
    pub fn es256(&self) -> Option<&es256::Key> {
        if let Self::Es256(key) = self { Some(key) } else { None }
    }

    /// Reads a COSE_Key: canonical CBOR; kty, alg and crv agree; coordinates of full length, on the curve; no other
    /// parameter, so no private key.
    pub fn parse(cose: &'a [u8]) -> Result<Self, Malformed> {
        let parameters = Parameters::parse(cose)?;
        let algorithm = Algorithm::from_cose(parameters.alg).ok_or(Malformed::Range)?;
        match (parameters.kty, algorithm, parameters.crv) {
            (EC2, Algorithm::Es256, Some(Item::Int(P256))) => {
                let x = parameters.x.bytes()?.try_into().map_err(|_| Malformed::Range)?;
                let y = parameters
                    .y
                    .ok_or(Malformed::Missing)?
                    .bytes()?
                    .try_into()
                    .map_err(|_| Malformed::Range)?;
                es256::Key::from_coordinates(x, y)
                    .map(Self::Es256)
                    .ok_or(Malformed::Range)
            }
            (EC2, Algorithm::Es384, Some(Item::Int(P384))) => {
                let y = parameters.y.ok_or(Malformed::Missing)?.bytes()?;
                Self::es384(parameters.x.bytes()?, y)
            }
            (OKP, Algorithm::EdDsa, Some(Item::Int(ED))) if parameters.y.is_none() => {
                Self::ed25519(parameters.x.bytes()?)
            }
            (RSA, Algorithm::Rs256, Some(Item::Bytes(modulus))) if parameters.y.is_none() => {
                Self::rsa(modulus, parameters.x.bytes()?)
            }
            _ => Err(Malformed::Kind),
        }
    }

    /// A point of P-384, or else of P-256, by its coordinates.
    pub(super) fn point(p384: bool, x: &[u8], y: &[u8]) -> Option<Self> {
        if p384 {
            return Self::es384(x, y).ok();
        }
        es256::Key::from_coordinates(x.try_into().ok()?, y.try_into().ok()?).map(Self::Es256)
    }

    /// A point of edwards25519.
    pub fn ed25519(encoding: &'a [u8]) -> Result<Self, Malformed> {
        let encoding = encoding.try_into().map_err(|_| Malformed::Range)?;
        if curves::is_ed25519_point(encoding) {
            Ok(Self::EdDsa(encoding))
        } else {
            Err(Malformed::Range)
        }
    }

    /// A point of P-384 by its coordinates.
    pub fn es384(x: &[u8], y: &[u8]) -> Result<Self, Malformed> {
        let x: &[u8; 48] = x.try_into().map_err(|_| Malformed::Range)?;
        let y: &[u8; 48] = y.try_into().map_err(|_| Malformed::Range)?;
        if !curves::is_p384_point(x, y) {
            return Err(Malformed::Range);
        }
        let mut point = [4; 97];
        point
            .iter_mut()
            .skip(1)
            .zip(x.iter().chain(y))
            .for_each(|(to, from)| *to = *from);
        Ok(Self::Es384(point))
    }

    /// An RSA key within bounds. A modulus or an exponent that is even, or an exponent of 1, is no key.
    pub fn rsa(modulus: &'a [u8], exponent: &'a [u8]) -> Result<Self, Malformed> {
        let odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
        let first = *modulus.first().ok_or(Malformed::Short)?;
        let bits = (modulus.len() * 8).saturating_sub(usize::try_from(first.leading_zeros()).unwrap_or(8));
        if first == 0 || !RSA_BITS.contains(&bits) || !odd(modulus) {
            return Err(Malformed::Range);
        }
        match exponent {
            [] | [0, ..] | [1] | [_, _, _, _, _, _, ..] => Err(Malformed::Range),
            [first, _, _, _, _] if *first > 1 => Err(Malformed::Range),
            _ if !odd(exponent) => Err(Malformed::Range),
            _ => Ok(Self::Rs256 { modulus, exponent }),
        }
    }

    /// What the key signs with.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Es256(_) => Algorithm::Es256,
            Self::EdDsa(_) => Algorithm::EdDsa,
            Self::Es384(_) => Algorithm::Es384,
            Self::Rs256 { .. } => Algorithm::Rs256,
        }
    }

    /// Whether `signature` is this key's signature of `message`, in the form of §6.5.5.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verify_warm(message, signature, None)
    }

    /// The same answer, sooner where there is a table of this key.
    pub fn verify_warm(&self, message: &[u8], signature: &[u8], table: Option<&Table>) -> bool {
        match self {
            Self::Es256(key) => match table.filter(|table| table.key() == key) {
                Some(table) => es256::verify_warm(table, &Sha256::digest(message).into(), signature),
                None => es256::verify(key, message, signature),
            },
            Self::EdDsa(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok(),
            Self::Es384(key) => UnparsedPublicKey::new(&ECDSA_P384_SHA384_ASN1, key)
                .verify(message, signature)
                .is_ok(),
            Self::Rs256 { modulus, exponent } => RsaPublicKeyComponents {
                n: modulus,
                e: exponent,
            }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .is_ok(),
        }
    }
}

/// What a COSE_Key that [`Key::parse`] has passed holds, to be compared with the same key in another form.
#[derive(Clone, Copy, Debug)]
pub(super) enum Plain<'a> {
    Point { x: &'a [u8], y: &'a [u8] },
    Edwards(&'a [u8]),
    Rsa { modulus: &'a [u8], exponent: &'a [u8] },
}

impl<'a> Plain<'a> {
    pub(super) fn of(cose: &'a [u8]) -> Result<Self, Malformed> {
        let parameters = Parameters::parse(cose)?;
        let x = parameters.x.bytes()?;
        match (parameters.crv, parameters.y) {
            (_, Some(y)) => Ok(Self::Point { x, y: y.bytes()? }),
            (Some(Item::Bytes(modulus)), None) => Ok(Self::Rsa { modulus, exponent: x }),
            (_, None) => Ok(Self::Edwards(x)),
        }
    }
}

// Numbers of the IANA COSE registries (RFC 9053): key types, then curves.
const OKP: i64 = 1;
const EC2: i64 = 2;
const RSA: i64 = 3;
const P256: i64 = 1;
const P384: i64 = 2;
const ED: i64 = 6;

/// The parameters of a COSE key by label: −1 is `crv`, or `n` of RSA; −2 is `x`, or `e`; −3 is `y`.
struct Parameters<'a> {
    kty: i64,
    alg: i64,
    crv: Option<Item<'a>>,
    x: Item<'a>,
    y: Option<Item<'a>>,
}

impl<'a> Parameters<'a> {
    fn parse(cose: &'a [u8]) -> Result<Self, Malformed> {
        let [mut kty, mut alg, mut crv, mut x, mut y] = [None; 5];
        for (label, value) in cbor::whole(cose, Order::Canonical, CBOR_DEPTH)?.map()? {
            let Item::Int(label) = label else {
                return Err(Malformed::Kind);
            };
            let place = match label {
                1 => &mut kty,
                3 => &mut alg,
                -1 => &mut crv,
                -2 => &mut x,
                -3 => &mut y,
                _ => return Err(Malformed::Kind),
            };
            *place = Some(value);
        }
        Ok(Self {
            kty: kty.ok_or(Malformed::Missing)?.int()?,
            alg: alg.ok_or(Malformed::Missing)?.int()?,
            crv,
            x: x.ok_or(Malformed::Missing)?,
            y,
        })
    }
}
