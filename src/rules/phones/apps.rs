//! Apps that people set up by themselves: added, set up by a code or by hand, and gone where nobody came.

use std::net::IpAddr;

use super::change::PhoneChange;
use super::device::{Device, DeviceId, Role};
use super::limits;
use super::roster::{self, DeviceToAdd, Issued};
use super::window::Fetched;
use crate::rules::id::AccountId;
use crate::rules::moment::Moment;
use crate::rules::refusal::{Kept, Refusal};
use crate::rules::secret::SealKey;
use crate::rules::time::{Date, Ttl};

/// How long a code works: to install the app first.
pub const CODE: Ttl = Ttl::minutes(15);

/// Adds an app of one's own, which waits for whoever has its code. One that waits already is that app: a code that
/// nobody used leaves none behind.
pub fn add(
    id: DeviceId,
    asked: DeviceToAdd,
    devices: &[Device],
    key: &SealKey,
    moment: &mut Moment,
) -> Result<(Device, Vec<PhoneChange>), Refusal> {
    let until = moment.until(CODE)?;
    let owner = asked.owner.as_ref().map(|owner| owner.account);
    let theirs = |device: &&Device| matches!(device.role, Role::App { owner: whose } if Some(whose) == owner);
    let apps = || devices.iter().filter(theirs);
    if let Some(waiting) = apps().find(|device| device.waits_for_code()) {
        let mut device = waiting.clone();
        device.provisioning.open_until = Some(until);
        let renewed = PhoneChange::ProvisioningChanged(device.id, device.provisioning.clone());
        return Ok((device, vec![renewed]));
    }
    if apps().count() >= limits::OWN_APPS {
        return Err(Refusal::TooMany(Kept::OwnApps));
    }
    let (Issued { mut device, .. }, _) = roster::add(id, asked, devices, key, moment)?;
    device.provisioning.open_until = Some(until);
    Ok((device.clone(), vec![PhoneChange::DeviceAdded(device)]))
}

/// An app fetches its settings by its code. With `again`, who was set up as this device before is off the line.
pub fn set_up(
    device: Option<Device>,
    again: bool,
    from: IpAddr,
    key: &SealKey,
    moment: &mut Moment,
) -> Result<(Device, Vec<PhoneChange>), Refusal> {
    let (mut device, mut changes) = match again {
        true => {
            let (issued, changes) = roster::rotate(device, key, moment)?;
            (issued.device, changes)
        }
        false => (device.ok_or(Refusal::NotFound)?, Vec::new()),
    };
    device.provisioning = device.provisioning.shut();
    device.provisioning.fetched = Some(Fetched { at: moment.now, from });
    changes.push(PhoneChange::AppSetUp(device.clone(), from));
    Ok((device, changes))
}

/// Notes that a code was used once more, after it had set up this app.
pub fn scanned_again(device: Device, from: IpAddr) -> Vec<PhoneChange> {
    vec![PhoneChange::AppCodeUsedAgain(device, from)]
}

/// Shows the secrets of an app of one's own, to be typed by hand, once: those that nobody has seen, else new ones.
pub fn by_hand(
    device: Device,
    owner: AccountId,
    key: &SealKey,
    moment: &mut Moment,
) -> Result<(Issued, Vec<PhoneChange>), Refusal> {
    let device = roster::own_app(Some(device), owner)?;
    let unseen = device.secrets(key).filter(|_| device.waits_for_code());
    let (mut issued, mut changes) = match unseen {
        Some(secrets) => (Issued { device, secrets }, Vec::new()),
        None => roster::rotate(Some(device), key, moment)?,
    };
    issued.device.provisioning = issued.device.provisioning.shut();
    let (id, shut) = (issued.device.id, issued.device.provisioning.clone());
    changes.push(PhoneChange::ProvisioningChanged(id, shut));
    changes.push(PhoneChange::SecretRevealed(issued.device.clone()));
    Ok((issued, changes))
}

/// The apps whose codes nobody used in time are deleted. `registered`: whether a device ever was on the line.
pub fn unused(devices: &[Device], registered: impl Fn(DeviceId) -> bool, now: Date) -> Vec<PhoneChange> {
    let nobody_came =
        |device: &&Device| device.waits_for_code() && !device.provisioning.is_open(now) && !registered(device.id);
    let left = devices.iter().filter(nobody_came);
    left.map(|device| PhoneChange::DeviceDeleted(device.clone())).collect()
}
