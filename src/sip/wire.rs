//! What all parts of the stack share: settings, time, dice, connections, and the actions to come.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

use super::action::{Action, Event};
use super::alarms::{Alarm, Alarms};
use super::codec::{self, Host, Uri};
use super::flow::{Flow, ListenerId, StreamId, Transport};
use super::input::{Config, Listener};
use super::limits;
use crate::rules::moment::Fresh;
use crate::rules::time::Tick;

/// A connection that is open.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) listener: ListenerId,
    pub(super) remote: SocketAddr,
    pub(super) stream: codec::Stream,
}

/// The settings, the time and the way out.
pub(super) struct Wire {
    pub(super) config: Config,
    pub(super) now: Tick,
    pub(super) fresh: Fresh,
    pub(super) alarms: Alarms,
    pub(super) streams: BTreeMap<StreamId, Connection>,
    actions: VecDeque<Action>,
    /// The addresses among `Config::hosts` and of the listeners.
    addresses: Vec<IpAddr>,
    key: u64,
}

impl Wire {
    pub(super) fn new(config: Config, seed: [u8; 32], now: Tick) -> Self {
        let mut fresh = Fresh::seeded(seed);
        let key = u64::from_be_bytes(fresh.bytes());
        let mut wire = Self {
            config: config.clone(),
            now,
            fresh,
            alarms: Alarms::default(),
            streams: BTreeMap::new(),
            actions: VecDeque::new(),
            addresses: Vec::new(),
            key,
        };
        wire.configure(config);
        wire
    }

    pub(super) fn configure(&mut self, config: Config) {
        let hosts = config.hosts.iter().filter_map(|host| host.parse().ok());
        let listeners = config.listeners.iter().map(|listener| listener.local.ip());
        self.addresses = hosts
            .chain(listeners)
            .filter(|address| !address.is_unspecified())
            .collect();
        self.config = config;
    }

    /// Sends one message. False: the connection is gone.
    pub(super) fn send(&mut self, flow: Flow, bytes: Vec<u8>) -> bool {
        let is_open = self.remote(flow).is_some();
        if is_open {
            self.actions.push_back(Action::Send { flow, bytes });
        }
        is_open
    }

    pub(super) fn close(&mut self, stream: StreamId) {
        self.actions.push_back(Action::Close { stream });
    }

    pub(super) fn tell(&mut self, event: Event) {
        let is_repeated =
            event == Event::CallChanged && self.actions.back() == Some(&Action::Event(Event::CallChanged));
        if !is_repeated {
            self.actions.push_back(Action::Event(event));
        }
    }

    pub(super) fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Wakes a thing so many milliseconds from now.
    pub(super) fn wake(&mut self, alarm: Alarm, milliseconds: u64) {
        self.alarms.set(alarm, self.now.after_ms(milliseconds));
    }

    /// A number that nobody can guess.
    pub(super) fn number(&mut self) -> u64 {
        u64::from_be_bytes(self.fresh.bytes())
    }

