//! A device's place on the line, as it is kept.

use std::net::{IpAddr, SocketAddr};

use super::binding::Contact;
use super::device::DeviceId;
use crate::rules::time::Date;

/// What is kept of one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinePlace {
    /// Which.
    pub device: DeviceId,
    /// From where it registered when the journal last told of it.
    pub told: Option<IpAddr>,
    /// Its bindings over UDP when they were saved last.
    pub bindings: Vec<KeptBinding>,
}

/// A binding over UDP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBinding {
    /// What it registered.
    pub contact: Contact,
    /// Call-ID of the REGISTER.
    pub call_id: String,
    /// CSeq of the REGISTER.
    pub cseq: u32,
    /// The address that it was seen at.
    pub peer: SocketAddr,
    /// When it ends.
    pub until: Date,
}
