//! Who may be on the line, from the store: devices with their secrets in the clear, and the settings.

use std::sync::Arc;

use crate::rules::id::{DisplayName, Extension};
use crate::rules::office::settings::Phones;
use crate::rules::people::account::AccountKind;
use crate::rules::phones::device::{Device, Role};
use crate::rules::secret::SealKey;
use crate::rules::time::Date;
use crate::sip::stack::{Directory, Entry};
use crate::store::{Facts, Fault};

/// What the store says of phones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) phones: Phones,
    devices: Vec<(Device, Option<(Extension, DisplayName)>)>,
    /// When the next one who sits at a shared desk is put out; until then it is all true.
    pub(super) until: Option<Date>,
}

impl Known {
    /// What is in the store now. No device is read while phones are off.
    pub(super) fn read(facts: &Facts<'_>, now: Date) -> Result<Self, Fault> {
        let phones = facts.settings()?.phones;
        let devices = if phones.on { facts.devices()? } else { Vec::new() };
        let until = devices.iter().filter_map(|device| ends(device, now)).min();
        let whose = |device: Device| Ok((rings_for(facts, &device, now)?, device));
        let devices = devices
            .into_iter()
            .map(|device| whose(device).map(|(whose, device)| (device, whose)))
            .collect::<Result<_, Fault>>()?;
        Ok(Self { phones, devices, until })
    }

    /// Whether the devices are the same.
    pub(super) fn has_the_devices_of(&self, other: &Self) -> bool {
        self.devices == other.devices
    }

    /// The devices for the stack, and how many secrets the key does not open: those devices are left out.
    pub(super) fn directory(&self, key: &SealKey) -> (Arc<Directory>, usize) {
        let entry = |(device, whose): &(Device, Option<(Extension, DisplayName)>)| {
            let secrets = device.secrets(key)?;
            let (extension, name) = whose.clone().unzip();
            Some(Entry {
                device: device.id,
                username: device.username.to_string(),
                secret: secrets.sip,
                algorithm: device.algorithm,
                extension,
                name: name.unwrap_or_else(|| device.label.clone()),
            })
        };
        let devices: Vec<Entry> = self.devices.iter().filter_map(entry).collect();
        let closed = self.devices.len().saturating_sub(devices.len());
        (Arc::new(Directory { devices }), closed)
    }
}

fn rings_for(facts: &Facts<'_>, device: &Device, now: Date) -> Result<Option<(Extension, DisplayName)>, Fault> {
    let Some(account) = device.rings_for(now) else {
        return Ok(None);
    };
    Ok(facts.account(account)?.and_then(|account| match account.kind {
        AccountKind::Person(extension) => Some((extension, account.name)),
        AccountKind::Administrator(_) => None,
    }))
}

fn ends(device: &Device, now: Date) -> Option<Date> {
    match device.role {
        Role::Desk { sitting, .. } => sitting.map(|sitting| sitting.until).filter(|until| *until > now),
        Role::App { .. } | Role::Phone { .. } => None,
    }
}
