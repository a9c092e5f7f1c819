//! A box that serves several people, as the base of a DECT system does: one window, one address of its own, one file.

use super::change::PhoneChange;
use super::device::{Device, DeviceId, Hardware};
use super::limits;
use super::provisioning;
use super::window::{Provisioning, WINDOW};
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::moment::Moment;
use crate::rules::refusal::{Kept, Refusal};
use crate::rules::time::Date;

/// The other devices in a device's box.
fn others<'a>(id: DeviceId, hardware: &Hardware, devices: &'a [Device]) -> impl Iterator<Item = &'a Device> {
    let mac = hardware.mac;
    devices
        .iter()
        .filter(move |device| device.id != id && mac.is_some() && device.hardware.mac == mac)
}

/// How a device that comes into a box fetches its files. Into one that serves somebody already: as that one does, with
/// no window of its own, for the box has all that it needs. Into a new one: in a window. `before`: the revision that it
/// had so far.
pub(super) fn entered(
    id: DeviceId,
    hardware: &Hardware,
    before: u64,
    devices: &[Device],
    moment: &Moment,
) -> Result<Provisioning, Refusal> {
    let newest = others(id, hardware, devices).max_by_key(|device| device.provisioning.revision);
    let as_there = newest.map_or_else(Provisioning::default, |there| Provisioning {
        other_fetched: None,
        ..there.provisioning.clone()
    });
    let revision = as_there.revision.max(before);
    let provisioning = Provisioning { revision, ..as_there }.revised(moment.now);
    match (hardware.mac, newest) {
        (Some(_), None) => provisioning.opened(WINDOW, moment),
        _ => Ok(provisioning),
    }
}

/// What becomes of the other devices in a box that a device comes into or leaves: their file says something else.
pub(super) fn others_revised(id: DeviceId, hardware: &Hardware, devices: &[Device], now: Date) -> Vec<PhoneChange> {
    let theirs = others(id, hardware, devices);
    theirs
        .map(|device| PhoneChange::ProvisioningChanged(device.id, device.provisioning.revised(now)))
        .collect()
}

/// One box is one device, unless it is said to serve several people, and as many as its make can; its other address is
/// that box's alone. A box whose make nobody knows would never be served.
pub(super) fn is_free(id: DeviceId, hardware: &Hardware, shares_mac: bool, devices: &[Device]) -> Result<(), Refusal> {
    let elsewhere = || devices.iter().filter(|device| device.id != id);
    if let Some(other) = hardware.other_mac {
        if hardware.mac.is_none() {
            return Err(Invalid::new(Field::Mac, Why::NotMac).into());
        }
        if hardware.mac == Some(other) || elsewhere().any(|device| device.hardware.has(other)) {
            return Err(Invalid::new(Field::OtherMac, Why::MacTaken).into());
        }
    }
    let Some(mac) = hardware.mac else {
        return Ok(());
    };
    if elsewhere().any(|device| device.hardware.other_mac == Some(mac)) {
        return Err(Invalid::new(Field::Mac, Why::MacTaken).into());
    }
    let Some(make) = provisioning::made(hardware) else {
        return Err(Invalid::new(Field::Make, Why::MakeUnknown).into());
    };
    let there = others(id, hardware, devices).count();
    if there > 0 && !shares_mac {
        return Err(Invalid::new(Field::Mac, Why::MacTaken).into());
    }
    if there >= limits::LINES_OF_ONE_MAC {
        return Err(Refusal::TooMany(Kept::LinesOfOneMac));
    }
    // The file is of the make of the first that came.
    let makes = others(id, hardware, devices).filter_map(|device| provisioning::made(&device.hardware));
    let most = makes.map(|make| make.accounts).fold(make.accounts, usize::min);
    if there >= most {
        return Err(Invalid::new(Field::Mac, Why::BoxFull).into());
    }
    Ok(())
}
