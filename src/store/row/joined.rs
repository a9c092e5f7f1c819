//! The row of the second MAC addresses of boxes.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::phones::device::{DeviceId, Mac};
use crate::rules::phones::joined::{Joined, JoinedAddresses};
use crate::rules::phones::window::Fetched;
use crate::rules::time::Date;

impl Kept for JoinedAddresses {
    type Row = JoinedRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct JoinedRow(Vec<OneRow>);

/// The device's number, the address, and when and from where files were first fetched by it.
#[derive(Serialize, Deserialize)]
struct OneRow(DeviceId, Mac, Option<(Date, IpAddr)>);

impl From<&JoinedAddresses> for JoinedRow {
    fn from(kept: &JoinedAddresses) -> Self {
        let row = |(device, joined): (&DeviceId, &Joined)| {
            let fetched = joined.fetched.map(|fetched| (fetched.at, fetched.from));
            OneRow(*device, joined.mac, fetched)
        };
        Self(kept.0.iter().map(row).collect())
    }
}

impl From<JoinedRow> for JoinedAddresses {
    fn from(row: JoinedRow) -> Self {
        let joined = |OneRow(device, mac, fetched)| {
            let fetched = fetched.map(|(at, from)| Fetched { at, from });
            (device, Joined { mac, fetched })
        };
        Self(row.0.into_iter().map(joined).collect())
    }
}
