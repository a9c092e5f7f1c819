//! One connection of a phone: bytes in as they come, bytes out as fast as they are taken.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use smol::Timer;
use smol::future::or;
use smol::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use smol::net::TcpStream;

use super::exchange::Exchange;
use super::limits;
use super::queue::Queue;
use crate::net::deadline::Deadline;
use crate::net::tls::{Hello, Tls};
use crate::sip::stack::{Input, ListenerId, StreamId};

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
