//! One connection's deadline: a single timer and the news of a stop, raced against every wait.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use smol::Timer;

use super::instant::now;
use super::slots::Place;
use super::stop::Stop;
use crate::rules::neighbour::Neighbour;

/// Why a wait brought nothing.
#[derive(Debug)]
pub enum Cut {
    /// The connection broke.
    Gone,
    /// The time allowed is over.
    Late,
    /// The server stops, and this wait was one that may be left.
    Stopped,
}

impl From<io::Error> for Cut {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// How long the current wait may last. Moving a timer wakes the reactor's thread, so the timer is moved only when a
/// wait is really pending and the timer would ring too late; when it rings early it is set again.
pub struct Deadline {
    timer: Timer,
    rings: Option<Instant>,
    until: Instant,
    stopped: Pin<Box<dyn Future<Output = ()> + Send>>,
    stopping: bool,
    place: Place,
}

impl Deadline {
    /// One that nothing is waited for yet; ends with that stop. Whoever has it holds that place.
    pub(super) fn new(stop: &Stop, place: Place) -> Self {
        let stop = stop.clone();
        Self {
            timer: Timer::never(),
            rings: None,
            until: now(),
            stopped: Box::pin(async move { stop.called().await }),
            stopping: false,
            place,
        }
    }

    /// Who is at the other end, as strangers are counted.
    pub fn neighbour(&self) -> Neighbour {
        self.place.holder()
    }

    /// A whole request is here, and is being answered. Whoever takes long to ask is the first to make room for others.
    pub fn asked(&self) {
        self.place.asked();
    }

    /// The answer is out.
    pub fn answered(&self) {
        self.place.answered();
    }

    /// Whoever asked has a live session: they keep their place for as long as somebody else can make room.
    pub fn known(&self) {
        self.place.known();
    }

    /// From now on, waits end when `time` has passed.
    pub fn allow(&mut self, time: Duration) {
        self.until = now() + time;
    }

    /// Waits for `future`, at most until the time allowed is over.
    pub async fn wait<T>(&mut self, future: impl Future<Output = T>) -> Result<T, Cut> {
        let mut future = pin!(future);
        poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(Ok(result)),
            Poll::Pending => self.poll_late(context).map(|()| Err(Cut::Late)),
        })
        .await
    }

    /// Like [`Self::wait`], and ends also when the server stops.
    pub async fn wait_unless_stopped<T>(&mut self, future: impl Future<Output = T>) -> Result<T, Cut> {
        let mut future = pin!(future);
        poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(result) => Poll::Ready(Ok(result)),
            Poll::Pending if self.poll_stopping(context) => Poll::Ready(Err(Cut::Stopped)),
            Poll::Pending => self.poll_late(context).map(|()| Err(Cut::Late)),
        })
        .await
    }

    /// Whether the server stops.
    pub async fn is_stopping(&mut self) -> bool {
        poll_fn(|context| Poll::Ready(self.poll_stopping(context))).await
    }

    fn poll_stopping(&mut self, context: &mut Context<'_>) -> bool {
        self.stopping = self.stopping || self.stopped.as_mut().poll(context).is_ready();
        self.stopping
    }

    fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.rings.is_none_or(|rings| rings > self.until) {
                self.timer.set_at(self.until);
                self.rings = Some(self.until);
            }
            ready!(Pin::new(&mut self.timer).poll(context));
            self.rings = None;
            if now() >= self.until {
                return Poll::Ready(());
            }
        }
    }
}
