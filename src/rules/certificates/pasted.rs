//! Certificates that an administrator hands over as text.

use rustls_pki_types::pem::SectionKind;

use super::flaw::Looks;
use super::pem;
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::limits;

/// Judges PEM text that somebody pasted: at least one certificate, at most [`limits::ROOTS`], as DER.
///
/// # Errors
/// What it is instead. A private key beside the certificates is refused as well: it would be shown to administrators.
pub fn judged(text: &str) -> Result<Vec<Vec<u8>>, Invalid> {
    let found = parse(text).and_then(|certificates| match pem::read(text.as_bytes())? {
        found if found.is_encrypted || found.sections.len() > certificates.len() => Err(Looks::Key),
        found => found.others.first().map_or(Ok(certificates), |looks| Err(*looks)),
    });
    found.map_err(|looks| Invalid::new(Field::Roots, Why::NotCertificates(looks)))
}

/// Reads PEM text that was judged, now or by an earlier version: the certificates in it, as DER.
///
/// # Errors
/// What it is instead.
pub fn parse(text: &str) -> Result<Vec<Vec<u8>>, Looks> {
    if text.len() > limits::ROOTS_OCTETS {
        return Err(Looks::TooMany);
    }
    let found = pem::read(text.as_bytes())?;
    let is_certificate = |kind: SectionKind| kind == SectionKind::Certificate;
    let certificates = found.sections.iter().filter(|(kind, _)| is_certificate(*kind));
    let certificates: Vec<Vec<u8>> = certificates.map(|(_, der)| der.to_vec()).collect();
    match certificates.len() {
        0 => Err(found.others.first().copied().unwrap_or(Looks::Key)),
        1..=limits::ROOTS => Ok(certificates),
        _ => Err(Looks::TooMany),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::certificates::profile;

    const DER: &[u8] = &[0x30, 0x03, 0x02, 0x01, 0x07];

    fn refused(text: &str) -> Looks {
        match judged(text) {
            Err(Invalid {
                why: Why::NotCertificates(looks),
                ..
            }) => looks,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_certificate_is_read_however_it_was_pasted() {
        let pem = profile::pem(DER);
        for text in [
            pem.clone(),
            pem.replace("CERTIFICATE", "X509 CERTIFICATE"),
            pem.lines().map(|line| format!("    {line}\t\r\n")).collect(),
            pem.replace('\n', " "),
            pem.replace('\n', ""),
            format!("\u{feff}Mail server, since 2024: see -----BEGIN CERTIFICATE----- below\n{pem}\nBüro"),
        ] {
            assert_eq!(judged(&text), Ok(vec![DER.to_vec()]), "{text}");
        }
        assert_eq!(judged(&pem.repeat(2)).unwrap().len(), 2);
    }

    #[test]
    fn what_is_no_certificate_is_called_by_its_name() {
        let pem = profile::pem(DER);
        let called = |label: &str| pem.replace("CERTIFICATE", label);
        for (label, looks) in [
            ("PRIVATE KEY", Looks::Key),
            ("RSA PRIVATE KEY", Looks::Key),
            ("ENCRYPTED PRIVATE KEY", Looks::Key),
            ("CERTIFICATE REQUEST", Looks::Request),
            ("NEW CERTIFICATE REQUEST", Looks::Request),
            ("PKCS7", Looks::Pkcs7),
            ("TRUSTED CERTIFICATE", Looks::Trusted),
            ("PUBLIC KEY", Looks::PublicKey),
            ("X509 CRL", Looks::Revoked),
            ("OPENSSH PRIVATE KEY", Looks::Ssh),
            ("PGP PUBLIC KEY BLOCK", Looks::OtherPem),
        ] {
            assert_eq!(refused(&called(label)), looks, "{label}");
            assert_eq!(
                refused(&(pem.clone() + &called(label))),
                looks,
                "{label} behind a certificate"
            );
        }
        for (text, looks) in [
            (" \r\n", Looks::Empty),
            ("mail.example.org", Looks::Other),
            (&"MIIB".repeat(40), Looks::Base64),
            (pem.trim_end_matches("-----\n"), Looks::Damaged),
            (&pem.replace("MA", "M!"), Looks::Damaged),
            (&pem.repeat(limits::ROOTS + 1), Looks::TooMany),
        ] {
            assert_eq!(refused(text), looks, "{text}");
        }
    }
}
