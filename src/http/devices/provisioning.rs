//! How phones find their files: what to tell a DHCP server, which phones ask and are nobody's yet, and windows.

use serde::{Deserialize, Serialize};

use super::device::{DeviceJson, named};
use crate::http::edge::limits::PHONES;
use crate::http::front::call::Call;
use crate::http::front::reply::{self, Answer};
use crate::office::Office;
use crate::office::hardware::{Asking, Index};
use crate::rules::office::settings::Phones;
use crate::rules::phones::fetch;
use crate::rules::phones::provisioning::MAKES;
use crate::rules::phones::provisioning::make::{DhcpOption, EVERY_PHONE, Make};

#[derive(Serialize)]
struct Makes {
    /// The address that all phones are told at first.
    base: String,
    /// What holds for every make.
    every_phone: Vec<String>,
    makes: Vec<MakeCard>,
}

#[derive(Serialize)]
struct MakeCard {
    id: &'static str,
    title: &'static str,
    /// The address that phones of this make are told at first; in the clear where they can't check ours.
    base: String,
    dhcp: Vec<DhcpJson>,
    needs: &'static [&'static str],
    unconfirmed: &'static [&'static str],
}

#[derive(Serialize)]
struct DhcpJson {
    code: u8,
    value: String,
    /// The line for dnsmasq; none where it cannot say such a value.
    dnsmasq: Option<String>,
}

#[derive(Serialize)]
struct AskingList {
    asking: Vec<AskingJson>,
}

#[derive(Serialize)]
struct AskingJson {
    mac: String,
    make: Option<&'static str>,
    model: String,
    address: String,
    at: u64,
    plug_and_play: bool,
    /// The office's device that has this MAC address; none: it is nobody's yet.
    device: Option<u64>,
    /// What that one is called.
    label: Option<String>,
}

#[derive(Default, Deserialize)]
struct Wanted {
    hours: Option<u64>,
}

impl From<DhcpOption> for DhcpJson {
    fn from(option: DhcpOption) -> Self {
        Self {
            code: option.code,
            dnsmasq: option.dnsmasq(),
            value: option.value,
        }
    }
}

impl AskingJson {
    fn of(asking: Asking, index: &Index) -> Self {
        let device = index.of(asking.mac).next();
        Self {
            device: device.map(|device| device.id.0),
            label: device.map(|device| device.label.to_string()),
            mac: asking.mac.to_string(),
            make: asking.make,
            model: asking.model,
            address: asking.from.to_canonical().to_string(),
            at: asking.at.0,
            plug_and_play: asking.plug_and_play,
        }
    }
}

fn card(make: &'static Make, office: &Office, phones: &Phones) -> MakeCard {
    let in_the_clear = office.hardware.comes_in_the_clear(make, phones);
    let base = &format!("{}{PHONES}", office.origin_for_phones(in_the_clear));
    MakeCard {
        id: make.id,
        title: make.title,
        base: base.clone(),
        dhcp: (make.dhcp)(base).into_iter().map(Into::into).collect(),
        needs: make.needs,
        unconfirmed: make.unconfirmed,
    }
}

/// The address that phones are told at first, and how each make is told it.
pub async fn makes(call: Call) -> Answer {
    let office = call.office();
    let index = office.hardware.index(&office.store)?;
    Ok(reply::json(&Makes {
        every_phone: EVERY_PHONE
            .iter()
            .map(|sentence| (*sentence).to_owned())
            .chain(office.of_the_name_for_phones())
            .collect(),
        makes: MAKES
            .into_iter()
            .map(|make| card(make, office, &index.phones))
            .collect(),
        base: format!("{}{PHONES}", office.origin_for_phones(false)),
    }))
}

/// The phones of the LAN that asked for their files in vain, the newest first: those that are nobody's yet, and devices
/// of the office that are off the line and may not have them now.
pub async fn asking(call: Call) -> Answer {
    let office = call.office();
    let index = office.hardware.index(&office.store)?;
    let line = office.line.now();
    let is_on_line = |id| line.of(id).is_some_and(|device| !device.bindings.is_empty());
    let asking = office.hardware.asking(&index, is_on_line, office.now());
    let asking = asking
        .into_iter()
        .map(|asking| AskingJson::of(asking, &index))
        .collect();
    Ok(reply::json(&AskingList { asking }))
}

/// Lets a device fetch its files by its MAC address alone, for so many hours or a day.
pub async fn open_window(call: Call) -> Answer {
    let (wanted, id): (Wanted, _) = (call.message_if_any()?, named(&call)?);
    let office = call.office();
    let turn = office.store.turn(call.actor(), office.moment(), move |facts, moment| {
        let fetched = facts.fetched_revisions()?;
        Ok(fetch::open(facts.device(id)?, wanted.hours, &fetched, moment).into())
    });
    let device = turn.await??;
    let line = office.line.now();
    let shown = office
        .store
        .read(|facts| DeviceJson::of(&device, facts, office, &line))?;
    Ok(reply::json(&shown))
}
