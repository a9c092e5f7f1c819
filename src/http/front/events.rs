//! Server-sent events (HTML §9.2) from a stream of texts.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use smol::io::AsyncRead;
use smol::stream::Stream;

use crate::http::edge::message::{Body, Response, StatusCode};

/// Bytes of a stream's texts, one after the other.
struct Events<S> {
    stream: Pin<Box<S>>,
    ready: Vec<u8>,
    taken: usize,
}

/// The answer that goes on for as long as the stream does. Each item is one event, with its `data: ` and its empty
/// line.
pub fn answer(stream: impl Stream<Item = io::Result<Vec<u8>>> + Send + 'static) -> Response {
    let mut response = Response::new(StatusCode::OK);
    response.body = Body::live(Events {
        stream: Box::pin(stream),
        ready: Vec::new(),
        taken: 0,
    });
    response.set_field("content-type", "text/event-stream");
    // Else nginx keeps the events until the stream ends.
    response.set_field("x-accel-buffering", "no");
    response
}

impl<S: Stream<Item = io::Result<Vec<u8>>> + Send> AsyncRead for Events<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        while self.taken >= self.ready.len() {
            match self.stream.as_mut().poll_next(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(Ok(0)),
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(error)),
                Poll::Ready(Some(Ok(event))) => {
                    self.ready = event;
                    self.taken = 0;
                }
            }
        }
        let from = self.ready.get(self.taken..).unwrap_or_default();
        let length = from.len().min(into.len());
        if let (Some(into), Some(from)) = (into.get_mut(..length), from.get(..length)) {
            into.copy_from_slice(from);
        }
        self.taken += length;
        Poll::Ready(Ok(length))
    }
}
