//! Boxes that serve several people.

use std::net::IpAddr;

use super::roster::{add, key, moment, phone_of};
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::phones::change::PhoneChange;
use crate::rules::phones::device::{Device, DeviceId, Hardware, Mac};
use crate::rules::phones::fetch::{self, FetchedRevisions, Fetcher};
use crate::rules::phones::provisioning::handout::Stage;
use crate::rules::phones::roster::{self, Changed, DeviceToAdd};
use crate::rules::phones::window::By;
use crate::rules::refusal::Refusal;

const BASE: &str = "249ad8000001";

fn from(last: u8) -> Fetcher {
    Fetcher {
        from: IpAddr::from([192, 168, 1, last]),
        from_anywhere: false,
        stage: Stage::Whole,
        by: By::Mac,
    }
}

fn shared(account: u64, mac: &str) -> DeviceToAdd {
    DeviceToAdd {
        shares_mac: true,
        ..phone_of(account, Some(mac))
    }
}

/// Writes what was decided into the list, as the store does.
fn settle(devices: &mut Vec<Device>, changes: &[PhoneChange]) {
    for change in changes {
        if let PhoneChange::ProvisioningChanged(id, after) = change {
            let device = devices.iter_mut().find(|device| device.id == *id);
            device.unwrap().provisioning = after.clone();
        } else if let PhoneChange::DeviceAdded(device) = change {
            devices.push(device.clone());
        } else if let PhoneChange::DeviceChanged(device, _) | PhoneChange::WindowOpened(device) = change {
            let there = devices.iter_mut().find(|there| there.id == device.id);
            *there.unwrap() = device.clone();
        } else if let PhoneChange::DeviceDeleted(device) = change {
            devices.retain(|there| there.id != device.id);
        } else {
            assert!(matches!(change, PhoneChange::FirstFetched(..)), "{change:?}");
        }
    }
}

fn come(devices: &mut Vec<Device>, asked: DeviceToAdd) {
    let id = DeviceId(devices.iter().map(|device| device.id.0).max().unwrap_or_default() + 1);
    let (_, changes) = roster::add(id, asked, devices, &key(), &mut moment(7)).unwrap();
    settle(devices, &changes);
}

/// A base with two handsets, which has fetched its file by its MAC address, and then by its own.
fn base() -> Vec<Device> {
    let mut devices = Vec::new();
    come(&mut devices, shared(1, BASE));
    come(&mut devices, shared(2, BASE));
    let now = moment(1).now;
    let (_, fetched) = fetch::by_mac(&devices, from(9), &key(), now).unwrap();
    settle(&mut devices, &fetched);
    assert!(
        fetch::by_mac(&devices, from(10), &key(), now).is_err(),
        "a second address"
    );
    let shut = fetch::by_own_address(&devices);
    settle(&mut devices, &shut);
    devices
}

#[test]
fn the_window_of_a_box_shuts_for_all_who_share_it() {
    let devices = base();
    assert!(devices.iter().all(|device| device.provisioning.open_until.is_none()));
    assert!(fetch::by_mac(&devices, from(9), &key(), moment(1).now).is_err());
}

#[test]
fn the_address_of_a_box_outlives_each_of_its_handsets_and_the_others_files_say_something_else() {
    let mut devices = base();
    let address = devices[0].provisioning.own_address.unwrap();
    let before = devices[1].provisioning.revision;
    let (_, changes) = roster::delete(Some(devices[0].clone()), &devices, moment(1).now).unwrap();
    settle(&mut devices, &changes);
    let [left] = &devices[..] else { panic!("{devices:?}") };
    assert_eq!(left.provisioning.own_address, Some(address));
    assert!(left.provisioning.revision > before);
}

#[test]
fn who_goes_leaves_a_box_to_those_who_stay() {
    let mut devices = base();
    let before = devices[1].provisioning.revision;
    let changes = roster::without(devices[0].owner().unwrap(), &devices, moment(1).now);
    settle(&mut devices, &changes);
    assert!(devices.len() == 1 && devices[0].provisioning.revision > before);
}

