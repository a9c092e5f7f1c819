//! One protocol's TLS over the common certificates.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use futures_rustls::LazyConfigAcceptor;
use futures_rustls::rustls::crypto::CryptoProvider;
use futures_rustls::rustls::crypto::ring::Ticketer;
use futures_rustls::rustls::server::{Acceptor, ClientHello, NoServerSessionStorage};
use futures_rustls::rustls::{CipherSuite, ServerConfig, version};
use smol::net::TcpStream;

use super::certificates::{ACME_TLS, Certificates, TlsError};
use super::gathered::Gathered;
use super::handshakes::Handshakes;

/// TLS 1.2 and 1.3 for one protocol, without early data.
///
/// Sessions are resumed by tickets that the client keeps, sealed under a key that rotates every 6 hours and is never
/// written: nothing here grows with the number of clients.
#[derive(Clone)]
pub struct Tls {
    /// Every suite, for whom the client's order holds.
    every: Arc<ServerConfig>,
    /// Without [`SLOW`], for who would rather have [`AS_LONG`] than [`SHORTER`]: nobody gets a shorter key for it.
    quick: Arc<ServerConfig>,
    handshakes: Arc<Handshakes>,
}

/// The suite that OpenSSL and newer Safari ask for first. The hash of its key schedule is an eighth of what a short
/// connection costs: processors have instructions for SHA-256, and seldom for SHA-384.
const SLOW: CipherSuite = CipherSuite::TLS13_AES_256_GCM_SHA384;
/// The one with a key as long and the other hash.
const AS_LONG: CipherSuite = CipherSuite::TLS13_CHACHA20_POLY1305_SHA256;
/// The one with a shorter key, for who puts it before that.
const SHORTER: CipherSuite = CipherSuite::TLS13_AES_128_GCM_SHA256;

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
        let ticketer = Ticketer::new().map_err(TlsError::Engine)?;
        let config = |provider| {
            let mut config = ServerConfig::builder_with_provider(provider)
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
            config.ticketer = Arc::clone(&ticketer);
            Ok(Arc::new(config))
        };
        let every = certificates.provider();
        Ok(Self {
            quick: config(without_the_slow(&every))?,
            every: config(every)?,
            handshakes: certificates.handshakes(),
        })
    }

    fn config(&self, hello: &ClientHello<'_>) -> Arc<ServerConfig> {
        let mut others = hello
            .cipher_suites()
            .iter()
            .filter(|suite| [AS_LONG, SHORTER].contains(suite));
        let is_quick = others.next() == Some(&AS_LONG);
        Arc::clone(if is_quick { &self.quick } else { &self.every })
    }

    async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream> {
        let begun = LazyConfigAcceptor::new(Acceptor::default(), Gathered::new(stream)).await?;
        let config = self.config(&begun.client_hello());
        let mut secured = begun.into_stream(config).await?;
        secured.get_mut().0.greeted();
        Ok(secured)
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
            Ok(1..) if first == [HANDSHAKE] => match self.accept(stream.clone()).await {
                // A CA has seen what it wanted to see (RFC 8737 §3).
                Ok(stream) if stream.get_ref().1.alpn_protocol() == Some(ACME_TLS) => Hello::Nothing,
                Ok(secured) => {
                    note(&|from| self.handshakes.came_about(from));
                    Hello::Tls(Box::new(secured))
                }
                Err(error) => {
                    note(&|from| self.handshakes.failed(from, &error));
                    Hello::Nothing
                }
            },
            Ok(1..) if first.iter().all(u8::is_ascii_uppercase) => Hello::Plain,
            Ok(_) | Err(_) => Hello::Nothing,
        }
    }
}

fn without_the_slow(provider: &CryptoProvider) -> Arc<CryptoProvider> {
    let mut quick = provider.clone();
    quick.cipher_suites.retain(|suite| suite.suite() != SLOW);
    Arc::new(quick)
}
