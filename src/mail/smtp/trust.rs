//! Which certificates of mail servers are trusted, and in words what is wrong with the others.

use std::sync::Arc;

use mail_send::smtp::tls::build_tls_connector;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{WebPkiServerVerifier, verify_server_name};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

use crate::rules::certificates::pasted;
use crate::rules::certificates::x509::Certificate;
use crate::rules::letters::relay::{Relay, Security};
use crate::rules::time::Date;

/// What trusts the certificates that were pasted for that server, or else the system's.
pub(super) fn connector(relay: &Relay) -> Result<TlsConnector, String> {
    let config = match (&relay.roots, relay.security) {
        // Nothing is verified there: a machine without certificates sends letters all the same.
        (_, Security::None) => ClientConfig::builder()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth(),
        (Some(pem), _) => {
            let given = pasted::parse(pem).map_err(|_| "the certificates cannot be read")?;
            let verifier = Pasted::new(given.into_iter().map(CertificateDer::from).collect());
            ClientConfig::builder()
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(verifier))
                .with_no_client_auth()
        }
        (None, _) => {
            return build_tls_connector(false).map_err(|error| {
                format!(
                    "this machine has no list of trusted certificates ({error}); give the server's own under “certificates”"
                )
            });
        }
    };
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Trusts a server that shows one of the pasted certificates itself, whether or not it says that it is a CA's (`openssl
/// req
/// -x509` makes such ones), and one whose certificate one of them signed. Name and date must hold in either case.
#[derive(Debug)]
struct Pasted {
    known: Vec<CertificateDer<'static>>,
    /// None where nothing that was pasted can sign others.
    roots: Option<Arc<WebPkiServerVerifier>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Pasted {
    fn new(known: Vec<CertificateDer<'static>>) -> Self {
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

/// Whether the other side does not speak TLS at all.
pub(super) fn is_in_the_clear(error: &Error) -> bool {
    matches!(error, Error::InvalidMessage(_))
}

/// What is wrong with the line to that server, and what to do.
#[allow(clippy::wildcard_enum_match_arm, reason = "rustls lets its enums grow")]
pub(super) fn words(error: &Error, relay: &Relay) -> String {
    let words = match error {
        Error::InvalidCertificate(why) => return format!("TLS: {}", of_certificate(why, relay)),
        error if is_in_the_clear(error) && relay.security == Security::Tls => {
            "the server does not begin with TLS on this port; choose STARTTLS as security, or the port for TLS"
                .to_owned()
        }
        Error::PeerIncompatible(_) => {
            "the server and Linekey know no common version of TLS; the server should know 1.2 or 1.3".to_owned()
        }
        error => error.to_string(),
    };
    format!("TLS: {words}")
}

#[allow(clippy::wildcard_enum_match_arm, reason = "rustls lets its enums grow")]
fn of_certificate(why: &CertificateError, relay: &Relay) -> String {
    let day = |time: &UnixTime| Date(time.as_secs()).iso().get(..10).unwrap_or_default().to_owned();
    match why {
        // The signature is bad where the server's certificate was made anew under the same name.
        CertificateError::UnknownIssuer | CertificateError::BadSignature if relay.roots.is_some() => {
            "the server shows another certificate than those under “certificates”, and none of those signed it; paste the \
             one that it shows now"
                .to_owned()
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => untrusted(),
        CertificateError::NotValidForName => other_name(relay, &[]),
        CertificateError::NotValidForNameContext { presented, .. } => other_name(relay, presented),
        CertificateError::Expired => "the server's certificate has expired; it must be renewed on the server".to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => {
            let day = day(not_after);
            format!("the server's certificate expired on {day}; it must be renewed on the server")
        }
        CertificateError::NotValidYet => "the server's certificate is not valid yet; check both clocks".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            let day = day(not_before);
            format!("the server's certificate is valid from {day} on, and not yet; check both clocks")
        }
        // The library's own kinds come as text alone.
        CertificateError::Other(OtherError(other)) => match other.to_string() {
            kind if kind.contains("UnsupportedCertVersion") => {
                "the server's certificate is of version 1, which is no longer in use and names no host; make a new one of \
                 version 3 on the server"
                    .to_owned()
            }
            kind if kind.contains("CaUsedAsEndEntity") => untrusted(),
            kind => format!("the server's certificate cannot be used ({kind})"),
        },
        why => format!("the server's certificate cannot be used ({why})"),
    }
}

fn untrusted() -> String {
    "the server's certificate is signed by nobody whom this machine trusts; if it signs itself, or your own CA signed it, \
     paste that certificate under “certificates”"
        .to_owned()
}

/// `presented` as rustls writes names: `DnsName("mail.example.org")`, `IpAddress(192.0.2.1)`.
fn other_name(relay: &Relay, presented: &[String]) -> String {
    let bare = |name: &String| {
        let inside = name.split_once('(').map_or(name.as_str(), |(_, inside)| inside);
        inside.trim_matches(['(', ')', '"']).to_owned()
    };
    let names: Vec<String> = presented.iter().take(5).map(bare).collect();
    let server = &relay.server;
    if names.is_empty() {
        return format!(
            "the server's certificate is not for {server}: it lists no such name (a common name alone does not count); make \
             a new one on the server with {server} as subject alternative name"
        );
    }
    format!(
        "the server's certificate is for {}, not for {server}; give the server by the name in its certificate",
        names.join(", ")
    )
}
