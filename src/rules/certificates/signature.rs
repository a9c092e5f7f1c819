//! Whether one certificate of a file signed another: what tells an issuer from its namesake of another key.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ED25519,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, UnparsedPublicKey,
    VerificationAlgorithm,
};

use super::key::KeyKind;
use super::x509::Certificate;

/// Object identifiers of RFC 8017 §A.2.4, RFC 5758 §3.2 and RFC 8410 §3.
mod oid {
    pub(super) const RSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
    pub(super) const RSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c];
    pub(super) const RSA_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d];
    pub(super) const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    pub(super) const ECDSA_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
    pub(super) const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
}

/// Whether `issuer`'s key signed `issued`. None where that cannot be found out here: older algorithms, RSA-PSS, and
/// keys that nothing is verified by.
pub(super) fn is_by(issuer: &Certificate<'_>, issued: &Certificate<'_>) -> Option<bool> {
    use KeyKind::{Ed25519, P256, P384, Rsa};
    let kind = KeyKind::of(&issuer.key);
    let algorithm: &'static dyn VerificationAlgorithm = match (issued.signed_with, kind) {
        (oid::ECDSA_SHA256, P256) => &ECDSA_P256_SHA256_ASN1,
        (oid::ECDSA_SHA384, P256) => &ECDSA_P256_SHA384_ASN1,
        (oid::ECDSA_SHA256, P384) => &ECDSA_P384_SHA256_ASN1,
        (oid::ECDSA_SHA384, P384) => &ECDSA_P384_SHA384_ASN1,
        (oid::ED25519, Ed25519) => &ED25519,
        (oid::RSA_SHA256, Rsa { bits: 2048..=8192 }) => &RSA_PKCS1_2048_8192_SHA256,
        (oid::RSA_SHA384, Rsa { bits: 2048..=8192 }) => &RSA_PKCS1_2048_8192_SHA384,
        (oid::RSA_SHA512, Rsa { bits: 2048..=8192 }) => &RSA_PKCS1_2048_8192_SHA512,
        // A signature of one family is never a key's of another.
        (oid::ECDSA_SHA256 | oid::ECDSA_SHA384, Rsa { .. } | Ed25519)
        | (oid::RSA_SHA256 | oid::RSA_SHA384 | oid::RSA_SHA512, P256 | P384 | Ed25519)
        | (oid::ED25519, P256 | P384 | Rsa { .. }) => return Some(false),
        _ => return None,
    };
    let key = UnparsedPublicKey::new(algorithm, issuer.key.bits);
    Some(key.verify(issued.signed, issued.signature).is_ok())
}
