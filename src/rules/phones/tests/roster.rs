//! Devices: added, changed, given other secrets, deleted.

use crate::rules::id::{AccountId, DisplayName, Extension};
use crate::rules::invalid::{Field, Invalid};
use crate::rules::moment::{Moment, Reading};
use crate::rules::office::difference::Difference;
use crate::rules::phones::change::PhoneChange;
use crate::rules::phones::device::{Algorithm, Device, DeviceId, DeviceKind, Hardware, Mac, Role, Sitting, model};
use crate::rules::phones::limits;
use crate::rules::phones::roster::{self, Changed, DeviceToAdd, Issued, Owner};
use crate::rules::phones::window::WINDOW;
use crate::rules::refusal::{Kept, Refusal};
use crate::rules::secret::SealKey;
use crate::rules::time::Date;

pub(super) fn moment(seed: u8) -> Moment {
    let now = Date(1_800_000_000);
    let reading = Reading {
        date: now,
        known: true,
        running: now,
    };
    Moment::new(reading, [seed; 32])
}

pub(super) fn key() -> SealKey {
    SealKey::new([9; 32])
}

fn owner(account: u64) -> Owner {
    Owner {
        account: AccountId(account),
        extension: Extension::parse(&(100 + account).to_string()).unwrap(),
    }
}

pub(super) fn phone_of(account: u64, mac: Option<&str>) -> DeviceToAdd {
    DeviceToAdd {
        kind: DeviceKind::Phone,
        owner: Some(owner(account)),
        label: DisplayName::parse("Hall").unwrap(),
        algorithm: Algorithm::Md5,
        hardware: Hardware {
            mac: mac.map(|mac| Mac::parse(mac).unwrap()),
            ..Hardware::default()
        },
        shares_mac: false,
    }
}

pub(super) fn add(asked: DeviceToAdd, devices: &[Device]) -> Result<Issued, Refusal> {
    let id = DeviceId(u64::try_from(devices.len()).unwrap() + 1);
    let seed = u8::try_from(devices.len() % 251).unwrap();
    let (issued, changes) = roster::add(id, asked, devices, &key(), &mut moment(seed))?;
    assert_eq!(changes.first(), Some(&PhoneChange::DeviceAdded(issued.device.clone())));
    Ok(issued)
}

pub(super) fn shared_desk() -> Device {
    let asked = DeviceToAdd {
        kind: DeviceKind::Desk,
        owner: None,
        ..phone_of(1, None)
    };
    add(asked, &[]).unwrap().device
}

pub(super) fn phone() -> Device {
    add(phone_of(1, Some("805ec0123456")), &[]).unwrap().device
}

#[test]
fn a_new_device_has_a_name_of_its_own_a_sealed_secret_and_a_window() {
    let issued = add(phone_of(1, Some("80:5E:C0:12:34:56")), &[]).unwrap();
    let device = &issued.device;
    let (extension, letters) = device.username.as_str().split_once('-').unwrap();
    assert_eq!((extension, letters.len()), ("101", 6));
    assert_eq!(device.hardware.mac.unwrap().to_string(), "805ec0123456");
    assert_eq!(device.provisioning.open_until, Some(Date(1_800_000_000) + WINDOW));
    let opened = device.secrets(&key()).unwrap();
    assert_eq!(opened.sip.reveal(), issued.secrets.sip.reveal());
    assert_eq!(opened.menu.reveal(), issued.secrets.menu.reveal());
    assert_eq!((opened.sip.reveal().len(), opened.menu.reveal().len()), (26, 16));
    assert!(!format!("{issued:?}").contains(opened.sip.reveal()));
    assert_eq!(
        add(phone_of(1, None), &[]).unwrap().device.provisioning.open_until,
        None
    );
    assert!(shared_desk().username.as_str().starts_with("desk-"));
}

