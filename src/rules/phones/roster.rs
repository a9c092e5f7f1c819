//! The office's devices: added, changed, given new secrets, deleted.

use super::boxes;
use super::change::PhoneChange;
use super::device::{
    Algorithm, Device, DeviceId, DeviceKind, DeviceSecret, DigestName, Hardware, MenuPassword, Role, Secrets,
};
use super::limits;
use super::surroundings::Surroundings;
use crate::rules::id::{AccountId, DisplayName, Extension};
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::moment::Moment;
use crate::rules::office::difference::Difference;
use crate::rules::refusal::{Kept, Refusal};
use crate::rules::secret::SealKey;
use crate::rules::time::Date;

/// The owner of a device: a person with their extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Who.
    pub account: AccountId,
    /// Their number: the first part of the device's name.
    pub extension: Extension,
}

/// What somebody says about a device to be added.
pub struct DeviceToAdd {
    /// What it is.
    pub kind: DeviceKind,
    /// Whose; a shared desk may be nobody's.
    pub owner: Option<Owner>,
    /// What people call it.
    pub label: DisplayName,
    /// The hash of its digest.
    pub algorithm: Algorithm,
    /// The box.
    pub hardware: Hardware,
    /// Whether the box is meant to serve several people, as the base of a DECT system does.
    pub shares_mac: bool,
}

/// A device just added or given other secrets.
#[derive(Debug)]
pub struct Issued {
    /// The row.
    pub device: Device,
    /// Its secrets, for whoever may see them.
    pub secrets: Secrets,
}

/// What somebody changes about a device; what is none stays.
#[derive(Default)]
pub struct Changed {
    /// Another name.
    pub label: Option<DisplayName>,
    /// Another owner.
    pub owner: Option<Owner>,
    /// Another hash.
    pub algorithm: Option<Algorithm>,
    /// Another box.
    pub hardware: Option<Hardware>,
    /// Whether the box is meant to serve several people.
    pub shares_mac: bool,
}

/// Adds a device, whose number is `id`, to the office's `devices`.
pub fn add(
    id: DeviceId,
    asked: DeviceToAdd,
    devices: &[Device],
    key: &SealKey,
    moment: &mut Moment,
) -> Result<(Issued, Vec<PhoneChange>), Refusal> {
    if devices.len() >= limits::DEVICES {
        return Err(Refusal::TooMany(Kept::Devices));
    }
    let account = asked.owner.as_ref().map(|owner| owner.account);
    let role = match (asked.kind, account) {
        (DeviceKind::App, Some(owner)) => Role::App { owner },
        (DeviceKind::Phone, Some(owner)) => Role::Phone { owner },
        (DeviceKind::Desk, home) => Role::Desk { home, sitting: None },
        (DeviceKind::App | DeviceKind::Phone, None) => {
            return Err(Invalid::new(Field::Extension, Why::NoOwner).into());
        }
    };
    room_with(account, devices)?;
    boxes::is_free(id, &asked.hardware, asked.shares_mac, devices)?;
    let username = free_name(asked.owner.as_ref(), devices, moment)?;
    let secrets = Secrets::fresh(&mut moment.fresh);
    let provisioning = boxes::entered(id, &asked.hardware, 0, devices, moment)?;
    let device = Device {
        id,
        role,
        label: asked.label,
        sealed: secrets.seal(id, &username, key, &mut moment.fresh),
        username,
        algorithm: asked.algorithm,
        hardware: asked.hardware,
        created: moment.now,
        provisioning,
    };
    let mut changes = vec![PhoneChange::DeviceAdded(device.clone())];
    changes.extend(boxes::others_revised(id, &device.hardware, devices, moment.now));
    Ok((Issued { device, secrets }, changes))
}

/// Under the names that the API has for them.
fn difference(before: &Device, after: &Device) -> Difference {
    Difference::default()
        .between("label", &before.label, &after.label)
        .altered("algorithm", &before.algorithm, &after.algorithm)
        .altered("mac and make", &before.hardware, &after.hardware)
}

/// Whether its files say something else: they do not say by which address they were asked for.
fn says_else(before: &Device, after: &Device) -> bool {
    let mut before = before.clone();
    before.hardware.other_mac = after.hardware.other_mac;
    before.provisioning = after.provisioning.clone();
    before != *after
}

