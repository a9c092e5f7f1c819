//! The house: the stack, its phones and the network between them, on one clock that stands in the test's hand.

use std::net::SocketAddr;
use std::sync::Arc;

use linekey::rules::id::{DisplayName, Extension};
use linekey::rules::moment::Fresh;
use linekey::rules::phones::device::{Algorithm, DeviceId, DeviceSecret, DigestName};
use linekey::rules::time::Tick;
use linekey::sip::stack::{
    Action, Config, Directory, Entry, Flow, Input, Listener, ListenerId, Load, Stack, StreamId, Transport,
};
use sha2::{Digest, Sha256};

use crate::checkers::Checkers;
use crate::dice::Dice;
use crate::manners::manner;
use crate::network::{Network, Parcel, Weather};
use crate::phone::{Lamp, Phone, Via};

pub(crate) const DOMAIN: &str = "office.example";
pub(crate) const PHONES: usize = 20;
/// The stopwatch does not begin at zero.
const FIRST_MS: u64 = 1_000_000;

pub(crate) struct Office {
    pub(crate) stack: Stack,
    pub(crate) phones: Vec<Phone>,
    pub(crate) network: Network,
    pub(crate) checkers: Checkers,
    pub(crate) now: u64,
    dice: Dice,
    directory: Arc<Directory>,
    trace: Sha256,
    /// When each phone wants to be asked next.
    alarms: Vec<Option<u64>>,
    /// Phones that have a connection to make, and when.
    dialling: Vec<Option<u64>>,
    streams: Vec<Option<u64>>,
    starts: u32,
}

impl Office {
    pub(crate) fn open(seed: u64, weather: Weather) -> Self {
        let mut dice = Dice::new(seed);
        let (directory, phones) = people(&mut dice);
        let directory = Arc::new(directory);
        let stack = Stack::new(config(1), Arc::clone(&directory), stack_seed(&mut dice), Tick(FIRST_MS));
        let mut office = Self {
            stack,
            checkers: Checkers::new(&phones),
            network: Network::new(dice.split(), weather),
            now: FIRST_MS,
            alarms: vec![None; PHONES],
            dialling: vec![None; PHONES],
            streams: vec![None; PHONES],
            phones,
            dice,
            directory,
            trace: Sha256::new(),
            starts: 1,
        };
        for number in 0..PHONES {
            // The phones' own clocks begin at zero; here they learn the time.
            office.phones[number].registration.next = Some(FIRST_MS + office.dice.between(100, 20_000));
            if !office.phones[number].is_datagram() {
                office.dialling[number] = Some(FIRST_MS + office.dice.between(50, 10_000));
            }
            office.watch(number);
            office.settle(number);
        }
        office
    }

    /// Gives a phone its line keys: some colleagues.
    fn watch(&mut self, number: usize) {
        for _ in 0..self.dice.between(0, 4) {
            let extension = self.phones[usize::try_from(self.dice.between(0, 19)).unwrap()]
                .extension
                .clone();
            let phone = &self.phones[number];
            if extension != phone.extension && !phone.lamps.iter().any(|lamp| lamp.extension == extension) {
                let at = FIRST_MS + self.dice.between(30_000, 60_000);
                self.phones[number].lamps.push(Lamp::new(&extension, at));
            }
        }
    }

    /// Lets the clock run to that time.
    pub(crate) fn run_until(&mut self, until: u64) {
        while let Some(at) = self.next().filter(|at| *at <= until) {
            self.now = at.max(self.now);
            while let Some(parcel) = self.network.arrived(self.now) {
                self.deliver(parcel);
            }
            if self.stack.next_timeout().is_some_and(|due| due.0 <= self.now) {
                self.tell(Input::Timeout, b"timeout");
                let due = self.stack.next_timeout();
                assert!(
                    due.is_none_or(|due| due.0 > self.now),
                    "a timer that is due was left: {due:?} at {}",
                    self.now
                );
            }
            for number in 0..PHONES {
                self.wake(number);
            }
        }
        self.now = until;
    }

    fn next(&self) -> Option<u64> {
        let stack = self.stack.next_timeout().map(|due| due.0);
        let phones = self.alarms.iter().chain(&self.dialling).flatten().min().copied();
        [stack, phones, self.network.next()].into_iter().flatten().min()
    }

