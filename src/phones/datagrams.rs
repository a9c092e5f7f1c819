//! The thread of all sockets for datagrams: it sleeps in the kernel until something comes, takes all that has come, and
//! sends the answers itself. By way of the reactor the same datagram takes several system calls more.

use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Write};
use std::net::UdpSocket;
use std::sync::Arc;
use std::thread;

use rustix::event::{PollFd, PollFlags, poll};

use super::exchange::{Exchange, Sockets};
use super::limits;
use crate::sip::stack::{Input, ListenerId};

/// Feeds what comes to the exchange's sockets into the stack, until this is dropped.
pub(super) struct Datagrams {
    news: PipeWriter,
}

impl Datagrams {
    /// Listens at the sockets that are attached now.
    ///
    /// # Errors
    /// The system's: there is no thread or no pipe to be had.
    pub(super) fn start(exchange: Arc<Exchange>) -> io::Result<Self> {
        let (heard, news) = io::pipe()?;
        // One that is full of news wakes the thread as well.
        rustix::io::ioctl_fionbio(&news, true)?;
        let listening = Listening { exchange, heard };
        thread::Builder::new()
            .name("phones".into())
            .spawn(move || listening.run())?;
        Ok(Self { news })
    }

    /// Listens at the sockets that are attached now.
    pub(super) fn look_again(&self) {
        drop((&self.news).write(&[0]));
    }
}

struct Listening {
    exchange: Arc<Exchange>,
    /// A byte for each news; at its end when nobody holds the other side any more.
    heard: PipeReader,
}

impl Listening {
    fn run(mut self) {
        let mut buffer = vec![0; limits::DATAGRAM];
        let mut sockets = self.exchange.sockets();
        loop {
            let Ok((is_news, ready)) = self.wait(&sockets) else {
                thread::sleep(limits::BREATH);
                continue;
            };
            for (listener, socket) in &ready {
                if self.take_all(*listener, socket, &mut buffer).is_err() {
                    thread::sleep(limits::BREATH);
                }
            }
            if is_news {
                if matches!(self.heard.read(&mut buffer), Ok(0)) {
                    return;
                }
                sockets = self.exchange.sockets();
            }
        }
    }

    /// Waits for the next datagrams or news: whether there is news, and the sockets at which something has come.
    fn wait(&self, sockets: &Sockets) -> io::Result<(bool, Sockets)> {
        let mut all = vec![PollFd::new(&self.heard, PollFlags::IN)];
        all.extend(sockets.iter().map(|(_, socket)| PollFd::new(socket, PollFlags::IN)));
        poll(&mut all, None)?;
        let mut woken = all.iter().map(|one| !one.revents().is_empty());
        let is_news = woken.next().unwrap_or_default();
        let ready = sockets.iter().zip(woken).filter(|(_, is_ready)| *is_ready);
        Ok((is_news, ready.map(|(socket, _)| socket.clone()).collect()))
    }

    /// Takes what has come to a socket, but not so much that others are missed in a flood.
    fn take_all(&self, listener: ListenerId, socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<()> {
        for _ in 0..limits::IN_A_ROW {
            let (length, remote) = match socket.recv_from(buffer) {
                Ok(come) => come,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => break,
                Err(error) => return Err(error),
            };
            self.exchange.input(Input::Datagram {
                listener,
                remote,
                bytes: buffer.get(..length).unwrap_or_default(),
            });
        }
        Ok(())
    }
}
