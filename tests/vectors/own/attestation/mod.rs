//! §8, format by format: the statement is true but for one thing. TPMs are in `tpm`, chains of certificates in
//! `chain.rs`.

mod android;
mod apple;
mod packed;
mod u2f;

use linekey::rules::webauthn::attestation::AttestationKind;
use linekey::rules::webauthn::registration::Step;

use super::cbor;
use super::certificate::Certificate;
use super::registration::Creation;
use super::{secret, signed};

/// A statement's map in CBOR; its members come in canonical order.
pub(super) fn statement(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut all = vec![0xa0 + u8::try_from(members.len()).unwrap()];
    for (name, value) in members {
        all.extend(cbor(3, name.as_bytes()));
        all.extend(value);
    }
    all
}

/// `x5c`.
pub(super) fn chain(certificates: &[Vec<u8>]) -> Vec<u8> {
    let mut list = vec![0x80 + u8::try_from(certificates.len()).unwrap()];
    list.extend(certificates.iter().flat_map(|certificate| cbor(2, certificate)));
    list
}

pub(super) const ES256: u8 = 0x26;

#[track_caller]
fn accepted(why: &str, made: Creation) {
    assert_eq!(
        made.judged().map(|made| made.attestation),
        Ok(AttestationKind::Unanchored),
        "{why}"
    );
}

#[track_caller]
fn refused(why: &str, made: Creation) {
    assert_eq!(made.judged().err(), Some(Step::Attestation), "{why}");
}

/// What may be wrong in any format.
struct Made {
    creation: Creation,
    certificate: Certificate,
    alg: Vec<u8>,
    /// Who signs the statement.
    signer: u8,
    /// Put behind the statement's own members.
    more: Vec<(&'static str, Vec<u8>)>,
    /// What stands for the chain, where it is not the one certificate.
    certificates: Option<Vec<u8>>,
}

type Change = fn(&mut Made);

impl Made {
    /// By the key 2, whose certificate the key 3 has signed.
    fn right() -> Self {
        Self {
            creation: Creation::right(),
            certificate: Certificate::of(&secret(2), &secret(3)),
            alg: vec![ES256],
            signer: 2,
            more: Vec::new(),
            certificates: None,
        }
    }

    fn but(mut self, change: Change) -> Self {
        change(&mut self);
        self
    }

    fn x5c(&self) -> Vec<u8> {
        self.certificates
            .clone()
            .unwrap_or_else(|| chain(&[self.certificate.written()]))
    }

    fn signature(&self, message: &[u8]) -> Vec<u8> {
        cbor(2, &signed(&secret(self.signer), message))
    }

    fn with(mut self, format: &'static str, mut members: Vec<(&'static str, Vec<u8>)>) -> Creation {
        members.append(&mut self.more);
        self.creation.format = format;
        self.creation.statement = Some(statement(&members));
        self.creation
    }

    fn packed(self) -> Creation {
        let signature = self.signature(&self.creation.message());
        self.packed_by(signature)
    }

    fn packed_by(self, signature: Vec<u8>) -> Creation {
        let members = vec![("alg", self.alg.clone()), ("sig", signature), ("x5c", self.x5c())];
        self.with("packed", members)
    }
}
