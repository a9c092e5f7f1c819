//! Attestation: the authenticator's own word about the passkey that it made (§6.5, §8).
//!
//! A statement is verified to the letter of its format whatever the policy: a wrong one is a lie, even where none was
//! asked for. Whether its certificates lead to a root that the office trusts is the policy's question.

mod none;

use super::auth_data::{Attested, AuthData};
use super::cbor::{self, Items, Members, Order};
use super::limits::{ATTESTATION_DEPTH, ATTESTATION_OBJECT};
use super::malformed::Malformed;
use super::public_key::Key;

/// An attestation object (§6.5.4), taken apart: its members come in any order, and no others come.
#[derive(Clone, Copy, Debug)]
pub struct Object<'a> {
    /// `fmt`, as the client wrote it.
    pub format: &'a str,
    /// `authData`.
    pub auth_data: &'a [u8],
    statement: Members<'a>,
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
        Ok(Self {
            format: members.text("fmt")?.text()?,
            auth_data: members.text("authData")?.bytes()?,
            statement: members.text("attStmt")?.map()?,
        })
    }
}

/// An attestation statement format whose procedure is built here (§8.2–§8.8; SafetyNet's service was shut down in 2025).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// §8.7.
    None,
}

impl Format {
    /// The format of an identifier, matched case by case.
    pub fn named(identifier: &str) -> Option<Self> {
        Some(match identifier {
            "none" => Self::None,
            _ => return None,
        })
    }
}

/// What a statement that was verified says (§6.5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
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
    Certified(Items<'a>),
}

impl<'a> Statement<'a> {
    pub(super) fn new(
        object: &Object<'a>,
        parsed: &'a AuthData<'a>,
        attested: &'a Attested<'a>,
        key: &'a Key<'a>,
        client_data_hash: &'a [u8; 32],
    ) -> Self {
        Self {
            members: object.statement,
            auth_data: object.auth_data,
            parsed,
            attested,
            key,
            client_data_hash,
        }
    }

    /// Follows the format's verification procedure.
    pub(super) fn verify(&self, format: Format) -> Result<Verified<'a>, Malformed> {
        match format {
            Format::None => none::verify(self),
        }
    }
}

impl Policy<'_> {
    /// Step 24: what the statement is worth here; none where that is too little.
    pub(super) fn assess(self, verified: &Verified<'_>, aaguid: &[u8; 16]) -> Option<Kind> {
        let listed = match self {
            Policy::Any | Policy::Anchored { .. } => true,
            Policy::Attested { aaguids, .. } => aaguids.contains(aaguid),
        };
        match (verified, self) {
            (_, _) if !listed => None,
            (Verified::None | Verified::SelfAttested, Policy::Attested { .. }) => None,
            (Verified::None, Policy::Any | Policy::Anchored { .. }) => Some(Kind::None),
            (Verified::SelfAttested, Policy::Any | Policy::Anchored { .. }) => {
                Some(Kind::SelfAttested)
            }
            (Verified::Certified(_), Policy::Any) => Some(Kind::Unanchored),
            (Verified::Certified(_), Policy::Anchored { .. } | Policy::Attested { .. }) => None,
        }
    }
}
