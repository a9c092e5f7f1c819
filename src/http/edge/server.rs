//! The accept loops: who comes in, by which door, and how all leave when the server stops.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use smol::channel::{Receiver, Sender, bounded};
use smol::future::{FutureExt, yield_now};
use smol::net::{TcpListener, TcpStream};
use smol::{Executor, Timer};

use crate::http::edge::connection::{attend, turn_away};
use crate::http::edge::wire::bad::Bad;
use crate::net::certificates::Tls;
use crate::net::deadline::{Cut, Patience};
use crate::net::limits::Limits;
use crate::net::slots::{Place, Places};

/// What a listener speaks.
#[derive(Clone)]
pub enum Door {
    /// HTTP as it is: for localhost, and behind a proxy.
    Plain,
    /// HTTP in TLS.
    Tls(Tls),
}

/// Who sent a request, as the socket has it. Every request carries one as an extension: `request.ext::<Peer>()`.
/// Not to be replaced by tide's `remote()` or `host()`: those believe any `Forwarded` field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Peer {
    /// Where the connection comes from; an IPv4 address is never in its IPv6-mapped form.
    pub address: SocketAddr,
    /// Whether it came over TLS.
    pub secure: bool,
}

/// Ends every [`Edge::serve`] that holds its [`Stop`], when called or when the last of its clones is dropped.
#[derive(Clone, Debug)]
pub struct Stopper(Sender<Infallible>);

/// The news that the server stops. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Stop(Receiver<Infallible>);

impl Stopper {
    /// A switch and what it switches.
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = bounded(1);
        (Self(sender), Stop(receiver))
    }

    /// No new requests from now on; those that are under way are answered.
    pub fn stop(self) {
        self.0.close();
    }
}

impl Stop {
    /// Waits until the server is to stop.
    pub async fn called(&self) {
        if let Ok(never) = self.0.recv().await {
            match never {}
        }
    }
}

/// The application with what all doors share. Make one, then serve each listener with it.
pub struct Edge<S> {
    pub(super) app: tide::Server<S>,
    executor: Arc<Executor<'static>>,
    pub(super) limits: Limits,
    places: Arc<Places>,
    stop: Stop,
}

impl<S: Clone + Send + Sync + 'static> Edge<S> {
    /// Connections run on `executor`, and count together against `limits`.
    pub fn new(app: tide::Server<S>, executor: Arc<Executor<'static>>, limits: Limits, stop: Stop) -> Arc<Self> {
        let places = Places::new(&limits);
        Arc::new(Self {
            app,
            executor,
            limits,
            places,
            stop,
        })
    }

    /// Accepts until the server stops; returns when every connection of this listener has ended, at most
    /// [`Limits::farewell`] later. A connection that cannot be accepted is passed over, never the end of the loop.
    pub async fn serve(self: Arc<Self>, listener: TcpListener, door: Door) {
        let (alive, ended) = Stopper::new();
        let (hold, hurry) = Stopper::new();
        let accepting = async {
            loop {
                let (stream, place, address) = self.next(&listener).await;
                let (edge, door, alive, hurry) = (Arc::clone(&self), door.clone(), alive.clone(), hurry.clone());
                let connection = async move {
                    edge.welcome(stream, address, &door).or(hurry.called()).await;
                    drop((place, alive));
                };
                self.executor.spawn(connection).detach();
                // A flood of callers must not keep those inside, or the news of a stop, from their turn.
                yield_now().await;
            }
        };
        self.stop.called().or(accepting).await;
        drop((listener, alive));
        let farewell = async {
            Timer::after(self.limits.farewell).await;
        };
        ended.called().or(farewell).await;
        drop(hold);
        ended.called().await;
    }

    async fn next(&self, listener: &TcpListener) -> (TcpStream, Place, SocketAddr) {
        loop {
            let seat = self.places.seat().await;
            let Ok((stream, address)) = listener.accept().await else {
                // Out of descriptors or memory: both pass, and asking again at once would only burn the time they need.
                Timer::after(Duration::from_millis(50)).await;
                continue;
            };
            let address = SocketAddr::new(address.ip().to_canonical(), address.port());
            if let Some(place) = self.places.give(seat, address.ip(), &self.limits) {
                return (stream, place, address);
            }
        }
    }

    async fn welcome(&self, stream: TcpStream, address: SocketAddr, door: &Door) {
        // Without this an answer in two writes waits 40 ms for the client's delayed acknowledgement.
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let mut patience = Patience::new(&self.stop);
        let tls = match door {
            Door::Plain => {
                return attend(self, stream, Peer { address, secure: false }, patience).await;
            }
            Door::Tls(tls) => tls,
        };
        patience.allow(self.limits.handshake);
        match patience.wait_unless_stopped(handshake(tls, &stream)).await {
            Ok(Hello::Tls(stream)) => attend(self, *stream, Peer { address, secure: true }, patience).await,
            Ok(Hello::Plain) => {
                turn_away(self, stream, Peer { address, secure: false }, patience, Bad::Plain).await;
            }
            Ok(Hello::Nothing) | Err(Cut::Gone | Cut::Late | Cut::Stopped) => {}
        }
    }
}

enum Hello {
    Nothing,
    Plain,
    Tls(Box<futures_rustls::server::TlsStream<TcpStream>>),
}

/// The first byte of a TLS record that carries a handshake (RFC 8446 §5.1).
const HANDSHAKE: u8 = 22;

async fn handshake(tls: &Tls, stream: &TcpStream) -> Hello {
    let mut first = [0];
    match stream.peek(&mut first).await {
        Ok(1..) if first == [HANDSHAKE] => match tls.acceptor().accept(stream.clone()).await {
            Ok(stream) => Hello::Tls(Box::new(stream)),
            Err(_) => Hello::Nothing,
        },
        Ok(1..) if first.iter().all(u8::is_ascii_uppercase) => Hello::Plain,
        Ok(_) | Err(_) => Hello::Nothing,
    }
}
