//! What can be written about devices.

use std::net::IpAddr;

use super::device::{Device, DeviceId, Sitting};
use super::place::KeptBinding;
use super::surroundings::Surroundings;
use super::window::Provisioning;
use crate::rules::id::AccountId;
use crate::rules::office::difference::Difference;

/// A fact about a device, in the past tense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PhoneChange {
    /// A device registers from another address than the journal told of last.
    AddressChanged(Device, IpAddr),
    /// A code that had set up this app was used once more, from there. Nothing but a line in the journal.
    AppCodeUsedAgain(Device, IpAddr),
    /// The app is now this: it fetched its settings by its code, from there.
    AppSetUp(Device, IpAddr),
    /// A device's bindings over UDP are now these.
    BindingsSaved(DeviceId, Vec<KeptBinding>),
    /// Nobody sits at the shared desk any more; who sat there last.
    DeskLeft(Device, AccountId),
    /// Somebody sits at the shared desk; an earlier one was put out.
    DeskTaken(Device, Sitting),
    /// A device came to the office.
    DeviceAdded(Device),
    /// The device is now this. Its secret is the same.
    DeviceChanged(Device, Difference),
    /// The device went, and with it its bindings.
    DeviceDeleted(Device),
    /// Somebody was given what stands for the secrets of so many devices, for another PBX. Nothing but a line in the
    /// journal.
    Exported(usize),
    /// A device's requests are refused again and again; from where the newest came, and why. Nothing but a line in the
    /// journal.
    Failing(Device, IpAddr, &'static str),
    /// Devices fetched their files as these revisions say them.
    FilesFetched(Vec<(DeviceId, u64)>),
    /// Files were fetched by a device's MAC address, for the first time since its window was opened; from where.
    /// Nothing but a line in the journal.
    FirstFetched(Device, IpAddr),
    /// A device registered for the first time since it was added.
    FirstRegistered(Device, IpAddr),
    /// The device is now this, with another secret and with it another owner: what was registered with the old one is
    /// off the line.
    OwnerChanged(Device),
    /// The device's window, its own address for files or its revision are now these.
    ProvisioningChanged(DeviceId, Provisioning),
    /// Somebody was shown the secrets of a device. Nothing but a line in the journal.
    SecretRevealed(Device),
    /// The device is now this, with other secrets: what was registered with the old one is off the line.
    SecretRotated(Device),
    /// Strangers asked for so many files in vain; where the newest came from. Nothing but a line in the journal.
    StrangersAsked(u64, IpAddr),
    /// What all files say of the appliance is now this.
    SurroundingsSeen(Surroundings),
    /// The device is now this: it may fetch its files by its MAC address alone.
    WindowOpened(Device),
}
