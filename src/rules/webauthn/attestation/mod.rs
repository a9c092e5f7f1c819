//! Attestation: the authenticator's own word about the passkey that it made (§6.5, §8).
//!
//! A statement is verified to the letter of its format whatever the policy: a wrong one is a lie, even where none was
//! asked for. Whether its certificates lead to a root that the office trusts is the policy's question.

mod android_key;
mod apple;
mod certificate;
mod fido_u2f;
mod none;
mod packed;
mod subject_key;
mod tpm;

use super::aaguid;
use super::auth_data::{Attested, AuthData};
use super::cbor::{self, Item, Members, Order};
use super::limits::{ATTESTATION_DEPTH, ATTESTATION_OBJECT, CHAIN};
use super::malformed::Malformed;
use super::public_key::Key;
use certificate::Certificate;

/// An attestation object (§6.5.4), taken apart: its members come in any order, and no others come.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    /// `fmt`, as the client wrote it.
    pub format: &'a str,
    /// `authData`.
    pub auth_data: &'a [u8],
    /// `attStmt`: a map or a list, as the template of §6.5.4 has it; which of them is for the format to say.
    statement: Item<'a>,
}

impl<'a> Object<'a> {
    /// Reads at most [`ATTESTATION_OBJECT`] bytes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        if bytes.len() > ATTESTATION_OBJECT {
            return Err(Malformed::Oversized);
        }
        let members = cbor::whole(bytes, Order::Free, ATTESTATION_DEPTH)?.map()?;
        if members.count() != 3 {
            return Err(Malformed::Kind);
        }
        let statement = members.text("attStmt")?;
        if !matches!(statement, Item::Map(_) | Item::Array(_)) {
            return Err(Malformed::Kind);
        }
        Ok(Self {
            format: members.text("fmt")?.text()?,
            auth_data: members.text("authData")?.bytes()?,
            statement,
        })
    }
}

/// An attestation statement format whose procedure is built here (§8.2–§8.8; SafetyNet's service was shut down in
/// 2025).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// §8.4.
    AndroidKey,
    /// §8.8.
    Apple,
    /// §8.6.
    FidoU2f,
    /// §8.7.
    None,
    /// §8.2.
    Packed,
    /// §8.3.
    Tpm,
}

impl Format {
    /// The format of an identifier, matched case by case.
    pub fn named(identifier: &str) -> Option<Self> {
        Some(match identifier {
            "android-key" => Self::AndroidKey,
            "apple" => Self::Apple,
            "fido-u2f" => Self::FidoU2f,
            "none" => Self::None,
            "packed" => Self::Packed,
            "tpm" => Self::Tpm,
            _ => return None,
        })
    }
}

/// What a statement that was verified says (§6.5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttestationKind {
    /// Nothing.
    None,
    /// The passkey signed for itself.
    SelfAttested,
    /// A certificate signed, whose chain was not looked at: no roots were given.
    Unanchored,
    /// A certificate signed that leads to one of the roots given.
    Anchored,
}

/// What an office asks of a new passkey's attestation.
#[derive(Clone, Copy, Debug)]
pub enum Policy<'a> {
    /// Anything that verifies, unattested passkeys too. The default.
    Any,
    /// Unattested passkeys too; but certificates that are sent must lead to one of these roots (DER).
    Anchored {
        /// Certificates in DER.
        roots: &'a [Vec<u8>],
    },
    /// Only passkeys of these models, attested by certificates that lead to one of these roots.
    Attested {
        /// Models.
        aaguids: &'a [[u8; 16]],
        /// Certificates in DER.
        roots: &'a [Vec<u8>],
    },
}

/// Whether a root that an administrator gives can anchor anything: one certificate in DER, with a key whose signatures
/// are checked here (P-256, P-384, Ed25519, RSA of 2048 to 4096 bits).
pub fn is_usable_root(der: &[u8]) -> bool {
    Certificate::parse(der).is_ok_and(|root| root.key.is_usable())
}

/// A statement with all that its procedure needs.
pub(super) struct Statement<'a> {
    members: Members<'a>,
    auth_data: &'a [u8],
    parsed: &'a AuthData<'a>,
    attested: &'a Attested<'a>,
    key: &'a Key<'a>,
    client_data_hash: &'a [u8; 32],
}

/// A statement that was verified: the certificates that it rests on, none for self attestation and for no attestation.
pub(super) enum Verified<'a> {
    None,
    SelfAttested,
    /// By the first of these.
    Certified(Vec<Certificate<'a>>),
}

