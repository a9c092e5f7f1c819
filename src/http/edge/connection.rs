//! One connection, from its first byte to its last: request, answer, request, answer, goodbye.

use std::pin::Pin;
use std::time::Duration;

use smol::future::yield_now;
use smol::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::application::{Application, Clock};
use super::hearing::{HALF_CLOSED, ONE_READ, fill, gone, heard};
use super::limits::Limits;
use super::message::{Body, Method, Receipt, Request, Response};
use super::wire::answer::{self, Sent};
use super::wire::bad::Bad;
use super::wire::body::{Collector, Framing};
use super::wire::head::{self, Head};
use crate::net::deadline::{Cut, Deadline};
use crate::net::peer::Peer;

/// Answers up to this size go out in one write with their head; longer ones in pieces of it.
const ONE_WRITE: usize = 64 * 1024;

/// How long a client may take to say its next word, or to leave, after an answer whose sender wants to know whether it
/// came through. One that waits for us to close first waits as long.
const RECEIPT: Duration = Duration::from_secs(1);
/// What is read and thrown away after our last word: a form's worth, not a film's.
const LINGER_BYTES: usize = 2 * 1024 * 1024;

/// The same of what a phone would have us keep: what is on its way already.
const LINGER_UPLOAD: usize = 32 * 1024;

/// Why a connection ends before its time.
enum End {
    /// The client is told, then the connection closed.
    Bad(Bad),
    /// Nobody is there to be told, or there is nothing to say.
    Quiet,
}

impl From<Bad> for End {
    fn from(bad: Bad) -> Self {
        Self::Bad(bad)
    }
}

impl From<Cut> for End {
    fn from(_: Cut) -> Self {
        Self::Quiet
    }
}

impl From<std::io::Error> for End {
    fn from(_: std::io::Error) -> Self {
        Self::Quiet
    }
}

/// What every connection of a house has in common.
#[derive(Clone, Copy)]
pub(super) struct House<'a> {
    pub(super) limits: &'a Limits,
    pub(super) clock: &'a Clock,
    pub(super) strict: Option<&'static str>,
}

/// Answers what comes until the client leaves, errs, has had its share, or the server stops.
pub(super) async fn attend<IO>(application: &Application, house: House<'_>, io: IO, peer: Peer, deadline: Deadline)
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let mut line = Turning::new(house, io, peer, deadline);
    let mut left = house.limits.requests;
    loop {
        left = left.saturating_sub(1);
        match line.exchange(application, left == 0).await {
            // One who sends many requests at once takes turns with the others.
            Ok(true) if !line.inbox.is_empty() => yield_now().await,
            Ok(true) => {}
            Ok(false) => return line.close().await,
            Err(End::Bad(bad)) => return line.refuse(bad).await,
            Err(End::Quiet) => return line.hang_up().await,
        }
    }
}

/// Tells someone at the wrong door so, and closes it.
pub(super) async fn turn_away<IO>(house: House<'_>, io: IO, peer: Peer, deadline: Deadline, bad: Bad)
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    Turning::new(house, io, peer, deadline).refuse(bad).await;
}

struct Turning<'a, IO> {
    io: IO,
    limits: &'a Limits,
    clock: &'a Clock,
    strict: Option<&'static str>,
    deadline: Deadline,
    inbox: Vec<u8>,
    outbox: Vec<u8>,
    peer: Peer,
    linger: usize,
    /// Whether the end follows what is sent, and leaves with it.
    parting: bool,
}

impl<'a, IO: AsyncRead + AsyncWrite + Unpin> Turning<'a, IO> {
    fn new(house: House<'a>, io: IO, peer: Peer, deadline: Deadline) -> Self {
        Self {
            io,
            limits: house.limits,
            clock: house.clock,
            strict: house.strict.filter(|_| peer.secure),
            deadline,
            inbox: Vec::new(),
            outbox: Vec::new(),
            peer,
            linger: LINGER_BYTES,
            parting: false,
        }
    }

    /// One request and its answer. Says whether another may follow.
    async fn exchange(&mut self, application: &Application, last: bool) -> Result<bool, End> {
        let head = self.head().await?;
        let body = self.body(&head).await?;
        let (bare, old, keep) = (head.method == Method::HEAD, head.old, head.keep && !last);
        let mut request = request(head, body, self.peer);
        request.neighbour = self.deadline.neighbour();
        self.deadline.asked();
        self.deadline.allow(self.limits.answer);
        let Self {
            io, inbox, deadline, ..
        } = self;
        // Whoever left waits no longer, least of all in the queue of the slow checks.
        let answering = smol::future::or(async { Ok(application(request).await) }, gone(io, inbox, HALF_CLOSED));
        let response = match deadline.wait(answering).await {
            Ok(answered) => answered??,
            Err(Cut::Late | Cut::Gone | Cut::Stopped) => return Err(Bad::Busy.into()),
        };
        if response.known {
            self.deadline.known();
        }
        let keep = keep && !self.deadline.is_stopping().await;
        let kept = self.answer(response, bare, old, keep).await;
        self.deadline.answered();
        kept
    }

