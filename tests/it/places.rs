//! What stands in the place of a file that a backup is to be written to or read from: it stays what it is.

use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::Path;
use std::process::Command;

use linekey::office::backups::folder::Folder as Open;
use linekey::office::backups::shelf::Shelf;
use linekey::rules::moment::{Moment, Reading};
use linekey::rules::office::journal::Actor;
use linekey::rules::office::upkeep;
use linekey::rules::secret::SealKey;
use linekey::rules::time::Date;
use linekey::store::Store;

use crate::backup::{errand, stopped};
use crate::left_out::left_out;
use crate::program::{Folder, Program, command, refused};

const PASSPHRASE: &str = "four words on paper";
const OTHERS: &str = "somebody else's";
const READING: Reading = Reading {
    date: Date(1_795_420_800),
    known: true,
    running: Date(1_795_420_800),
};

/// A stopped appliance, and the file with the passphrase.
fn of_an_office() -> (Folder, String, String) {
    let folder = Folder::new();
    let data = folder.data();
    stopped(&data);
    let secret = folder.file("passphrase", PASSPHRASE);
    (folder, data, secret)
}

fn made(program: &str, arguments: &[&str], at: &Path) -> bool {
    let made = Command::new(program).arg(at).args(arguments).output();
    made.is_ok_and(|made| made.status.success())
}

#[test]
fn a_backup_takes_the_place_of_no_file_of_the_appliance_nor_of_the_passphrase_nor_of_what_is_no_file() {
    let (folder, data, secret) = of_an_office();
    let own = |name: &str| format!("{data}/{name}");
    let at = |name: &str| folder.path().join(name);
    std::fs::hard_link(own("linekey.key"), at("key.backup")).unwrap();
    std::fs::write(own("linekey.spare"), OTHERS).unwrap();
    std::fs::create_dir(at("folder")).unwrap();
    symlink(&secret, at("link")).unwrap();
    symlink(&data, at("data-by-link")).unwrap();
    assert!(made("mkfifo", &[], &at("fifo")));
    let text = |name: &str| at(name).to_str().unwrap().to_owned();
    let own_sentence = "keeps a file of its own there";
    let mut cases = vec![
        (own("linekey.redb"), own_sentence),
        (own("linekey.key"), own_sentence),
        (own("linekey.restore"), own_sentence),
        (own("linekey.reset"), own_sentence),
        (own("linekey.spare"), own_sentence),
        (own("LINEKEY.REDB"), own_sentence),
        (own("linekey.redb.schema-3"), own_sentence),
        (format!("{}/linekey.redb", text("data-by-link")), own_sentence),
        (text("key.backup"), own_sentence),
        (secret.clone(), "the file with the passphrase"),
        (text("folder"), "it is a folder"),
        (text("link"), "it is a link"),
        (text("fifo"), "it is no file"),
        ("-".to_owned(), "not to the standard output"),
    ];
    // A node of /dev/null's numbers in the test's own folder.
    if made("mknod", &["c", "1", "3"], &at("device")) {
        cases.push((text("device"), "it is no file"));
    } else {
        left_out("a device node takes root");
    }
    let before =
        [own("linekey.redb"), own("linekey.key"), own("linekey.spare")].map(|file| std::fs::read(file).unwrap());
    for (file, why) in cases {
        let flags = [
            "--data",
            &data,
            "--backup",
            &file,
            "--backup-passphrase-file",
            &secret,
            "--yes",
        ];
        let (status, said) = refused(&flags, &[]);
        assert!(status == 2 && said.contains(why), "{file}: {said}");
    }
    let after =
        [own("linekey.redb"), own("linekey.key"), own("linekey.spare")].map(|file| std::fs::read(file).unwrap());
    assert!(before == after);
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), PASSPHRASE);
    assert!(at("fifo").metadata().unwrap().file_type().is_fifo());
    assert!(at("link").is_symlink());
    let mut kept: Vec<_> = std::fs::read_dir(&data)
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    kept.sort();
    assert_eq!(kept, ["linekey.key", "linekey.redb", "linekey.spare"]);
}