/// Changes a device. Another owner gets another name and other secrets: the one before may have seen them.
pub fn change(
    device: Option<Device>,
    changed: Changed,
    devices: &[Device],
    key: &SealKey,
    moment: &mut Moment,
) -> Result<(Device, Vec<PhoneChange>), Refusal> {
    let before = device.ok_or(Refusal::NotFound)?;
    let mut device = before.clone();
    if let Some(hardware) = changed.hardware {
        // Whoever is in a box with others stays there.
        let stays = hardware.mac == before.hardware.mac;
        boxes::is_free(device.id, &hardware, changed.shares_mac || stays, devices)?;
        if hardware.other_mac != device.hardware.other_mac {
            device.provisioning.other_fetched = None;
        }
        device.hardware = hardware;
    }
    device.label = changed.label.unwrap_or(device.label);
    device.algorithm = changed.algorithm.unwrap_or(device.algorithm);
    let new_owner = changed.owner.filter(|owner| Some(owner.account) != device.owner());
    if device == before && new_owner.is_none() {
        return Ok((device, Vec::new()));
    }
    let mut others = Vec::new();
    if device.hardware.mac != before.hardware.mac {
        // The address of the box that it was in is none of its new one's.
        let revision = before.provisioning.revision;
        device.provisioning = boxes::entered(device.id, &device.hardware, revision, devices, moment)?;
        for hardware in [&before.hardware, &device.hardware] {
            others.extend(boxes::others_revised(device.id, hardware, devices, moment.now));
        }
    } else if new_owner.is_some() || says_else(&before, &device) {
        device.provisioning = device.provisioning.revised(moment.now);
    }
    let Some(owner) = new_owner else {
        let altered = difference(&before, &device);
        let changed = PhoneChange::DeviceChanged(device.clone(), altered);
        return Ok((device, std::iter::once(changed).chain(others).collect()));
    };
    room_with(Some(owner.account), devices)?;
    device.role = match device.role {
        Role::App { .. } => Role::App { owner: owner.account },
        Role::Phone { .. } => Role::Phone { owner: owner.account },
        Role::Desk { sitting, .. } => Role::Desk {
            home: Some(owner.account),
            sitting,
        },
    };
    device.username = free_name(Some(&owner), devices, moment)?;
    let secrets = Secrets::fresh(&mut moment.fresh);
    device.sealed = secrets.seal(device.id, &device.username, key, &mut moment.fresh);
    let changed = PhoneChange::OwnerChanged(device.clone());
    Ok((device, std::iter::once(changed).chain(others).collect()))
}

/// Gives a device other secrets under its old name.
pub fn rotate(
    device: Option<Device>,
    key: &SealKey,
    moment: &mut Moment,
) -> Result<(Issued, Vec<PhoneChange>), Refusal> {
    let issued = with_other_secrets(device.ok_or(Refusal::NotFound)?, key, moment);
    let changes = vec![PhoneChange::SecretRotated(issued.device.clone())];
    Ok((issued, changes))
}

/// Gives all devices other secrets, in one transaction: after a key was lost, or may have been seen.
pub fn rotate_all(
    devices: Vec<Device>,
    key: &SealKey,
    moment: &mut Moment,
) -> Result<(usize, Vec<PhoneChange>), Refusal> {
    let count = devices.len();
    let changes = devices
        .into_iter()
        .map(|device| PhoneChange::SecretRotated(with_other_secrets(device, key, moment).device))
        .collect();
    Ok((count, changes))
}

/// Shows a device's secrets. Whoever asks has proved who they are a moment ago; that is the caller's to see.
pub fn reveal(device: Option<Device>, key: &SealKey) -> Result<(Issued, Vec<PhoneChange>), Refusal> {
    let device = device.ok_or(Refusal::NotFound)?;
    let secrets = device
        .secrets(key)
        .ok_or(Invalid::new(Field::Secret, Why::SealedElsewhere))?;
    let mut changes = vec![PhoneChange::SecretRevealed(device.clone())];
    if device.waits_for_code() {
        // Whoever types them in needs no code any more, and the device stays.
        changes.push(PhoneChange::ProvisioningChanged(device.id, device.provisioning.shut()));
    }
    Ok((Issued { device, secrets }, changes))
}

/// Gives a device the SIP password that its owner typed, where the office lets people do so (`allowed`; SPEC §2). What
/// opens its menu stays. A shared desk is nobody's own.
pub fn choose(
    device: Option<Device>,
    owner: AccountId,
    typed: String,
    allowed: bool,
    key: &SealKey,
    moment: &mut Moment,
) -> Result<((), Vec<PhoneChange>), Refusal> {
    if !allowed {
        return Err(Refusal::NotAllowed);
    }
    let mut device = device
        .filter(|device| device.owner() == Some(owner) && !device.is_desk())
        .ok_or(Refusal::NotFound)?;
    let secrets = Secrets {
        sip: DeviceSecret::judge(typed, &device.username)?,
        menu: device
            .menu(key)
            .unwrap_or_else(|| MenuPassword::fresh(&mut moment.fresh)),
    };
    device.sealed = secrets.seal(device.id, &device.username, key, &mut moment.fresh);
    device.provisioning = device.provisioning.revised(moment.now);
    Ok(((), vec![PhoneChange::SecretRotated(device)]))
}

/// What becomes of devices when the settings change what all files say.
pub fn all_revised(devices: &[Device], now: Date) -> Vec<PhoneChange> {
    let revised = |device: &Device| PhoneChange::ProvisioningChanged(device.id, device.provisioning.revised(now));
    devices.iter().map(revised).collect()
}

