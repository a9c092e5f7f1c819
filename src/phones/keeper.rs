//! Phones turned on and off while the program runs: sockets open and close, and the stack learns of devices and
//! settings as soon as they are written.

use std::collections::HashMap;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use smol::channel::{Receiver, bounded};
use smol::future::or;
use smol::net::TcpListener;
use smol::{Async, Executor, Task, Timer};

use super::datagrams::Datagrams;
use super::directory::Known;
use super::exchange::Exchange;
use super::sockets::{self, Handed, Places, Socket};
use super::stream::StreamDoor;
use super::{limits, notifier, places, told};
use crate::net::listener::Doors;
use crate::net::stop::Stop;
use crate::net::tls::Tls;
use crate::office::line::Tested;
use crate::office::{Shared, log};
use crate::rules::phones::line_state;
use crate::rules::time::{Tick, Ttl};
use crate::sip::stack::{Config, Event, Input, Listener, ListenerId, Stack, Transport};
use crate::store::Fault;

/// What phones are made of.
pub struct Parts {
    /// The office.
    pub office: Shared,
    /// Where they are served.
    pub places: Places,
    /// Sockets that are open already.
    pub handed: Handed,
    /// For TLS; without it no place of TLS is served.
    pub tls: Option<Tls>,
    /// The stopwatch.
    pub stopwatch: Box<dyn Fn() -> Tick + Send + Sync>,
    /// The addresses and names that this machine has now, those that phones should use first.
    pub hosts: Box<dyn Fn() -> Vec<String> + Send + Sync>,
    /// What sockets and connections run on.
    pub executor: Arc<Executor<'static>>,
}

/// The office's phones: served while they are turned on in the settings.
pub struct Phones {
    office: Shared,
    places: Places,
    handed: Handed,
    tls: Option<Tls>,
    hosts: Box<dyn Fn() -> Vec<String> + Send + Sync>,
    executor: Arc<Executor<'static>>,
    exchange: Arc<Exchange>,
    events: Receiver<Event>,
}

/// What is open, and by which settings.
#[derive(Default)]
struct Open {
    known: Option<Known>,
    hosts: Vec<String>,
    listeners: Vec<Listener>,
    /// A socket closes, and its connections end, when its task is dropped.
    sockets: HashMap<ListenerId, Task<()>>,
    /// What listens at the sockets for datagrams.
    datagrams: Option<Datagrams>,
    trouble: Vec<String>,
}