    fn wake(&mut self, number: usize) {
        if self.dialling[number].is_some_and(|at| at <= self.now) {
            self.dialling[number] = None;
            let remote = self.phones[number].address();
            self.streams[number] = Some(self.network.connect(number, remote, self.now));
        }
        if self.alarms[number].is_some_and(|at| at <= self.now) {
            self.phones[number].tick(self.now);
            self.settle(number);
        }
    }

    fn deliver(&mut self, parcel: Parcel) {
        match parcel {
            Parcel::DatagramToStack { remote, bytes } => {
                let listener = ListenerId(0);
                let bytes = bytes.as_slice();
                self.tell(
                    Input::Datagram {
                        listener,
                        remote,
                        bytes,
                    },
                    bytes,
                );
            }
            Parcel::DatagramToPhone { remote, bytes } => {
                let at_home = |phone: &Phone| phone.address() == remote && phone.is_datagram();
                if let Some(number) = self.phones.iter().position(at_home) {
                    self.phones[number].take_datagram(&bytes, self.now);
                    self.settle(number);
                }
            }
            Parcel::Opened { stream } => {
                let (number, remote) = self.end_of(stream);
                let listener = ListenerId(if self.phones[number].manner.via == Via::Tcp {
                    1
                } else {
                    2
                });
                self.tell(
                    Input::StreamOpened {
                        stream: StreamId(stream),
                        listener,
                        remote,
                    },
                    b"opened",
                );
                if self.streams[number] == Some(stream) {
                    self.phones[number].opened(self.now);
                    self.settle(number);
                }
            }
            Parcel::PieceToStack { stream, bytes } => {
                let bytes = bytes.as_slice();
                self.tell(
                    Input::StreamBytes {
                        stream: StreamId(stream),
                        bytes,
                    },
                    bytes,
                );
            }
            Parcel::PieceToPhone { stream, bytes } => {
                let (number, _) = self.end_of(stream);
                if self.streams[number] == Some(stream) {
                    self.phones[number].take_piece(&bytes, self.now);
                    self.settle(number);
                }
            }
            Parcel::ClosedAtStack { stream } => {
                self.tell(
                    Input::StreamClosed {
                        stream: StreamId(stream),
                    },
                    b"closed",
                );
            }
            Parcel::ClosedAtPhone { stream } => {
                let (number, _) = self.end_of(stream);
                if self.streams[number] == Some(stream) {
                    self.streams[number] = None;
                    self.checkers.breaks(&self.phones[number]);
                    self.phones[number].lost(self.now);
                    if !self.phones[number].registration.leaving {
                        self.dialling[number] = Some(self.now + self.dice.between(500, 5_000));
                    }
                    self.settle(number);
                }
            }
        }
    }

    fn end_of(&self, stream: u64) -> (usize, SocketAddr) {
        let connection = &self.network.connections[&stream];
        (connection.phone, connection.remote)
    }

