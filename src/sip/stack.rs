//! The stack: one input, then all its actions, then the next input.
//!
//! It never asks for the time, never opens a socket, and makes the same bytes from the same seed and inputs. Whatever
//! strangers send is answered without being remembered.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use super::action::{Action, Event, Failure, Gone, Tested};
pub use super::flow::{Flow, ListenerId, StreamId, Transport};
pub use super::input::{Config, Directory, Entry, Input, Listener, NotifyRequest, NotifyTo};
use super::lamps::told;
use super::line::Line;
use super::proxy::ring;
use super::receive;
pub use super::state::{BindingState, CallState, DeviceState, FailingState, Load, SavedBinding};
use super::{alarm, change};
use crate::rules::phones::device::DeviceId;
use crate::rules::time::Tick;

/// A registrar, proxy and keeper of line keys.
pub struct Stack {
    line: Line,
}

impl Stack {
    /// An office at `now` whose dice follow from `seed`.
    #[must_use]
    pub fn new(config: Config, directory: Arc<Directory>, seed: [u8; 32], now: Tick) -> Self {
        Self {
            line: Line::new(config, directory, seed, now),
        }
    }

    /// Takes one input. Take all actions before the next.
    pub fn handle(&mut self, input: Input<'_>, now: Tick) {
        let line = &mut self.line;
        line.wire.now = now.max(line.wire.now);
        alarm::ring(line);
        match input {
            Input::Datagram {
                listener,
                remote,
                bytes,
            } => receive::datagram(line, listener, remote, bytes),
            Input::StreamOpened {
                stream,
                listener,
                remote,
            } => receive::opened(line, stream, listener, remote),
            Input::StreamBytes { stream, bytes } => receive::stream(line, stream, bytes),
            Input::StreamClosed { stream } => receive::closed(line, stream),
            Input::Timeout => {}
            Input::Directory(directory) => change::directory(line, directory),
            Input::Config(config) => change::config(line, config),
            Input::Restored(saved) => {
                for binding in saved {
                    if line.registrar.roll.device(binding.device).is_some() {
                        line.registrar.places.restore(&mut line.wire, binding);
                    }
                }
            }
            Input::Notify(asked) => told::take(line, &asked),
            Input::Ring(device) => ring::begin(line, device),
            Input::StopRinging => ring::end(line),
        }
    }

    /// The next thing to do.
    pub fn next_action(&mut self) -> Option<Action> {
        self.line.wire.next_action()
    }

    /// When `Input::Timeout` is due; none: nothing waits.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Tick> {
        self.line.wire.alarms.first()
    }

    /// The devices that are registered or fail, by number.
    #[must_use]
    pub fn devices(&self, now: Tick) -> Vec<DeviceState> {
        let mut devices: BTreeMap<DeviceId, DeviceState> = BTreeMap::new();
        let unknown = |device| DeviceState {
            device,
            bindings: Vec::new(),
            failing: None,
        };
        for (device, places) in self.line.registrar.places.devices() {
            let live = places.iter().filter(|place| now < place.binding.until);
            let bindings = live.filter_map(|place| {
                let flow = place.flow()?;
                Some(BindingState {
                    remote: self.line.wire.remote(flow)?,
                    transport: self.line.wire.transport(flow)?,
                    since: place.since,
                    until: place.binding.until,
                })
            });
            devices.entry(device).or_insert_with(|| unknown(device)).bindings = bindings.collect();
        }
        for (device, failing) in self.line.registrar.strikes.failing() {
            devices.entry(device).or_insert_with(|| unknown(device)).failing = Some(failing);
        }
        devices.into_values().collect()
    }

    /// The devices that a NOTIFY can be sent to: those that are registered, and those that were until they got other
    /// secrets.
    #[must_use]
    pub fn notifiable(&self, now: Tick) -> BTreeSet<DeviceId> {
        let live = self.line.registrar.places.devices();
        let live = live.filter(|(_, places)| places.iter().any(|place| now < place.binding.until));
        let live = live.map(|(device, _)| device);
        live.chain(self.line.registrar.former.devices(now)).collect()
    }

    /// The calls now, the oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<CallState> {
        self.line.calls.shown()
    }

    /// The bindings that are worth saving: those over UDP.
    #[must_use]
    pub fn bindings(&self, now: Tick) -> Vec<SavedBinding> {
        self.line.registrar.places.saved(now)
    }

    /// How much of everything there is.
    #[must_use]
    pub fn load(&self) -> Load {
        Load {
            server_transactions: self.line.transactions.servers.len(),
            client_transactions: self.line.transactions.clients.len(),
            forwarded: self.line.forwards.by_server.len(),
            calls: self.line.calls.len(),
            subscriptions: self.line.lamps.len(),
            bindings: self.line.registrar.places.len(),
            streams: self.line.wire.streams.len(),
        }
    }
}
