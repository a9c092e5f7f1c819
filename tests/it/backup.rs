//! Backups: what they hold, who takes them, and that nothing comes of one that is not whole. `tests/outside/backup.rs`
//! kills the program in the middle.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use linekey::http::edge::message::Method;
use linekey::office::backup::{self, Backup, Locked, Unopened};
use linekey::rules::id::Extension;
use linekey::rules::office::backup::{CHUNK, Flaw, HEAD, Passphrase, TAG};
use linekey::rules::secret::SealKey;
use linekey::rules::time::Date;
use linekey::store::Store;
use redb::{Database, ReadableDatabase, ReadableTableMetadata, TableHandle};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::left_out::left_out;
use crate::office::{DAY, Office};
use crate::program::{Folder, Program, refused};
use crate::scale;

const PASSPHRASE: &str = "caf\u{e9} au lait, deux fois";

/// The parts by name, if it is whole.
pub fn opened(file: &[u8], passphrase: &str) -> Result<BTreeMap<String, Vec<u8>>, Unopened> {
    let mut parts = BTreeMap::<String, Vec<u8>>::new();
    backup::open(file, &Passphrase::typed(passphrase), |part, bytes| {
        parts.entry(part.to_owned()).or_default().extend(bytes);
        Ok(())
    })?;
    Ok(parts)
}

fn downloaded(office: &Office) -> Vec<u8> {
    let (mut administrator, _) = office.administrator();
    office.person(&mut administrator, "101", 1);
    scale::fill(office, 200);
    let reply = administrator
        .post("/api/backup", json!({ "passphrase": PASSPHRASE }))
        .expect(200);
    assert_eq!(
        reply.field("content-disposition"),
        Some("attachment; filename=\"linekey-2026-11-23.backup\"")
    );
    let newest = administrator.get("/api/journal?limit=1").expect(200).json;
    assert_eq!(newest["lines"][0]["event"], "backup-taken");
    reply.bytes
}

#[test]
fn a_backup_from_the_page_holds_the_store_as_it_was_and_the_key() {
    let office = Office::open();
    let parts = opened(&downloaded(&office), PASSPHRASE).unwrap();
    assert_eq!(parts.keys().collect::<Vec<_>>(), ["key", "store", "taken"]);
    assert_eq!(parts["taken"], office.now().to_le_bytes());
    assert_eq!(parts["key"], [7; 32]);
    let folder = Folder::new();
    let path = folder.path().join("restored.redb");
    std::fs::write(&path, &parts["store"]).unwrap();
    let of = |store: &Store| {
        store
            .read(|facts| {
                let person = facts.account_by_username(&(&Extension::parse("101").unwrap()).into())?;
                let person = person.expect("101 is there");
                Ok((
                    person.name.to_string(),
                    facts.passkeys_of(person.id)?.len(),
                    facts.settings()?.session_hours,
                ))
            })
            .unwrap()
    };
    assert_eq!(of(&Store::open(&path).unwrap()), of(&office.state.store));
}

#[test]
fn a_backup_wants_a_long_passphrase_and_a_fresh_proof() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    for short in ["eleven char", "  eleven char \n", ""] {
        let reply = administrator.post("/api/backup", json!({ "passphrase": short }));
        assert_eq!(reply.refused(422, "invalid").json["field"], "passphrase");
    }
    office.pass(DAY / 24);
    administrator
        .post("/api/backup", json!({ "passphrase": PASSPHRASE }))
        .refused(403, "prove-again");
}

#[test]
fn one_backup_is_downloaded_at_a_time_and_the_next_when_that_is_over() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let wanted = json!({ "passphrase": PASSPHRASE });
    let request = administrator.request(Method::POST, "/api/backup", &wanted);
    let download = office.stream(&mut administrator, request);
    administrator.post("/api/backup", wanted.clone()).refused(503, "busy");
    drop(download);
    administrator.post("/api/backup", wanted).expect(200);
}

#[test]
fn what_is_not_whole_is_refused_for_the_right_reason() {
    let file = downloaded(&Office::open());
    assert!(file.len() > HEAD + 2 * (CHUNK + TAG), "the test wants three chunks");
    let flaw = |file: &[u8], passphrase: &str| match opened(file, passphrase) {
        Err(Unopened::Flaw(flaw)) => Some(flaw),
        _ => None,
    };
    assert_eq!(flaw(&file, "another passphrase"), Some(Flaw::Passphrase));
    assert_eq!(flaw(&file[..20], PASSPHRASE), Some(Flaw::NoBackup));
    assert_eq!(flaw(&file[..HEAD], PASSPHRASE), Some(Flaw::CutShort));
    let borders = (HEAD + CHUNK + TAG..file.len()).step_by(CHUNK + TAG);
    for border in borders {
        assert_eq!(flaw(&file[..border], PASSPHRASE), Some(Flaw::CutShort), "{border}");
    }
    let mut damaged = file.clone();
    damaged[HEAD + 17] ^= 4;
    assert_eq!(flaw(&damaged, PASSPHRASE), Some(Flaw::Damaged));
    let mut newer = file.clone();
    newer[15] = 2;
    assert_eq!(flaw(&newer, PASSPHRASE), Some(Flaw::Newer(2)));
    let decomposed = "cafe\u{301} au lait, deux fois\n";
    assert_eq!(opened(&file, decomposed).unwrap()["key"], [7; 32]);
}

