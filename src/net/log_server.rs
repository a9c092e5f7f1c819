//! A line to a log server: datagrams (RFC 5426), or TLS with octet counting (RFC 5425). Every wait has an end, so that
//! whoever sends is never held for good.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_rustls::TlsConnector;
use futures_rustls::client::TlsStream;
use futures_rustls::rustls;
use rustls_pki_types::ServerName;
use smol::Timer;
use smol::future::FutureExt;
use smol::io::{AsyncReadExt, AsyncWriteExt};
use smol::net::{TcpStream, UdpSocket};

use super::https::{HttpsError, connect};
use super::trusted;

/// For a handshake, and for one message to be taken: a server that reads a byte a second is none.
const PATIENCE: Duration = Duration::from_secs(10);

/// An open line.
pub enum LogLine {
    /// Datagrams.
    Datagrams(UdpSocket),
    /// A stream under TLS.
    Stream(Box<TlsStream<TcpStream>>),
}

impl LogLine {
    /// Datagrams to that server.
    ///
    /// # Errors
    /// The name is not found, or there is no way there.
    pub async fn datagrams(server: &str, port: u16) -> Result<Self, HttpsError> {
        let found = smol::net::resolve((server, port)).await;
        let found = found.map_err(|error| HttpsError::Name(server.to_owned(), error))?;
        let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
        for address in found {
            match datagrams_to(address).await {
                Ok(socket) => return Ok(Self::Datagrams(socket)),
                Err(error) => last = error,
            }
        }
        Err(HttpsError::Line(server.to_owned(), last))
    }

    /// A stream under TLS to that server. `roots`: certificates (DER) that its own must be or lead to; `None`: the
    /// system's. Reads the system's list aside.
    ///
    /// # Errors
    /// The name is not found, nobody answers in time, or the certificate is not trusted.
    pub async fn stream(server: &str, port: u16, roots: Option<Vec<Vec<u8>>>) -> Result<Self, HttpsError> {
        let connector = smol::unblock(move || trusted::client(roots, Vec::new())).await?;
        let connector = TlsConnector::from(Arc::new(connector));
        let name = ServerName::try_from(server.to_owned()).map_err(|_| HttpsError::Address(server.to_owned()))?;
        let line = connect(server, port).await?;
        let broken = |error: io::Error| match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(tls) => HttpsError::Tls(server.to_owned(), tls.clone()),
            None => HttpsError::Line(server.to_owned(), error),
        };
        let greeted = async { connector.connect(name, line).await.map_err(broken) };
        let late = async {
            Timer::after(PATIENCE).await;
            Err(HttpsError::Late(server.to_owned()))
        };
        Ok(Self::Stream(Box::new(greeted.or(late).await?)))
    }

    /// Hands over one message; `counted`: the same as it stands in a stream.
    ///
    /// # Errors
    /// It was not taken in time, or the line is gone.
    pub async fn send(&mut self, message: &[u8], counted: &[u8]) -> io::Result<()> {
        let sent = async {
            match self {
                Self::Datagrams(socket) => socket.send(message).await.map(drop),
                Self::Stream(stream) => {
                    stream.write_all(counted).await?;
                    stream.flush().await
                }
            }
        };
        let late = async {
            Timer::after(PATIENCE).await;
            Err(io::ErrorKind::TimedOut.into())
        };
        sent.or(late).await
    }

    /// Ends when the other side is gone, and says how. What it says is passed over.
    pub async fn gone(&mut self) -> io::Error {
        let mut heard = [0; 256];
        loop {
            let read = match self {
                Self::Datagrams(socket) => socket.recv(&mut heard).await.map(|_| 1),
                Self::Stream(stream) => stream.read(&mut heard).await,
            };
            match read {
                Ok(0) => return io::ErrorKind::UnexpectedEof.into(),
                Ok(_) => {}
                Err(error) => return error,
            }
        }
    }
}

async fn datagrams_to(address: SocketAddr) -> io::Result<UdpSocket> {
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(address).await?;
    Ok(socket)
}
