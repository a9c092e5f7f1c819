//! Windows for files, and boxes with two MAC addresses.

use std::net::IpAddr;

use super::roster::{add, key, moment, phone, phone_of};
use crate::rules::invalid::{Field, Invalid, Why};
use crate::rules::phones::device::{Device, DeviceId, Hardware, Mac};
use crate::rules::phones::roster::{self, Changed};
use crate::rules::phones::window::By;
use crate::rules::refusal::Refusal;
use crate::rules::time::Ttl;

#[test]
fn a_box_has_another_address_that_is_its_own_alone_and_changes_none_of_its_files() {
    let of = |mac: Option<&str>, other: &str| Hardware {
        mac: mac.map(|mac| Mac::parse(mac).unwrap()),
        other_mac: Some(Mac::parse(other).unwrap()),
        ..Hardware::default()
    };
    let (wired, wireless) = ("249ad8000001", "249ad8000002");
    let phone = add(phone_of(1, Some(wired)), &[]).unwrap().device;
    let second = Device {
        id: DeviceId(2),
        ..add(phone_of(2, Some("249ad8000003")), &[]).unwrap().device
    };
    let change = |hardware: Hardware, devices: &[Device]| {
        let changed = Changed {
            hardware: Some(hardware),
            ..Changed::default()
        };
        roster::change(Some(devices[0].clone()), changed, devices, &key(), &mut moment(5))
    };
    let (joined, _) = change(of(Some(wired), wireless), &[phone.clone(), second.clone()]).unwrap();
    assert!(joined.hardware.has(Mac::parse(wireless).unwrap()) && joined.hardware.has(Mac::parse(wired).unwrap()));
    assert_eq!(joined.provisioning, phone.provisioning, "the files are the same");
    assert_eq!(joined.sealed, phone.sealed);
    let taken = |field| Refusal::from(Invalid::new(field, Why::MacTaken));
    for other in [wired, "249ad8000003"] {
        let refused = change(of(Some(wired), other), &[phone.clone(), second.clone()]).unwrap_err();
        assert_eq!(refused, taken(Field::OtherMac), "{other}");
    }
    let refused = change(of(None, wireless), &[phone]).unwrap_err();
    assert_eq!(refused, Invalid::new(Field::Mac, Why::NotMac).into());
    // Nor can somebody else's box be added by it, not even one that several people share.
    let mut shared = phone_of(2, Some(wireless));
    shared.shares_mac = true;
    assert_eq!(add(shared, &[joined]).unwrap_err(), taken(Field::Mac));
}

#[test]
fn a_window_is_opened_and_shut_and_a_fetch_gives_the_device_an_address_of_its_own() {
    let from: IpAddr = [192, 168, 1, 9].into();
    let mut now = moment(3);
    let start = now.now;
    let opened = phone().provisioning.shut().opened(Ttl::hours(1), &now).unwrap();
    assert!(opened.is_open(start) && !opened.is_open(start + Ttl::hours(1)) && !opened.shut().is_open(start));
    let (token, other) = (key().token("address", "1"), key().token("address", "2"));
    let bare = opened.fetched(from, By::Mac, None, start);
    assert_eq!(
        (bare.fetched.map(|first| first.from), bare.own_address),
        (Some(from), None)
    );
    let once = bare.fetched(from, By::Mac, Some(&token), start);
    assert_eq!(once.own_address, Some(token.hash()));
    assert_eq!(once.fetched([10, 0, 0, 1].into(), By::Mac, None, start), once);
    let twice = once.fetched([10, 0, 0, 1].into(), By::Mac, Some(&other), start);
    assert_eq!((twice.fetched, twice.own_address), (once.fetched, Some(other.hash())));
    assert!(twice.is_open(start));
    now.known = false;
    assert_eq!(opened.opened(Ttl::hours(1), &now).unwrap_err(), Refusal::NoDate);
}
