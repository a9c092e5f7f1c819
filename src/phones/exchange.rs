//! The one stack behind a lock. Whoever brings an input carries all its actions out before another may bring one:
//! datagrams go to the socket, pieces of streams into their queues, events to whoever tells of them. Nothing waits
//! under the lock.

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use event_listener::Event;
use smol::Timer;
use smol::channel::Sender;
use smol::future::{or, yield_now};

use super::limits;
use super::queue::Queue;
use crate::rules::time::Tick;
use crate::sip::stack::{self, Action, Flow, Input, ListenerId, Stack, StreamId};

use stack::Event as Happened;

/// The stopwatch.
pub(super) type Stopwatch = Box<dyn Fn() -> Tick + Send + Sync>;

/// The stack with its sockets, while phones are on.
pub(super) struct Exchange {
    at_work: Mutex<Option<AtWork>>,
    stopwatch: Stopwatch,
    streams: AtomicU64,
    /// The timer has to ring sooner than it was set for.
    sooner: Event,
    /// Something that pages show is another than it was.
    pub(super) changed: Event,
    /// What phones asked, and what became of what they were told.
    happened: Sender<Happened>,
}

/// Sockets for datagrams, and which they are.
pub(super) type Sockets = Vec<(ListenerId, Arc<UdpSocket>)>;

struct AtWork {
    stack: Stack,
    sockets: HashMap<ListenerId, Arc<UdpSocket>>,
    streams: HashMap<StreamId, Arc<Queue>>,
    /// When the timer rings.
    rings: Option<Tick>,
}

impl Exchange {
    /// Without a stack: phones are off.
    pub(super) fn new(stopwatch: Stopwatch, happened: Sender<Happened>) -> Self {
        Self {
            at_work: Mutex::new(None),
            stopwatch,
            streams: AtomicU64::new(0),
            sooner: Event::new(),
            changed: Event::new(),
            happened,
        }
    }

    /// The time by the stopwatch.
    pub(super) fn tick(&self) -> Tick {
        (self.stopwatch)()
    }

    /// Phones are on: this stack is at work.
    pub(super) fn begin(&self, stack: Stack) {
        *self.at_work() = Some(AtWork {
            stack,
            sockets: HashMap::new(),
            streams: HashMap::new(),
            rings: None,
        });
        self.sooner.notify(usize::MAX);
    }

    /// Phones are off: nothing is known of anybody any more, and connections end.
    pub(super) fn end(&self) {
        let ended = self.at_work().take();
        for queue in ended.iter().flat_map(|ended| ended.streams.values()) {
            queue.close();
        }
        self.changed.notify(usize::MAX);
    }

    /// Whether phones are on.
    pub(super) fn is_at_work(&self) -> bool {
        self.at_work().is_some()
    }

