//! Certificates written by hand, right or wrong in any place.

use p256::ecdsa::SigningKey;

use super::{coordinates, signed};

pub(super) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
pub(super) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
pub(super) const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];
pub(super) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
pub(super) const FIDO_AAGUID: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xe5, 0x1c, 0x01, 0x01, 0x04];
pub(super) const EC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];

/// One value in DER.
pub(super) fn der(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
    let head = match length {
        [0, length @ ..0x80] => vec![tag, length],
        [0, length] => vec![tag, 0x81, length],
        [high, low] => vec![tag, 0x82, high, low],
    };
    [head.as_slice(), contents].concat()
}

pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    der(0x30, &parts.concat())
}

/// A Name's contents: each attribute in a set of its own, by the last byte of its identifier (2.5.4.x).
pub(super) fn name(attributes: &[(u8, &str)]) -> Vec<u8> {
    let attribute = |(kind, text): &(u8, &str)| {
        der(
            0x31,
            &sequence(&[&der(0x06, &[0x55, 0x04, *kind]), &der(0x0c, text.as_bytes())]),
        )
    };
    attributes.iter().flat_map(attribute).collect()
}

/// The subject that §8.2.1 asks for.
pub(super) fn vendor() -> Vec<u8> {
    name(&[
        (6, "AA"),
        (10, "Vendor"),
        (11, "Authenticator Attestation"),
        (3, "Model"),
    ])
}

/// An extension: identifier, whether it says that it is critical, value.
pub(super) type Extension = (Vec<u8>, Option<bool>, Vec<u8>);

pub(super) fn extension(identifier: &[u8], value: Vec<u8>) -> Extension {
    (identifier.to_vec(), None, value)
}

pub(super) fn end_entity() -> Extension {
    extension(BASIC_CONSTRAINTS, sequence(&[]))
}

/// An authority over at most so many others.
pub(super) fn authority(below: Option<u8>) -> Extension {
    let below = below.map(|below| der(0x02, &[below])).unwrap_or_default();
    (
        BASIC_CONSTRAINTS.to_vec(),
        Some(true),
        sequence(&[&[1, 1, 0xff], &below]),
    )
}

/// Makes a signature of a message.
pub(super) type Sign = fn(&[u8]) -> Vec<u8>;

#[derive(Clone)]
pub(super) struct Certificate {
    /// The number that is written: one less than the version; `None` is version 1.
    pub(super) version: Option<u8>,
    pub(super) issuer: Vec<u8>,
    pub(super) subject: Vec<u8>,
    /// SubjectPublicKeyInfo.
    pub(super) key: Vec<u8>,
    pub(super) extensions: Vec<Extension>,
    pub(super) signer: SigningKey,
    /// Signs in the place of that key.
    pub(super) sign: Option<Sign>,
    /// The identifier of how it was signed, inside and outside.
    pub(super) schemes: [&'static [u8]; 2],
}

impl Certificate {
    /// A vendor's certificate for this key, signed by that authority.
    pub(super) fn of(key: &SigningKey, signer: &SigningKey) -> Self {
        Self {
            version: Some(2),
            issuer: name(&[(3, "Authority")]),
            subject: vendor(),
            key: subject_key(key),
            extensions: vec![end_entity()],
            signer: signer.clone(),
            sign: None,
            schemes: [ECDSA_SHA256; 2],
        }
    }

    pub(super) fn but(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(super) fn extend(&mut self, identifier: &[u8], value: Vec<u8>) {
        self.extensions.push(extension(identifier, value));
    }

    pub(super) fn written(&self) -> Vec<u8> {
        let [inside, outside] = self.schemes.map(|scheme| sequence(&[&der(0x06, scheme)]));
        let version = self
            .version
            .map(|version| der(0xa0, &[2, 1, version]))
            .unwrap_or_default();
        let extension = |(identifier, critical, value): &Extension| {
            let critical = critical
                .map(|critical| vec![1, 1, if critical { 0xff } else { 0 }])
                .unwrap_or_default();
            sequence(&[&der(0x06, identifier), &critical, &der(0x04, value)])
        };
        let extensions: Vec<u8> = self.extensions.iter().flat_map(extension).collect();
        let extensions = if extensions.is_empty() {
            Vec::new()
        } else {
            der(0xa3, &sequence(&[&extensions]))
        };
        let dates = sequence(&[&der(0x17, b"240101000000Z"), &der(0x18, b"30240101000000Z")]);
        let body = sequence(&[
            &version,
            &der(0x02, &[1]),
            &inside,
            &sequence(&[&self.issuer]),
            &dates,
            &sequence(&[&self.subject]),
            &self.key,
            &extensions,
        ]);
        let signature = self
            .sign
            .map_or_else(|| signed(&self.signer, &body), |sign| sign(&body));
        let signature = [&[0][..], &signature].concat();
        sequence(&[&body, &outside, &der(0x03, &signature)])
    }
}

/// SubjectPublicKeyInfo of a point of P-256.
pub(super) fn subject_key(key: &SigningKey) -> Vec<u8> {
    let (x, y) = coordinates(key);
    let algorithm = sequence(&[&der(0x06, EC_KEY), &der(0x06, P256)]);
    sequence(&[&algorithm, &der(0x03, &[&[0, 4], &x[..], &y].concat())])
}
