//! Shared desks: a phone that is the extension of whoever sits at it.

use super::change::PhoneChange;
use super::device::{Device, DeviceId, Role, Sitting};
use crate::rules::id::AccountId;
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::moment::Moment;
use crate::rules::people::session::By;
use crate::rules::people::session::Session;
use crate::rules::refusal::Refusal;
use crate::rules::time::{Date, Ttl};

/// The longest that somebody sits at a desk without signing in again.
pub const LONGEST: Ttl = Ttl::hours(24);

/// Makes the desk somebody's until then. It takes a passkey, proved a moment ago, however the session was opened: no
/// password, no link.
pub fn take(
    desk: Option<Device>,
    session: &Session,
    length: Ttl,
    moment: &Moment,
) -> Result<(Sitting, Vec<PhoneChange>), Refusal> {
    let desk = desk.filter(Device::is_desk).ok_or(Refusal::NotFound)?;
    if session.proved_by != By::Passkey {
        return Err(Refusal::PasskeyNeeded);
    }
    session.recently_proved(moment.now)?;
    if length.0 == 0 || length > LONGEST {
        return Err(Invalid::new(Field::Until, Why::SittingTooLong).into());
    }
    let sitting = Sitting {
        who: session.account,
        until: moment.until(length)?,
    };
    Ok((sitting, vec![PhoneChange::DeskTaken(desk, sitting)]))
}

/// Makes the desk free: whoever sits there, or an administrator (`by` none), may do so.
pub fn leave(desk: Option<Device>, by: Option<AccountId>) -> Result<((), Vec<PhoneChange>), Refusal> {
    let desk = desk.ok_or(Refusal::NotFound)?;
    let sitting = sitting(&desk).ok_or(Refusal::NotFound)?;
    if by.is_some_and(|who| who != sitting.who) {
        return Err(Refusal::NotFound);
    }
    Ok(((), vec![PhoneChange::DeskLeft(desk, sitting.who)]))
}

/// Who sits at a desk now.
pub fn sitter(desk: &Device, now: Date) -> Option<AccountId> {
    let sitting = sitting(desk).filter(|sitting| now < sitting.until)?;
    Some(sitting.who)
}

/// What becomes of a desk whose sitter's time is over.
pub fn over(desk: &Device, now: Date) -> Option<PhoneChange> {
    let sitting = sitting(desk).filter(|sitting| now >= sitting.until)?;
    Some(PhoneChange::DeskLeft(desk.clone(), sitting.who))
}

/// What else becomes of devices when somebody takes a desk: the others where they sit are left, and the files of all of
/// these say another name.
pub fn elsewhere(devices: &[Device], desk: DeviceId, who: AccountId, now: Date) -> Vec<PhoneChange> {
    let sits = |device: &&Device| sitting(device).is_some_and(|sitting| sitting.who == who);
    let others = devices.iter().filter(|device| device.id != desk).filter(sits);
    let left = others.flat_map(|device| [PhoneChange::DeskLeft(device.clone(), who), revised(device, now)]);
    let taken = devices.iter().filter(|device| device.id == desk);
    left.chain(taken.map(|device| revised(device, now))).collect()
}

/// The files of a desk that was taken or left say another name.
pub fn revised(desk: &Device, now: Date) -> PhoneChange {
    PhoneChange::ProvisioningChanged(desk.id, desk.provisioning.revised(now))
}

/// The desks of those whose time is over are free.
pub fn all_over(devices: &[Device], now: Date) -> Vec<PhoneChange> {
    let ended = devices
        .iter()
        .filter_map(|device| Some((over(device, now)?, revised(device, now))));
    ended.flat_map(|(left, revised)| [left, revised]).collect()
}

fn sitting(desk: &Device) -> Option<Sitting> {
    match desk.role {
        Role::Desk { sitting, .. } => sitting,
        Role::App { .. } | Role::Phone { .. } => None,
    }
}
