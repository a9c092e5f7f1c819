//! Lists of devices: all, one person's, one's own.

use serde::{Deserialize, Serialize};

use super::desk::PutOutJson;
use super::device::{DeviceJson, named, tag};
use super::live::CallJson;
use crate::http::front::call::Call;
use crate::http::front::etag;
use crate::http::front::reply::{self, Answer};
use crate::rules::id::AccountId;
use crate::rules::refusal::Refusal;

#[derive(Deserialize)]
struct Page {
    after: Option<u64>,
    limit: Option<usize>,
}

#[derive(Serialize)]
struct Devices {
    devices: Vec<DeviceJson>,
    /// After which device the next page begins; none: there is no other.
    next: Option<u64>,
    calls: Vec<CallJson>,
}

#[derive(Serialize)]
struct DevicesOfOne {
    devices: Vec<DeviceJson>,
}

#[derive(Serialize)]
struct OwnDevices {
    devices: Vec<DeviceJson>,
    /// Whether people may choose their phones' passwords here.
    may_set_secret: bool,
    /// How one was put out of a desk in the last day.
    put_out: Option<PutOutJson>,
    /// A code that had set up an app was used once more in the last day.
    code_again: Option<CodeAgainJson>,
}

#[derive(Serialize)]
struct CodeAgainJson {
    /// What the app is called that it had set up.
    label: String,
    /// Where the second came from.
    address: String,
    at: u64,
}

/// The office's devices in the order in which they came, and the calls now. Without a limit all of them: there are a
/// few thousand at most.
pub async fn list(call: Call) -> Answer {
    let asked: Page = call.query()?;
    let (office, limit) = (call.office(), asked.limit.unwrap_or(usize::MAX).max(1));
    let line = office.line.now();
    let (devices, next) = office.store.read(|facts| {
        let mut devices = facts.devices()?;
        devices.retain(|device| asked.after.is_none_or(|after| device.id.0 > after));
        let more = devices.len() > limit;
        devices.truncate(limit);
        let next = devices.last().filter(|_| more).map(|device| device.id.0);
        let shown = devices
            .iter()
            .map(|device| DeviceJson::of(device, facts, office, &line));
        Ok((shown.collect::<Result<_, _>>()?, next))
    })?;
    let calls = line.calls.iter().map(CallJson::from).collect();
    Ok(reply::json(&Devices { devices, next, calls }))
}

/// One device.
pub async fn show(call: Call) -> Answer {
    let (office, id) = (call.office(), named(&call)?);
    let line = office.line.now();
    let shown = office.store.read(|facts| {
        let device = facts.device(id)?;
        device
            .map(|device| Ok((DeviceJson::of(&device, facts, office, &line)?, tag(&device))))
            .transpose()
    })?;
    let (shown, tag) = shown.ok_or(Refusal::NotFound)?;
    Ok(etag::tagged(reply::json(&shown), tag))
}

/// The devices of a person.
pub async fn of_person(call: Call) -> Answer {
    let person = call.subject()?.account.clone();
    let devices = of(&call, person.id)?;
    Ok(reply::json(&DevicesOfOne { devices }))
}

/// One's own devices.
pub async fn own(call: Call) -> Answer {
    let (me, office) = (call.signed_in()?.account.id, call.office());
    let devices = of(&call, me)?;
    let settings = office.store.read(|facts| facts.settings())?;
    let index = office.hardware.index(&office.store)?;
    let again = office.hardware.was_scanned_again(me, office.now());
    // An app that was removed, or is another's, is nobody's danger any more.
    let code_again = again.and_then(|again| {
        let app = index.device(again.device).filter(|app| app.owner() == Some(me))?;
        Some(CodeAgainJson {
            label: app.label.to_string(),
            address: again.from.to_string(),
            at: again.at.0,
        })
    });
    Ok(reply::json(&OwnDevices {
        devices,
        may_set_secret: settings.people_set_sip_passwords,
        put_out: office.hardware.was_put_out(me, office.now()).map(Into::into),
        code_again,
    }))
}

fn of(call: &Call, owner: AccountId) -> Result<Vec<DeviceJson>, crate::store::Fault> {
    let office = call.office();
    let line = office.line.now();
    office.store.read(|facts| {
        let devices = facts.devices()?.into_iter();
        let theirs = devices.filter(|device| device.owner() == Some(owner));
        theirs
            .map(|device| DeviceJson::of(&device, facts, office, &line))
            .collect()
    })
}
