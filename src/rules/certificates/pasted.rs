//! Certificates that an administrator hands over as text.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::rules::limits;
use crate::rules::verdict::Refusal;

/// Reads PEM text: at least one certificate, at most [`limits::ROOTS`], as DER.
pub fn parse(pem: &str) -> Result<Vec<Vec<u8>>, Refusal> {
    let refusal = Refusal::Field(
        "roots",
        "These are no certificates. Paste PEM text, from BEGIN CERTIFICATE to END CERTIFICATE, 16 of them at most.",
    );
    if pem.len() > limits::ROOTS_OCTETS {
        return Err(refusal);
    }
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let found = parsed.map_err(|_| refusal.clone())?;
    if (1..=limits::ROOTS).contains(&found.len()) {
        Ok(found.into_iter().map(|certificate| certificate.to_vec()).collect())
    } else {
        Err(refusal)
    }
}
