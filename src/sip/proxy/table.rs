//! Requests under way.

use std::collections::BTreeMap;

use crate::rules::phones::device::DeviceId;
use crate::sip::codec::Name;
use crate::sip::flow::Flow;
use crate::sip::transaction::client::ClientKey;
use std::net::SocketAddr;

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sip) struct Target {
    pub(in crate::sip) device: DeviceId,
    pub(in crate::sip) flow: Flow,
    pub(in crate::sip) uri: String,
    /// `+sip.instance` where the phone may have other flows.
    pub(in crate::sip) instance: Option<String>,
}

/// One copy of a request.
#[derive(Clone, Debug)]
pub(in crate::sip) struct Branch {
    pub(in crate::sip) target: Target,
    pub(in crate::sip) key: ClientKey,
    /// Its final status; none yet: it is waited for.
    pub(in crate::sip) status: Option<u16>,
    /// CANCEL was sent, or will be as soon as something comes back.
    pub(in crate::sip) is_cancelled: bool,
    /// Something came back.
    pub(in crate::sip) is_heard: bool,
}

/// The best final response so far.
#[derive(Clone, Debug)]
pub(in crate::sip) struct Best {
    pub(in crate::sip) status: u16,
    /// As it goes on; none: one of our own.
    pub(in crate::sip) bytes: Option<Vec<u8>>,
}

/// A request that was sent on. Its number is that of its server transaction.
#[derive(Clone, Debug)]
pub(in crate::sip) struct Forward {
    pub(in crate::sip) is_invite: bool,
    /// The request as it came, until it is answered.
    pub(in crate::sip) request: Vec<u8>,
    pub(in crate::sip) flow: Flow,
    pub(in crate::sip) source: SocketAddr,
    pub(in crate::sip) sender: DeviceId,
    pub(in crate::sip) branches: Vec<Branch>,
    /// The extensions that it was sent to.
    pub(in crate::sip) reached: Vec<String>,
    pub(in crate::sip) best: Option<Best>,
    /// The challenges of 401 and 407 that are not the best, as name and value.
    pub(in crate::sip) challenges: Vec<(Name, String)>,
    /// The sender gave up.
    pub(in crate::sip) is_cancelled: bool,
    /// Reason of the sender's CANCEL.
    pub(in crate::sip) reasons: Vec<Vec<u8>>,
    /// A final response went to the sender.
    pub(in crate::sip) is_answered: bool,
    /// The call that it makes or belongs to.
    pub(in crate::sip) call: Option<u64>,
    /// Whether it makes the call, rather than being in it.
    pub(in crate::sip) makes_call: bool,
}

impl Forward {
    /// Whether nothing is waited for any more. What nothing was heard of is not waited for once the sender gave up.
    pub(in crate::sip) fn is_settled(&self) -> bool {
        let waits = |branch: &Branch| branch.status.is_none() && (branch.is_heard || !self.is_cancelled);
        !self.branches.iter().any(waits)
    }

    /// Whether every branch has had its final response.
    pub(in crate::sip) fn is_over(&self) -> bool {
        self.branches.iter().all(|branch| branch.status.is_some())
    }
}

/// All requests under way.
#[derive(Debug, Default)]
pub(in crate::sip) struct Forwards {
    pub(in crate::sip) by_server: BTreeMap<u64, Forward>,
}
