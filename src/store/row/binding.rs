//! Rows of `line`.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use super::Kept;
use crate::rules::phones::binding::Contact;
use crate::rules::phones::device::DeviceId;
use crate::rules::phones::saved::{KeptBinding, LinePlace};
use crate::rules::time::Date;

impl Kept for LinePlace {
    type Row = LinePlaceRow;
}

#[derive(Serialize, Deserialize)]
pub(in crate::store) struct LinePlaceRow {
    device: DeviceId,
    told: Option<IpAddr>,
    bindings: Vec<BindingRow>,
}

#[derive(Serialize, Deserialize)]
struct BindingRow {
    text: String,
    uri: String,
    instance: Option<String>,
    reg_id: Option<u32>,
    call_id: String,
    cseq: u32,
    peer: SocketAddr,
    until: Date,
}

impl From<&LinePlace> for LinePlaceRow {
    fn from(kept: &LinePlace) -> Self {
        Self {
            device: kept.device,
            told: kept.told,
            bindings: kept.bindings.iter().map(Into::into).collect(),
        }
    }
}

impl From<LinePlaceRow> for LinePlace {
    fn from(row: LinePlaceRow) -> Self {
        Self {
            device: row.device,
            told: row.told,
            bindings: row.bindings.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<&KeptBinding> for BindingRow {
    fn from(kept: &KeptBinding) -> Self {
        Self {
            text: kept.contact.text.clone(),
            uri: kept.contact.uri.clone(),
            instance: kept.contact.instance.clone(),
            reg_id: kept.contact.reg_id,
            call_id: kept.call_id.clone(),
            cseq: kept.cseq,
            peer: kept.peer,
            until: kept.until,
        }
    }
}

impl From<BindingRow> for KeptBinding {
    fn from(row: BindingRow) -> Self {
        Self {
            contact: Contact {
                text: row.text,
                uri: row.uri,
                instance: row.instance,
                reg_id: row.reg_id,
            },
            call_id: row.call_id,
            cseq: row.cseq,
            peer: row.peer,
            until: row.until,
        }
    }
}