#[test]
fn a_file_that_is_no_backup_is_written_over_only_where_that_was_confirmed() {
    let (folder, data, secret) = of_an_office();
    let file = folder.file("letter.txt", OTHERS);
    let flags = ["--data", &data, "--backup", &file, "--backup-passphrase-file", &secret];
    let (_, said) = refused(&flags, &[]);
    assert!(said.contains("is no backup") && said.contains("Add --yes"), "{said}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), OTHERS);
    errand(&[&flags[..], &["--yes"]].concat());
    // A backup is written over by the next one, and an empty file has nothing to lose.
    errand(&flags);
    std::fs::write(&file, "").unwrap();
    errand(&flags);
    assert!(std::fs::read(&file).unwrap().starts_with(b"linekey backup\n"));
}

#[test]
fn what_is_written_aside_goes_through_no_link_and_into_no_file_with_another_name() {
    let (folder, data, secret) = of_an_office();
    let victim = folder.file("victim", OTHERS);
    let intact = |what: &str| assert_eq!(std::fs::read_to_string(&victim).unwrap(), OTHERS, "{what}");
    // What lies beside a backup under any name stays.
    let file = folder.path().join("office.backup");
    let beside = folder.file("office.backup.unfinished", OTHERS);
    let path = file.to_str().unwrap();
    errand(&["--data", &data, "--backup", path, "--backup-passphrase-file", &secret]);
    assert_eq!(std::fs::read_to_string(&beside).unwrap(), OTHERS);
    // The names that a restore, a new store and a snapshot are written under.
    let asides = [
        "linekey.restore-store",
        "linekey.restore-key",
        "linekey.restore-marker",
        "linekey.redb.snapshot",
    ];
    for link in [
        |from: &str, to: &str| symlink(from, to),
        |from: &str, to: &str| std::fs::hard_link(from, to),
    ] {
        for aside in asides {
            std::fs::remove_file(format!("{data}/{aside}")).unwrap_or_default();
            link(&victim, &format!("{data}/{aside}")).unwrap();
        }
        errand(&["--data", &data, "--backup", path, "--backup-passphrase-file", &secret]);
        intact("a backup");
        errand(&[
            "--data",
            &data,
            "--restore",
            path,
            "--backup-passphrase-file",
            &secret,
            "--yes",
        ]);
        intact("a restore");
        let new = Folder::new();
        std::fs::create_dir(new.data()).unwrap();
        for aside in ["linekey.new", "linekey.new-key"] {
            link(&victim, &format!("{}/{aside}", new.data())).unwrap();
        }
        stopped(&new.data());
        intact("a first start");
        let place = Folder::new();
        let aside = place.path().join("linekey-1-board-unfinished");
        link(&victim, aside.to_str().unwrap()).unwrap();
        let open = Open::open(place.path().to_str().unwrap(), None).unwrap();
        open.put("linekey-1-board", 2, &mut b"ok".as_slice()).unwrap();
        intact("a mark");
        assert_eq!(std::fs::read(place.path().join("linekey-1-board")).unwrap(), b"ok");
    }
}

#[test]
fn a_fifo_or_a_device_in_the_place_of_a_file_is_told_and_not_waited_for() {
    let place = Folder::new();
    assert!(made("mkfifo", &[], &place.path().join("fifo")));
    std::fs::create_dir(place.path().join("folder")).unwrap();
    let mut names = vec!["fifo", "folder"];
    if made("mknod", &["c", "1", "5"], &place.path().join("zero")) {
        names.push("zero");
    }
    let open = Open::open(place.path().to_str().unwrap(), None).unwrap();
    for name in names {
        let said = open.small(name).err().unwrap().to_string();
        let kind = if name == "folder" { "is a folder" } else { "is no file" };
        assert!(said.contains(kind), "{name}: {said}");
        assert!(Shelf::read(&open, name).is_err());
    }
    assert!(matches!(open.small("nothing"), Ok(None)));
}

#[test]
fn an_older_store_stays_as_it_is_to_the_byte_where_there_is_no_room_for_its_copy() {
    let folder = Folder::new();
    let data = folder.data();
    std::fs::create_dir(&data).unwrap();
    let store = include_bytes!("stores/schema-3.redb");
    let path = format!("{data}/linekey.redb");
    std::fs::write(&path, store).unwrap();
    std::fs::write(format!("{data}/linekey.key"), include_bytes!("stores/schema-3.key")).unwrap();
    let flags = ["--data", &data, "--http", "127.0.0.1:0"];
    let run = Command::new("bash")
        .args(["-c", "ulimit -f 16; exec \"$@\"", "bash", env!("CARGO_BIN_EXE_linekey")])
        .args(flags)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(!run.status.success() && said.contains("ulimit"), "{said}");
    assert!(std::fs::read(&path).unwrap() == store, "the older store was written to");
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 2, "nothing is left aside");
    stopped(&data);
    assert!(std::fs::read(format!("{path}.schema-3")).unwrap() == store);
}

#[test]
fn a_store_whose_file_was_moved_away_takes_no_writes_until_it_is_back() {
    let folder = Folder::new();
    let path = folder.path().join("linekey.redb");
    let store = Store::open(&path).unwrap();
    let write = || {
        let moment = Moment::new(READING, [1; 32]);
        let turn = store.turn_now(Actor::APPLIANCE, moment, |facts, _| {
            facts.newest()?;
            Ok(upkeep::key_noted(SealKey::new([7; 32]).check()))
        });
        turn.is_ok()
    };
    assert!(write() && store.writable().is_ok());
    let away = folder.path().join("away");
    std::fs::rename(&path, &away).unwrap();
    assert!(!write());
    let said = format!("{:?}", store.writable().err().unwrap());
    assert!(said.contains("moved away"), "{said}");
    // Another file in its place is not it.
    std::fs::copy(&away, &path).unwrap();
    assert!(!write() && store.writable().is_err());
    std::fs::rename(&away, &path).unwrap();
    assert!(write() && store.writable().is_ok());
    drop(store);
    let again = Store::open(&path).unwrap();
    assert!(again.read(|facts| facts.key_check()).unwrap().is_some());
}

#[test]
fn a_factory_reset_says_which_files_in_its_folder_it_leaves() {
    let (folder, data, _) = of_an_office();
    std::fs::write(format!("{data}/linekey-1-2026.backup"), OTHERS).unwrap();
    let flags = ["--data", &data, "--http", "127.0.0.1:0", "--factory-reset", "--yes"];
    let log = folder.path().join("log");
    let mut command = command();
    command.args(flags).stderr(std::fs::File::create(&log).unwrap());
    drop(Program::run(command).unwrap());
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(
        said.contains("left what is not the appliance's own") && said.contains("linekey-1-2026.backup"),
        "{said}"
    );
}
