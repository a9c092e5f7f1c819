//! The live tail of the journal as a stream of server-sent events (HTML §9.2).

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use event_listener::EventListener;
use smol::Timer;
use smol::future::FutureExt;
use smol::io::{AsyncBufRead, AsyncRead};

use crate::http::admin::line::{self, TailPlace};
use crate::http::front::call::Call;
use crate::http::front::onlooker::Onlooker;
use crate::http::front::reply::Failure;
use crate::office::Shared;

/// A word now and then keeps proxies and the connection's own patience from ending a quiet stream.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// See the module. Holds one of the few places until its reader is gone.
pub(super) struct Tail {
    office: Shared,
    onlooker: Onlooker,
    seen: TailPlace,
    ready: Vec<u8>,
    taken: usize,
    rings: Option<Rings>,
}

struct Rings {
    written: Pin<Box<EventListener>>,
    refused: Pin<Box<EventListener>>,
    heartbeat: Timer,
}

impl Tail {
    /// A tail for whoever is signed in, from now on. Programs read the journal page by page.
    pub(super) fn of(call: &Call) -> Result<Self, Failure> {
        let office = call.office().clone();
        Ok(Self {
            onlooker: Onlooker::of(call)?,
            seen: TailPlace::all(&office)?,
            ready: b": here is what happens from now on\n\n".to_vec(),
            taken: 0,
            rings: None,
            office,
        })
    }

    /// Gathers what is new, up to a page, and says whether there is more. `None`: whoever looks on may not any more.
    fn gather(&mut self) -> io::Result<Option<bool>> {
        if !self.onlooker.may_look_on(&self.office)? {
            return Ok(None);
        }
        let (lines, more) = line::newer(&self.office, &mut self.seen).map_err(io::Error::other)?;
        for news in lines {
            self.ready.extend_from_slice(b"data: ");
            self.ready.extend(serde_json::to_vec(&news).map_err(io::Error::other)?);
            self.ready.extend_from_slice(b"\n\n");
        }
        Ok(Some(more))
    }

    /// Waits for something to say. Listens first and looks then, so that nothing is missed in between.
    fn poll_more(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.taken >= self.ready.len() {
            self.ready.clear();
            self.taken = 0;
            let Some(rings) = &mut self.rings else {
                self.rings = Some(Rings {
                    written: Box::pin(self.office.store.notices().of_any()),
                    refused: Box::pin(self.office.desk.news()),
                    heartbeat: Timer::after(HEARTBEAT),
                });
                match self.gather()? {
                    None => return Poll::Ready(Ok(())),
                    Some(true) => self.rings = None,
                    Some(false) => {}
                }
                continue;
            };
            let rung = rings.written.poll(context).is_ready() || rings.refused.poll(context).is_ready();
            if rings.heartbeat.poll(context).is_ready() {
                self.ready.extend_from_slice(b":\n\n");
            } else if !rung {
                return Poll::Pending;
            }
            self.rings = None;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncBufRead for Tail {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let tail = self.get_mut();
        match tail.poll_more(context) {
            Poll::Ready(Ok(())) => Poll::Ready(Ok(tail.ready.get(tail.taken..).unwrap_or_default())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }

    fn consume(self: Pin<&mut Self>, taken: usize) {
        self.get_mut().taken += taken;
    }
}

impl AsyncRead for Tail {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let ready = match self.as_mut().poll_fill_buf(context) {
            Poll::Ready(ready) => ready?,
            Poll::Pending => return Poll::Pending,
        };
        let length = ready.len().min(into.len());
        if let (Some(into), Some(from)) = (into.get_mut(..length), ready.get(..length)) {
            into.copy_from_slice(from);
        }
        self.consume(length);
        Poll::Ready(Ok(length))
    }
}
