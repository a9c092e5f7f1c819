//! A spare whose backups are partly of no use: damaged, of a clock that ran ahead, or no files at all.

use std::io::Read;
use std::path::Path;

use linekey::office::backup::{Backup, Locked};
use linekey::rules::office::backup::Passphrase;
use linekey::rules::office::schedule;
use linekey::rules::secret::SealKey;
use linekey::rules::time::{Date, Ttl};
use linekey::store::Store;
use serde_json::json;

use crate::house::{House, wait_for};
use crate::program::Folder;
use crate::spare::{Closed, PASSPHRASE, backed_up, set};

/// Octets of what damages a file.
const MUCH: usize = 20 << 20;

/// A backup of what the office has now, dated so many seconds from now: its name, and its bytes.
fn dated(house: &House, later: u64) -> (String, Vec<u8>) {
    let data = house.folder.data();
    let copy = Folder::new();
    let path = copy.path().join("linekey.redb");
    std::fs::copy(Path::new(&data).join("linekey.redb"), &path).unwrap();
    let key: [u8; 32] = std::fs::read(Path::new(&data).join("linekey.key"))
        .unwrap()
        .try_into()
        .unwrap();
    let key = SealKey::new(key);
    let store = Store::open(&path).unwrap();
    let now = store.read(|facts| facts.newest()).unwrap().unwrap() + Ttl(later);
    let locked = Locked::by(&Passphrase::typed(PASSPHRASE), [1; 16]).unwrap();
    let mut bytes = Vec::new();
    let mut taken = Backup::take(&store, &key, &locked, [2; 16], Date(now.0)).unwrap();
    taken.read_to_end(&mut bytes).unwrap();
    (schedule::name(&schedule::prefix(&key), now), bytes)
}

/// Octets that a process handed to the system to be written so far.
fn written(spare: &Closed) -> u64 {
    let io = std::fs::read_to_string(format!("/proc/{}/io", spare.child.id())).unwrap();
    let line = io.lines().find_map(|line| line.strip_prefix("wchar: ")).unwrap();
    line.parse().unwrap()
}

/// A spare of that place, in that folder.
fn spare_of(place: &Folder, data: &str, secret: &str) -> Closed {
    let shared = place.path().to_str().unwrap();
    let flags = ["--data", data, "--http", "127.0.0.1:0", "--clock", "battery"];
    let standby = ["--standby", shared, "--backup-passphrase-file", secret];
    let spare = Closed::spare(&[&flags[..], &standby].concat());
    // From now on it hears signals.
    spare.get("/");
    spare
}

fn copied(spare: &Closed, data: &str, backup: &Path) {
    let (copy, newest) = (Path::new(data).join("linekey.spare"), std::fs::read(backup).unwrap());
    wait_for("the copy", || {
        spare.look_now();
        std::fs::read(&copy).is_ok_and(|copy| copy == newest).then_some(())
    });
}

#[test]
fn a_damaged_file_with_a_later_name_keeps_no_spare_from_the_others_and_is_hardly_copied() {
    let (place, secret, board) = (Folder::new(), Folder::new(), Folder::new());
    let passphrase = secret.file("passphrase", PASSPHRASE);
    let mut house = House::open(&[]);
    set(&mut house, json!({ "folder": place.path() }));
    let first = backed_up(&mut house, "");
    let (later, mut bytes) = dated(&house, 1800);
    bytes.resize(bytes.len() + MUCH, 0x5a);
    let (fifo, _) = dated(&house, 1900);
    let damaged = || std::fs::write(place.path().join(&later), &bytes).unwrap();
    damaged();
    let made = std::process::Command::new("mkfifo")
        .arg(place.path().join(&fifo))
        .status();
    assert!(made.unwrap().success());
    let data = board.data();
    let spare = spare_of(&place, &data, &passphrase);
    copied(&spare, &data, &place.path().join(&first));
    wait_for("what is wrong with the newest", || {
        let page = spare.get("/");
        (page.contains(&fifo) && page.contains("is no file")).then_some(())
    });
    let before = written(&spare);
    let second = backed_up(&mut house, &first);
    // The board lets it go, as it is of the future.
    damaged();
    copied(&spare, &data, &place.path().join(&second));
    let third = backed_up(&mut house, &second);
    copied(&spare, &data, &place.path().join(&third));
    let wrote = written(&spare) - before;
    assert!(wrote < u64::try_from(MUCH).unwrap(), "{wrote} bytes");
}

#[test]
fn a_spare_lets_go_of_a_backup_of_the_future_once_there_is_one_with_a_true_date() {
    let (place, secret, board) = (Folder::new(), Folder::new(), Folder::new());
    let passphrase = secret.file("passphrase", PASSPHRASE);
    let mut house = House::open(&[]);
    let (ahead, bytes) = dated(&house, Ttl::days(300).0);
    std::fs::write(place.path().join(&ahead), bytes).unwrap();
    let data = board.data();
    let spare = spare_of(&place, &data, &passphrase);
    copied(&spare, &data, &place.path().join(&ahead));
    wait_for("its age", || {
        spare.get("/").contains("made in the future").then_some(())
    });
    set(&mut house, json!({ "folder": place.path() }));
    let now = backed_up(&mut house, "");
    copied(&spare, &data, &place.path().join(&now));
    wait_for("its age", || spare.get("/").contains("0 minutes").then_some(()));
}