/// What becomes of devices whose files say `seen` of the appliance, and said `before` when that was last looked at:
/// another revision, so that phones are told, and take the file where they want a higher version. The first look finds
/// nothing changed.
pub fn looked_around(
    before: Option<Surroundings>,
    seen: Surroundings,
    devices: &[Device],
    now: Date,
) -> Vec<PhoneChange> {
    if before == Some(seen) {
        return Vec::new();
    }
    let revised = before.map(|_| all_revised(devices, now));
    let noted = [PhoneChange::SurroundingsSeen(seen)];
    noted.into_iter().chain(revised.into_iter().flatten()).collect()
}

/// Notes that somebody was given what stands for the secrets of all these devices.
pub fn export(devices: &[Device]) -> Vec<PhoneChange> {
    vec![PhoneChange::Exported(devices.len())]
}

/// An app of one's own, to be removed or set up again.
pub fn own_app(device: Option<Device>, owner: AccountId) -> Result<Device, Refusal> {
    let is_theirs = |device: &Device| device.role == Role::App { owner };
    device.filter(is_theirs).ok_or(Refusal::NotFound)
}

/// Deletes an app of one's own.
pub fn remove_app(
    device: Option<Device>,
    owner: AccountId,
    devices: &[Device],
    now: Date,
) -> Result<((), Vec<PhoneChange>), Refusal> {
    delete(Some(own_app(device, owner)?), devices, now)
}

/// Deletes a device. Others in the same box stay, and the box's own address for files with them.
pub fn delete(device: Option<Device>, devices: &[Device], now: Date) -> Result<((), Vec<PhoneChange>), Refusal> {
    let device = device.ok_or(Refusal::NotFound)?;
    let others = boxes::others_revised(device.id, &device.hardware, devices, now);
    let deleted = PhoneChange::DeviceDeleted(device);
    Ok(((), std::iter::once(deleted).chain(others).collect()))
}

/// What becomes of the office's devices when an account goes: its own go with it, a desk where it sits is left, and a
/// desk whose home it was stays as nobody's. A desk's name and secrets stay: nobody but its phone has them.
pub fn without(account: AccountId, devices: &[Device], now: Date) -> Vec<PhoneChange> {
    let goes = |device: &&Device| !device.is_desk() && device.owner() == Some(account);
    let others = |gone: &Device| boxes::others_revised(gone.id, &gone.hardware, devices, now);
    let stay: Vec<PhoneChange> = devices.iter().filter(goes).flat_map(others).collect();
    let of_one = |device: &Device| match device.role {
        Role::App { owner } | Role::Phone { owner } if owner == account => {
            Some(PhoneChange::DeviceDeleted(device.clone()))
        }
        Role::App { .. } | Role::Phone { .. } => None,
        Role::Desk { home, sitting } => {
            let stays = sitting.filter(|sitting| sitting.who != account);
            if home == Some(account) {
                let role = Role::Desk {
                    home: None,
                    sitting: stays,
                };
                let freed = Device { role, ..device.clone() };
                return Some(PhoneChange::DeviceChanged(freed, Difference::default()));
            }
            (stays != sitting).then_some(PhoneChange::DeskLeft(device.clone(), account))
        }
    };
    devices.iter().filter_map(of_one).chain(stay).collect()
}

/// The devices whose secrets this key does not open: sealed under a key that was lost, or brought here with another's
/// store.
pub fn unreadable<'a>(devices: &'a [Device], key: &SealKey) -> impl Iterator<Item = &'a Device> {
    devices.iter().filter(|device| device.secrets(key).is_none())
}

fn with_other_secrets(mut device: Device, key: &SealKey, moment: &mut Moment) -> Issued {
    let secrets = Secrets::fresh(&mut moment.fresh);
    device.sealed = secrets.seal(device.id, &device.username, key, &mut moment.fresh);
    device.provisioning = device.provisioning.revised(moment.now);
    Issued { device, secrets }
}

fn room_with(account: Option<AccountId>, devices: &[Device]) -> Result<(), Refusal> {
    let theirs = devices.iter().filter(|device| device.owner() == account).count();
    if account.is_some() && theirs >= limits::DEVICES_OF_ONE {
        return Err(Refusal::TooMany(Kept::Devices));
    }
    Ok(())
}

/// A name that no device has. With 2²⁴ suffixes and 4,000 devices one throw in 4,000 hits a taken one at worst: eight
/// in a row are the sign of broken dice.
fn free_name(owner: Option<&Owner>, devices: &[Device], moment: &mut Moment) -> Result<DigestName, Refusal> {
    let extension = owner.map(|owner| &owner.extension);
    (0..8)
        .map(|_| DigestName::fresh(extension, &mut moment.fresh))
        .find(|name| devices.iter().all(|device| device.username != *name))
        .ok_or(Refusal::Taken(Field::Username))
}
