//! Rows of `line`.

use linekey::rules::phones::binding::Contact;
use linekey::rules::phones::change::PhoneChange;
use linekey::rules::phones::device::DeviceId;
use linekey::rules::phones::saved::{KeptBinding, LinePlace};
use linekey::rules::phones::surroundings::Surroundings;
use linekey::rules::time::Date;

use super::{NOW, devices};

fn binding(peer: &str, instance: Option<&str>) -> KeptBinding {
    let uri = "sip:101@192.168.1.20:5062".to_owned();
    KeptBinding {
        contact: Contact {
            text: format!("<{uri}>"),
            uri,
            instance: instance.map(str::to_owned),
            reg_id: instance.map(|_| 1),
        },
        call_id: "c1@phone".to_owned(),
        cseq: 300,
        peer: peer.parse().unwrap(),
        until: Date(NOW.0 + 600),
    }
}

/// Of the first two devices: one that the journal told of, one that it did not.
pub fn places() -> [LinePlace; 2] {
    let [first, second] = ids();
    [
        LinePlace {
            device: first,
            told: Some("192.0.2.9".parse().unwrap()),
            bindings: vec![binding("192.168.1.20:5062", None)],
        },
        LinePlace {
            device: second,
            told: None,
            bindings: vec![binding("[2001:db8::5]:5060", Some("urn:uuid:00000000"))],
        },
    ]
}

fn ids() -> [DeviceId; 2] {
    let devices = devices::devices();
    [devices[0].id, devices[1].id]
}

pub fn changes() -> Vec<PhoneChange> {
    let saved = places().map(|place| PhoneChange::BindingsSaved(place.device, place.bindings));
    let told = PhoneChange::FirstRegistered(devices::devices().remove(0), "192.0.2.9".parse().unwrap());
    let [first, second] = ids();
    let fetched = PhoneChange::FilesFetched(vec![(second, NOW.0), (first, 300)]);
    let seen = PhoneChange::SurroundingsSeen(Surroundings([7; 32]));
    saved.into_iter().chain([told, fetched, seen]).collect()
}