impl Verified<'_> {
    /// The model that the statement vouches for; none where it vouches for another or for none. FIDO U2F signs none of
    /// the authenticator data but the RP ID's hash (§8.6), so there it is the certificate's. A TPM and Android's
    /// keystore are vouched for as keepers of the key alone: the platform around them writes the authenticator data
    /// (§8.3, §8.4), so whoever drives it could claim any model, and it counts for its own only.
    fn model<'m>(&'m self, format: Format, claimed: &'m [u8; 16]) -> Option<&'m [u8; 16]> {
        let leaf = match self {
            Self::Certified(chain) => chain.first(),
            Self::None | Self::SelfAttested => None,
        };
        let certified = leaf.and_then(Certificate::aaguid);
        match format {
            Format::FidoU2f => Some(certified.unwrap_or(&[0; 16])),
            Format::AndroidKey => Some(claimed).filter(|claimed| **claimed == aaguid::ANDROID),
            Format::Tpm if certified.is_none() => {
                Some(claimed).filter(|claimed| aaguid::WINDOWS_HELLO.contains(*claimed))
            }
            Format::Apple | Format::None | Format::Packed | Format::Tpm => Some(claimed),
        }
    }
}

impl<'a> Statement<'a> {
    /// Every format that is built has a map. Errors: [`Malformed::Kind`].
    pub(super) fn new(
        object: &Object<'a>,
        parsed: &'a AuthData<'a>,
        attested: &'a Attested<'a>,
        key: &'a Key<'a>,
        client_data_hash: &'a [u8; 32],
    ) -> Result<Self, Malformed> {
        Ok(Self {
            members: object.statement.map()?,
            auth_data: object.auth_data,
            parsed,
            attested,
            key,
            client_data_hash,
        })
    }

    /// Follows the format's verification procedure.
    pub(super) fn verify(&self, format: Format) -> Result<Verified<'a>, Malformed> {
        match format {
            Format::AndroidKey => android_key::verify(self),
            Format::Apple => apple::verify(self),
            Format::FidoU2f => fido_u2f::verify(self),
            Format::None => none::verify(self),
            Format::Packed => packed::verify(self),
            Format::Tpm => tpm::verify(self),
        }
    }

    /// What the authenticator signed: the authenticator data, then the client data's hash.
    fn signed(&self) -> Vec<u8> {
        [self.auth_data, self.client_data_hash].concat()
    }

    /// No other members than the format's syntax names.
    fn has_only(&self, names: &[&str]) -> Result<(), Malformed> {
        let known = |(name, _)| matches!(name, Item::Text(text) if names.contains(&text));
        if self.members.into_iter().all(known) {
            Ok(())
        } else {
            Err(Malformed::Kind)
        }
    }

    /// `x5c`, where it is there: 1 to [`CHAIN`] certificates, leaf first.
    fn chain(&self) -> Result<Option<Vec<Certificate<'a>>>, Malformed> {
        let Some(certificates) = self.members.optional("x5c") else {
            return Ok(None);
        };
        let certificates = certificates.array()?;
        match certificates.count() {
            1..=CHAIN => certificates
                .map(|item| Certificate::parse(item.bytes()?))
                .collect::<Result<_, _>>()
                .map(Some),
            _ => Err(Malformed::Range),
        }
    }
}

impl Policy<'_> {
    /// Step 24: what the statement is worth here; none where that is too little.
    pub(super) fn assess(self, format: Format, verified: &Verified<'_>, claimed: &[u8; 16]) -> Option<AttestationKind> {
        let aaguid = verified.model(format, claimed);
        let listed = match self {
            Policy::Any | Policy::Anchored { .. } => true,
            Policy::Attested { aaguids, .. } => aaguid.is_some_and(|aaguid| aaguids.contains(aaguid)),
        };
        match (verified, self) {
            (_, _) if !listed => None,
            (Verified::None | Verified::SelfAttested, Policy::Attested { .. }) => None,
            (Verified::None, Policy::Any | Policy::Anchored { .. }) => Some(AttestationKind::None),
            (Verified::SelfAttested, Policy::Any | Policy::Anchored { .. }) => Some(AttestationKind::SelfAttested),
            (Verified::Certified(_), Policy::Any) => Some(AttestationKind::Unanchored),
            (Verified::Certified(chain), Policy::Anchored { roots } | Policy::Attested { roots, .. }) => {
                certificate::anchored(chain, roots).then_some(AttestationKind::Anchored)
            }
        }
    }
}