    async fn head(&mut self) -> Result<Head, End> {
        let mut begun = !self.inbox.is_empty();
        let mut known = 0;
        self.deadline
            .allow(if begun { self.limits.head_time } else { self.limits.idle });
        loop {
            if let Some(end) = head::end(&self.inbox, known) {
                let head = head::read(self.inbox.get(..end).unwrap_or_default(), self.limits)?;
                self.inbox.drain(..end);
                return Ok(head);
            }
            // A proxy that speaks TLS to this port would wait for an answer that never comes.
            if head::is_tls(&self.inbox) {
                return Err(Bad::RequestLine.into());
            }
            if self.inbox.len() > self.limits.head {
                return Err(if self.inbox.contains(&b'\n') {
                    Bad::Fields
                } else {
                    Bad::TargetLength
                }
                .into());
            }
            known = self.inbox.len();
            let filling = fill(&mut self.io, &mut self.inbox);
            if begun {
                match self.deadline.wait(filling).await {
                    Ok(filled) => filled?,
                    Err(_) => return Err(Bad::HeadTime.into()),
                }
            } else {
                self.deadline.wait_unless_stopped(filling).await??;
                self.deadline.allow(self.limits.head_time);
                begun = true;
            }
        }
    }

    async fn body(&mut self, head: &Head) -> Result<Vec<u8>, End> {
        let limits = self.limits.of(&head.target);
        let mut collector = Collector::new(head.framing, &limits);
        let mut awaited = head.expects && self.inbox.is_empty();
        self.deadline.allow(self.limits.body_time);
        // A longer body than others' waits for its turn.
        let mut place = None;
        if matches!(head.framing, Framing::Length(length) if length > self.limits.body) {
            let turn = self.deadline.wait(self.limits.tables.acquire()).await;
            place = Some(turn.map_err(|_| Bad::BodyTime)?);
        }
        loop {
            let used = collector.feed(&self.inbox)?;
            self.inbox.drain(..used);
            // How long a chunked one is shows on the way.
            if place.is_none() && collector.held() > self.limits.body {
                let turn = self.deadline.wait(self.limits.tables.acquire()).await;
                place = Some(turn.map_err(|_| Bad::BodyTime)?);
            }
            if collector.is_whole() {
                drop(place);
                return Ok(collector.into_bytes());
            }
            if std::mem::take(&mut awaited) {
                self.outbox.extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
                self.send().await?;
                self.deadline.allow(self.limits.body_time);
            }
            match self.deadline.wait(fill(&mut self.io, &mut self.inbox)).await {
                Ok(filled) => filled?,
                Err(_) => return Err(Bad::BodyTime.into()),
            }
        }
    }

    /// Writes the answer. `bare`: without its body, because HEAD asked. Says whether another request may follow.
    async fn answer(&mut self, mut response: Response, bare: bool, old: bool, keep: bool) -> Result<bool, End> {
        let sent = Sent::of(&response, old);
        let receipt = response.receipt.take();
        let keep = keep && sent != Sent::UntilClose && receipt.is_none();
        self.parting = !keep && matches!(sent, Sent::Length(_) | Sent::Nothing) && receipt.is_none();
        if let Some(date) = (self.clock)() {
            response.set_field("date", date.imf());
        }
        answer::head(&mut self.outbox, &response, sent, self.strict, keep)?;
        let body = response.body;
        match sent {
            Sent::Length(length) if !bare => self.counted(body, length).await?,
            Sent::Chunked | Sent::UntilClose if !bare => self.live(body, sent == Sent::Chunked).await?,
            Sent::Length(_) | Sent::Chunked | Sent::UntilClose | Sent::Nothing => self.send().await?,
        }
        if let Some(receipt) = receipt {
            self.receipt(receipt).await;
        }
        Ok(keep)
    }

