//! Changes of devices → rows.

use super::put_number;
use crate::rules::phones::change::PhoneChange;
use crate::rules::phones::device::{Device, DeviceId, Role, Sitting};
use crate::store::{Facts, Fault, tables};

pub(super) fn apply(facts: &mut Facts<'_>, change: &PhoneChange) -> Result<(), Fault> {
    match change {
        PhoneChange::DeskLeft(id, _) => sit(facts, *id, None),
        PhoneChange::DeskTaken(id, sitting) => sit(facts, *id, Some(*sitting)),
        PhoneChange::DeviceAdded(device) => {
            let next = device.id.0.saturating_add(1).max(facts.next_device()?.0);
            put_number(facts, tables::META_NEXT_DEVICE, next)?;
            keep(facts, device)
        }
        PhoneChange::DeviceChanged(device) | PhoneChange::OwnerChanged(device) | PhoneChange::SecretRotated(device) => {
            keep(facts, device)
        }
        PhoneChange::DeviceDeleted(device) => facts.0.devices.remove(device.id.0).map(drop),
        PhoneChange::ProvisioningChanged(id, provisioning) => change_device(facts, *id, |device| {
            device.provisioning = provisioning.clone();
        }),
        PhoneChange::Exported(_) | PhoneChange::SecretRevealed(_) => Ok(()),
    }
}

fn keep(facts: &mut Facts<'_>, device: &Device) -> Result<(), Fault> {
    facts.0.devices.keep(device.id.0, device)
}

fn sit(facts: &mut Facts<'_>, id: DeviceId, sits: Option<Sitting>) -> Result<(), Fault> {
    change_device(facts, id, |device| {
        if let Role::Desk { sitting, .. } = &mut device.role {
            *sitting = sits;
        }
    })
}

fn change_device(facts: &mut Facts<'_>, id: DeviceId, change: impl FnOnce(&mut Device)) -> Result<(), Fault> {
    let Some(mut device) = facts.device(id)? else {
        return Ok(());
    };
    change(&mut device);
    keep(facts, &device)
}
