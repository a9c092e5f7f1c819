//! Reads of devices, each completed by what lies in a row of its own.

use super::fault::Fault;
use super::{Facts, tables};
use crate::rules::phones::device::{Device, DeviceId};
use crate::rules::phones::joined::JoinedAddresses;

impl Facts<'_> {
    /// The device of that number.
    pub fn device(&self, id: DeviceId) -> Result<Option<Device>, Fault> {
        let mut device: Option<Device> = self.0.devices.row(id.0)?;
        if let Some(device) = device.as_mut().filter(|device| device.hardware.mac.is_some()) {
            self.joined_addresses()?.complete(device);
        }
        Ok(device)
    }

    /// All devices, in the order in which they came.
    pub fn devices(&self) -> Result<Vec<Device>, Fault> {
        let mut devices: Vec<Device> = self.0.devices.rows(0..)?;
        let joined = self.joined_addresses()?;
        devices.iter_mut().for_each(|device| joined.complete(device));
        Ok(devices)
    }

    /// The second MAC addresses of boxes, which devices are completed by.
    pub(super) fn joined_addresses(&self) -> Result<JoinedAddresses, Fault> {
        Ok(self.0.meta.row(tables::META_JOINED)?.unwrap_or_default())
    }

    /// The number that the next device gets.
    pub fn next_device(&self) -> Result<DeviceId, Fault> {
        let next = self.0.meta.number(tables::META_NEXT_DEVICE)?;
        Ok(DeviceId(next.unwrap_or(1)))
    }
}
