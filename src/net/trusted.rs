//! Whom a client of ours trusts, and an error that says what ails a certificate where TLS itself says less.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_rustls::rustls::client::WebPkiServerVerifier;
use futures_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use futures_rustls::rustls::crypto::ring::default_provider;
use futures_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::pasted::Pasted;
use crate::rules::certificates::weakness::{Weakness, is_issuer};
use crate::rules::time::Date;

/// Why there is no client.
#[derive(Debug)]
pub enum Unusable {
    /// This machine trusts nobody: it has no list of certificates.
    NoRoots,
    /// TLS itself cannot be set up.
    Tls(Error),
}

impl fmt::Display for Unusable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRoots => out.write_str(
                "this machine has no list of trusted certificates; give those of the server's CA under “certificates”",
            ),
            Self::Tls(error) => write!(out, "TLS cannot be set up: {error}"),
        }
    }
}

impl std::error::Error for Unusable {}

/// A client that trusts servers whose certificate is one of those given (DER), or leads to one; where none are given,
/// to one of the system's or of those `besides`. Reads the system's list: blocks.
///
/// # Errors
/// [`Unusable`].
pub fn client(given: Option<Vec<Vec<u8>>>, besides: Vec<Vec<u8>>) -> Result<ClientConfig, Unusable> {
    let provider = Arc::new(default_provider());
    let (verifier, pasted): (Arc<dyn ServerCertVerifier>, _) = match given {
        Some(given) => {
            let given: Vec<_> = given.into_iter().map(CertificateDer::from).collect();
            (Arc::new(Pasted::new(given.clone())), given)
        }
        None => {
            let known = Arc::new(known(besides));
            let verifier = WebPkiServerVerifier::builder_with_provider(known, Arc::clone(&provider));
            (verifier.build().map_err(|_| Unusable::NoRoots)?, Vec::new())
        }
    };
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().map_err(Unusable::Tls)?;
    let verifier = Arc::new(Named { verifier, pasted });
    Ok(builder
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth())
}

/// Whether a server of that name that shows this chain, the leaf first, is believed on that date by whoever knows the
/// system's certificates and those `besides` (DER). Reads the system's list: blocks.
pub(super) fn is_known(chain: &[CertificateDer<'_>], name: &str, date: Date, besides: Vec<Vec<u8>>) -> bool {
    let (Some((leaf, issuers)), Ok(name)) = (chain.split_first(), ServerName::try_from(name)) else {
        return false;
    };
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(known(besides)), Arc::new(default_provider()));
    let now = UnixTime::since_unix_epoch(Duration::from_secs(date.0));
    verifier
        .build()
        .is_ok_and(|verifier| verifier.verify_server_cert(leaf, issuers, &name, &[], now).is_ok())
}

/// The system's certificates, and those `besides`.
fn known(besides: Vec<Vec<u8>>) -> RootCertStore {
    let mut known = RootCertStore::empty();
    known.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    known.add_parsable_certificates(besides.into_iter().map(CertificateDer::from));
    known
}

/// Accepts what the verifier within accepts, nothing more. Where that refuses a certificate that is too weak or too old
/// for anybody, the error is the [`Weakness`].
#[derive(Debug)]
struct Named {
    verifier: Arc<dyn ServerCertVerifier>,
    pasted: Vec<CertificateDer<'static>>,
}

impl Named {
    /// What ails the shown certificates, if the error may come of that.
    #[allow(clippy::wildcard_enum_match_arm, reason = "rustls lets its enums grow")]
    fn ails(&self, error: &Error, shown: &[&CertificateDer<'_>]) -> Option<Weakness> {
        let Error::InvalidCertificate(why) = error else {
            return None;
        };
        let first = || Weakness::of(shown.first()?);
        match why {
            CertificateError::BadEncoding | CertificateError::Other(_) | CertificateError::UnknownIssuer => {
                // Who signed it with what is no matter where nobody knows the signer: pasted, it is trusted.
                first().filter(|weakness| *weakness != Weakness::Signature)
            }
            CertificateError::BadSignature => {
                let issuers = shown.iter().skip(1).copied().chain(&self.pasted);
                let signers = issuers.filter(|issuer| shown.iter().any(|issued| is_issuer(issuer, issued)));
                first().or_else(|| signers.into_iter().find_map(|signer| Weakness::of_issuer(signer)))
            }
            why if format!("{why:?}").starts_with("UnsupportedSignatureAlgorithm") => {
                shown.iter().find_map(|shown| Weakness::of(shown))
            }
            _ => None,
        }
    }

    fn named<T>(&self, verified: Result<T, Error>, shown: &[&CertificateDer<'_>]) -> Result<T, Error> {
        verified.map_err(|error| match self.ails(&error, shown) {
            Some(weakness) => CertificateError::Other(OtherError(Arc::new(weakness))).into(),
            None => error,
        })
    }
}

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self
            .verifier
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let shown: Vec<_> = std::iter::once(end_entity).chain(intermediates).collect();
        self.named(verified, &shown)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verified = self.verifier.verify_tls12_signature(message, certificate, signature);
        self.named(verified, &[certificate])
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verified = self.verifier.verify_tls13_signature(message, certificate, signature);
        self.named(verified, &[certificate])
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}