impl Phones {
    /// Nothing is open yet.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let places = Places {
            secure: parts.places.secure.filter(|_| parts.tls.is_some()),
            ..parts.places
        };
        parts.office.hardware.serve_sip(places.plain, places.secure);
        let (happened, events) = bounded(limits::EVENTS);
        Arc::new(Self {
            events,
            office: parts.office,
            places,
            handed: parts.handed,
            tls: parts.tls,
            hosts: parts.hosts,
            executor: parts.executor,
            exchange: Arc::new(Exchange::new(parts.stopwatch, happened)),
        })
    }

    /// Serves phones, as long as they are turned on, until the program stops.
    pub async fn serve(self: Arc<Self>, stop: Stop) {
        let doors = Doors::new(Arc::clone(&self.executor), limits::doors(), stop.clone());
        let (timed, telling, saving) = (Arc::clone(&self), Arc::clone(&self), Arc::clone(&self));
        // Each ends when this does.
        let _timer = self.executor.spawn(async move { timed.exchange.keep_time().await });
        let _pages = self
            .executor
            .spawn(async move { told::tell(&telling.exchange, &telling.office).await });
        let notifying = Arc::clone(&self);
        let _notifier = self.executor.spawn(async move {
            notifier::notify(&notifying.exchange, &notifying.office, notifying.events.clone()).await;
        });
        let ringing = Arc::clone(&self);
        let _ringing = self.executor.spawn(async move { ringing.ring().await });
        let _places = self.executor.spawn(async move { saving.save_often().await });
        or(stop.called(), self.keep(doors)).await;
    }

    /// Saves the bindings that are not saved yet, while phones are on. Blocks.
    ///
    /// # Errors
    /// The store's.
    pub fn save(&self) -> Result<(), Fault> {
        let bindings = self.exchange.look(|stack, now| stack.bindings(now));
        bindings.map_or(Ok(()), |bindings| places::save(&self.office, bindings))
    }

    /// Lets phones ring as pages ask for it, one after another.
    async fn ring(&self) {
        loop {
            let device = self.office.line.asked_to_ring().await;
            self.office.line.tests(device, Tested::Called);
            self.exchange.input(Input::Ring(device));
            Timer::after(limits::RINGING).await;
            self.exchange.input(Input::StopRinging);
        }
    }

    async fn save_often(self: Arc<Self>) {
        loop {
            Timer::after(limits::SAVE).await;
            self.save_aside().await;
        }
    }

    async fn save_aside(self: &Arc<Self>) {
        let here = Arc::clone(self);
        if let Err(fault) = smol::unblock(move || here.save()).await {
            log::error(&fault.to_string());
        }
    }

    async fn keep(self: &Arc<Self>, doors: Arc<Doors>) {
        let mut open = Open::default();
        loop {
            let news = self.office.store.notices().of_phones();
            let office = self.office.clone();
            let known = smol::unblock(move || office.store.read(|facts| Known::read(facts, office.now())));
            let wait = match known.await {
                Ok(known) => self.follow(&mut open, known, &doors).await,
                Err(fault) => {
                    log::error(&fault.to_string());
                    limits::REOPEN
                }
            };
            or(news, async {
                Timer::after(wait).await;
            })
            .await;
        }
    }

    /// Does what the settings and devices ask for. Says how long that is true at most.
    async fn follow(self: &Arc<Self>, open: &mut Open, known: Known, doors: &Arc<Doors>) -> Duration {
        if !known.phones.on {
            self.close(open).await;
            open.known = Some(known);
            return limits::LOOK_AGAIN;
        }
        let hosts = (self.hosts)();
        let listeners = self.places.listeners(known.phones.tls_only);
        let is_new = !self.exchange.is_at_work();
        let before = open.known.as_ref();
        let settings_changed = before.is_none_or(|before| before.phones != known.phones) || open.hosts != hosts;
        let devices_changed = before.is_none_or(|before| !before.has_the_devices_of(&known));
        for id in numbered(&open.listeners).map(|(id, _)| id) {
            if usize::from(id.0) >= listeners.len() {
                open.sockets.remove(&id);
                self.exchange.detach(id);
            }
        }
        open.listeners.clone_from(&listeners);
        open.hosts.clone_from(&hosts);
        let config = self.config(&known, hosts, listeners);
        if is_new {
            self.begin(&known, config).await;
        } else {
            if settings_changed {
                self.exchange.input(Input::Config(config));
            }
            if devices_changed {
                self.exchange.input(Input::Directory(self.directory(&known).await));
            }
        }
        self.open(open, doors);
        self.exchange.join(&open.hosts);
        self.exchange.changed.notify(usize::MAX);
        let until = known.until.map(|until| until - self.office.now());
        open.known = Some(known);
        let wait = until.map_or(limits::LOOK_AGAIN, |Ttl(seconds)| Duration::from_secs(seconds));
        let longest = if open.trouble.is_empty() {
            limits::LOOK_AGAIN
        } else {
            limits::REOPEN
        };
        wait.min(longest)
    }

    /// A new stack, with the bindings that were saved.
    async fn begin(&self, known: &Known, config: Config) {
        let directory = self.directory(known).await;
        let office = self.office.clone();
        let saved = smol::unblock(move || office.store.read(|facts| facts.line_places())).await;
        let saved = saved.unwrap_or_else(|fault| {
            log::error(&fault.to_string());
            Vec::new()
        });
        let restored = places::restored(saved, &config.listeners, self.office.now());
        let stack = Stack::new(config, directory, (self.office.world.dice)(), self.exchange.tick());
        self.exchange.begin(stack);
        self.exchange.input(Input::Restored(restored));
    }

    /// All is closed and forgotten, but for what is saved.
    async fn close(self: &Arc<Self>, open: &mut Open) {
        if !self.exchange.is_at_work() {
            return;
        }
        self.save_aside().await;
        *open = Open::default();
        self.exchange.end();
    }

    async fn directory(&self, known: &Known) -> Arc<crate::sip::stack::Directory> {
        let (known, key) = (known.clone(), Arc::clone(&self.office.key));
        let (directory, closed) = smol::unblock(move || known.directory(&key)).await;
        if closed > 0 {
            log::error(&format!(
                "the secrets of {closed} devices were sealed under another key: they are off the line until \
                 an administrator gives them new ones"
            ));
        }
        directory
    }

    fn config(&self, known: &Known, hosts: Vec<String>, listeners: Vec<Listener>) -> Config {
        let phones = &known.phones;
        Config {
            domain: self.office.site.name.to_string(),
            hosts,
            listeners,
            lan_only: !phones.from_anywhere,
            decline_silences_all: phones.decline_silences_all,
            hide_names: phones.hide_names,
            emergency: phones.emergency.clone(),
            first_number: line_state::first_number(self.office.now()),
        }
    }

    /// Opens what is not open yet. What cannot be opened is said once, and tried again later.
    fn open(&self, open: &mut Open, doors: &Arc<Doors>) {
        let mut trouble = Vec::new();
        for (id, listener) in numbered(&open.listeners) {
            if open.sockets.contains_key(&id) {
                continue;
            }
            let opened = sockets::open(listener, &self.handed).and_then(|socket| {
                let task = socket.map(|socket| self.run(id, listener.transport, socket, doors));
                task.transpose().map_err(|error| error.to_string())
            });
            match opened {
                Ok(task) => {
                    // A family that this machine does not have needs no socket.
                    let task = task.unwrap_or_else(|| self.executor.spawn(ready(())));
                    open.sockets.insert(id, task);
                }
                Err(sentence) => trouble.push(sentence),
            }
        }
        if let Some(datagrams) = &open.datagrams {
            datagrams.look_again();
        } else {
            match Datagrams::start(Arc::clone(&self.exchange)) {
                Ok(datagrams) => open.datagrams = Some(datagrams),
                Err(error) => trouble.push(error.to_string()),
            }
        }
        for sentence in trouble.iter().filter(|sentence| !open.trouble.contains(sentence)) {
            log::error(sentence);
        }
        open.trouble = trouble;
    }

    fn run(
        &self,
        id: ListenerId,
        transport: Transport,
        socket: Socket,
        doors: &Arc<Doors>,
    ) -> std::io::Result<Task<()>> {
        let exchange = Arc::clone(&self.exchange);
        match socket {
            Socket::Datagrams(socket) => {
                socket.set_nonblocking(true)?;
                exchange.attach(id, Arc::new(socket));
                // Its thread is one for all of them.
                Ok(self.executor.spawn(ready(())))
            }
            Socket::Streams(listener) => {
                let listener: TcpListener = Async::new(listener)?.into();
                let tls = self.tls.clone().filter(|_| transport == Transport::Tls);
                let door = StreamDoor {
                    exchange,
                    listener: id,
                    tls,
                };
                let attend = move |stream, remote, deadline| door.clone().attend(stream, remote, deadline);
                Ok(self.executor.spawn(Arc::clone(doors).serve(listener, attend)))
            }
        }
    }
}

fn numbered(listeners: &[Listener]) -> impl Iterator<Item = (ListenerId, &Listener)> {
    (0..).map(ListenerId).zip(listeners)
}
