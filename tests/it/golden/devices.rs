//! Devices of every kind, make and algorithm, with and without what a device may lack.

use linekey::rules::id::{DisplayName, Extension};
use linekey::rules::moment::Fresh;
use linekey::rules::phones::device::{
    Algorithm, Device, DeviceId, DigestName, Hardware, Mac, Make, Role, SealedSecrets, Sitting,
};
use linekey::rules::phones::window::{Fetched, Provisioning};
use linekey::rules::secret::TokenHash;
use linekey::rules::time::Date;

use super::{MIRA, NOW, OWNER, sealed};

pub fn devices() -> Vec<Device> {
    let sitting = Sitting {
        who: MIRA,
        until: Date(NOW.0 + 9),
    };
    let roles = [
        Role::App { owner: MIRA },
        Role::Desk {
            home: None,
            sitting: None,
        },
        Role::Desk {
            home: Some(OWNER),
            sitting: Some(sitting),
        },
        Role::Phone { owner: MIRA },
        Role::Phone { owner: MIRA },
    ];
    let makes = [Make::Fanvil, Make::Grandstream, Make::Poly, Make::Snom, Make::Yealink];
    let each = roles.into_iter().zip(makes).zip(1_u8..);
    each.map(|((role, make), number)| device(role, make, number)).collect()
}

/// The first has no box and was never opened; the others have all there is.
fn device(role: Role, make: Make, number: u8) -> Device {
    let is_app = matches!(role, Role::App { .. });
    let mac = Mac::parse(&format!("80:5e:c0:00:00:{number:02x}")).unwrap();
    let box_of = Hardware {
        mac: Some(mac),
        other_mac: (number == 2).then(|| Mac::parse("80:5e:c0:00:01:02").unwrap()),
        make: Some(make),
        model: Some("T46U".to_owned()),
    };
    let provisioning = Provisioning {
        open_until: Some(Date(NOW.0 + 86_400)),
        fetched: Some(Fetched {
            at: Date(NOW.0 + 8),
            from: if number.is_multiple_of(2) {
                "192.0.2.20"
            } else {
                "2001:db8::20"
            }
            .parse()
            .unwrap(),
        }),
        other_fetched: (number == 2).then(|| Fetched {
            at: Date(NOW.0 + 9),
            from: "192.0.2.21".parse().unwrap(),
        }),
        own_address: Some(TokenHash([0xa8 + number; 32])),
        revision: NOW.0,
    };
    Device {
        id: DeviceId(number.into()),
        role,
        label: DisplayName::parse("Küche").unwrap(),
        username: DigestName::fresh(
            Some(&Extension::parse("101").unwrap()),
            &mut Fresh::seeded([number; 32]),
        ),
        algorithm: if is_app { Algorithm::Sha256 } else { Algorithm::Md5 },
        sealed: SealedSecrets::of(sealed(b"secret"), sealed(b"0123456789012345")),
        hardware: if is_app { Hardware::default() } else { box_of },
        created: NOW,
        provisioning: if is_app { Provisioning::default() } else { provisioning },
    }
}
