//! The office CA goes where the office goes (T04): into another folder, onto another appliance, over an upgrade.

use std::time::Duration;

use super::live::{House, clock, has_faketime, within};
use super::program::{Folder, command};
use super::world::said;

const PASSPHRASE: &str = "a passphrase for the office";

/// Runs an errand of the program that ends well.
fn errand(flags: &[&str]) {
    let output = command().args(flags).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

fn ended(house: House) {
    let House { program, .. } = house;
    program.signal("TERM");
    assert!(program.ended().0.success());
}

/// What devices trust, and what they are shown.
fn shown(house: &House) -> Option<(Vec<u8>, String)> {
    Some((house.body("/trust/linekey.crt"), house.leaf()?))
}

/// T04. The second board had a CA and a leaf of its own.
#[test]
fn a_restore_brings_ca_and_leaf_to_a_new_folder_and_to_another_appliance_and_two_thirds_renew_the_leaf_alone() {
    if !has_faketime() {
        return;
    }
    let (here, fresh, other) = (Folder::new(), Folder::new(), Folder::new());
    let file = here.file("clock", "+0d");
    let secret = here.file("passphrase", PASSPHRASE);
    let backup = here.path().join("office.backup");
    let backup = backup.to_str().unwrap();
    let of_passphrase = ["--backup-passphrase-file", &secret];
    let house = House::start(&here, &[], &clock(&file));
    let Some(first) = shown(&house) else { return };
    let authority = house.authority(&here);
    ended(house);
    errand(&[&["--data", &here.data(), "--backup", backup], &of_passphrase[..]].concat());
    let house = House::start(&other, &[], &clock(&file));
    let own = shown(&house).unwrap();
    assert!(own.0 != first.0 && own.1 != first.1, "two appliances have two CAs");
    ended(house);
    for folder in [&fresh, &other] {
        let data = folder.data();
        errand(&[&["--data", &data, "--restore", backup, "--yes"], &of_passphrase[..]].concat());
        for days in ["+0d", "+100d", "+262d"] {
            std::fs::write(&file, days).unwrap();
            let house = House::start(folder, &[], &clock(&file));
            assert_eq!(shown(&house).unwrap(), first, "{days}");
        }
        let house = House::start(folder, &[], &clock(&file));
        std::fs::write(&file, "+266d").unwrap();
        within(Duration::from_secs(40), "the renewed leaf", || {
            house.leaf().unwrap() != first.1
        });
        assert_eq!(house.body("/trust/linekey.crt"), first.0);
        std::fs::write(&file, "+0d").unwrap();
    }
    // Whoever trusted the first appliance trusts the one that took its place.
    let last = Folder::new();
    errand(
        &[
            &["--data", &last.data(), "--restore", backup, "--yes"],
            &of_passphrase[..],
        ]
        .concat(),
    );
    let house = House::start(&last, &[], &[]);
    let told = house.handshake(&authority, &["-verify_hostname", "linekey.test"]);
    assert!(told.unwrap().contains("Verification: OK"));
}

/// A folder whose data are a store that schema 3 wrote, with its key.
pub(crate) fn of_schema_3() -> Folder {
    let folder = Folder::new();
    let data = folder.data();
    std::fs::create_dir_all(&data).unwrap();
    let store: &[u8] = include_bytes!("../it/stores/schema-3.redb");
    let key: &[u8] = include_bytes!("../it/stores/schema-3.key");
    for (name, bytes) in [("linekey.redb", store), ("linekey.key", key)] {
        std::fs::write(format!("{data}/{name}"), bytes).unwrap();
    }
    folder
}

/// T04. Schema 3 knew no office CA: the first start of this Linekey makes one, which later ones keep.
#[test]
fn after_an_upgrade_one_ca_is_made_and_kept() {
    let folder = of_schema_3();
    let house = House::start(&folder, &[], &[]);
    let Some(first) = shown(&house) else { return };
    let authority = house.authority(&folder);
    let told = house.handshake(&authority, &["-verify_hostname", "linekey.test"]);
    assert!(told.unwrap().contains("Verification: OK"));
    drop(house);
    for start in 0..3 {
        let house = House::start(&folder, &[], &[]);
        assert_eq!(shown(&house).unwrap(), first, "start {start}");
    }
}
