//! COSE algorithms that this house can check.

use coset::iana::{self, EnumI64};

/// A signature algorithm of a passkey or of an attestation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// −7: ECDSA on P-256 with SHA-256.
    Es256,
    /// −8: EdDSA, here Ed25519 only.
    EdDsa,
    /// −35: ECDSA on P-384 with SHA-384.
    Es384,
    /// −257: RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
}

impl Algorithm {
    /// What is offered to browsers, best first.
    pub const OFFERED: &'static [Self] = &[Self::Es256, Self::EdDsa, Self::Rs256];

    /// Everything that can be checked.
    pub const ALL: &'static [Self] = &[Self::Es256, Self::EdDsa, Self::Es384, Self::Rs256];

    /// The number in the COSE registry.
    pub fn cose(self) -> i64 {
        match self {
            Self::Es256 => iana::Algorithm::ES256,
            Self::EdDsa => iana::Algorithm::EdDSA,
            Self::Es384 => iana::Algorithm::ES384,
            Self::Rs256 => iana::Algorithm::RS256,
        }
        .to_i64()
    }

    /// The algorithm of a number in the COSE registry, where it is one of ours.
    pub fn from_cose(number: i64) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.cose() == number)
    }
}
