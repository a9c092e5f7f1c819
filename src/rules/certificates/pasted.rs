//! Certificates that an administrator hands over as text.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::limits;

/// Reads PEM text: at least one certificate, at most [`limits::ROOTS`], as DER.
pub fn parse(pem: &str) -> Result<Vec<Vec<u8>>, Invalid> {
    let invalid = Invalid::new(Field::Roots, Why::NotCertificates);
    if pem.len() > limits::ROOTS_OCTETS {
        return Err(invalid);
    }
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let found = parsed.map_err(|_| invalid)?;
    if (1..=limits::ROOTS).contains(&found.len()) {
        Ok(found.into_iter().map(|certificate| certificate.to_vec()).collect())
    } else {
        Err(invalid)
    }
}
