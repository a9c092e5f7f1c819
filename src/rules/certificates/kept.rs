//! The office CA and its leaf as the store keeps them: certificates as they are, keys sealed under the appliance's key.

use crate::rules::moment::Fresh;
use crate::rules::secret::{SealKey, Sealed};
use zeroize::Zeroizing;

/// What the key of the CA is sealed for.
const AUTHORITY: &str = "office-ca";
/// What the key of the leaf is sealed for.
const LEAF: &str = "office-leaf";

/// Whose certificate it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// The office CA, which people install.
    Authority,
    /// The appliance, which browsers and phones meet.
    Leaf,
}

/// A certificate and its sealed key.
#[derive(Clone, Debug)]
pub struct KeptPair {
    /// DER.
    pub certificate: Vec<u8>,
    /// PKCS #8, sealed; bound to the certificate, so that no other one is ever served with it.
    pub key: Sealed,
}

impl KeptPair {
    /// Seals the key (PKCS #8) of a certificate.
    pub fn seal(holder: Holder, certificate: Vec<u8>, key: &[u8], under: &SealKey, fresh: &mut Fresh) -> Self {
        let key = under.seal(holder.purpose(), &certificate, key, fresh);
        Self { certificate, key }
    }

    /// The key (PKCS #8); none where another appliance's key sealed it.
    pub fn key(&self, holder: Holder, under: &SealKey) -> Option<Zeroizing<Vec<u8>>> {
        under.open(holder.purpose(), &self.certificate, &self.key)
    }
}

impl Holder {
    fn purpose(self) -> &'static str {
        match self {
            Self::Authority => AUTHORITY,
            Self::Leaf => LEAF,
        }
    }
}
