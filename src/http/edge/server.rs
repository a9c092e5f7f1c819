//! HTTP's doors: plain, or in TLS.

use std::net::SocketAddr;
use std::sync::Arc;

use smol::net::{TcpListener, TcpStream};

use super::application::{Application, Clock};
use super::connection::{House, attend, turn_away};
use super::limits::Limits;
use super::wire::bad::Bad;
use crate::net::deadline::{Cut, Deadline};
use crate::net::listener::Doors;
use crate::net::peer::Peer;
use crate::net::tls::{Hello, Tls};

/// What a listener speaks.
#[derive(Clone)]
pub enum Door {
    /// HTTP as it is: for localhost, and behind a proxy.
    Plain,
    /// HTTP in TLS.
    Tls(Tls),
}

/// The names of HTTP/1 in TLS handshakes (RFC 7301 §6): a client that speaks only the old one names that alone.
pub const ALPN: &[&[u8]] = &[b"http/1.1", b"http/1.0"];

/// What is said by `Strict-Transport-Security` to whoever comes in now, if anything.
pub type Strict = dyn Fn() -> Option<&'static str> + Send + Sync;

/// The application with what all HTTP doors share. Make one, then serve each listener with it.
pub struct Edge {
    application: Box<Application>,
    limits: Limits,
    doors: Arc<Doors>,
    clock: Box<Clock>,
    strict: Box<Strict>,
}

impl Edge {
    /// Connections count together against the limits of `doors`, whatever else they serve. Answers have no date.
    pub fn new(application: Box<Application>, limits: Limits, doors: Arc<Doors>) -> Arc<Self> {
        Self::dated(application, limits, doors, Box::new(|| None), Box::new(|| None))
    }

    /// The same, with the date of that clock in every answer, and that value of `Strict-Transport-Security` in every
    /// one over TLS, as it is when the connection begins.
    pub fn dated(
        application: Box<Application>,
        limits: Limits,
        doors: Arc<Doors>,
        clock: Box<Clock>,
        strict: Box<Strict>,
    ) -> Arc<Self> {
        Arc::new(Self {
            application,
            limits,
            doors,
            clock,
            strict,
        })
    }

    /// Serves until the program stops; returns when every connection of this listener has ended.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, door: Door) {
        let doors = Arc::clone(&self.doors);
        let attend = move |stream, address, deadline| {
            let (edge, door) = (Arc::clone(&self), door.clone());
            async move { edge.welcome(stream, address, &door, deadline).await }
        };
        doors.serve(listener, attend).await;
    }

    async fn welcome(&self, stream: TcpStream, address: SocketAddr, door: &Door, mut deadline: Deadline) {
        let (plain, secure) = (Peer { address, secure: false }, Peer { address, secure: true });
        let (application, limits) = (&self.application, &self.limits);
        let house = House {
            limits,
            clock: &self.clock,
            strict: (self.strict)(),
        };
        let Door::Tls(tls) = door else {
            return attend(application, house, stream, plain, deadline).await;
        };
        deadline.allow(limits.doors.handshake);
        match deadline.wait_unless_stopped(tls.greet(&stream)).await {
            Ok(Hello::Tls(stream)) => attend(application, house, *stream, secure, deadline).await,
            Ok(Hello::Plain) => turn_away(house, stream, plain, deadline, Bad::Plain).await,
            Ok(Hello::Nothing) | Err(Cut::Gone | Cut::Late | Cut::Stopped) => {}
        }
    }
}
