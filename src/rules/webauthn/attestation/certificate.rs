//! X.509 certificates (RFC 5280) as far as attestation needs them, read from DER. Dates are not looked at: see
//! `webauthn/mod.rs`.

use super::super::der::{self, Reader};
use super::super::limits::MEMBERS;
use super::super::malformed::Malformed;
use super::subject_key::{Scheme, SubjectKey};

/// The extensions of RFC 5280 that are read somewhere here, and those that cannot make a certificate say less.
mod oid {
    pub(super) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
    pub(super) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
    pub(super) const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];
    pub(super) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
    pub(super) const POLICIES: &[u8] = &[0x55, 0x1d, 0x20];
}

/// `id-fido-gen-ce-aaguid`, 1.3.6.1.4.1.45724.1.1.4 (§8.2.1).
const FIDO_AAGUID: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xe5, 0x1c, 0x01, 0x01, 0x04];

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
        authority && may_sign && self.signed(child)
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

/// Whether the chain, leaf first, reaches one of the roots: a certificate of it is a root, or was signed by one. Every
/// certificate on the way, the leaf too, has no critical extension that is unknown here. Of a root, subject and key
/// count and nothing else: a trust anchor's own limits are not part of the path (RFC 5280 §6.1.1 (d)).
pub(super) fn anchored(chain: &[Certificate<'_>], roots: &[Vec<u8>]) -> bool {
    let roots: Vec<_> = roots.iter().filter_map(|root| Certificate::parse(root).ok()).collect();
    for (below, certificate) in chain.iter().enumerate() {
        if roots.iter().any(|root| root.whole == certificate.whole) {
            return true;
        }
        if !certificate.knows_what_is_critical() {
            return false;
        }
        if roots.iter().any(|root| root.signed(certificate)) {
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
