//! What the stack shows of itself.

use std::net::SocketAddr;

use super::action::Failure;
use super::flow::{Flow, Transport};
use crate::rules::id::Extension;
use crate::rules::phones::device::DeviceId;
use crate::rules::time::Tick;

/// A device on the page; those that neither are registered nor fail are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceState {
    /// Which.
    pub device: DeviceId,
    /// Where it is registered from, the newest first.
    pub bindings: Vec<BindingState>,
    /// Why its newest requests were refused; none once it is registered with the right secret.
    pub failing: Option<FailingState>,
}

/// One way to a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BindingState {
    /// The address that it was seen at.
    pub remote: SocketAddr,
    /// The transport.
    pub transport: Transport,
    /// Since when it is registered here without a gap.
    pub since: Tick,
    /// Until when, if it does not come again.
    pub until: Tick,
}

/// What is wrong with a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailingState {
    /// Why its newest request was refused.
    pub why: Failure,
    /// Where that came from.
    pub remote: SocketAddr,
    /// When that was.
    pub newest: Tick,
    /// How many were refused since one was taken.
    pub count: u32,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallState {
    /// Tells it from others; never used again.
    pub id: u64,
    /// Call-ID.
    pub call_id: String,
    /// Whose device calls.
    pub caller: Option<Extension>,
    /// Which device calls.
    pub caller_device: DeviceId,
    /// Who is called.
    pub callee: Option<Extension>,
    /// Which devices took the call and are in it; none yet: it rings.
    pub talking: Vec<DeviceId>,
    /// Since when it rings or is talked.
    pub since: Tick,
}

/// A binding over UDP, so that the device is found again after a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedBinding {
    /// Whose.
    pub device: DeviceId,
    /// The Contact without `expires`, byte for byte.
    pub contact: String,
    /// Its URI.
    pub uri: String,
    /// `+sip.instance`.
    pub instance: Option<String>,
    /// `reg-id`.
    pub reg_id: Option<u32>,
    /// Call-ID of the REGISTER.
    pub call_id: String,
    /// CSeq of the REGISTER.
    pub cseq: u32,
    /// How it is reached.
    pub flow: Flow,
    /// Seconds that are left of it.
    pub seconds_left: u32,
}

/// How much of everything there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Server transactions, those included that wait for retransmissions alone.
    pub server_transactions: usize,
    /// Client transactions, the same.
    pub client_transactions: usize,
    /// Requests under way through the proxy.
    pub forwarded: usize,
    /// Calls, those included that ended less than half a minute ago.
    pub calls: usize,
    /// Subscriptions.
    pub subscriptions: usize,
    /// Bindings.
    pub bindings: usize,
    /// Connections.
    pub streams: usize,
}
