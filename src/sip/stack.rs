//! The stack: one input, then all its actions, then the next input.
//!
//! It never asks for the time, never opens a socket, and makes the same bytes from the same seed and inputs. Whatever
//! strangers send is answered without being remembered.

use std::collections::VecDeque;
use std::sync::Arc;

pub use super::action::{Action, Event, Failure, Gone};
pub use super::flow::{Flow, ListenerId, StreamId, Transport};
pub use super::input::{Config, Directory, Entry, Input, Listener, NotifyRequest, NotifyTo};
pub use super::state::{BindingState, CallState, DeviceState, FailingState, Load, SavedBinding};
use crate::rules::time::Tick;

/// A registrar, proxy and keeper of line keys.
pub struct Stack {
    actions: VecDeque<Action>,
}

impl Stack {
    /// An office at `now` whose dice follow from `seed`.
    #[must_use]
    pub fn new(config: Config, directory: Arc<Directory>, seed: [u8; 32], now: Tick) -> Self {
        let _later = (config, directory, seed, now);
        Self {
            actions: VecDeque::new(),
        }
    }

    /// Takes one input. Take all actions before the next.
    pub fn handle(&mut self, input: Input<'_>, now: Tick) {
        let _later = (input, now);
    }

    /// The next thing to do.
    pub fn next_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When `Input::Timeout` is due; none: nothing waits.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Tick> {
        None
    }

    /// The devices that are registered or fail, by number.
    #[must_use]
    pub fn devices(&self, now: Tick) -> Vec<DeviceState> {
        let _later = now;
        Vec::new()
    }

    /// The calls now, the oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<CallState> {
        Vec::new()
    }

    /// The bindings that are worth saving: those over UDP.
    #[must_use]
    pub fn bindings(&self, now: Tick) -> Vec<SavedBinding> {
        let _later = now;
        Vec::new()
    }

    /// How much of everything there is.
    #[must_use]
    pub fn load(&self) -> Load {
        Load::default()
    }
}
