//! Servers that are trusted by certificates that an administrator pasted.

use std::sync::Arc;

use futures_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use futures_rustls::rustls::client::{WebPkiServerVerifier, verify_server_name};
use futures_rustls::rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use futures_rustls::rustls::server::ParsedCertificate;
use futures_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::rules::certificates::x509::Certificate;
use crate::rules::time::Date;

/// Trusts a server that shows one of the pasted certificates itself, whether or not it says that it is a CA's (`openssl
/// req -x509` makes such ones), and one whose certificate one of them signed. Name and date must hold in either case.
#[derive(Debug)]
pub struct Pasted {
    known: Vec<CertificateDer<'static>>,
    /// None where nothing that was pasted can sign others.
    roots: Option<Arc<WebPkiServerVerifier>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Pasted {
    /// Trusts these (DER).
    pub fn new(known: Vec<CertificateDer<'static>>) -> Self {
        let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(known.iter().cloned());
        let algorithms = provider.signature_verification_algorithms;
        let roots = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
        Self {
            known,
            roots: roots.ok(),
            algorithms,
        }
    }
}

impl ServerCertVerifier for Pasted {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.known.iter().any(|known| known == end_entity) {
            let read = ParsedCertificate::try_from(end_entity)?;
            in_time(end_entity, now)?;
            verify_server_name(&read, server_name)?;
            return Ok(ServerCertVerified::assertion());
        }
        match &self.roots {
            Some(roots) => roots.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now),
            None => Err(CertificateError::UnknownIssuer.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn in_time(certificate: &CertificateDer<'_>, time: UnixTime) -> Result<(), CertificateError> {
    let validity = Certificate::parse(certificate)
        .map_err(|_| CertificateError::BadEncoding)?
        .validity;
    let now = Date(time.as_secs());
    let at = |date: Date| UnixTime::since_unix_epoch(std::time::Duration::from_secs(date.0));
    if now > validity.until {
        let not_after = at(validity.until);
        return Err(CertificateError::ExpiredContext { time, not_after });
    }
    if now < validity.from {
        let not_before = at(validity.from);
        return Err(CertificateError::NotValidYetContext { time, not_before });
    }
    Ok(())
}
