//! What a client says, and that it leaves, while something else is waited for.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use smol::Timer;
use smol::io::{AsyncRead, AsyncReadExt};

/// How much is asked of the socket at a time.
pub(super) const ONE_READ: usize = 4 * 1024;

/// How long an answer may take for a client that closed its own side: most have left, few wait for it.
pub(super) const HALF_CLOSED: Duration = Duration::from_millis(500);

/// Reads once, behind what `inbox` holds. May be dropped while it waits: nothing is lost then.
///
/// # Errors
/// The connection's, and `UnexpectedEof` when the client has said its last word.
pub(super) async fn fill<IO: AsyncRead + Unpin>(io: &mut IO, inbox: &mut Vec<u8>) -> std::io::Result<()> {
    poll_fn(|context| {
        let from = inbox.len();
        inbox.resize(from + ONE_READ, 0);
        let read = Pin::new(&mut *io).poll_read(context, inbox.get_mut(from..).unwrap_or_default());
        inbox.truncate(from + if let Poll::Ready(Ok(got)) = read { got } else { 0 });
        read.map(|read| match read {
            Ok(0) => Err(std::io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        })
    })
    .await
}

/// The next bytes of a live body, or zero at its end; an error as soon as the client leaves.
pub(super) async fn heard<IO: AsyncRead + Unpin>(
    io: &mut IO,
    inbox: &mut Vec<u8>,
    body: &mut Pin<Box<dyn AsyncRead + Send>>,
    piece: &mut [u8],
) -> std::io::Result<usize> {
    smol::future::or(body.read(piece), gone(io, inbox, Duration::ZERO)).await
}

/// An error once the client leaves, so much later where it only closed its own side; else it never ends. What it sends
/// meanwhile is its next request: one read of it is kept, the rest waits in the kernel.
pub(super) async fn gone<IO: AsyncRead + Unpin, T>(
    io: &mut IO,
    inbox: &mut Vec<u8>,
    later: Duration,
) -> std::io::Result<T> {
    if inbox.is_empty() {
        let left = fill(io, inbox).await;
        if left.is_err() {
            Timer::after(later).await;
        }
        left?;
    }
    std::future::pending().await
}