/// What another reader, written from DESIGN.md, finds in it.
#[test]
fn another_reader_opens_it_by_the_layout_alone() {
    let file = downloaded(&Office::open());
    let folder = Folder::new();
    let path = folder.path().join("office.backup");
    std::fs::write(&path, &file).unwrap();
    let reader = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/backup_reader.py");
    let wants = Command::new("/usr/bin/python3")
        .args(["-c", "import argon2, cryptography"])
        .output();
    if !wants.is_ok_and(|wants| wants.status.success()) {
        left_out("python3 with python3-argon2 and python3-cryptography is not there");
        return;
    }
    let read = Command::new("/usr/bin/python3")
        .arg(reader)
        .arg(&path)
        .arg(PASSPHRASE)
        .output()
        .unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let parts = opened(&file, PASSPHRASE).unwrap();
    let expected: String = ["taken", "key", "store"]
        .map(|name| {
            let part = &parts[name];
            let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(part));
            format!("{name} {} {hash}\n", part.len())
        })
        .concat();
    assert_eq!(String::from_utf8_lossy(&read.stdout), expected);
}

/// Every table of a database with the number of its rows.
fn tables(path: &Path) -> BTreeMap<String, u64> {
    let database = Database::open(path).unwrap();
    let reader = database.begin_read().unwrap();
    let tables = reader.list_tables().unwrap();
    tables
        .map(|table| {
            let name = table.name().to_owned();
            (name, reader.open_untyped_table(table).unwrap().len().unwrap())
        })
        .collect()
}

#[test]
fn a_snapshot_has_every_row_and_leaves_no_file() {
    let folder = Folder::new();
    let path = folder.path().join("linekey.redb");
    let office = Office::over(redb::backends::FileBackend::new(file(&path)).unwrap(), 1);
    scale::fill(&office, 300);
    drop(office);
    let store = Store::open(&path).unwrap();
    let snapshot = store.snapshot().unwrap();
    let mut bytes = vec![0; usize::try_from(snapshot.length()).unwrap()];
    snapshot.read(0, &mut bytes).unwrap();
    let names = || std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names(), 1, "the store alone");
    drop((snapshot, store));
    let copy = folder.path().join("copy.redb");
    std::fs::write(&copy, bytes).unwrap();
    let rows = tables(&copy);
    assert_eq!(rows, tables(&path));
    assert_eq!(rows["account-passkeys"], 900);
}

fn file(path: &Path) -> std::fs::File {
    let mut made = std::fs::OpenOptions::new();
    made.create_new(true).read(true).write(true).open(path).unwrap()
}

/// A stopped appliance in that folder.
pub fn stopped(data: &str) {
    let program = Program::start(&["--data", data, "--http", "127.0.0.1:0"]);
    program.signal("TERM");
    assert!(program.ended().0.success());
}

/// Runs an errand that must succeed: what it prints.
pub fn errand(flags: &[&str]) -> String {
    let run = crate::program::command().args(flags).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn flags_back_up_a_stopped_store_and_restore_it_elsewhere_or_in_place() {
    let (here, there) = (Folder::new(), Folder::new());
    let (data, elsewhere) = (here.data(), there.data());
    stopped(&data);
    let secret = here.file("passphrase", "cafe\u{301} au lait, deux fois\n");
    let same_secret = there.file("passphrase", PASSPHRASE);
    let file = here.path().join("office.backup");
    let path = file.to_str().unwrap();
    let said = errand(&["--data", &data, "--backup", path, "--backup-passphrase-file", &secret]);
    assert!(said.contains("it was read again, and opens"), "{said}");
    assert_eq!(
        opened(&std::fs::read(&file).unwrap(), PASSPHRASE).unwrap()["key"].len(),
        32
    );
    let restore = |data: &str| {
        errand(&[
            "--data",
            data,
            "--restore",
            path,
            "--backup-passphrase-file",
            &same_secret,
            "--yes",
        ])
    };
    let said = restore(&elsewhere);
    assert!(said.contains("Restored") && !said.contains("before"), "{said}");
    stopped(&elsewhere);
    for number in 1..=2 {
        let said = restore(&data);
        assert!(said.contains(&format!("linekey.key.before-restore-{number}")), "{said}");
    }
    stopped(&data);
    let mut names: Vec<_> = std::fs::read_dir(&data)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut expected = vec!["linekey.key".to_owned(), "linekey.redb".to_owned()];
    expected.extend(
        ["key", "redb"]
            .into_iter()
            .flat_map(|file| [1, 2].map(|number| format!("linekey.{file}.before-restore-{number}"))),
    );
    expected.sort();
    assert_eq!(names, expected);
    // A reset of everything takes them along.
    let reset = Program::start(&["--data", &data, "--http", "127.0.0.1:0", "--factory-reset", "--yes"]);
    drop(reset);
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 2);
}

