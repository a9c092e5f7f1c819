//! The news that the program stops.

use std::convert::Infallible;

use smol::channel::{Receiver, Sender, bounded};

/// Ends everything that waits for its [`Stop`], when called or when the last of its clones is dropped.
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