    /// Waits a little for the client's next word. A kernel resets a connection whose client left before it had read
    /// what came; who closes in order, goes on or says nothing has the answer. Nothing of ours may come in between: the
    /// end of TLS, unread, would make a reset of a client that had everything.
    async fn receipt(&mut self, receipt: Receipt) {
        self.deadline.allow(RECEIPT);
        let heard = self.deadline.wait(fill(&mut self.io, &mut self.inbox)).await;
        let was_cut = |error: &std::io::Error| {
            use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
            matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset)
        };
        if !matches!(heard, Ok(Err(error)) if was_cut(&error)) {
            receipt.came_through();
        }
    }

    /// The head that waits in the outbox, then exactly `left` bytes.
    async fn counted(&mut self, body: Body, left: usize) -> Result<(), End> {
        match body {
            Body::Bytes(bytes) => self.pieces(&bytes).await,
            Body::Reader { reader, .. } => self.copied(reader, left).await,
        }
    }

    /// Bytes that are there, the first of them in one write with the head.
    async fn pieces(&mut self, bytes: &[u8]) -> Result<(), End> {
        let mut pieces = bytes.chunks(ONE_WRITE);
        self.outbox.extend_from_slice(pieces.next().unwrap_or_default());
        self.send().await?;
        for piece in pieces {
            self.outbox.extend_from_slice(piece);
            self.send().await?;
        }
        Ok(())
    }

    async fn copied(&mut self, mut reader: Pin<Box<dyn AsyncRead + Send>>, mut left: usize) -> Result<(), End> {
        let mut whole = left <= ONE_WRITE;
        loop {
            let from = self.outbox.len();
            let piece = left.min(ONE_WRITE);
            self.outbox.resize(from + piece, 0);
            self.deadline.allow(self.limits.answer);
            let room = self.outbox.get_mut(from..).unwrap_or_default();
            if !matches!(self.deadline.wait(reader.read_exact(room)).await, Ok(Ok(()))) {
                self.outbox.clear();
                // Too late for another status once a piece of this one is out: the client must see it break off.
                return Err(if whole { Bad::Ours.into() } else { End::Quiet });
            }
            left -= piece;
            self.send().await?;
            if left == 0 {
                return Ok(());
            }
            whole = false;
        }
    }

    /// The head that waits in the outbox, then whatever comes when it comes. Ends early, without the last chunk,
    /// when the client leaves, the stream is silent for too long, or the server stops.
    async fn live(&mut self, body: Body, chunked: bool) -> Result<(), End> {
        let mut body = body.into_reader();
        self.send().await?;
        let mut piece = vec![0; 2 * ONE_READ];
        loop {
            self.deadline.allow(self.limits.silence);
            let hearing = heard(&mut self.io, &mut self.inbox, &mut body, &mut piece);
            let got = self.deadline.wait_unless_stopped(hearing).await??;
            let Some(data) = piece_of(&piece, got) else {
                self.outbox.extend_from_slice(if chunked { b"0\r\n\r\n" } else { b"" });
                return self.send().await;
            };
            if chunked {
                self.outbox
                    .extend_from_slice(format!("{:x}\r\n", data.len()).as_bytes());
                self.outbox.extend_from_slice(data);
                self.outbox.extend_from_slice(b"\r\n");
            } else {
                self.outbox.extend_from_slice(data);
            }
            self.send().await?;
            yield_now().await;
        }
    }

    /// Sends what is in the outbox, in as few writes as the socket takes.
    async fn send(&mut self) -> Result<(), End> {
        self.deadline.allow(self.limits.write);
        let Self {
            io, outbox, parting, ..
        } = self;
        let sending = async move {
            io.write_all(outbox).await?;
            if *parting { Ok(()) } else { io.flush().await }
        };
        self.deadline.wait(sending).await??;
        self.outbox.clear();
        self.outbox.shrink_to(2 * ONE_READ);
        Ok(())
    }

    async fn refuse(&mut self, bad: Bad) {
        if bad == Bad::Upload {
            self.linger = LINGER_UPLOAD;
        }
        self.outbox.clear();
        if self.answer(answer::refusal(bad), false, false, false).await.is_ok() {
            self.close().await;
        }
    }

    /// Says that no more will come, and listens a little so that the kernel does not reset the connection under our
    /// last words (RFC 9112 §9.6).
    async fn close(&mut self) {
        // What is said last may still wait to leave with the end.
        self.deadline.allow(if self.parting {
            self.limits.write
        } else {
            self.limits.linger
        });
        if !matches!(self.deadline.wait(self.io.close()).await, Ok(Ok(()))) {
            return;
        }
        self.deadline.allow(self.limits.linger);
        let Self { io, inbox, linger, .. } = self;
        let lingering = async move {
            let mut heard = 0;
            while heard < *linger && fill(io, inbox).await.is_ok() {
                heard += std::mem::take(inbox).len();
            }
        };
        drop(self.deadline.wait(lingering).await);
    }

    /// Says goodbye to a client that is idle, gone or in the middle of an answer that broke off.
    async fn hang_up(&mut self) {
        self.deadline.allow(self.limits.linger);
        drop(self.deadline.wait(self.io.close()).await);
    }
}

fn piece_of(piece: &[u8], length: usize) -> Option<&[u8]> {
    piece.get(..length).filter(|data| !data.is_empty())
}

/// The request as the application sees it.
fn request(head: Head, body: Vec<u8>, peer: Peer) -> Request {
    let mut request = Request::new(head.method, &head.target, peer);
    request.fields = head.fields;
    if let Some(host) = head.host {
        request.add_field("host", host);
    }
    request.body = body;
    request
}