    /// What the stack shows of itself, while it is at work.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Stack, Tick) -> T) -> Option<T> {
        let at_work = self.at_work();
        at_work.as_ref().map(|work| look(&work.stack, self.tick()))
    }

    /// Datagrams of this listener leave by this socket.
    pub(super) fn attach(&self, listener: ListenerId, socket: Arc<UdpSocket>) {
        if let Some(work) = self.at_work().as_mut() {
            work.sockets.insert(listener, socket);
        }
    }

    /// The sockets that are attached.
    pub(super) fn sockets(&self) -> Sockets {
        let at_work = self.at_work();
        let sockets = at_work.iter().flat_map(|work| &work.sockets);
        sockets.map(|(id, socket)| (*id, Arc::clone(socket))).collect()
    }

    /// Hears phones that ask the whole LAN, on the networks of these addresses of ours. A network that is heard
    /// already, or has no such thing, is no trouble.
    pub(super) fn join(&self, hosts: &[String]) {
        let at_work = self.at_work();
        let sockets = at_work.iter().flat_map(|work| work.sockets.values());
        for socket in sockets {
            for host in hosts.iter().filter_map(|host| host.parse().ok()) {
                drop(socket.join_multicast_v4(&limits::PLUG_AND_PLAY, &host));
            }
        }
    }

    /// The listener has no socket any more.
    pub(super) fn detach(&self, listener: ListenerId) {
        if let Some(work) = self.at_work().as_mut() {
            work.sockets.remove(&listener);
        }
    }

    /// Somebody connected; what is for them comes into the queue.
    pub(super) fn connected(&self, listener: ListenerId, remote: SocketAddr, queue: Arc<Queue>) -> StreamId {
        let stream = StreamId(self.streams.fetch_add(1, Ordering::Relaxed));
        self.with(|work, now| {
            work.streams.insert(stream, queue);
            work.stack.handle(
                Input::StreamOpened {
                    stream,
                    listener,
                    remote,
                },
                now,
            );
        });
        stream
    }

    /// The connection is gone.
    pub(super) fn disconnected(&self, stream: StreamId) {
        self.with(|work, now| {
            if work.streams.remove(&stream).is_some() {
                work.stack.handle(Input::StreamClosed { stream }, now);
            }
        });
    }

    /// One input, and all its actions.
    pub(super) fn input(&self, input: Input<'_>) {
        self.with(|work, now| work.stack.handle(input, now));
    }

    fn with(&self, feed: impl FnOnce(&mut AtWork, Tick)) {
        let mut at_work = self.at_work();
        let Some(work) = at_work.as_mut() else { return };
        feed(work, self.tick());
        let mut is_news = false;
        while let Some(action) = work.stack.next_action() {
            match action {
                Action::Send { flow, bytes } => work.send(flow, &bytes),
                Action::Close { stream } => work.close(stream),
                Action::Event(event) => {
                    is_news = true;
                    let told = matches!(
                        event,
                        Happened::Discovered { .. } | Happened::Notified { .. } | Happened::Tested { .. }
                    );
                    if told {
                        // Where nobody keeps up, phones ask again.
                        drop(self.happened.try_send(event));
                    }
                }
            }
        }
        if is_news {
            self.changed.notify(usize::MAX);
        }
        let next = work.next_ring();
        if next.is_some_and(|next| work.rings.is_none_or(|rings| next < rings)) {
            self.sooner.notify(usize::MAX);
        }
    }

    /// Rings when the stack asked for it, for ever.
    pub(super) async fn keep_time(&self) {
        loop {
            let sooner = self.sooner.listen();
            let rings = self.at_work().as_mut().and_then(|work| {
                work.rings = work.next_ring();
                work.rings
            });
            let Some(rings) = rings else {
                sooner.await;
                continue;
            };
            match rings.ms_since(self.tick()) {
                0 => {
                    self.input(Input::Timeout);
                    yield_now().await;
                }
                wait => {
                    let ringing = async {
                        Timer::after(Duration::from_millis(wait)).await;
                    };
                    or(sooner, ringing).await;
                }
            }
        }
    }

    fn at_work(&self) -> MutexGuard<'_, Option<AtWork>> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AtWork {
    /// When the timer has to ring: as soon as anything is due, but seldom enough that what is due at nearly the same
    /// time is done together.
    fn next_ring(&self) -> Option<Tick> {
        let Tick(next) = self.stack.next_timeout()?;
        let round = next.div_ceil(limits::BETWEEN_RINGS_MS);
        Some(Tick(round.saturating_mul(limits::BETWEEN_RINGS_MS)))
    }

    /// What the kernel has no room for is lost, as any datagram may be; a stream whose queue is full is closed.
    fn send(&mut self, flow: Flow, bytes: &[u8]) {
        match flow {
            Flow::Datagram { listener, remote } => {
                let socket = self.sockets.get(&listener);
                let _lost = socket.map(|socket| socket.send_to(bytes, remote));
            }
            Flow::Stream(stream) => {
                if let Some(queue) = self.streams.get(&stream) {
                    queue.push(bytes);
                }
            }
        }
    }

    fn close(&mut self, stream: StreamId) {
        if let Some(queue) = self.streams.get(&stream) {
            queue.close();
        }
    }
}
