//! Which certificates of mail servers are trusted, and in words what is wrong with the others.

use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::{ClientConfig, Error, RootCertStore};

use crate::net::{flaws, refused, trusted};
use crate::rules::certificates::pasted;
use crate::rules::letters::relay::{Relay, Security};

/// What trusts the certificates that were pasted for that server, or else the system's.
pub(super) fn connector(relay: &Relay) -> Result<TlsConnector, String> {
    let config = if relay.security == Security::None {
        // Nothing is verified there: a machine without certificates sends letters all the same.
        let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()));
        let builder = builder
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        builder
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth()
    } else {
        let given = relay.roots.as_deref().map(pasted::parse).transpose();
        let given = given.map_err(|looks| format!("the certificates cannot be read: {}", flaws::what(looks)))?;
        trusted::client(given, Vec::new()).map_err(|error| error.to_string())?
    };
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Whether the other side does not speak TLS at all.
pub(super) fn is_in_the_clear(error: &Error) -> bool {
    matches!(error, Error::InvalidMessage(_))
}

/// What is wrong with the line to that server, and what to do.
pub(super) fn words(error: &Error, relay: &Relay) -> String {
    if is_in_the_clear(error) && relay.security == Security::Tls {
        return "TLS: the server does not begin with TLS on this port; choose STARTTLS as security, or the port for TLS"
            .to_owned();
    }
    format!(
        "TLS: {}",
        refused::sentence(error, &relay.server, relay.roots.is_some())
    )
}
