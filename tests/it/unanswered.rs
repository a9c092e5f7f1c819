//! Places for backups that do not answer, that hold what is no file, or that are none.

use std::path::Path;
use std::time::Duration;

use linekey::office::backups;
use linekey::office::backups::mark::Looked;
use linekey::rules::office::{schedule, tenure};
use linekey::rules::time::Date;
use linekey::store::Store;
use serde_json::{Value, json};

use crate::backup::opened;
use crate::office::{DAY, Office};
use crate::program::Folder;
use crate::scheduled::{COMPOSED, by_itself, hourly, names, put};

#[test]
fn a_place_that_does_not_answer_is_told_and_holds_up_nothing_else() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let folder = Folder::new();
    put(&mut administrator, &hourly(folder.path(), 3)).expect(200);
    // As a call to a share whose server is gone: it comes back when it likes.
    let (gone, back) = std::sync::mpsc::channel::<()>();
    let hangs = move || back.recv().is_err();
    let hung = smol::block_on(office.state.left_behind.wait(Duration::from_millis(20), hangs));
    assert_eq!(hung, None);
    for _ in 0..2 {
        let made = administrator.post("/api/backups/make", Value::Null).expect(200).json;
        assert_eq!(made["state"], "failed");
        assert_eq!(made["bad"]["said"], "the folder does not answer");
    }
    assert_eq!(smol::block_on(backups::look(&office.state)).unwrap(), Looked::Silent);
    put(&mut administrator, &hourly(folder.path(), 4)).refused(422, "invalid");
    let download = json!({ "passphrase": COMPOSED });
    administrator.post("/api/backup", download).expect(200);
    assert_eq!(names(folder.path()), [""; 0]);
    drop(gone);
    while smol::block_on(backups::look(&office.state)).unwrap() == Looked::Silent {
        std::thread::yield_now();
    }
    let made = administrator.post("/api/backups/make", Value::Null).expect(200).json;
    assert_eq!(made["state"], "fine");
}

#[test]
fn what_is_no_file_in_the_place_of_the_mark_or_of_a_backup_holds_up_no_backup() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let folder = Folder::new();
    put(&mut administrator, &hourly(folder.path(), 3)).expect(200);
    let prefix = schedule::prefix(&office.state.key);
    for name in [tenure::name(&prefix), schedule::unfinished(&prefix)] {
        let fifo = std::process::Command::new("mkfifo")
            .arg(folder.path().join(name))
            .status();
        assert!(fifo.unwrap().success());
    }
    assert_eq!(smol::block_on(backups::look(&office.state)).unwrap(), Looked::Unknown);
    let made = administrator.post("/api/backups/make", Value::Null).expect(200).json;
    assert_eq!(made["state"], "fine");
    let file = std::fs::read(folder.path().join(made["good"]["file"].as_str().unwrap())).unwrap();
    assert!(opened(&file, COMPOSED).is_ok());
}

#[test]
fn an_old_backup_that_cannot_be_removed_keeps_no_other_from_going() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let folder = Folder::new();
    put(&mut administrator, &hourly(folder.path(), 2)).expect(200);
    let prefix = schedule::prefix(&office.state.key);
    let old = |day: u64| schedule::name(&prefix, Date(office.now() - day * DAY));
    // A folder is removed by nobody; it is the oldest.
    std::fs::create_dir(folder.path().join(old(9))).unwrap();
    for day in 5..8 {
        std::fs::write(folder.path().join(old(day)), "old").unwrap();
    }
    by_itself(&office);
    let now = administrator.get("/api/backups").expect(200).json["good"]["file"].clone();
    assert_eq!(names(folder.path()), [old(9), old(5), now.as_str().unwrap().to_owned()]);
}

#[test]
fn a_folder_of_the_appliance_or_of_the_system_keeps_no_backups() {
    let data = Folder::new();
    let store = Store::open(&data.path().join("linekey.redb")).unwrap();
    let within = data.path().join("backups");
    std::fs::create_dir(&within).unwrap();
    let link = Folder::new();
    std::os::unix::fs::symlink(&within, link.path().join("link")).unwrap();
    for own in [data.path(), &within, &link.path().join("link")] {
        assert!(store.is_around(own), "{}", own.display());
    }
    assert!(!store.is_around(data.path().parent().unwrap()) && !store.is_around(link.path()));
    let office = Office::open();
    let (administrator, _) = office.administrator();
    for system in ["/", "/dev", "/dev/shm/..", "/proc", "/sys/kernel"] {
        let reply = put(&mut administrator.clone(), &hourly(Path::new(system), 2)).refused(422, "invalid");
        let said = reply.json["message"].as_str().unwrap().to_owned();
        assert!(said.contains("the system’s own"), "{system}: {said}");
    }
}
