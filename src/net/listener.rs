//! The accept loop: who comes in, by whichever door, and how all leave when the program stops.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use smol::future::{FutureExt, yield_now};
use smol::net::{TcpListener, TcpStream};
use smol::{Executor, Timer};

use super::deadline::Deadline;
use super::limits::Limits;
use super::slots::{Place, Places};
use super::stop::{Stop, Stopper};

/// What all doors share: they count together against the same limits, and end at the same stop.
pub struct Doors {
    executor: Arc<Executor<'static>>,
    limits: Limits,
    places: Arc<Places>,
    stop: Stop,
}

impl Doors {
    /// Connections run on `executor`, and count together against `limits`.
    pub fn new(executor: Arc<Executor<'static>>, limits: Limits, stop: Stop) -> Arc<Self> {
        let places = Places::new(limits.clone());
        Arc::new(Self {
            executor,
            limits,
            places,
            stop,
        })
    }

    /// Connections that are held now.
    pub fn held(&self) -> usize {
        self.places.held()
    }

    /// Accepts until the program stops, and lets `attend` speak with each connection; returns when every connection of
    /// this listener has ended, at most [`Limits::farewell`] later. A connection that cannot be accepted is passed
    /// over, never the end of the loop.
    pub async fn serve<Speaking>(
        self: Arc<Self>,
        listener: TcpListener,
        attend: impl Fn(TcpStream, SocketAddr, Deadline) -> Speaking + Send,
    ) where
        Speaking: Future<Output = ()> + Send + 'static,
    {
        let (alive, ended) = Stopper::new();
        let (hold, hurry) = Stopper::new();
        let accepting = async {
            loop {
                let (stream, address, place, sent_away) = self.next(&listener).await;
                // Without this an answer in two writes waits 40 ms for the client's delayed acknowledgement.
                if stream.set_nodelay(true).is_err() {
                    continue;
                }
                let speaking = attend(stream, address, Deadline::new(&self.stop, place));
                let (alive, hurry) = (alive.clone(), hurry.clone());
                let connection = async move {
                    speaking.or(hurry.called()).or(sent_away.called()).await;
                    drop(alive);
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

    async fn next(&self, listener: &TcpListener) -> (TcpStream, SocketAddr, Place, Stop) {
        loop {
            let accepted = listener.accept().await;
            let Ok((stream, address, door)) = accepted.and_then(|(stream, address)| {
                let door = stream.local_addr()?;
                Ok((stream, address, door))
            }) else {
                // Out of descriptors or memory: both pass, and asking again at once would only burn the time they need.
                Timer::after(Duration::from_millis(50)).await;
                continue;
            };
            let address = SocketAddr::new(address.ip().to_canonical(), address.port());
            if let Some((place, sent_away)) = self.places.give(address, door).await {
                return (stream, address, place, sent_away);
            }
        }
    }
}
