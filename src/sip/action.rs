//! What the stack wants done.

use std::net::SocketAddr;

use super::flow::{Flow, StreamId};
use crate::rules::phones::device::DeviceId;

/// One thing to do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send these bytes: one datagram, or a piece of a stream.
    Send {
        /// This way.
        flow: Flow,
        /// One whole message, or a pong.
        bytes: Vec<u8>,
    },
    /// Close a connection. Nothing of it is answered any more; `Input::StreamClosed` may follow or not.
    Close {
        /// The connection.
        stream: StreamId,
    },
    /// For the pages and the journal.
    Event(Event),
}

/// Something that pages or the journal show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A device registered, for the first time since the start or anew after it was gone, or from somewhere else. A
    /// mere refresh says nothing.
    Registered {
        /// Which.
        device: DeviceId,
        /// How it is reached.
        flow: Flow,
        /// Whether it had no binding before.
        first: bool,
        /// Whether it had one elsewhere.
        moved: bool,
    },
    /// A device has no binding any more.
    Unregistered {
        /// Which.
        device: DeviceId,
        /// Why.
        why: Gone,
    },
    /// A device's requests are refused.
    Failing {
        /// Which.
        device: DeviceId,
        /// Why.
        why: Failure,
        /// Where the newest came from.
        remote: SocketAddr,
    },
    /// Requests of nobody that we know, added up over a minute.
    Strangers {
        /// How many since the last event.
        count: u32,
        /// Where the newest came from.
        remote: SocketAddr,
    },
    /// `Stack::calls` has changed.
    CallChanged,
    /// A phone out of its box asks for its settings (RFC 6080). Nothing of it is checked.
    Discovered {
        /// For `NotifyTo::Discovered`; good for half a minute.
        id: u64,
        /// Where it came from.
        remote: SocketAddr,
        /// The request URI.
        request_uri: String,
        /// The value of From.
        from: String,
        /// The value of Event.
        event: String,
    },
    /// How far the test call of `Input::Ring` is.
    Tested {
        /// Which device is called.
        device: DeviceId,
        /// What it did.
        did: Tested,
    },
    /// What became of `Input::Notify`.
    Notified {
        /// Its number.
        id: u64,
        /// The status of the answer; none: the device is not registered, or never answered.
        status: Option<u16>,
    },
}

/// What a device does with a test call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tested {
    /// Somebody took it (2xx).
    Answered,
    /// It was refused (300 or more), as with a press of a key or because it is busy.
    Declined,
    /// It rings (a provisional answer above 100).
    Rings,
    /// It was given up, and nobody had taken or refused it.
    Unanswered,
}

/// Why a device has no binding any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// It said so.
    Asked,
    /// Its connection closed.
    Closed,
    /// It did not register again in time.
    Expired,
    /// Others of its extension took the room.
    PutOut,
    /// It was removed, or its secret is another.
    Removed,
}

/// Why a device's requests are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It asks for other addresses than its own.
    Address,
    /// It answers with another hash, realm or protection than it is asked for.
    Protection,
    /// It wants to register for less than the least time, again and again.
    TooBrief,
    /// The secret is wrong.
    WrongSecret,
}
