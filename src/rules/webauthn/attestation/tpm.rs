//! TPM attestation (§8.3), and what its certificate must be (§8.3.1). The structures are those of the TPM 2.0 Library,
//! Part 2.

use ring::digest;

use super::super::der::{self, Reader};
use super::super::malformed::Malformed;
use super::super::public_key::Plain;
use super::certificate::Certificate;
use super::subject_key::Scheme;
use super::{Statement, Verified};

/// RSASSA-PKCS1-v1_5 with SHA-1 (RFC 8812 §2), by which TPMs under old Windows releases sign: it vouches for the
/// passkey's key, and is not what that signs with.
const RS1: i64 = -65535;
/// 2.23.133.8.3, tcg-kp-AIKCertificate.
const AIK_CERTIFICATE: &[u8] = &[0x67, 0x81, 0x05, 0x08, 0x03];
/// 2.23.133.2.1 to .3: manufacturer, model, version (TPMv2-EK-Profile 3.2.9).
const TPM_ATTRIBUTE: &[u8] = &[0x67, 0x81, 0x05, 0x02];

pub(super) fn verify<'a>(statement: &Statement<'a>) -> Result<Verified<'a>, Malformed> {
    statement.has_only(&["alg", "certInfo", "pubArea", "sig", "ver", "x5c"])?;
    if statement.members.text("ver")?.text()? != "2.0" {
        return Err(Malformed::Range);
    }
    let scheme = match statement.members.text("alg")?.int()? {
        RS1 => Scheme::Rsa1,
        alg => Scheme::from_cose(alg)?,
    };
    let signature = statement.members.text("sig")?.bytes()?;
    let attest = statement.members.text("certInfo")?.bytes()?;
    let public_area = statement.members.text("pubArea")?.bytes()?;
    let chain = statement.chain()?.ok_or(Malformed::Missing)?;
    let certificate = chain.first().ok_or(Malformed::Missing)?;

    let certified = Certified::parse(attest)?;
    let extra_data = digest::digest(hash_named(hash_of(scheme)?)?, &statement.signed());
    let holds = PublicArea::parse(public_area)?.is(&Plain::of(statement.attested.public_key)?)
        && is_aik(certificate)?
        && certificate.allows_aaguid(statement.attested.aaguid)
        && (certificate.key.verify(scheme, attest, signature)
            || wrapped(signature, scheme).is_some_and(|signature| certificate.key.verify(scheme, attest, &signature)))
        && certified.extra_data == extra_data.as_ref()
        && is_name(certified.name, public_area)?;
    if holds {
        Ok(Verified::Certified(chain))
    } else {
        Err(Malformed::Range)
    }
}

/// §8.3.1: version 3, empty subject, the TPM's own attributes as alternative name, the AIK purpose, not an authority.
fn is_aik(certificate: &Certificate<'_>) -> Result<bool, Malformed> {
    let names = certificate.alternative_names().ok_or(Malformed::Missing)?;
    Ok(certificate.version == 3
        && certificate.subject.is_empty()
        && certificate.is_for(AIK_CERTIFICATE)
        && certificate.is_end_entity()
        && names_a_tpm(names)?)
}

/// GeneralNames with a directoryName (`[4]`) that gives manufacturer (`id:` and 8 hexadecimal digits), model and
/// version, in one relative name or in three.
fn names_a_tpm(value: &[u8]) -> Result<bool, Malformed> {
    let [mut manufacturer, mut model, mut version] = [false; 3];
    let mut names = Reader::new(value).only(der::SEQUENCE)?;
    while !names.is_empty() {
        let name = names.any()?;
        if name.tag != der::context(4) {
            continue;
        }
        let mut relatives = Reader::new(name.contents).only(der::SEQUENCE)?;
        while !relatives.is_empty() {
            let mut set = relatives.within(der::SET)?;
            while !set.is_empty() {
                let mut attribute = set.within(der::SEQUENCE)?;
                let kind = attribute.value(der::OBJECT)?;
                let text = attribute.any()?.contents;
                attribute.end()?;
                match kind.strip_prefix(TPM_ATTRIBUTE) {
                    Some([1]) => {
                        manufacturer = text
                            .strip_prefix(b"id:")
                            .is_some_and(|id| id.len() == 8 && id.iter().all(u8::is_ascii_hexdigit));
                    }
                    Some([2]) => model = !text.is_empty(),
                    Some([3]) => version = !text.is_empty(),
                    _ => {}
                }
            }
        }
    }
    Ok(manufacturer && model && version)
}

