//! The other MAC addresses of boxes that have two, as a phone with Wi-Fi beside its wired connection.

use std::collections::BTreeMap;

use super::device::{Device, DeviceId};
use super::mac::Mac;
use super::window::Fetched;

/// The other MAC address of a box, and the first fetch by it in the window that is open or was the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The address.
    pub mac: Mac,
    /// See [`Provisioning::other_fetched`](super::window::Provisioning::other_fetched).
    pub fetched: Option<Fetched>,
}

/// Every device whose box has a second MAC address; few have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinedAddresses(pub BTreeMap<DeviceId, Joined>);

impl JoinedAddresses {
    /// Notes what is to be kept of this device here.
    pub fn note(&mut self, device: &Device) {
        match device.hardware.other_mac {
            None => self.0.retain(|id, _| *id != device.id),
            Some(mac) => {
                let fetched = device.provisioning.other_fetched;
                self.0.insert(device.id, Joined { mac, fetched });
            }
        }
    }

    /// Completes a device by what is kept of it here.
    pub fn complete(&self, device: &mut Device) {
        let joined = self.0.get(&device.id);
        device.hardware.other_mac = joined.map(|joined| joined.mac);
        device.provisioning.other_fetched = joined.and_then(|joined| joined.fetched);
    }
}