#[test]
fn a_secret_opens_in_its_own_row_under_its_own_key_and_nowhere_else() {
    let device = phone();
    let moved = Device {
        id: DeviceId(2),
        ..device.clone()
    };
    let renamed = Device {
        username: shared_desk().username,
        ..device.clone()
    };
    assert!(moved.secrets(&key()).is_none() && renamed.secrets(&key()).is_none());
    let other = SealKey::new([8; 32]);
    let devices = [device.clone(), moved];
    assert_eq!(roster::unreadable(&devices, &key()).count(), 1);
    assert_eq!(roster::unreadable(&devices, &other).count(), 2);
    assert!(matches!(
        roster::reveal(Some(device.clone()), &other),
        Err(Refusal::Invalid(Invalid {
            field: Field::Secret,
            ..
        }))
    ));
    // After a lost key each device can be given other secrets.
    let (count, changes) = roster::rotate_all(devices.to_vec(), &other, &mut moment(7)).unwrap();
    assert_eq!((count, changes.len()), (2, 2));
    for change in changes {
        assert!(matches!(change, PhoneChange::SecretRotated(device) if device.secrets(&other).is_some()));
    }
}

#[test]
fn a_rotated_secret_is_another_one_under_the_same_name() {
    let before = phone();
    let (issued, changes) = roster::rotate(Some(before.clone()), &key(), &mut moment(5)).unwrap();
    assert_eq!(changes, [PhoneChange::SecretRotated(issued.device.clone())]);
    assert_eq!(issued.device.username, before.username);
    let (old, new) = (before.secrets(&key()).unwrap(), issued.device.secrets(&key()).unwrap());
    assert_ne!(old.sip.reveal(), new.sip.reveal());
    assert_ne!(old.menu.reveal(), new.menu.reveal());
    assert!(issued.device.provisioning.revision > before.provisioning.revision);
    let (shown, changes) = roster::reveal(Some(issued.device.clone()), &key()).unwrap();
    assert_eq!(shown.secrets.sip.reveal(), new.sip.reveal());
    assert_eq!(changes, [PhoneChange::SecretRevealed(issued.device)]);
}

#[test]
fn an_account_and_an_office_hold_so_many_devices_and_no_more() {
    let theirs = vec![phone(); limits::DEVICES_OF_ONE];
    assert_eq!(
        add(phone_of(1, None), &theirs).unwrap_err(),
        Refusal::TooMany(Kept::Devices)
    );
    assert!(add(phone_of(2, None), &theirs).is_ok());
    let all = vec![shared_desk(); limits::DEVICES];
    assert_eq!(
        add(phone_of(2, None), &all).unwrap_err(),
        Refusal::TooMany(Kept::Devices)
    );
}

#[test]
fn a_phone_or_an_app_is_somebodys() {
    for kind in [DeviceKind::Phone, DeviceKind::App] {
        let asked = DeviceToAdd {
            kind,
            owner: None,
            ..phone_of(1, None)
        };
        assert!(matches!(
            add(asked, &[]),
            Err(Refusal::Invalid(Invalid {
                field: Field::Extension,
                ..
            }))
        ));
    }
}

#[test]
fn one_box_is_one_device_unless_it_serves_several_people() {
    let mac = Some("805ec0123456");
    let devices = [phone()];
    assert!(matches!(
        add(phone_of(2, mac), &devices),
        Err(Refusal::Invalid(Invalid { field: Field::Mac, .. }))
    ));
    let shared = |account| DeviceToAdd {
        shares_mac: true,
        ..phone_of(account, mac)
    };
    assert!(add(shared(2), &devices).is_ok());
    let base = vec![phone(); limits::LINES_OF_ONE_MAC];
    assert_eq!(
        add(shared(2), &base).unwrap_err(),
        Refusal::TooMany(Kept::LinesOfOneMac)
    );
    let same = Changed {
        hardware: Some(devices[0].hardware.clone()),
        ..Changed::default()
    };
    assert!(roster::change(Some(phone()), same, &devices, &key(), &mut moment(5)).is_ok());
}