/// The hash "employed in alg", as TPMs number it.
fn hash_of(scheme: Scheme) -> Result<u16, Malformed> {
    match scheme {
        Scheme::Rsa1 => Ok(TPM_SHA1),
        Scheme::Ecdsa256 | Scheme::Rsa256 => Ok(TPM_SHA256),
        Scheme::Ecdsa384 | Scheme::Rsa384 => Ok(TPM_SHA384),
        Scheme::Rsa512 => Ok(TPM_SHA512),
        Scheme::Ed25519 => Err(Malformed::Range),
    }
}

fn hash_named(number: u16) -> Result<&'static digest::Algorithm, Malformed> {
    match number {
        TPM_SHA1 => Ok(&digest::SHA1_FOR_LEGACY_USE_ONLY),
        TPM_SHA256 => Ok(&digest::SHA256),
        TPM_SHA384 => Ok(&digest::SHA384),
        TPM_SHA512 => Ok(&digest::SHA512),
        _ => Err(Malformed::Range),
    }
}

// TPM_ALG_ID (Part 2, 6.3) and TPM_ECC_CURVE (6.4).
const TPM_RSA: u16 = 0x0001;
const TPM_SHA1: u16 = 0x0004;
const TPM_SHA256: u16 = 0x000b;
const TPM_SHA384: u16 = 0x000c;
const TPM_SHA512: u16 = 0x000d;
const TPM_NULL: u16 = 0x0010;
const TPM_RSASSA: u16 = 0x0014;
const TPM_ECDSA: u16 = 0x0018;
const TPM_ECDAA: u16 = 0x001a;
const TPM_ECC: u16 = 0x0023;
const NIST_P256: u16 = 0x0003;
const NIST_P384: u16 = 0x0004;

/// Big-endian structures without padding.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(Malformed::Short)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u16(&mut self) -> Result<u16, Malformed> {
        self.take().map(u16::from_be_bytes)
    }

    /// A TPM2B: two bytes of size, then as many.
    fn sized(&mut self) -> Result<&'a [u8], Malformed> {
        let size = self.u16()?;
        let (taken, rest) = self.0.split_at_checked(usize::from(size)).ok_or(Malformed::Short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Malformed::LeftOver)
        }
    }

    /// A TPMT_SYM_DEF_OBJECT: key bits and mode follow any but TPM_ALG_NULL.
    fn symmetric(&mut self) -> Result<(), Malformed> {
        if self.u16()? != TPM_NULL {
            self.take::<4>()?;
        }
        Ok(())
    }

    /// An asymmetric or key derivation scheme: a hash follows any but TPM_ALG_NULL, and a count follows that of ECDAA.
    fn scheme(&mut self) -> Result<(), Malformed> {
        match self.u16()? {
            TPM_NULL => Ok(()),
            TPM_ECDAA => self.take::<4>().map(|_| ()),
            _ => self.u16().map(|_| ()),
        }
    }
}

/// TPMT_PUBLIC (12.2.4): the `parameters` and `unique` that are a public key.
enum PublicArea<'a> {
    Rsa { modulus: &'a [u8], exponent: u32 },
    Point { length: usize, x: &'a [u8], y: &'a [u8] },
}

