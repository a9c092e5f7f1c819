//! A network that loses, doubles, delays, reorders and cuts, as its dice say.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use crate::dice::Dice;

/// How bad the network is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    /// Datagrams of a thousand that are lost.
    pub(crate) loss: u64,
    /// Datagrams of a thousand that come twice.
    pub(crate) doubled: u64,
    /// Milliseconds under way, at least and at most: what is more than the pause between two datagrams reorders them.
    pub(crate) delay_ms: (u64, u64),
}

impl Weather {
    pub(crate) const CLEAR: Self = Self {
        loss: 0,
        doubled: 0,
        delay_ms: (1, 3),
    };
}

/// What arrives somewhere.
#[derive(Clone, Debug)]
pub(crate) enum Parcel {
    DatagramToStack { remote: SocketAddr, bytes: Vec<u8> },
    DatagramToPhone { remote: SocketAddr, bytes: Vec<u8> },
    Opened { stream: u64 },
    PieceToStack { stream: u64, bytes: Vec<u8> },
    PieceToPhone { stream: u64, bytes: Vec<u8> },
    ClosedAtStack { stream: u64 },
    ClosedAtPhone { stream: u64 },
}

/// A connection of a phone.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) phone: usize,
    pub(crate) remote: SocketAddr,
    /// When the last byte arrives, in each direction: streams keep their order.
    last_up: u64,
    last_down: u64,
    /// Nothing comes through any more.
    cut: bool,
}

pub(crate) struct Network {
    dice: Dice,
    pub(crate) weather: Weather,
    under_way: BTreeMap<(u64, u64), Parcel>,
    pub(crate) connections: BTreeMap<u64, Connection>,
    posted: u64,
    streams: u64,
}

impl Network {
    pub(crate) fn new(dice: Dice, weather: Weather) -> Self {
        Self {
            dice,
            weather,
            under_way: BTreeMap::new(),
            connections: BTreeMap::new(),
            posted: 0,
            streams: 0,
        }
    }

    pub(crate) fn next(&self) -> Option<u64> {
        self.under_way.keys().next().map(|(at, _)| *at)
    }

    /// What arrives by now, the earliest first.
    pub(crate) fn arrived(&mut self, now: u64) -> Option<Parcel> {
        let first = self.under_way.first_entry().filter(|first| first.key().0 <= now)?;
        Some(first.remove())
    }

    fn post(&mut self, at: u64, parcel: Parcel) {
        self.posted += 1;
        self.under_way.insert((at, self.posted), parcel);
    }

    fn delay(&mut self) -> u64 {
        let (low, high) = self.weather.delay_ms;
        // Most are quick; one in ten takes its time.
        let most = if self.dice.permille(100) {
            high
        } else {
            low + (high - low) / 8
        };
        self.dice.between(low, most)
    }

    /// Sends a datagram: it arrives once, twice or never.
    pub(crate) fn datagram(&mut self, parcel: Parcel, now: u64) {
        let copies = if self.dice.permille(self.weather.doubled) { 2 } else { 1 };
        for _ in 0..copies {
            if !self.dice.permille(self.weather.loss) {
                let at = now + self.delay();
                self.post(at, parcel.clone());
            }
        }
    }

    pub(crate) fn connect(&mut self, phone: usize, remote: SocketAddr, now: u64) -> u64 {
        self.streams += 1;
        let at = now + self.delay();
        let connection = Connection {
            phone,
            remote,
            last_up: at,
            last_down: at,
            cut: false,
        };
        self.connections.insert(self.streams, connection);
        self.post(at, Parcel::Opened { stream: self.streams });
        self.streams
    }

    /// Sends bytes over a connection, in one piece or several.
    pub(crate) fn piece(&mut self, stream: u64, bytes: &[u8], to_stack: bool, now: u64) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let most = rest.len() as u64;
            let size = if self.dice.permille(300) {
                self.dice.between(1, most)
            } else {
                most
            };
            let (piece, later) = rest.split_at(usize::try_from(size).unwrap());
            rest = later;
            let delay = self.delay();
            let Some(connection) = self.connections.get_mut(&stream).filter(|it| !it.cut) else {
                return;
            };
            let last = if to_stack {
                &mut connection.last_up
            } else {
                &mut connection.last_down
            };
            *last = (now + delay).max(*last);
            let (at, bytes) = (*last, piece.to_vec());
            self.post(
                at,
                if to_stack {
                    Parcel::PieceToStack { stream, bytes }
                } else {
                    Parcel::PieceToPhone { stream, bytes }
                },
            );
        }
    }

    /// Cuts a connection in both directions: each end notices in its own time.
    pub(crate) fn cut(&mut self, stream: u64, now: u64, slowly: bool) {
        let (at_phone, at_stack) = if slowly {
            (self.dice.between(100, 4_000), self.dice.between(100, 30_000))
        } else {
            (1, 1)
        };
        let Some(connection) = self.connections.get_mut(&stream).filter(|it| !it.cut) else {
            return;
        };
        connection.cut = true;
        let (down, up) = (connection.last_down, connection.last_up);
        self.post((now + at_phone).max(down), Parcel::ClosedAtPhone { stream });
        self.post((now + at_stack).max(up), Parcel::ClosedAtStack { stream });
    }
}
