//! Rows of `devices`.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::id::{AccountId, DisplayName};
use crate::rules::phones::device::{
    Algorithm, Device, DeviceId, DigestName, Hardware, Mac, Make, Role, SealedSecrets, Sitting,
};
use crate::rules::phones::window::{Fetched, Provisioning};
use crate::rules::secret::{Sealed, TokenHash};
use crate::rules::time::Date;

impl Kept for Device {
    type Row = DeviceRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct DeviceRow {
    id: DeviceId,
    role: RoleRow,
    label: DisplayName,
    username: DigestName,
    algorithm: AlgorithmRow,
    sip: Sealed,
    menu: Sealed,
    mac: Option<Mac>,
    make: Option<MakeRow>,
    model: Option<String>,
    created: Date,
    open_until: Option<Date>,
    fetched: Option<(Date, IpAddr)>,
    own_address: Option<TokenHash>,
    revision: u64,
}

#[derive(Serialize, Deserialize)]
enum RoleRow {
    App(AccountId),
    Desk(Option<AccountId>, Option<(AccountId, Date)>),
    Phone(AccountId),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum AlgorithmRow {
    Md5,
    Sha256,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum MakeRow {
    Fanvil,
    Grandstream,
    Poly,
    Snom,
    Yealink,
}

impl From<&Device> for DeviceRow {
    fn from(kept: &Device) -> Self {
        let (sip, menu) = kept.sealed.parts();
        let provisioning = &kept.provisioning;
        Self {
            id: kept.id,
            role: (&kept.role).into(),
            label: kept.label.clone(),
            username: kept.username.clone(),
            algorithm: match kept.algorithm {
                Algorithm::Md5 => AlgorithmRow::Md5,
                Algorithm::Sha256 => AlgorithmRow::Sha256,
            },
            sip: sip.clone(),
            menu: menu.clone(),
            mac: kept.hardware.mac,
            make: kept.hardware.make.map(Into::into),
            model: kept.hardware.model.clone(),
            created: kept.created,
            open_until: provisioning.open_until,
            fetched: provisioning.fetched.map(|fetched| (fetched.at, fetched.from)),
            own_address: provisioning.own_address,
            revision: provisioning.revision,
        }
    }
}

impl From<DeviceRow> for Device {
    fn from(row: DeviceRow) -> Self {
        Self {
            id: row.id,
            role: row.role.into(),
            label: row.label,
            username: row.username,
            algorithm: match row.algorithm {
                AlgorithmRow::Md5 => Algorithm::Md5,
                AlgorithmRow::Sha256 => Algorithm::Sha256,
            },
            sealed: SealedSecrets::of(row.sip, row.menu),
            hardware: Hardware {
                mac: row.mac,
                // Both are in a row of their own.
                other_mac: None,
                make: row.make.map(Into::into),
                model: row.model,
            },
            created: row.created,
            provisioning: Provisioning {
                open_until: row.open_until,
                fetched: row.fetched.map(|(at, from)| Fetched { at, from }),
                other_fetched: None,
                own_address: row.own_address,
                revision: row.revision,
            },
        }
    }
}

impl From<&Role> for RoleRow {
    fn from(kept: &Role) -> Self {
        match kept {
            Role::App { owner } => Self::App(*owner),
            Role::Desk { home, sitting } => Self::Desk(*home, sitting.map(|sitting| (sitting.who, sitting.until))),
            Role::Phone { owner } => Self::Phone(*owner),
        }
    }
}

impl From<RoleRow> for Role {
    fn from(row: RoleRow) -> Self {
        match row {
            RoleRow::App(owner) => Self::App { owner },
            RoleRow::Desk(home, sitting) => Self::Desk {
                home,
                sitting: sitting.map(|(who, until)| Sitting { who, until }),
            },
            RoleRow::Phone(owner) => Self::Phone { owner },
        }
    }
}

impl From<Make> for MakeRow {
    fn from(kept: Make) -> Self {
        match kept {
            Make::Fanvil => Self::Fanvil,
            Make::Grandstream => Self::Grandstream,
            Make::Poly => Self::Poly,
            Make::Snom => Self::Snom,
            Make::Yealink => Self::Yealink,
        }
    }
}

impl From<MakeRow> for Make {
    fn from(row: MakeRow) -> Self {
        match row {
            MakeRow::Fanvil => Self::Fanvil,
            MakeRow::Grandstream => Self::Grandstream,
            MakeRow::Poly => Self::Poly,
            MakeRow::Snom => Self::Snom,
            MakeRow::Yealink => Self::Yealink,
        }
    }
}
