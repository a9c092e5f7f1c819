//! The accept loop: who comes in, by whichever door, and how all leave when the program stops.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use smol::future::{FutureExt, yield_now};
use smol::net::{TcpListener, TcpStream};
use smol::{Executor, Timer};

use super::deadline::Deadline;
use super::limits::Limits;
use super::slots::{ConnectionSlots, Slot};
use super::stop::{Stop, Stopper};

/// What all doors share: they count together against the same limits, and end at the same stop.
pub struct Doors {
    executor: Arc<Executor<'static>>,
    limits: Limits,
    slots: Arc<ConnectionSlots>,
    stop: Stop,
}

impl Doors {
    /// Connections run on `executor`, and count together against `limits`.
    pub fn new(executor: Arc<Executor<'static>>, limits: Limits, stop: Stop) -> Arc<Self> {
        let slots = ConnectionSlots::new(&limits);
        Arc::new(Self {
            executor,
            limits,
            slots,
            stop,
        })
    }

    /// Accepts until the program stops, and lets `attend` speak with each connection; returns when every connection of this
    /// listener has ended, at most [`Limits::farewell`] later. A connection that cannot be accepted is passed over, never
    /// the end of the loop.
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
                let (stream, slot, address) = self.next(&listener).await;
                // Without this an answer in two writes waits 40 ms for the client's delayed acknowledgement.
                if stream.set_nodelay(true).is_err() {
                    continue;
                }
                let speaking = attend(stream, address, Deadline::new(&self.stop));
                let (alive, hurry) = (alive.clone(), hurry.clone());
                let connection = async move {
                    speaking.or(hurry.called()).await;
                    drop((slot, alive));
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

    async fn next(&self, listener: &TcpListener) -> (TcpStream, Slot, SocketAddr) {
        loop {
            let permit = self.slots.permit().await;
            let Ok((stream, address)) = listener.accept().await else {
                // Out of descriptors or memory: both pass, and asking again at once would only burn the time they need.
                Timer::after(Duration::from_millis(50)).await;
                continue;
            };
            let address = SocketAddr::new(address.ip().to_canonical(), address.port());
            if let Some(slot) = self.slots.give(permit, address.ip(), &self.limits) {
                return (stream, slot, address);
            }
        }
    }
}
