//! A device as the interface shows it. Never with a secret.

use serde::{Deserialize, Serialize};

use crate::http::front::call::Call;
use crate::http::front::etag;
use crate::office::Office;
use crate::office::line::{BindingOnLine, DeviceOnLine, Failing, LineState, Transport, WhyFailing};
use crate::rules::id::AccountId;
use crate::rules::people::account::Account;
use crate::rules::phones::device::{Algorithm, Device, DeviceId, DeviceKind, Make, Role};
use crate::rules::phones::provisioning;
use crate::rules::phones::provisioning::make::{Loss, Place};
use crate::rules::refusal::Refusal;
use crate::store::{Facts, Fault};

/// One device with its state.
#[derive(Serialize)]
pub struct DeviceJson {
    id: u64,
    /// [`tag`], as `ETag` and `If-Match` have it.
    tag: String,
    /// Its owner's; none: a shared desk that is nobody's.
    extension: Option<String>,
    /// What its owner is called.
    name: Option<String>,
    kind: KindJson,
    label: String,
    username: String,
    algorithm: AlgorithmJson,
    mac: Option<String>,
    /// The other MAC address of its box.
    other_mac: Option<String>,
    make: Option<MakeJson>,
    /// The make whose range its MAC address is of.
    make_by_mac: Option<&'static str>,
    model: Option<String>,
    /// What its make's file cannot hold of its owner's name.
    loses: Option<LossJson>,
    created: u64,
    /// Until when it may fetch its files by its MAC address alone.
    open_until: Option<u64>,
    /// When it first fetched its files since its window was opened.
    fetched: Option<u64>,
    /// From where.
    fetched_from: Option<String>,
    /// Its files say something else than those that it fetched last.
    not_fetched: bool,
    /// Its secrets were sealed under another key: it cannot register until it gets new ones.
    sealed_elsewhere: bool,
    /// Who sits there now.
    sitting: Option<SittingJson>,
    state: StateJson,
}

#[derive(Serialize)]
struct LossJson {
    /// What the phone shows.
    shown: String,
    why: &'static str,
}

impl LossJson {
    fn of(device: &Device, owner: Option<&Account>) -> Option<Self> {
        let make = provisioning::made(&device.hardware)?;
        let Loss { shown, why } = (make.loses)(Place::Name, owner?.name.as_str())?;
        Some(Self { shown, why })
    }
}

#[derive(Serialize)]
struct SittingJson {
    extension: String,
    name: String,
    until: u64,
}

/// Whether a device is on the line.
#[derive(Default, Serialize)]
pub struct StateJson {
    registered: bool,
    bindings: Vec<BindingJson>,
    /// Whether it calls or is in a call.
    busy: bool,
    failing: Option<FailingJson>,
}

#[derive(Serialize)]
struct BindingJson {
    address: String,
    port: u16,
    transport: &'static str,
    since: u64,
    until: u64,
}

#[derive(Serialize)]
struct FailingJson {
    why: &'static str,
    address: String,
    at: u64,
    count: u32,
}

/// What a device is.
#[derive(Clone, Copy, Default, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KindJson {
    /// An app on a computer or a mobile.
    App,
    /// A shared desk.
    Desk,
    /// A desk phone.
    #[default]
    Phone,
}

/// The hash of a device's digest.
#[derive(Clone, Copy, Default, Deserialize, Serialize)]
pub enum AlgorithmJson {
    /// RFC 2617.
    #[default]
    #[serde(rename = "MD5")]
    Md5,
    /// RFC 8760.
    #[serde(rename = "SHA-256")]
    Sha256,
}

/// The makers whose phones fetch files from us.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MakeJson {
    /// See [`Make`].
    Fanvil,
    /// See [`Make`].
    Grandstream,
    /// See [`Make`].
    Poly,
    /// See [`Make`].
    Snom,
    /// See [`Make`].
    Yealink,
}

impl DeviceJson {
    /// As of now.
    pub fn of(device: &Device, facts: &Facts<'_>, office: &Office, line: &LineState) -> Result<Self, Fault> {
        let account = |id: AccountId| facts.account(id);
        let owner = device.owner().map_or(Ok(None), account)?;
        let now = office.now();
        let Device { hardware, .. } = device;
        Ok(Self {
            loses: LossJson::of(device, owner.as_ref()),
            id: device.id.0,
            tag: tag(device),
            extension: owner.as_ref().map(|owner| owner.username().to_owned()),
            name: owner.map(|owner| owner.name.to_string()),
            kind: device.kind().into(),
            label: device.label.to_string(),
            username: device.username.to_string(),
            algorithm: device.algorithm.into(),
            mac: hardware.mac.map(|mac| mac.to_string()),
            other_mac: hardware.other_mac.map(|mac| mac.to_string()),
            make: hardware.make.map(Into::into),
            make_by_mac: hardware.mac.and_then(provisioning::of_range).map(|make| make.id),
            model: hardware.model.clone(),
            created: device.created.0,
            open_until: device
                .provisioning
                .open_until
                .filter(|until| now < *until)
                .map(|until| until.0),
            fetched: device.provisioning.first().map(|first| first.at.0),
            fetched_from: device
                .provisioning
                .first()
                .map(|first| first.from.to_canonical().to_string()),
            not_fetched: office.hardware.index(&office.store)?.is_behind(device),
            sealed_elsewhere: device.secrets(&office.key).is_none(),
            sitting: sitting(device, office, account)?,
            state: line.of(device.id).map(StateJson::from).unwrap_or_default(),
        })
    }
}

