//! One protocol's TLS over the common certificates.

use std::net::IpAddr;
use std::sync::Arc;

use futures_rustls::TlsAcceptor;
use futures_rustls::rustls::crypto::ring::Ticketer;
use futures_rustls::rustls::server::NoServerSessionStorage;
use futures_rustls::rustls::{ServerConfig, version};
use smol::net::TcpStream;

use super::certificates::{ACME_TLS, Certificates, TlsError};
use super::gathered::Gathered;
use super::handshakes::Handshakes;

/// TLS 1.2 and 1.3 for one protocol, without early data.
///
/// Sessions are resumed by tickets that the client keeps, sealed under a key that rotates every 6 hours and is never
/// written: nothing here grows with the number of clients.
#[derive(Clone)]
pub struct Tls(TlsAcceptor, Arc<Handshakes>);

/// A connection whose handshake is done.
pub type TlsStream = futures_rustls::server::TlsStream<Gathered>;

/// What a new connection on a secure door turned out to be.
pub enum Hello {
    /// Neither TLS nor anything that can be answered.
    Nothing,
    /// Text in the clear; nothing of it is read yet.
    Plain,
    /// TLS, with its handshake done.
    Tls(Box<TlsStream>),
}

/// The first byte of a TLS record that carries a handshake (RFC 8446 §5.1).
const HANDSHAKE: u8 = 22;

impl Tls {
    /// For the protocols of these names (ALPN, RFC 7301), the best one first; without names, none is agreed on.
    ///
    /// # Errors
    /// [`TlsError::Engine`].
    pub fn new(certificates: &Certificates, protocols: &[&[u8]]) -> Result<Self, TlsError> {
        let mut config = ServerConfig::builder_with_provider(certificates.provider())
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .map_err(TlsError::Engine)?
            .with_no_client_auth()
            .with_cert_resolver(certificates.resolver());
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        if !protocols.is_empty() {
            // The last: whoever speaks another one of them gets that.
            config.alpn_protocols.push(ACME_TLS.to_vec());
        }
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.ticketer = Ticketer::new().map_err(TlsError::Engine)?;
        Ok(Self(TlsAcceptor::from(Arc::new(config)), certificates.handshakes()))
    }

    /// Does the handshake, if the client begins one.
    pub async fn greet(&self, stream: &TcpStream) -> Hello {
        let mut first = [0];
        let note = |told: &dyn Fn(IpAddr)| {
            if let Ok(peer) = stream.peer_addr() {
                told(peer.ip());
            }
        };
        match stream.peek(&mut first).await {
            Ok(1..) if first == [HANDSHAKE] => match self.0.accept(Gathered::new(stream.clone())).await {
                // A CA has seen what it wanted to see (RFC 8737 §3).
                Ok(stream) if stream.get_ref().1.alpn_protocol() == Some(ACME_TLS) => Hello::Nothing,
                Ok(mut secured) => {
                    secured.get_mut().0.greeted();
                    note(&|from| self.1.came_about(from));
                    Hello::Tls(Box::new(secured))
                }
                Err(error) => {
                    note(&|from| self.1.failed(from, &error));
                    Hello::Nothing
                }
            },
            Ok(1..) if first.iter().all(u8::is_ascii_uppercase) => Hello::Plain,
            Ok(_) | Err(_) => Hello::Nothing,
        }
    }
}
