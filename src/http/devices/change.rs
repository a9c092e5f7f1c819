//! Devices are added, changed and deleted.

use serde::Deserialize;

use super::device::{AlgorithmJson, DeviceJson, KindJson, MakeJson, named, tag};
use crate::http::front::call::Call;
use crate::http::front::etag::{self, IfMatch};
use crate::http::front::reply::{self, Answer, Failure};
use crate::rules::id::{DisplayName, Extension};
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::phones::device::{self, Device, DeviceKind, Hardware, Mac};
use crate::rules::phones::roster::{self, Changed, DeviceToAdd, Owner};
use crate::rules::refusal::Refusal;
use crate::rules::verdict::Verdict;
use crate::store::{Facts, Fault};

#[derive(Deserialize)]
struct NewDevice {
    /// Whose; a shared desk may be nobody's.
    extension: Option<String>,
    #[serde(flatten)]
    card: Card,
}

/// What can be said about a device of somebody.
#[derive(Deserialize)]
struct Card {
    label: Option<String>,
    #[serde(default)]
    kind: KindJson,
    algorithm: Option<AlgorithmJson>,
    #[serde(flatten)]
    box_of: BoxJson,
}

/// What can be said about a phone's box; what is left out stays, and an empty text is none.
#[derive(Deserialize)]
struct BoxJson {
    mac: Option<String>,
    other_mac: Option<String>,
    make: Option<MakeJson>,
    model: Option<String>,
    /// The box is meant to serve several people.
    #[serde(default)]
    shares_mac: bool,
}

#[derive(Deserialize)]
struct ChangedDevice {
    label: Option<String>,
    extension: Option<String>,
    algorithm: Option<AlgorithmJson>,
    #[serde(flatten)]
    box_of: BoxJson,
}

impl BoxJson {
    fn over(&self, before: Hardware) -> Result<Hardware, Invalid> {
        let address = |field, said: &Option<String>, before| match said.as_deref().map(str::trim) {
            None => Ok(before),
            Some("") => Ok(None),
            Some(text) => Mac::parse(text)
                .map(Some)
                .map_err(|invalid| Invalid::new(field, invalid.why)),
        };
        let mac = address(Field::Mac, &self.mac, before.mac)?;
        // What has no first address has no other one either, unless somebody says so.
        let other_before = before.other_mac.filter(|_| mac.is_some());
        let other_mac = address(Field::OtherMac, &self.other_mac, other_before)?;
        let model = match &self.model {
            None => before.model,
            Some(text) => device::model(text)?,
        };
        let make = self.make.map(Into::into).or(before.make);
        Ok(Hardware {
            mac,
            other_mac,
            make,
            model,
        })
    }
}

impl Card {
    fn asked(self, owner: Option<Owner>) -> Result<DeviceToAdd, Invalid> {
        let kind = DeviceKind::from(self.kind);
        let label = self.label.as_deref().map(str::trim).filter(|label| !label.is_empty());
        Ok(DeviceToAdd {
            label: DisplayName::parse(label.unwrap_or_else(|| usual_label(kind)))?,
            kind,
            owner,
            algorithm: self.algorithm.unwrap_or_default().into(),
            hardware: self.box_of.over(Hardware::default())?,
            shares_mac: self.box_of.shares_mac,
        })
    }
}

fn usual_label(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::App => "App",
        DeviceKind::Desk => "Shared desk",
        DeviceKind::Phone => "Phone",
    }
}

/// Adds a device to the office.
pub async fn add(call: Call) -> Answer {
    let said: NewDevice = call.message()?;
    let extension = parsed(said.extension.as_deref())?;
    add_with(&call, extension, said.card).await
}

/// Adds a device to the person whom the path names.
pub async fn add_to_person(call: Call) -> Answer {
    let card: Card = call.message()?;
    let person = call.subject()?.account.clone();
    let extension = Extension::parse(person.username())?;
    add_with(&call, Some(extension), card).await
}

async fn add_with(call: &Call, extension: Option<Extension>, card: Card) -> Answer {
    // What does not hold is said before the writer is asked.
    let asked = card.asked(None)?;
    let (office, key) = (call.office(), call.office().key.clone());
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let owner = match owner(facts, extension)? {
            Ok(owner) => owner,
            Err(invalid) => return Ok(Verdict::no(invalid.into())),
        };
        let asked = DeviceToAdd { owner, ..asked };
        Ok(roster::add(facts.next_device()?, asked, &facts.devices()?, &key, moment).into())
    });
    let issued = turn.await??;
    Ok(reply::created(&shown(call, &issued.device)?))
}

/// Changes a device. Another owner's device has another name and another secret.
pub async fn change(call: Call) -> Answer {
    let (said, id): (ChangedDevice, _) = (call.message()?, named(&call)?);
    let extension = parsed(said.extension.as_deref())?;
    let label = said.label.as_deref().map(DisplayName::parse).transpose()?;
    let (office, key, seen) = (call.office(), call.office().key.clone(), IfMatch::of(&call.request));
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let Some(before) = facts.device(id)? else {
            return Ok(Verdict::no(Refusal::NotFound));
        };
        if let Err(stale) = seen.holds(&tag(&before)) {
            return Ok(Verdict::no(stale));
        }
        let parts = owner(facts, extension)?.and_then(|owner| Ok((owner, said.box_of.over(before.hardware.clone())?)));
        let (owner, hardware) = match parts {
            Ok(parts) => parts,
            Err(invalid) => return Ok(Verdict::no(invalid.into())),
        };
        let changed = Changed {
            label,
            owner,
            algorithm: said.algorithm.map(Into::into),
            hardware: (hardware != before.hardware).then_some(hardware),
            shares_mac: said.box_of.shares_mac,
        };
        Ok(roster::change(Some(before), changed, &facts.devices()?, &key, moment).into())
    });
    let device = turn.await??;
    Ok(etag::tagged(reply::json(&shown(&call, &device)?), tag(&device)))
}

/// Deletes a device; it is off the line at once.
pub async fn delete(call: Call) -> Answer {
    let (office, id, seen) = (call.office(), named(&call)?, IfMatch::of(&call.request));
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let device = facts.device(id)?;
        let fresh = seen.holds_where(device.as_ref().map(tag));
        let devices = facts.devices()?;
        Ok(fresh.and_then(|()| roster::delete(device, &devices, moment.now)).into())
    });
    turn.await??;
    Ok(reply::done())
}

fn parsed(extension: Option<&str>) -> Result<Option<Extension>, Invalid> {
    extension.map(Extension::parse).transpose()
}

/// The person with that extension.
pub(super) fn owner(facts: &Facts<'_>, extension: Option<Extension>) -> Result<Result<Option<Owner>, Invalid>, Fault> {
    let Some(extension) = extension else {
        return Ok(Ok(None));
    };
    let account = facts.account_by_username(&(&extension).into())?;
    let owner = account.map(|account| Owner {
        account: account.id,
        extension,
    });
    Ok(owner.map(Some).ok_or(Invalid::new(Field::Extension, Why::NobodyThere)))
}

fn shown(call: &Call, device: &Device) -> Result<DeviceJson, Failure> {
    let office = call.office();
    let line = office.line.now();
    Ok(office
        .store
        .read(|facts| DeviceJson::of(device, facts, office, &line))?)
}