fn sitting(
    device: &Device,
    office: &Office,
    account: impl Fn(AccountId) -> Result<Option<Account>, Fault>,
) -> Result<Option<SittingJson>, Fault> {
    let Role::Desk {
        sitting: Some(sitting), ..
    } = device.role
    else {
        return Ok(None);
    };
    if office.now() >= sitting.until {
        return Ok(None);
    }
    Ok(account(sitting.who)?.map(|who| SittingJson {
        extension: who.username().to_owned(),
        name: who.name.to_string(),
        until: sitting.until.0,
    }))
}

/// The tag of what can be changed of it, its secrets too; sittings and fetches pass by.
pub fn tag(device: &Device) -> String {
    etag::of_record(&(
        &device.label,
        device.owner(),
        device.algorithm,
        &device.hardware,
        &device.sealed,
    ))
}

/// The device that the path names by its number.
pub fn named(call: &Call) -> Result<DeviceId, Refusal> {
    let number = call.part("id")?.parse();
    number.map(DeviceId).map_err(|_| Refusal::NotFound)
}

impl From<&DeviceOnLine> for StateJson {
    fn from(on_line: &DeviceOnLine) -> Self {
        Self {
            registered: !on_line.bindings.is_empty(),
            bindings: on_line.bindings.iter().map(Into::into).collect(),
            busy: on_line.busy,
            failing: on_line.failing.map(Into::into),
        }
    }
}

impl From<&BindingOnLine> for BindingJson {
    fn from(binding: &BindingOnLine) -> Self {
        Self {
            address: binding.from.ip().to_string(),
            port: binding.from.port(),
            transport: match binding.transport {
                Transport::Tcp => "tcp",
                Transport::Tls => "tls",
                Transport::Udp => "udp",
            },
            since: binding.since.0,
            until: binding.until.0,
        }
    }
}

impl From<Failing> for FailingJson {
    fn from(failing: Failing) -> Self {
        Self {
            why: match failing.why {
                WhyFailing::OtherAddress => "other-address",
                WhyFailing::OtherProtection => "other-protection",
                WhyFailing::TooBrief => "too-brief",
                WhyFailing::WrongSecret => "wrong-secret",
            },
            address: failing.from.ip().to_string(),
            at: failing.at.0,
            count: failing.count,
        }
    }
}

impl From<DeviceKind> for KindJson {
    fn from(kind: DeviceKind) -> Self {
        match kind {
            DeviceKind::App => Self::App,
            DeviceKind::Desk => Self::Desk,
            DeviceKind::Phone => Self::Phone,
        }
    }
}

impl From<KindJson> for DeviceKind {
    fn from(kind: KindJson) -> Self {
        match kind {
            KindJson::App => Self::App,
            KindJson::Desk => Self::Desk,
            KindJson::Phone => Self::Phone,
        }
    }
}

impl From<Algorithm> for AlgorithmJson {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Md5 => Self::Md5,
            Algorithm::Sha256 => Self::Sha256,
        }
    }
}

impl From<AlgorithmJson> for Algorithm {
    fn from(algorithm: AlgorithmJson) -> Self {
        match algorithm {
            AlgorithmJson::Md5 => Self::Md5,
            AlgorithmJson::Sha256 => Self::Sha256,
        }
    }
}

impl From<Make> for MakeJson {
    fn from(make: Make) -> Self {
        match make {
            Make::Fanvil => Self::Fanvil,
            Make::Grandstream => Self::Grandstream,
            Make::Poly => Self::Poly,
            Make::Snom => Self::Snom,
            Make::Yealink => Self::Yealink,
        }
    }
}

impl From<MakeJson> for Make {
    fn from(make: MakeJson) -> Self {
        match make {
            MakeJson::Fanvil => Self::Fanvil,
            MakeJson::Grandstream => Self::Grandstream,
            MakeJson::Poly => Self::Poly,
            MakeJson::Snom => Self::Snom,
            MakeJson::Yealink => Self::Yealink,
        }
    }
}