    /// One input, then all its actions.
    pub(crate) fn tell(&mut self, input: Input<'_>, bytes: &[u8]) -> usize {
        let is_timeout = matches!(input, Input::Timeout);
        self.note(b">", bytes);
        self.stack.handle(input, Tick(self.now));
        let mut count = 0;
        while let Some(action) = self.stack.next_action() {
            count += 1;
            self.act(action);
        }
        let load = self.stack.load();
        self.checkers
            .input(is_timeout, count, load.server_transactions + load.client_transactions);
        count
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Send { flow, bytes } => {
                self.note(b"<", &bytes);
                self.checkers.sent(&bytes);
                match flow {
                    Flow::Datagram { listener, remote } => {
                        assert_eq!(listener, ListenerId(0), "a datagram by way of a stream's socket");
                        self.network
                            .datagram(Parcel::DatagramToPhone { remote, bytes }, self.now);
                    }
                    Flow::Stream(stream) => self.network.piece(stream.0, &bytes, false, self.now),
                }
            }
            Action::Close { stream } => {
                self.note(b"x", &stream.0.to_be_bytes());
                self.network.cut(stream.0, self.now, false);
            }
            Action::Event(_) => self.note(b"e", b""),
        }
    }

    fn note(&mut self, what: &[u8], bytes: &[u8]) {
        self.trace.update(what);
        self.trace.update(self.now.to_be_bytes());
        self.trace.update(bytes);
        if std::env::var_os("LINEKEY_TRACE").is_some() {
            let what = String::from_utf8_lossy(what);
            println!("{} {what} {}", self.now, String::from_utf8_lossy(bytes));
        }
    }

    /// Sends what a phone has to say, and hears what it has to tell.
    pub(crate) fn settle(&mut self, number: usize) {
        let phone = &mut self.phones[number];
        let (out, facts, remote) = (
            std::mem::take(&mut phone.out),
            std::mem::take(&mut phone.facts),
            phone.address(),
        );
        for bytes in out {
            match self.streams[number] {
                _ if self.phones[number].is_datagram() => {
                    self.network
                        .datagram(Parcel::DatagramToStack { remote, bytes }, self.now);
                }
                Some(stream) => self.network.piece(stream, &bytes, true, self.now),
                None => {}
            }
        }
        for fact in facts {
            self.checkers.take(&self.phones[number], &fact, self.now);
        }
        self.alarms[number] = self.phones[number].next(self.now);
    }

    pub(crate) fn cut(&mut self, number: usize) {
        if let Some(stream) = self.streams[number] {
            self.network.cut(stream, self.now, true);
        }
    }

    /// The plug of a phone is pulled.
    pub(crate) fn restart_phone(&mut self, number: usize) {
        self.checkers.breaks(&self.phones[number]);
        if let Some(stream) = self.streams[number].take() {
            self.network.cut(stream, self.now, true);
        }
        self.phones[number].restart(self.now);
        if !self.phones[number].is_datagram() {
            self.dialling[number] = Some(self.now + 2_000);
        }
        self.settle(number);
    }

    /// The program stops and starts again: bindings over UDP are found again, and nothing else.
    pub(crate) fn restart_stack(&mut self) {
        let saved = self.stack.bindings(Tick(self.now));
        self.starts += 1;
        for number in 0..PHONES {
            if let Some(stream) = self.streams[number] {
                self.network.cut(stream, self.now, false);
            }
        }
        // Both ends of all connections are gone before the new program begins.
        self.run_until(self.now + 10);
        let seed = stack_seed(&mut self.dice);
        self.stack = Stack::new(config(self.starts), Arc::clone(&self.directory), seed, Tick(self.now));
        self.tell(Input::Restored(saved), b"restored");
    }

    pub(crate) fn load(&self) -> Load {
        self.stack.load()
    }

    pub(crate) fn trace(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.trace.clone().finalize())
    }
}

/// Where numbers of subscriptions begin: above all of the start before.
pub(crate) fn config(start: u32) -> Config {
    let listener = |transport, local: &str| Listener {
        transport,
        local: local.parse().unwrap(),
    };
    Config {
        domain: DOMAIN.to_owned(),
        hosts: vec!["10.0.0.1".to_owned()],
        listeners: vec![
            listener(Transport::Udp, "10.0.0.1:5060"),
            listener(Transport::Tcp, "10.0.0.1:5060"),
            listener(Transport::Tls, "10.0.0.1:5061"),
        ],
        lan_only: true,
        decline_silences_all: false,
        hide_names: false,
        emergency: Vec::new(),
        first_number: start * 1_000_000,
    }
}

fn stack_seed(dice: &mut Dice) -> [u8; 32] {
    let mut seed = [0; 32];
    for part in seed.chunks_mut(8) {
        part.copy_from_slice(&dice.next().to_be_bytes());
    }
    seed
}

/// Twelve people with twenty phones: 101 has three, 102 to 107 have two.
fn people(dice: &mut Dice) -> (Directory, Vec<Phone>) {
    let mut fresh = Fresh::seeded(stack_seed(dice));
    let (mut devices, mut phones) = (Vec::new(), Vec::new());
    for number in 0..PHONES {
        let person = match number {
            0..12 => number,
            12..19 => number - 12,
            _ => 0,
        };
        let extension = Extension::parse(&format!("{}", 101 + person)).unwrap();
        let (secret, username) = (
            DeviceSecret::fresh(&mut fresh),
            DigestName::fresh(Some(&extension), &mut fresh),
        );
        let sha256 = number % 3 == 1;
        let account = (username.as_str(), secret.reveal());
        let own = dice.split();
        phones.push(Phone::new(
            number,
            extension.as_str(),
            account,
            manner(number, dice),
            own,
        ));
        devices.push(Entry {
            device: DeviceId(1 + number as u64),
            username: username.as_str().to_owned(),
            algorithm: if sha256 { Algorithm::Sha256 } else { Algorithm::Md5 },
            extension: Some(extension),
            name: DisplayName::parse(&format!("Person \"{person}\" & Co.")).unwrap(),
            secret,
        });
    }
    (Directory { devices }, phones)
}
