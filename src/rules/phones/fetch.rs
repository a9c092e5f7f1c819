//! Phones fetch their files: who may, and what is noted of it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::change::PhoneChange;
use super::device::{Device, DeviceId};
use super::provisioning::handout::Stage;
use super::window::{By, Provisioning, WINDOW};
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::limits;
use crate::rules::moment::Moment;
use crate::rules::people::access::is_near;
use crate::rules::refusal::Refusal;
use crate::rules::secret::{SealKey, Token};
use crate::rules::time::{Date, Ttl};

/// Who asks for a file by a MAC address, and over what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetcher {
    /// From where.
    pub from: IpAddr,
    /// Whether phones may be beyond the LAN.
    pub from_anywhere: bool,
    /// What they may be told.
    pub stage: Stage,
    /// By which of the box's addresses.
    pub by: By,
}

/// Whether whoever knows this device's MAC address may fetch its files now: in the window, on the LAN, and after the
/// first fetch by that MAC address from that one's address alone.
pub fn may(device: &Device, fetcher: Fetcher, now: Date) -> bool {
    let first = device.provisioning.first_by(fetcher.by).map(|fetched| fetched.from);
    device.provisioning.is_open(now)
        && (fetcher.from_anywhere || is_near(fetcher.from))
        && first.is_none_or(|first| first == fetcher.from)
}

/// A fetch by the MAC address of the box that these devices are in: the token of the box's own address, where it is
/// told that one, and what is to be noted. The token follows from the window, so that a phone that fetches again gets
/// the same file, and nothing is written. All devices of a box have the same address, so that it outlives each of them.
pub fn by_mac(
    in_the_box: &[Device],
    fetcher: Fetcher,
    key: &SealKey,
    now: Date,
) -> Result<(Option<Token>, Vec<PhoneChange>), Refusal> {
    let lead = in_the_box
        .iter()
        .find(|device| may(device, fetcher, now))
        .ok_or(Refusal::NotFound)?;
    let own = (fetcher.stage == Stage::Whole).then(|| own_address(lead, key));
    let mut changes = Vec::new();
    if lead.provisioning.first_by(fetcher.by).is_none() {
        changes.push(PhoneChange::FirstFetched(lead.clone(), fetcher.from));
    }
    for device in in_the_box {
        let mut after = device.provisioning.clone();
        if after.is_open(now) {
            after = after.fetched(fetcher.from, fetcher.by, own.as_ref(), now);
        } else if let Some(own) = &own {
            after.own_address = Some(own.hash());
        }
        changes.extend(noted(device, after));
    }
    Ok((own, changes))
}

/// A fetch of its settings by the box's own address: it has that one, so the windows of all devices in it are shut.
pub fn by_own_address(in_the_box: &[Device]) -> Vec<PhoneChange> {
    let open = in_the_box
        .iter()
        .filter(|device| device.provisioning.open_until.is_some());
    open.flat_map(|device| noted(device, device.provisioning.shut()))
        .collect()
}

/// The revision in which each device last fetched its files; a device that never did is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FetchedRevisions(pub BTreeMap<DeviceId, u64>);

impl FetchedRevisions {
    /// Whether the device's files say something else than those that it fetched.
    pub fn is_behind(&self, device: &Device) -> bool {
        let fetched = self.0.get(&device.id);
        fetched.is_some_and(|revision| *revision != device.provisioning.revision)
    }
}

/// Devices were handed their files in these revisions.
pub fn handed(revisions: Vec<(DeviceId, u64)>) -> Vec<PhoneChange> {
    let is_news = !revisions.is_empty();
    is_news
        .then_some(PhoneChange::FilesFetched(revisions))
        .into_iter()
        .collect()
}

/// Opens a device's window for so many hours, or for the usual time. A phone that has its files already (`fetched`)
/// need not fetch them again for that: they say nothing else.
pub fn open(
    device: Option<Device>,
    hours: Option<u64>,
    fetched: &FetchedRevisions,
    moment: &Moment,
) -> Result<(Device, Vec<PhoneChange>), Refusal> {
    let mut device = device.ok_or(Refusal::NotFound)?;
    if device.hardware.mac.is_none() {
        return Err(Invalid::new(Field::Mac, Why::NotMac).into());
    }
    let length = match hours {
        None => WINDOW,
        Some(hours) if limits::WINDOW_HOURS.contains(&hours) => Ttl::hours(hours),
        Some(_) => return Err(Invalid::new(Field::Hours, Why::OutOfRange).into()),
    };
    let has_them = fetched.0.get(&device.id) == Some(&device.provisioning.revision);
    device.provisioning = device.provisioning.opened(length, moment)?;
    let mut changes = vec![PhoneChange::WindowOpened(device.clone())];
    if has_them {
        changes.extend(handed(vec![(device.id, device.provisioning.revision)]));
    }
    Ok((device, changes))
}

/// A line of the journal for all that strangers asked for in vain since the last one; where the newest came from.
pub fn strangers(count: u64, newest: IpAddr) -> Vec<PhoneChange> {
    vec![PhoneChange::StrangersAsked(count, newest)]
}

fn own_address(device: &Device, key: &SealKey) -> Token {
    let opened = device.provisioning.open_until.unwrap_or_default();
    let value = format!("{} {} {}", device.id.0, device.username, opened.0);
    key.token("phone's own address", &value)
}

fn noted(device: &Device, after: Provisioning) -> Vec<PhoneChange> {
    let is_news = after != device.provisioning;
    is_news
        .then_some(PhoneChange::ProvisioningChanged(device.id, after))
        .into_iter()
        .collect()
}
