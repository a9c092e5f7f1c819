//! What the stack is told.

use std::net::SocketAddr;
use std::sync::Arc;

use super::flow::{ListenerId, StreamId, Transport};
use super::state::SavedBinding;
use crate::rules::id::{DisplayName, Extension};
use crate::rules::phones::device::{Algorithm, DeviceId, DeviceSecret};

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// A datagram came.
    Datagram {
        /// On this socket.
        listener: ListenerId,
        /// From this address.
        remote: SocketAddr,
        /// Its content, at most 64 KiB.
        bytes: &'a [u8],
    },
    /// Somebody connected.
    StreamOpened {
        /// The connection's number.
        stream: StreamId,
        /// To this socket.
        listener: ListenerId,
        /// From this address.
        remote: SocketAddr,
    },
    /// Bytes came over a connection, in pieces of any size.
    StreamBytes {
        /// The connection.
        stream: StreamId,
        /// The piece, at most 64 KiB.
        bytes: &'a [u8],
    },
    /// The connection is gone, whoever closed it.
    StreamClosed {
        /// The connection.
        stream: StreamId,
    },
    /// The time of `Stack::next_timeout` has come. Too early does no harm.
    Timeout,
    /// The devices are now these. Removed ones, and those with another secret or user name, are off the line at once.
    Directory(Arc<Directory>),
    /// The settings are now these. A socket that stays keeps its place among the listeners; bindings over sockets that
    /// are gone go too.
    Config(Config),
    /// Bindings that were saved before a restart, as `Stack::bindings` gave them.
    Restored(Vec<SavedBinding>),
    /// Tell a device something outside any subscription. Answered by `Event::Notified`.
    Notify(NotifyRequest),
    /// Let a device ring, as a test.
    Ring(DeviceId),
    /// Give all test calls up.
    StopRinging,
}

/// A socket of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// What it takes.
    pub transport: Transport,
    /// Its address. Where that is unspecified, an address among `Config::hosts` stands for it in messages.
    pub local: SocketAddr,
}

/// The office's settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// The domain of all addresses, and the realm.
    pub domain: String,
    /// Names and addresses that mean us, besides the domain and the listeners' own.
    pub hosts: Vec<String>,
    /// The sockets.
    pub listeners: Vec<Listener>,
    /// Whether sources outside private, loopback and link-local ranges are dropped.
    pub lan_only: bool,
    /// Whether 6xx of one device ends the ringing of the others.
    pub decline_silences_all: bool,
    /// Whether lamps show that somebody talks, and not with whom.
    pub hide_names: bool,
    /// Numbers that a desk without an extension may call.
    pub emergency: Vec<String>,
    /// Where versions and CSeqs of subscriptions begin: `rules::phones::line_state::first_number` of the start.
    pub first_number: u32,
}

/// Who may be on the line.
#[derive(Debug, Default)]
pub struct Directory {
    /// Each device once.
    pub devices: Vec<Entry>,
}

/// One device.
#[derive(Debug)]
pub struct Entry {
    /// The store's number.
    pub device: DeviceId,
    /// The name that it registers by.
    pub username: String,
    /// What it registers with.
    pub secret: DeviceSecret,
    /// The hash that it is asked to answer with.
    pub algorithm: Algorithm,
    /// For whom it rings now; none: for nobody.
    pub extension: Option<Extension>,
    /// What whoever it rings for is called.
    pub name: DisplayName,
}

/// A NOTIFY that belongs to no subscription of a lamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifyRequest {
    /// Comes back in `Event::Notified`.
    pub id: u64,
    /// To whom.
    pub to: NotifyTo,
    /// Event: `check-sync;reboot=false`, `ua-profile;…`.
    pub event: String,
    /// Subscription-State; none: `terminated`.
    pub state: Option<String>,
    /// Content-Type and body, where there is one.
    pub body: Option<(String, Vec<u8>)>,
}

/// Who is notified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotifyTo {
    /// A device, over each of its bindings, or those that it had until it got other secrets.
    Device(DeviceId),
    /// A phone that asked for its settings: the number of `Event::Discovered`.
    Discovered(u64),
}