impl<'a> PublicArea<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Fields(bytes);
        let kind = fields.u16()?;
        let _name_hash = fields.u16()?;
        let _attributes = fields.take::<4>()?;
        let _policy = fields.sized()?;
        fields.symmetric()?;
        fields.scheme()?;
        let area = match kind {
            TPM_RSA => {
                let bits = fields.u16()?;
                let exponent = u32::from_be_bytes(fields.take()?);
                let modulus = fields.sized()?;
                if modulus.len() * 8 != usize::from(bits) {
                    return Err(Malformed::Range);
                }
                Self::Rsa { modulus, exponent }
            }
            TPM_ECC => {
                let length = match fields.u16()? {
                    NIST_P256 => 32,
                    NIST_P384 => 48,
                    _ => return Err(Malformed::Range),
                };
                fields.scheme()?;
                Self::Point {
                    length,
                    x: fields.sized()?,
                    y: fields.sized()?,
                }
            }
            _ => return Err(Malformed::Range),
        };
        fields.end()?;
        Ok(area)
    }

    /// Whether it is the key of a COSE_Key. An exponent of 0 is 65,537 (12.2.3.5); TPMs leave out leading zeros.
    fn is(&self, cose: &Plain<'_>) -> bool {
        match (self, cose) {
            (
                Self::Rsa { modulus, exponent },
                Plain::Rsa {
                    modulus: n,
                    exponent: e,
                },
            ) => {
                let exponent = if *exponent == 0 { 65_537 } else { *exponent };
                modulus == n && significant(&exponent.to_be_bytes()) == *e
            }
            (Self::Point { length, x, y }, Plain::Point { x: ours, y: theirs }) => {
                ours.len() == *length && significant(x) == significant(ours) && significant(y) == significant(theirs)
            }
            (Self::Rsa { .. } | Self::Point { .. }, _) => false,
        }
    }
}

fn significant(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// TPMS_ATTEST (10.12.8) of a TPM2_Certify.
struct Certified<'a> {
    extra_data: &'a [u8],
    name: &'a [u8],
}

impl<'a> Certified<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Fields(bytes);
        // TPM_GENERATED_VALUE, then TPM_ST_ATTEST_CERTIFY.
        if fields.take()? != [0xff, b'T', b'C', b'G'] || fields.u16()? != 0x8017 {
            return Err(Malformed::Kind);
        }
        let _qualified_signer = fields.sized()?;
        let extra_data = fields.sized()?;
        // Clock, reset count, restart count, safe; firmware version.
        let _clock = fields.take::<17>()?;
        let _firmware = fields.take::<8>()?;
        let name = fields.sized()?;
        let _qualified_name = fields.sized()?;
        fields.end()?;
        Ok(Self { extra_data, name })
    }
}

/// Whether `name` is the Name of this public area: its nameAlg, then its hash by that (Part 1, 16).
fn is_name(name: &[u8], public_area: &[u8]) -> Result<bool, Malformed> {
    let mut fields = Fields(public_area);
    let _kind = fields.u16()?;
    let algorithm = fields.u16()?;
    let computed = digest::digest(hash_named(algorithm)?, public_area);
    Ok(name.strip_prefix(&algorithm.to_be_bytes()) == Some(computed.as_ref()))
}

/// The signature in a TPMT_SIGNATURE (11.3.4) of this scheme and its hash, in COSE's form. The standard names that
/// structure; Windows sends the signature bare.
fn wrapped(signature: &[u8], scheme: Scheme) -> Option<Vec<u8>> {
    let mut fields = Fields(signature);
    let kind = fields.u16().ok()?;
    let hashed = fields.u16() == hash_of(scheme);
    let inner = match (kind, scheme) {
        (TPM_RSASSA, Scheme::Rsa1 | Scheme::Rsa256 | Scheme::Rsa384 | Scheme::Rsa512) => fields.sized().ok()?.to_vec(),
        (TPM_ECDSA, Scheme::Ecdsa256 | Scheme::Ecdsa384) => {
            let [r, s] = [fields.sized().ok()?, fields.sized().ok()?].map(integer);
            let numbers = [r?, s?].concat();
            [&[der::SEQUENCE, u8::try_from(numbers.len()).ok()?], numbers.as_slice()].concat()
        }
        _ => return None,
    };
    (hashed && fields.0.is_empty()).then_some(inner)
}

/// A number of at most 48 bytes, as the curves of TPMs have them, as a DER INTEGER.
fn integer(number: &[u8]) -> Option<Vec<u8>> {
    let number = significant(number);
    let sign = usize::from(number.first().is_none_or(|first| *first >= 0x80));
    let length = u8::try_from(number.len() + sign).ok().filter(|length| *length <= 49)?;
    Some([&[der::INTEGER, length], [0].get(..sign)?, number].concat())
}