    /// 16 hexadecimal digits that follow from these parts and nobody else can compute: the To tag of a response that is
    /// not remembered (RFC 3261 §8.2.7), and the part of a branch that tells loops (§16.6 step 8).
    pub(super) fn mark(&self, parts: &[&[u8]]) -> String {
        let mut hasher = DefaultHasher::new();
        self.key.hash(&mut hasher);
        parts.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// 128 bits that follow from a thing and nobody else can compute: two things have the same only by a chance that is
    /// no chance.
    pub(super) fn digest(&self, thing: impl Hash) -> [u64; 2] {
        [0_u8, 1].map(|half| {
            let mut hasher = DefaultHasher::new();
            (self.key, half).hash(&mut hasher);
            thing.hash(&mut hasher);
            hasher.finish()
        })
    }

    fn listener_of(&self, flow: Flow) -> Option<ListenerId> {
        match flow {
            Flow::Datagram { listener, .. } => Some(listener),
            Flow::Stream(stream) => self.streams.get(&stream).map(|connection| connection.listener),
        }
    }

    /// The socket that a flow belongs to; none: it is gone.
    pub(super) fn listener(&self, flow: Flow) -> Option<Listener> {
        let listener = self.listener_of(flow)?;
        let listener = self.config.listeners.get(usize::from(listener.0)).copied()?;
        // The place may have gone to a socket of another kind.
        (flow.is_datagram() == (listener.transport == Transport::Udp)).then_some(listener)
    }

    /// The peer's address; none: the flow is gone.
    pub(super) fn remote(&self, flow: Flow) -> Option<SocketAddr> {
        self.listener(flow)?;
        match flow {
            Flow::Datagram { remote, .. } => Some(remote),
            Flow::Stream(stream) => self.streams.get(&stream).map(|connection| connection.remote),
        }
    }

    pub(super) fn transport(&self, flow: Flow) -> Option<Transport> {
        self.listener(flow).map(|listener| listener.transport)
    }

    /// `host:port` of ours, as the peer of this flow is to write it.
    pub(super) fn own_place(&self, flow: Flow) -> String {
        let Some(Listener { local, .. }) = self.listener(flow) else {
            return self.config.domain.clone();
        };
        if !local.ip().is_unspecified() {
            return local.to_string();
        }
        let fits = |address: &&IpAddr| address.is_ipv4() == local.is_ipv4();
        match self.addresses.iter().find(fits) {
            Some(address) => SocketAddr::new(*address, local.port()).to_string(),
            None => format!("{}:{}", self.config.domain, local.port()),
        }
    }

    /// What Record-Route and Contact say of us to the peer of this flow.
    pub(super) fn own_uri(&self, flow: Flow) -> String {
        let transport = self.transport(flow).unwrap_or(Transport::Udp).parameter();
        format!("sip:{};transport={transport}", self.own_place(flow))
    }

    /// Our own Via towards a flow.
    pub(super) fn via(&self, flow: Flow, branch: &str) -> String {
        let transport = self.transport(flow).unwrap_or(Transport::Udp).via();
        format!("SIP/2.0/{transport} {};branch={branch};rport", self.own_place(flow))
    }

    /// Whether a host, and its port if it is an address, are ours. A port beside a name does not count: an
    /// address-of-record is the same with and without (RFC 3261 §10.3 step 5).
    pub(super) fn is_us(&self, host: Host<'_>, port: Option<u16>) -> bool {
        let Host::Name(name) = host else {
            let is_port = port.is_none_or(|port| self.config.listeners.iter().any(|it| it.local.port() == port));
            return is_port
                && host
                    .address()
                    .is_some_and(|it| self.addresses.iter().any(|own| own.to_canonical() == it));
        };
        let name = name.trim_end_matches('.');
        let mut names = self.config.hosts.iter().chain([&self.config.domain]);
        names.any(|own| own.trim_end_matches('.').eq_ignore_ascii_case(name))
    }

    /// Whether a URI is at a host of ours; a telephone number is everywhere.
    pub(super) fn is_ours(&self, uri: &Uri<'_>) -> bool {
        match uri {
            Uri::Sip(sip) => self.is_us(sip.host, sip.port),
            Uri::Tel(_) => true,
            Uri::Other { .. } => false,
        }
    }

    /// Whether somebody at that address may speak here at all.
    pub(super) fn admits(&self, remote: SocketAddr) -> bool {
        !self.config.lan_only
            || match remote.ip().to_canonical() {
                IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
                IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
            }
    }

    /// Takes a connection in; false: there is no room.
    pub(super) fn open(&mut self, stream: StreamId, listener: ListenerId, remote: SocketAddr) -> bool {
        let has_room = self.streams.len() < limits::STREAMS;
        if has_room {
            let connection = Connection {
                listener,
                remote,
                stream: codec::Stream::new(),
            };
            self.streams.insert(stream, connection);
        }
        has_room
    }
}