#[test]
fn a_mac_address_is_read_from_any_label() {
    for text in [
        "805EC0123456",
        "80:5e:c0:12:34:56",
        "80-5E-C0-12-34-56",
        "805e.c012.3456",
        " 805e c0123456 ",
        "\u{202a}80:5e:c0:12:34:56\u{202c}",
        "\u{feff}80\u{200b}5ec0\u{ad}123456\u{a0}",
        "80\u{2011}5e\u{2010}c0\u{2011}12\u{2011}34\u{2011}56",
        "80\u{a0}5e\u{202f}c0\u{2007}12 34 56",
    ] {
        assert_eq!(Mac::parse(text).unwrap().to_string(), "805ec0123456", "{text}");
    }
    for text in [
        "",
        "805ec012345",
        "805ec01234567",
        "805ec012345g",
        "000000000000",
        "010000000000",
        "ffffffffffff",
        "é",
    ] {
        assert!(
            matches!(Mac::parse(text), Err(Invalid { field: Field::Mac, .. })),
            "{text}"
        );
    }
    assert_eq!(model(" T46U ").unwrap().as_deref(), Some("T46U"));
    assert_eq!(model("  ").unwrap(), None);
    assert!(model("T\n46U").is_err() && model(&"x".repeat(65)).is_err());
}

#[test]
fn another_label_keeps_the_secret_and_another_owner_does_not() {
    let before = phone();
    let change = |changed| {
        roster::change(
            Some(before.clone()),
            changed,
            std::slice::from_ref(&before),
            &key(),
            &mut moment(5),
        )
        .unwrap()
    };
    let (same, changes) = change(Changed::default());
    assert_eq!((same, changes), (before.clone(), Vec::new()));
    let label = DisplayName::parse("Kitchen").unwrap();
    let (labelled, changes) = change(Changed {
        label: Some(label),
        algorithm: Some(Algorithm::Sha256),
        ..Changed::default()
    });
    let [PhoneChange::DeviceChanged(kept, altered)] = changes.as_slice() else {
        panic!("{changes:?}");
    };
    let told = format!("label {} → Kitchen; algorithm", before.label);
    assert_eq!((kept, altered.as_str()), (&labelled, told.as_str()));
    assert_eq!(
        (&labelled.sealed, labelled.algorithm),
        (&before.sealed, Algorithm::Sha256)
    );
    let (given, changes) = change(Changed {
        owner: Some(owner(2)),
        ..Changed::default()
    });
    assert_eq!(changes, [PhoneChange::OwnerChanged(given.clone())]);
    assert!(given.username.as_str().starts_with("102-"));
    assert_eq!(given.owner(), Some(AccountId(2)));
    assert_ne!(
        given.secrets(&key()).unwrap().sip.reveal(),
        before.secrets(&key()).unwrap().sip.reveal()
    );
}

#[test]
fn what_is_not_there_cannot_be_changed() {
    assert_eq!(roster::delete(None, &[], moment(1).now).unwrap_err(), Refusal::NotFound);
    assert_eq!(roster::reveal(None, &key()).unwrap_err(), Refusal::NotFound);
    assert_eq!(
        roster::rotate(None, &key(), &mut moment(1)).unwrap_err(),
        Refusal::NotFound
    );
    assert_eq!(
        roster::delete(Some(phone()), &[], moment(1).now).unwrap().1,
        [PhoneChange::DeviceDeleted(phone())]
    );
}

#[test]
fn who_goes_takes_their_devices_along_and_leaves_the_desks_free() {
    let mira = AccountId(1);
    let sitting = Some(Sitting {
        who: mira,
        until: Date(u64::MAX),
    });
    let desk = |home, sitting| Device {
        role: Role::Desk { home, sitting },
        ..shared_desk()
    };
    let others = add(phone_of(2, None), &[]).unwrap().device;
    let devices = [
        phone(),
        others,
        desk(None, sitting),
        desk(Some(mira), sitting),
        desk(None, None),
    ];
    assert_eq!(
        roster::without(mira, &devices, moment(1).now),
        [
            PhoneChange::DeviceDeleted(phone()),
            PhoneChange::DeskLeft(desk(None, sitting), mira),
            PhoneChange::DeviceChanged(desk(None, None), Difference::default()),
        ]
    );
}
