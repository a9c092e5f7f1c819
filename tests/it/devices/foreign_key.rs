//! A store that came with another appliance's key: it is served, and its devices get new secrets.

use linekey::rules::id::DisplayName;
use linekey::rules::moment::{Moment, Reading};
use linekey::rules::office::journal::Actor;
use linekey::rules::phones::device::{Algorithm, DeviceId, DeviceKind, Hardware};
use linekey::rules::phones::roster::{self, DeviceToAdd};
use linekey::rules::secret::SealKey;
use linekey::rules::time::Date;
use linekey::store::Store;
use serde_json::{Value, json};

use super::{add, secret_of, staffed};
use crate::disk::{Disk, Loss};
use crate::office::{Browser, Office};
use crate::program::{Folder, Program, command};

#[test]
fn devices_of_another_key_are_listed_as_such_and_get_new_secrets_but_never_an_empty_one() {
    let disk = Disk::empty();
    let office = Office::over(disk.clone(), 1);
    let mut administrator = staffed(&office);
    let devices: Vec<Value> = (0..3)
        .map(|_| add(&mut administrator, json!({ "extension": "101" })))
        .collect();
    let before = secret_of(&mut administrator, &devices[0]);
    let cookie = administrator.cookie.clone();
    let office = Office::with_key(Disk::holding(disk.after(Loss::All)), 2, [8; 32]);
    let mut administrator = Browser {
        cookie,
        ..office.browser()
    };

    let list = administrator.get("/api/devices").expect(200).json;
    let elsewhere: Vec<_> = list["devices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|device| &device["sealed_elsewhere"])
        .collect();
    assert_eq!(elsewhere, [&json!(true); 3]);
    let refused = administrator
        .post("/api/devices/1/secret", json!({}))
        .refused(422, "invalid");
    assert_eq!(refused.json["field"], "secret");
    assert!(refused.json.get("secret").is_none());
    let export = administrator.get("/api/devices/pjsip_wizard.conf").expect(200);
    assert!(
        !String::from_utf8(export.bytes).unwrap().contains("\n["),
        "no section without a secret"
    );

    let anew = administrator
        .post("/api/devices/1/secret", json!({ "rotate": true }))
        .expect(200)
        .json;
    assert!(anew["secret"].as_str().unwrap().len() == 26 && anew["secret"] != before.as_str());
    assert_eq!(
        administrator.get("/api/devices/1").expect(200).json["sealed_elsewhere"],
        false
    );
    assert_eq!(
        administrator.get("/api/devices/2").expect(200).json["sealed_elsewhere"],
        true,
        "one by one"
    );
    administrator.post("/api/devices/rotate", Value::Null).expect(200);
    for device in &devices {
        assert_eq!(secret_of(&mut administrator, device).len(), 26);
    }
}

/// What the log says at the start of a store with one device, under that key.
fn said_at_start(key: [u8; 32]) -> String {
    let folder = Folder::new();
    let data = folder.data();
    std::fs::create_dir_all(&data).unwrap();
    let store = Store::open(&std::path::Path::new(&data).join("linekey.redb")).unwrap();
    let reading = Reading {
        date: Date(1_795_420_800),
        known: true,
        running: Date(0),
    };
    let turn = store.turn_now(Actor::APPLIANCE, Moment::new(reading, [1; 32]), |_, moment| {
        let desk = DeviceToAdd {
            kind: DeviceKind::Desk,
            owner: None,
            label: DisplayName::parse("Hall").unwrap(),
            algorithm: Algorithm::Md5,
            hardware: Hardware::default(),
            shares_mac: false,
        };
        Ok(roster::add(DeviceId(1), desk, &[], &SealKey::new([7; 32]), moment).into())
    });
    turn.unwrap().unwrap();
    drop(store);
    std::fs::write(std::path::Path::new(&data).join("linekey.key"), key).unwrap();
    let log = folder.path().join("log");
    let mut command = command();
    command.args(["--data", &data, "--http", "127.0.0.1:0"]);
    command.stderr(std::fs::File::create(&log).unwrap());
    let program = Program::run(command).expect("it starts");
    program.signal("TERM");
    assert!(program.ended().0.success());
    std::fs::read_to_string(log).unwrap()
}

#[test]
fn the_log_says_at_the_start_how_many_devices_cannot_register_and_only_then() {
    let said = said_at_start([8; 32]);
    assert!(said.contains("1 of 1 devices cannot register"), "{said}");
    let said = said_at_start([7; 32]);
    assert!(!said.contains("cannot register"), "{said}");
}