#[test]
fn a_further_handset_opens_no_window_of_a_base_that_runs() {
    let mut devices = base();
    let (address, before) = (devices[0].provisioning.own_address, devices[0].provisioning.revision);
    come(&mut devices, shared(3, BASE));
    assert!(fetch::by_mac(&devices, from(9), &key(), moment(1).now).is_err());
    let third = &devices[2].provisioning;
    assert_eq!((third.own_address, third.open_until), (address, None));
    assert!(
        devices.iter().all(|device| device.provisioning.revision > before),
        "it is told"
    );
    // Nor does one that comes from a box of its own: its former address is none of the base's.
    come(&mut devices, phone_of(4, Some("249ad8000002")));
    let fourth = devices[3].clone();
    let moved = Changed {
        hardware: Some(devices[0].hardware.clone()),
        shares_mac: true,
        ..Changed::default()
    };
    let (_, changes) = roster::change(Some(fourth), moved, &devices, &key(), &mut moment(1)).unwrap();
    settle(&mut devices, &changes);
    assert_eq!(devices[3].provisioning.own_address, address);
    assert!(fetch::by_mac(&devices, from(9), &key(), moment(1).now).is_err());
}

#[test]
fn a_phone_with_another_mac_address_is_a_new_one() {
    let mut devices = Vec::new();
    come(&mut devices, phone_of(1, Some(BASE)));
    let (_, fetched) = fetch::by_mac(&devices, from(9), &key(), moment(1).now).unwrap();
    settle(&mut devices, &fetched);
    let other = Changed {
        hardware: Some(Hardware {
            mac: Some(Mac::parse("249ad8000002").unwrap()),
            ..Hardware::default()
        }),
        ..Changed::default()
    };
    let before = devices[0].provisioning.revision;
    let (device, _) = roster::change(Some(devices[0].clone()), other, &devices, &key(), &mut moment(1)).unwrap();
    let after = device.provisioning;
    assert_eq!((after.own_address, after.fetched), (None, None));
    assert!(after.is_open(moment(1).now) && after.revision > before);
}

#[test]
fn a_box_serves_as_many_people_as_its_make_can() {
    let full = Refusal::from(Invalid::new(Field::Mac, Why::BoxFull));
    let grandstream = add(shared(1, "c074ad000001"), &[]).unwrap().device;
    let there = [grandstream.clone()];
    assert_eq!(add(shared(2, "c074ad000001"), &there).unwrap_err(), full);
    // Nor by another make, nor by a change.
    let second = add(phone_of(2, Some("249ad8000001")), &there).unwrap().device;
    let joined = Changed {
        hardware: Some(grandstream.hardware.clone()),
        shares_mac: true,
        ..Changed::default()
    };
    let both = [grandstream, second.clone()];
    let refused = roster::change(Some(second), joined, &both, &key(), &mut moment(1));
    assert_eq!(refused.unwrap_err(), full);
}

#[test]
fn a_box_whose_make_nobody_knows_is_refused_until_somebody_says_it() {
    let unknown = Refusal::from(Invalid::new(Field::Make, Why::MakeUnknown));
    assert_eq!(add(phone_of(1, Some("020000000001")), &[]).unwrap_err(), unknown);
    let known = add(phone_of(1, Some("249ad8000001")), &[]).unwrap().device;
    let other = Changed {
        hardware: Some(Hardware {
            mac: Some(Mac::parse("020000000001").unwrap()),
            ..Hardware::default()
        }),
        ..Changed::default()
    };
    let refused = roster::change(Some(known.clone()), other, &[known], &key(), &mut moment(1));
    assert_eq!(refused.unwrap_err(), unknown);
}

#[test]
fn a_window_that_is_opened_again_gives_another_address_in_a_newer_file() {
    let mut devices = base();
    devices.truncate(1);
    let before = devices[0].provisioning.clone();
    let fetched = FetchedRevisions([(devices[0].id, before.revision)].into());
    let (_, changes) = fetch::open(Some(devices[0].clone()), Some(2), &fetched, &moment(1)).unwrap();
    // Nothing else is in it, so a phone that has the file need not be told.
    let handed = vec![(devices[0].id, before.revision + 2)];
    assert_eq!(changes.last(), Some(&PhoneChange::FilesFetched(handed)));
    settle(&mut devices, &changes[..1]);
    assert!(devices[0].provisioning.revision > before.revision);
    let (token, _) = fetch::by_mac(&devices, from(9), &key(), moment(1).now).unwrap();
    assert_ne!(token.map(|token| token.hash()), before.own_address);
}

#[test]
fn the_first_fetch_of_a_window_is_in_the_journal_with_its_address_and_later_ones_are_not() {
    let mut devices = Vec::new();
    come(&mut devices, phone_of(1, Some(BASE)));
    let now = moment(1).now;
    let (_, changes) = fetch::by_mac(&devices, from(9), &key(), now).unwrap();
    let first = PhoneChange::FirstFetched(devices[0].clone(), from(9).from);
    assert!(changes.contains(&first), "{changes:?}");
    settle(&mut devices, &changes);
    let (_, changes) = fetch::by_mac(&devices, from(9), &key(), now).unwrap();
    assert_eq!(changes, []);
}
