//! Changes of devices → rows.

use super::put_number;
use crate::rules::phones::change::PhoneChange;
use crate::rules::phones::device::{Device, DeviceId, Role, Sitting};
use crate::rules::phones::fetch::FetchedRevisions;
use crate::rules::phones::joined::JoinedAddresses;
use crate::rules::phones::saved::LinePlace;
use crate::store::{Facts, Fault, tables};

pub(super) fn apply(facts: &mut Facts<'_>, change: &PhoneChange) -> Result<(), Fault> {
    match change {
        PhoneChange::AddressChanged(device, from) | PhoneChange::FirstRegistered(device, from) => {
            change_place(facts, device.id, |place| place.told = Some(*from))
        }
        PhoneChange::BindingsSaved(id, bindings) => {
            change_place(facts, *id, |place| place.bindings.clone_from(bindings))
        }
        PhoneChange::DeskLeft(desk, _) => sit(facts, desk.id, None),
        PhoneChange::DeskTaken(desk, sitting) => sit(facts, desk.id, Some(*sitting)),
        PhoneChange::DeviceAdded(device) => {
            let next = device.id.0.saturating_add(1).max(facts.next_device()?.0);
            put_number(facts, tables::META_NEXT_DEVICE, next)?;
            keep(facts, device)
        }
        PhoneChange::AppSetUp(device, _)
        | PhoneChange::DeviceChanged(device, _)
        | PhoneChange::WindowOpened(device) => keep(facts, device),
        PhoneChange::DeviceDeleted(device) => {
            facts.0.line.remove(device.id.0)?;
            change_fetched(facts, |fetched| fetched.0.retain(|id, _| *id != device.id))?;
            change_joined(facts, |joined| joined.0.retain(|id, _| *id != device.id))?;
            facts.0.devices.remove(device.id.0).map(drop)
        }
        PhoneChange::FilesFetched(revisions) => {
            let mut there = Vec::new();
            for (id, revision) in revisions {
                if facts.device(*id)?.is_some() {
                    there.push((*id, *revision));
                }
            }
            change_fetched(facts, |fetched| fetched.0.extend(there))
        }
        PhoneChange::OwnerChanged(device) | PhoneChange::SecretRotated(device) => {
            change_place(facts, device.id, |place| place.bindings.clear())?;
            keep(facts, device)
        }
        PhoneChange::ProvisioningChanged(id, provisioning) => change_device(facts, *id, |device| {
            device.provisioning = provisioning.clone();
        }),
        PhoneChange::SurroundingsSeen(seen) => facts.0.meta.keep(tables::META_SURROUNDINGS, seen),
        PhoneChange::AppCodeUsedAgain(..)
        | PhoneChange::Exported(_)
        | PhoneChange::Failing(..)
        | PhoneChange::FirstFetched(..)
        | PhoneChange::SecretRevealed(_)
        | PhoneChange::StrangersAsked(..) => Ok(()),
    }
}

fn keep(facts: &mut Facts<'_>, device: &Device) -> Result<(), Fault> {
    change_joined(facts, |joined| joined.note(device))?;
    facts.0.devices.keep(device.id.0, device)
}

/// Changes what is kept of second MAC addresses; the same again is not written.
fn change_joined(facts: &mut Facts<'_>, change: impl FnOnce(&mut JoinedAddresses)) -> Result<(), Fault> {
    let before = facts.joined_addresses()?;
    let mut joined = before.clone();
    change(&mut joined);
    if joined == before {
        return Ok(());
    }
    facts.0.meta.keep(tables::META_JOINED, &joined)
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

/// Changes in which revisions devices fetched their files; the same again is not written.
fn change_fetched(facts: &mut Facts<'_>, change: impl FnOnce(&mut FetchedRevisions)) -> Result<(), Fault> {
    let before = facts.fetched_revisions()?;
    let mut fetched = before.clone();
    change(&mut fetched);
    if fetched == before {
        return Ok(());
    }
    facts.0.meta.keep(tables::META_FETCHED, &fetched)
}

/// Changes what is kept of a device's place on the line; nothing for one that was deleted meanwhile.
fn change_place(facts: &mut Facts<'_>, id: DeviceId, change: impl FnOnce(&mut LinePlace)) -> Result<(), Fault> {
    if facts.device(id)?.is_none() {
        return Ok(());
    }
    let nothing = LinePlace {
        device: id,
        told: None,
        bindings: Vec::new(),
    };
    let before = facts.line_place(id)?.unwrap_or(nothing);
    let mut place = before.clone();
    change(&mut place);
    if place == before {
        return Ok(());
    }
    facts.0.line.keep(id.0, &place)
}