#[test]
fn what_cannot_be_backed_up_or_restored_is_one_sentence_and_changes_nothing() {
    let folder = Folder::new();
    let data = folder.data();
    stopped(&data);
    let secret = folder.file("passphrase", PASSPHRASE);
    let other = folder.file("other", "another passphrase");
    let short = folder.file("short", "short");
    let file = folder.path().join("office.backup");
    let path = file.to_str().unwrap();
    let backup = ["--data", &data, "--backup", path, "--backup-passphrase-file"];
    errand(&[&backup[..], &[&secret]].concat());
    let whole = std::fs::read(&file).unwrap();
    let variant = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let cut = variant("cut", &whole[..whole.len() - 1]);
    let mut bytes = whole.clone();
    bytes[HEAD + 9] ^= 1;
    let damaged = variant("damaged", &bytes);
    let mut bytes = whole.clone();
    bytes[15] = 9;
    let newer = variant("newer", &bytes);
    let store = format!("{data}/linekey.redb");
    let empty = folder.path().join("empty").to_str().unwrap().to_owned();
    // Looking at a store to back it up may tidy its file.
    let unwritable = refused(
        &[
            "--data",
            &data,
            "--backup",
            "/nowhere/x",
            "--backup-passphrase-file",
            &secret,
        ],
        &[],
    );
    let before = std::fs::read(&store).unwrap();
    let restore = |file: &str, secret: &str, more: &[&str]| {
        let flags = ["--data", &data, "--restore", file, "--backup-passphrase-file", secret];
        refused(&[&flags[..], more].concat(), &[])
    };
    let yes = &["--yes"][..];
    let cases = [
        (restore(path, &secret, &[]), "Add --yes"),
        (restore(path, &other, yes), "passphrase"),
        (restore(&cut, &secret, yes), "cut short"),
        (restore(&damaged, &secret, yes), "damaged"),
        (restore(&newer, &secret, yes), "newer Linekey"),
        (restore(&store, &secret, yes), "not a backup"),
        (restore(&data, &secret, yes), "it is a folder"),
        (restore("/dev/null", &secret, yes), "it is no file"),
        (restore("/nowhere/office.backup", &secret, yes), "cannot be read"),
        (restore(path, "/nowhere", yes), "passphrase cannot be read"),
        (
            refused(&[&backup[..], &[&short]].concat(), &[]),
            "at least 12 characters",
        ),
        (
            refused(&["--data", &data, "--backup", path], &[]),
            "--backup-passphrase-file",
        ),
        (
            refused(
                &["--data", &empty, "--backup", path, "--backup-passphrase-file", &secret],
                &[],
            ),
            "nothing to back up",
        ),
        (
            refused(&["--data", &data, "--backup", path, "--restore", path], &[]),
            "give one",
        ),
        (unwritable, "cannot be written"),
    ];
    for ((status, said), reason) in cases {
        assert_eq!(status, 2, "{said}");
        assert!(said.contains(reason) && said.lines().count() == 1, "{reason}: {said}");
    }
    assert!(std::fs::read(&store).unwrap() == before, "the store stays as it was");
    let running = Program::start(&["--data", &data, "--http", "127.0.0.1:0"]);
    let (status, said) = restore(path, &secret, yes);
    assert!(status == 2 && said.contains("in use"), "{said}");
    drop(running);
    assert_eq!(std::fs::read(&file).unwrap(), whole, "the last good backup stays");
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 2, "nothing is left aside");
}

/// Releases before kept blanks of other kinds as they were typed: their backups open by what was typed then.
#[test]
fn a_backup_that_was_sealed_under_the_form_of_before_is_restored() {
    let (here, there) = (Folder::new(), Folder::new());
    let data = here.data();
    stopped(&data);
    let typed = "caf\u{e9}\u{a0}au\u{2003}lait, deux fois";
    let passphrase = Passphrase::typed(typed);
    let older = passphrase.forms().last().unwrap();
    assert_ne!(older, passphrase.bytes(), "the form of before is another one");
    let locked = Locked::in_form(older, [3; 16]).unwrap();
    let key = std::fs::read(Path::new(&data).join("linekey.key")).unwrap();
    let key = SealKey::new(key.try_into().unwrap());
    let file = here.path().join("before.backup");
    {
        let store = Store::open(&Path::new(&data).join("linekey.redb")).unwrap();
        let mut taken = Backup::take(&store, &key, &locked, [5; 16], Date(1_795_420_800)).unwrap();
        std::io::copy(&mut taken, &mut std::fs::File::create(&file).unwrap()).unwrap();
    }
    let restore = |words: &str| {
        let secret = there.file("passphrase", words);
        let (data, file) = (there.data(), file.to_str().unwrap().to_owned());
        let flags = [
            "--data",
            &data,
            "--restore",
            &file,
            "--backup-passphrase-file",
            &secret,
            "--yes",
        ];
        crate::program::command().args(flags).output().unwrap()
    };
    let refused = restore(PASSPHRASE);
    assert!(
        !refused.status.success(),
        "plain blanks are another form, which did not seal it"
    );
    let done = restore(typed);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    stopped(&there.data());
}
