//! A socket whose small writes leave together: each packet costs both sides more than the records of TLS in it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::net::{SendFlags, send};
use smol::io::{AsyncRead, AsyncWrite};
use smol::net::TcpStream;

/// What waits at most, in bytes: a record of TLS (RFC 8446 §5.2) and small ones beside it. Longer writes take along
/// what waits, and wait no more.
const LONGEST: usize = 18 * 1024;

/// A socket whose writes wait for a flush, for the end, or until something is to be heard.
///
/// During a handshake a flush waits as well: the tickets at its end leave with the first answer. What still waits when
/// this is dropped, as the alert to a handshake that failed, leaves if the kernel has room for it.
#[derive(Debug)]
pub struct Gathered {
    stream: TcpStream,
    waiting: Vec<u8>,
    greeting: bool,
}

impl Gathered {
    /// One whose handshake begins.
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            waiting: Vec::new(),
            greeting: true,
        }
    }

    /// The handshake is done: a flush does not wait any more.
    pub(super) fn greeted(&mut self) {
        self.greeting = false;
    }

    fn poll_out(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.waiting.is_empty() {
            let sent = ready!(Pin::new(&mut self.stream).poll_write(context, &self.waiting))?;
            self.forget(sent)?;
        }
        Poll::Ready(Ok(()))
    }

    /// So many bytes of those that waited are out.
    fn forget(&mut self, sent: usize) -> io::Result<()> {
        if sent == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.waiting.drain(..sent.min(self.waiting.len()));
        if self.waiting.is_empty() {
            // Most connections say nothing for most of their life.
            self.waiting = Vec::new();
        }
        Ok(())
    }
}

impl AsyncRead for Gathered {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        // Who is listened to may wait for it. One who does not take it may still have something to say.
        if let Poll::Ready(Err(error)) = self.poll_out(context) {
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Gathered {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let length: usize = pieces.iter().map(|piece| piece.len()).sum();
        if this.waiting.len() + length <= LONGEST {
            for piece in pieces {
                this.waiting.extend_from_slice(piece);
            }
            return Poll::Ready(Ok(length));
        }
        loop {
            let before = this.waiting.len();
            if before == 0 {
                return Pin::new(&mut this.stream).poll_write_vectored(context, pieces);
            }
            let mut all = Vec::with_capacity(pieces.len() + 1);
            all.push(IoSlice::new(&this.waiting));
            all.extend(pieces.iter().map(|piece| IoSlice::new(piece)));
            let sent = ready!(Pin::new(&mut this.stream).poll_write_vectored(context, &all))?;
            this.forget(sent)?;
            if sent > before {
                return Poll::Ready(Ok(sent - before));
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.greeting {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_out(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_out(context))?;
        Pin::new(&mut self.stream).poll_close(context)
    }
}

impl Drop for Gathered {
    fn drop(&mut self) {
        if !self.waiting.is_empty() {
            // Whether it arrives matters to nobody here.
            let _unheard = send(&self.stream, &self.waiting, SendFlags::DONTWAIT | SendFlags::NOSIGNAL);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read};
    use std::net::TcpListener;

    use smol::io::AsyncWriteExt;

    use super::*;

    /// Both ends of a connection; reading from the other never waits.
    fn both_ends() -> (Gathered, std::net::TcpStream) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let ours = smol::block_on(TcpStream::connect(listener.local_addr().unwrap())).unwrap();
        let (theirs, _) = listener.accept().unwrap();
        theirs.set_nonblocking(true).unwrap();
        (Gathered::new(ours), theirs)
    }

    /// What has come, which is there at once over loopback.
    fn heard(theirs: &mut std::net::TcpStream) -> String {
        let mut bytes = [0; 64];
        match theirs.read(&mut bytes) {
            Ok(length) => String::from_utf8_lossy(bytes.get(..length).unwrap()).into_owned(),
            Err(error) if error.kind() == ErrorKind::WouldBlock => "nothing".to_owned(),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn what_ends_a_handshake_leaves_with_the_first_answer() {
        let (mut ours, mut theirs) = both_ends();
        smol::block_on(async {
            ours.write_all(b"tickets, ").await.unwrap();
            ours.flush().await.unwrap();
            ours.greeted();
            ours.write_all(b"answer").await.unwrap();
            assert_eq!(heard(&mut theirs), "nothing");
            ours.flush().await.unwrap();
        });
        assert_eq!(heard(&mut theirs), "tickets, answer");
    }

    #[test]
    fn an_alert_that_waits_leaves_when_the_connection_is_dropped() {
        let (mut ours, mut theirs) = both_ends();
        smol::block_on(ours.write_all(b"alert")).unwrap();
        assert_eq!(heard(&mut theirs), "nothing");
        drop(ours);
        assert_eq!(heard(&mut theirs), "alert");
    }

    #[test]
    fn a_long_write_takes_along_what_waits_in_order() {
        let (mut ours, mut theirs) = both_ends();
        smol::block_on(async {
            ours.write_all(b"first").await.unwrap();
            ours.write_all(&[b'x'; LONGEST]).await.unwrap();
        });
        assert_eq!(heard(&mut theirs), format!("first{}", "x".repeat(59)));
    }
}
