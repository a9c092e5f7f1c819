//! One connection of a phone: bytes in as they come, bytes out as fast as they are taken.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use event_listener::Event;
use smol::Timer;
use smol::future::or;
use smol::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use smol::net::TcpStream;

use super::exchange::Exchange;
use super::limits;
use crate::net::deadline::Deadline;
use crate::net::tls::{Hello, Tls};
use crate::sip::stack::{Input, ListenerId, StreamId};

/// What waits to be written to a connection; at most [`limits::QUEUE`] bytes.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    news: Event,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    end: Option<End>,
}

/// How a connection ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// After what waits is written.
    Written,
    /// At once: its reader is stuck.
    Now,
}

impl Queue {
    /// Adds a piece. Nobody is waited for: where there is no room the connection ends.
    pub(super) fn push(&self, piece: &[u8]) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.end.is_some() {
            return;
        }
        if waiting.bytes.len().saturating_add(piece.len()) > limits::QUEUE {
            waiting.end = Some(End::Now);
        } else {
            waiting.bytes.extend_from_slice(piece);
        }
        drop(waiting);
        self.news.notify(1);
    }

    /// The connection ends when what waits is written.
    pub(super) fn close(&self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.end = waiting.end.or(Some(End::Written));
        drop(waiting);
        self.news.notify(usize::MAX);
    }

    /// Waits for the next bytes to write; none: the connection ends.
    async fn next(&self) -> Option<Vec<u8>> {
        loop {
            let news = self.news.listen();
            {
                let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                match waiting.end {
                    Some(End::Now) => return None,
                    Some(End::Written) if waiting.bytes.is_empty() => return None,
                    _ if !waiting.bytes.is_empty() => return Some(std::mem::take(&mut waiting.bytes)),
                    Some(End::Written) | None => {}
                }
            }
            news.await;
        }
    }

    /// Ends when a reader is stuck.
    async fn overflows(&self) {
        loop {
            let news = self.news.listen();
            let is_over = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).end == Some(End::Now);
            if is_over {
                return;
            }
            news.await;
        }
    }
}

/// A door for phones.
#[derive(Clone)]
pub(super) struct StreamDoor {
    pub(super) exchange: Arc<Exchange>,
    pub(super) listener: ListenerId,
    /// None: TCP in the clear.
    pub(super) tls: Option<Tls>,
}

/// A connection that the exchange knows of, until this is dropped.
struct Connected<'a> {
    exchange: &'a Exchange,
    stream: StreamId,
}

impl Drop for Connected<'_> {
    fn drop(&mut self) {
        self.exchange.disconnected(self.stream);
    }
}

impl StreamDoor {
    /// Speaks with one connection until it ends.
    pub(super) async fn attend(self, stream: TcpStream, remote: SocketAddr, mut deadline: Deadline) {
        let Some(tls) = &self.tls else {
            return self.speak(stream, remote, deadline).await;
        };
        deadline.allow(limits::doors().handshake);
        if let Ok(Hello::Tls(stream)) = deadline.wait_unless_stopped(tls.greet(&stream)).await {
            self.speak(*stream, remote, deadline).await;
        }
    }

    async fn speak(&self, stream: impl AsyncRead + AsyncWrite + Unpin, remote: SocketAddr, mut deadline: Deadline) {
        let queue = Arc::<Queue>::default();
        let exchange = &*self.exchange;
        let stream_id = exchange.connected(self.listener, remote, Arc::clone(&queue));
        let _connected = Connected {
            exchange,
            stream: stream_id,
        };
        let (mut reads, writes) = split(stream);
        let reading = async {
            let mut buffer = vec![0; limits::PIECE];
            deadline.allow(limits::FIRST_BYTE);
            while let Ok(Ok(length @ 1..)) = deadline.wait_unless_stopped(reads.read(&mut buffer)).await {
                let bytes = buffer.get(..length).unwrap_or_default();
                exchange.input(Input::StreamBytes {
                    stream: stream_id,
                    bytes,
                });
                deadline.allow(limits::SILENT);
            }
        };
        or(reading, write(writes, &queue)).await;
    }
}

/// Writes what the queue holds until it ends, or until its reader takes nothing for too long.
async fn write(mut writes: impl AsyncWrite + Unpin, queue: &Queue) {
    while let Some(bytes) = queue.next().await {
        let written = async {
            writes.write_all(&bytes).await?;
            writes.flush().await
        };
        let stuck = async {
            or(queue.overflows(), async {
                Timer::after(limits::STUCK).await;
            })
            .await;
            Err(std::io::ErrorKind::TimedOut.into())
        };
        let (written, stuck) = (pin!(written), pin!(stuck));
        if or(written, stuck).await.is_err() {
            return;
        }
    }
    // Says goodbye where TLS has a word for it; whether it is heard does not matter any more.
    let _unheard = or(writes.close(), async {
        Timer::after(limits::BREATH).await;
        Ok(())
    })
    .await;
}
