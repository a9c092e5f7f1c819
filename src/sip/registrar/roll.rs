//! Who may be on the line: the directory, found by name, number and extension.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::rules::phones::device::DeviceId;
use crate::sip::input::{Directory, Entry};

/// The directory with its indexes.
#[derive(Debug, Default)]
pub(in crate::sip) struct Roll {
    directory: Arc<Directory>,
    by_device: BTreeMap<DeviceId, usize>,
    by_name: BTreeMap<String, usize>,
    by_extension: BTreeMap<String, Vec<DeviceId>>,
}

impl Roll {
    pub(in crate::sip) fn new(directory: Arc<Directory>) -> Self {
        let mut roll = Self::default();
        for (place, entry) in directory.devices.iter().enumerate() {
            roll.by_device.insert(entry.device, place);
            roll.by_name.insert(entry.username.clone(), place);
            if let Some(extension) = &entry.extension {
                let devices = roll.by_extension.entry(extension.as_str().to_owned()).or_default();
                devices.push(entry.device);
            }
        }
        roll.directory = directory;
        roll
    }

    pub(in crate::sip) fn device(&self, device: DeviceId) -> Option<&Entry> {
        self.directory.devices.get(*self.by_device.get(&device)?)
    }

    pub(in crate::sip) fn named(&self, username: &str) -> Option<&Entry> {
        self.directory.devices.get(*self.by_name.get(username)?)
    }

    /// The devices that ring for an extension; none for a number that nobody has.
    pub(in crate::sip) fn devices_of(&self, extension: &str) -> Option<&[DeviceId]> {
        self.by_extension.get(extension).map(Vec::as_slice)
    }

    /// The extension that a user part means: itself, or that of the device with this name.
    pub(in crate::sip) fn extension(&self, user: &str) -> Option<&str> {
        if let Some((extension, _)) = self.by_extension.get_key_value(user) {
            return Some(extension);
        }
        self.named(user)?.extension.as_ref().map(|extension| extension.as_str())
    }

    /// The devices of a device's extension; a desk of nobody is alone.
    pub(in crate::sip) fn group(&self, device: DeviceId) -> Vec<DeviceId> {
        let extension = self.device(device).and_then(|entry| entry.extension.as_ref());
        extension
            .and_then(|extension| self.devices_of(extension.as_str()))
            .map_or_else(|| vec![device], <[DeviceId]>::to_vec)
    }

    /// The devices that are in `later` no more, or with another name, secret or hash.
    pub(in crate::sip) fn gone(&self, later: &Self) -> Vec<DeviceId> {
        let is_same = |entry: &&Entry| {
            later.device(entry.device).is_some_and(|it| {
                it.username == entry.username
                    && it.secret.reveal() == entry.secret.reveal()
                    && it.algorithm == entry.algorithm
            })
        };
        let gone = self.directory.devices.iter().filter(|entry| !is_same(entry));
        gone.map(|entry| entry.device).collect()
    }

    /// What watchers and callees read of an extension: the name of whoever it belongs to.
    pub(in crate::sip) fn name(&self, extension: &str) -> Option<&str> {
        let device = self.devices_of(extension)?.first()?;
        self.device(*device).map(|entry| entry.name.as_str())
    }
}
