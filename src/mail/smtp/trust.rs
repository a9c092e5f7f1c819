//! Which certificates of mail servers are trusted, and in words what is wrong with the others.

use std::sync::Arc;

use mail_send::smtp::tls::build_tls_connector;
use rustls_pki_types::{CertificateDer, UnixTime};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::{CertificateError, ClientConfig, Error, OtherError, RootCertStore};

use crate::net::pasted::Pasted;
use crate::rules::certificates::pasted;
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
                    "this machine has no list of trusted certificates ({error}); give the server's own under \
                        “certificates”"
                )
            });
        }
    };
    Ok(TlsConnector::from(Arc::new(config)))
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
            "the server shows another certificate than those under “certificates”, and none of those signed it; paste \
             the one that it shows now"
                .to_owned()
        }
        CertificateError::UnknownIssuer | CertificateError::BadSignature => untrusted(),
        CertificateError::NotValidForName => other_name(relay, &[]),
        CertificateError::NotValidForNameContext { presented, .. } => other_name(relay, presented),
        CertificateError::Expired => "the server's certificate has expired; it must be renewed on the \
            server"
            .to_owned(),
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
                "the server's certificate is of version 1, which is no longer in use and names no host; make a new one \
                 of version 3 on the server"
                    .to_owned()
            }
            kind if kind.contains("CaUsedAsEndEntity") => untrusted(),
            kind => format!("the server's certificate cannot be used ({kind})"),
        },
        why => format!("the server's certificate cannot be used ({why})"),
    }
}

fn untrusted() -> String {
    "the server's certificate is signed by nobody whom this machine trusts; if it signs itself, or your own CA signed \
     it, paste that certificate under “certificates”"
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
            "the server's certificate is not for {server}: it lists no such name (a common name alone does not count); \
             make a new one on the server with {server} as subject alternative name"
        );
    }
    format!(
        "the server's certificate is for {}, not for {server}; give the server by the name in its certificate",
        names.join(", ")
    )
}
