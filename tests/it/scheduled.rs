//! Backups that are made by themselves: written, opened again, rotated, told of; and a passphrase that is tried.

use std::collections::BTreeSet;
use std::path::Path;

use data_encoding::BASE64;
use linekey::http::edge::message::Method;
use linekey::office::backups;
use linekey::rules::office::backup::{CHUNK, HEAD, TAG};
use linekey::rules::office::journal::Actor;
use serde_json::{Value, json};

use crate::backup::opened;
use crate::office::{Browser, DAY, HOUR, MINUTE, Office, Reply};
use crate::program::Folder;
use crate::scale;

pub const COMPOSED: &str = "caf\u{e9} au lait, deux fois";
const DECOMPOSED: &str = "cafe\u{301} au lait, deux fois\n";
const ANOTHER: &str = "another four words today";

pub fn put(browser: &mut Browser<'_>, body: &Value) -> Reply {
    browser.send(browser.request(Method::PUT, "/api/backups", body))
}

pub fn hourly(folder: &Path, keep: u32) -> Value {
    json!({ "folder": folder, "every_hours": 1, "keep": keep, "passphrase": DECOMPOSED })
}

/// The names in a folder, oldest first.
pub fn names(folder: &Path) -> Vec<String> {
    let all: BTreeSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    all.into_iter().collect()
}

fn events(administrator: &mut Browser<'_>) -> Vec<String> {
    let lines = administrator.get("/api/journal?limit=50").expect(200).json;
    let lines = lines["lines"].as_array().unwrap().iter();
    let events = lines.map(|line| line["event"].as_str().unwrap().to_owned());
    events.filter(|event| event.starts_with("backup")).collect()
}

/// As the appliance does it by itself.
pub fn by_itself(office: &Office) {
    smol::block_on(backups::make_if_due(&office.state)).unwrap();
}

#[test]
fn what_was_set_is_made_when_it_is_due_opened_again_rotated_and_told() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    let folder = Folder::new();
    assert_eq!(administrator.get("/api/backups").expect(200).json["state"], "off");
    let set = put(&mut administrator, &hourly(folder.path(), 3)).expect(200).json;
    assert_eq!(set["state"], "first");
    assert_eq!(set["schedule"]["every_hours"], 1);
    assert_eq!(set["schedule"]["folder"], json!(folder.path()));
    let left = folder.path().join("notes.txt");
    std::fs::write(&left, "mine").unwrap();
    for _ in 0..6 {
        by_itself(&office);
        by_itself(&office);
        office.pass(HOUR);
    }
    let kept = names(folder.path());
    assert_eq!(kept.len(), 4, "{kept:?}");
    assert!(kept[2].ends_with("-2026-11-23T130000Z.backup"), "{kept:?}");
    let file = std::fs::read(folder.path().join(&kept[2])).unwrap();
    for passphrase in [COMPOSED, DECOMPOSED] {
        assert_eq!(opened(&file, passphrase).unwrap()["key"], [7; 32]);
    }
    administrator.prove_by_passkey(&authenticator).expect(200);
    let now = administrator.get("/api/backups").expect(200).json;
    assert_eq!(now["state"], "fine");
    assert_eq!(now["good"]["file"], json!(kept[2]));
    assert_eq!(now["good"]["bytes"], file.len());
    // One line in a day for those that go well.
    assert_eq!(events(&mut administrator), ["backup-made", "backups-changed"]);
    put(&mut administrator, &hourly(folder.path(), 4)).expect(200);
    let told = administrator.get("/api/journal?event=backups-changed").expect(200).json;
    let told = told["lines"][0]["about"].as_str().unwrap().to_owned();
    assert!(told.starts_with("keep 3 → 4"), "{told}");
    put(&mut administrator, &hourly(folder.path(), 3)).expect(200);
    office.pass(5 * HOUR);
    let late = administrator.get("/api/backups").expect(200).json;
    assert_eq!(late["state"], "overdue");
    administrator.prove_by_passkey(&authenticator).expect(200);
    let made = administrator.post("/api/backups/make", Value::Null).expect(200).json;
    assert_eq!(made["state"], "fine");
    administrator.delete("/api/backups").expect(204);
    administrator.delete("/api/backups").refused(404, "not-found");
    administrator
        .post("/api/backups/make", Value::Null)
        .refused(404, "not-found");
    assert_eq!(names(folder.path()).len(), 4, "the files stay");
}

#[test]
fn no_two_files_under_one_passphrase_have_the_same_key_stream() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let folder = Folder::new();
    put(&mut administrator, &hourly(folder.path(), 9)).expect(200);
    for _ in 0..2 {
        by_itself(&office);
        office.pass(HOUR);
    }
    let files: Vec<_> = names(folder.path())
        .iter()
        .map(|name| std::fs::read(folder.path().join(name)).unwrap())
        .collect();
    assert_eq!(files[0][..40], files[1][..40], "the passphrase was hashed once");
    // Both chunks begin with the same table: under one key and nonce they would be the same.
    assert_ne!(files[0][HEAD..HEAD + 16], files[1][HEAD..HEAD + 16]);
}

#[test]
fn without_a_passphrase_or_a_folder_nothing_is_set_and_nothing_written() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let folder = Folder::new();
    let refused = |body: Value, field: &str| {
        let reply = put(&mut administrator.clone(), &body).refused(422, "invalid");
        assert_eq!(reply.json["field"], field, "{body}");
        reply.json["message"].as_str().unwrap().to_owned()
    };
    let path = folder.path();
    let said = refused(json!({ "folder": path, "every_hours": 1, "keep": 3 }), "passphrase");
    assert!(said.contains("nothing is ever written in the clear"), "{said}");
    refused(
        json!({ "folder": path, "every_hours": 1, "keep": 3, "passphrase": "short" }),
        "passphrase",
    );
    refused(
        json!({ "folder": "/nowhere", "every_hours": 1, "keep": 3, "passphrase": COMPOSED }),
        "folder",
    );
    refused(
        json!({ "folder": "/etc/passwd", "every_hours": 1, "keep": 3, "passphrase": COMPOSED }),
        "folder",
    );
    refused(json!({ "folder": path, "keep": 3, "passphrase": COMPOSED }), "daily_at");
    refused(
        json!({ "folder": path, "daily_at": "25:00", "keep": 3, "passphrase": COMPOSED }),
        "daily_at",
    );
    refused(
        json!({ "folder": path, "every_hours": 0, "keep": 3, "passphrase": COMPOSED }),
        "every_hours",
    );
    refused(
        json!({ "folder": path, "every_hours": 1, "keep": 0, "passphrase": COMPOSED }),
        "keep",
    );
    by_itself(&office);
    assert_eq!(names(path), [""; 0]);
    assert_eq!(administrator.get("/api/backups").expect(200).json["state"], "off");
}

#[test]
fn a_failure_is_told_with_its_reason_once_and_the_last_good_one_keeps_its_date() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    let folder = Folder::new();
    let place = folder.path().join("stick");
    std::fs::create_dir(&place).unwrap();
    put(&mut administrator, &hourly(&place, 3)).expect(200);
    by_itself(&office);
    let good = administrator.get("/api/backups").expect(200).json["good"].clone();
    std::fs::remove_dir_all(&place).unwrap();
    office.pass(HOUR);
    for _ in 0..3 {
        by_itself(&office);
        office.pass(MINUTE);
    }
    let now = administrator.get("/api/backups").expect(200).json;
    assert_eq!((&now["state"], &now["good"]), (&json!("failed"), &good));
    assert_eq!(now["bad"]["said"], "the folder is not there");
    assert_eq!(
        events(&mut administrator),
        ["backup-failed", "backup-made", "backups-changed"]
    );
    // It is back, with what a cut run left in it.
    std::fs::create_dir(&place).unwrap();
    let unfinished = good["file"]
        .as_str()
        .unwrap()
        .replace("2026-11-23T080000Z.backup", "unfinished");
    std::fs::write(place.join(&unfinished), "half of").unwrap();
    by_itself(&office);
    let now = administrator.get("/api/backups").expect(200).json;
    assert_eq!(now["state"], "fine");
    assert_eq!(names(&place), [now["good"]["file"].as_str().unwrap()]);
    assert_eq!(
        events(&mut administrator)[0],
        "backup-made",
        "that it works again is news"
    );
    // A folder in the place of the file that is to be made.
    office.pass(HOUR);
    std::fs::create_dir(place.join(&unfinished)).unwrap();
    by_itself(&office);
    let said = administrator.get("/api/backups").expect(200).json;
    assert_eq!(said["state"], "failed", "{said}");
    std::fs::remove_dir(place.join(&unfinished)).unwrap();
    administrator.prove_by_passkey(&authenticator).expect(200);
    let made = administrator.post("/api/backups/make", Value::Null).expect(200).json;
    assert_eq!(made["state"], "fine");
}

#[test]
fn backups_wait_for_the_date_and_say_so() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let folder = Folder::new();
    put(&mut administrator, &hourly(folder.path(), 3)).expect(200);
    office.lose_the_date();
    by_itself(&office);
    assert_eq!(administrator.get("/api/backups").expect(200).json["state"], "no-date");
    administrator
        .post("/api/backups/make", Value::Null)
        .refused(503, "no-date");
    assert_eq!(names(folder.path()), [""; 0]);
    office.learn_the_date();
    by_itself(&office);
    assert_eq!(names(folder.path()).len(), 1);
}

/// The two ends of a file, as the page sends them.
fn ends(file: &[u8], passphrase: &str) -> Value {
    let whole = CHUNK + TAG;
    let last = (file.len().saturating_sub(HEAD)).div_ceil(whole).saturating_sub(1);
    let end = if last > 0 { &file[HEAD + last * whole..] } else { &[] };
    json!({
        "passphrase": passphrase,
        "length": file.len(),
        "start": BASE64.encode(&file[..file.len().min(HEAD + whole)]),
        "end": BASE64.encode(end),
    })
}

#[test]
fn after_another_passphrase_each_file_opens_with_its_own_and_the_page_tells_which_without_restoring() {
    let office = Office::open();
    let (mut administrator, authenticator) = office.administrator();
    scale::fill(&office, 200);
    let folder = Folder::new();
    put(&mut administrator, &hourly(folder.path(), 9)).expect(200);
    by_itself(&office);
    let first = office.now();
    office.pass(HOUR);
    administrator.prove_by_passkey(&authenticator).expect(200);
    let mut other = hourly(folder.path(), 9);
    other["passphrase"] = json!(ANOTHER);
    put(&mut administrator, &other).expect(200);
    by_itself(&office);
    // What is changed besides leaves the passphrase as it is.
    let daily = json!({ "folder": folder.path(), "daily_at": "23:59", "keep": 9 });
    office.pass(MINUTE);
    put(&mut administrator, &daily).expect(200);
    by_itself(&office);
    let kept = names(folder.path());
    let files: Vec<_> = kept
        .iter()
        .map(|name| std::fs::read(folder.path().join(name)).unwrap())
        .collect();
    assert_eq!(files.len(), 3);
    assert!(files[0].len() > HEAD + 2 * (CHUNK + TAG));
    let mut tried = |file: &[u8], passphrase: &str| {
        let body = ends(file, passphrase);
        administrator.post("/api/backup/try", body).expect(200).json
    };
    for spelling in [COMPOSED, DECOMPOSED, "  caf\u{e9} au lait, deux fois \r\n"] {
        assert_eq!(
            tried(&files[0], spelling),
            json!({ "fits": true, "taken": first, "said": null })
        );
        assert!(opened(&files[0], spelling).is_ok());
        for file in &files[1..] {
            let said = tried(file, spelling);
            assert_eq!(said["fits"], false);
            assert!(said["said"].as_str().unwrap().contains("not its passphrase"), "{said}");
        }
    }
    for file in &files[1..] {
        assert_eq!(tried(file, ANOTHER)["fits"], true);
        assert!(opened(file, ANOTHER).is_ok());
    }
    let file = &files[0];
    let short = file[..file.len() - 1].to_vec();
    let border = file[..HEAD + CHUNK + TAG].to_vec();
    let mut swollen = file.clone();
    swollen[18] = 1;
    let mut last = file.clone();
    *last.last_mut().unwrap() ^= 1;
    for (odd, why) in [
        (short, "cut short"),
        (border, "cut short"),
        (last, "cut short"),
        (b"hello".to_vec(), "not a backup"),
        (swollen, "more work"),
        (Vec::new(), "not a backup"),
    ] {
        let said = tried(&odd, COMPOSED);
        assert!(
            said["fits"] == false && said["said"].as_str().unwrap().contains(why),
            "{why}: {said}"
        );
    }
    let odd = json!({ "passphrase": COMPOSED, "length": 3, "start": "*" });
    administrator.post("/api/backup/try", odd).refused(422, "invalid");
    assert_eq!(office.now(), first + HOUR + MINUTE);
}

#[test]
fn a_passphrase_that_was_set_under_another_key_makes_no_backup_and_says_what_to_do() {
    let disk = crate::disk::Disk::empty();
    let folder = Folder::new();
    {
        let office = Office::over(disk.clone(), 1);
        let (mut administrator, _) = office.administrator();
        put(&mut administrator, &hourly(folder.path(), 3)).expect(200);
    }
    let office = Office::with_key(disk, 2, [8; 32]);
    office.pass(DAY);
    let made = smol::block_on(backups::make(&office.state, Actor::APPLIANCE)).unwrap();
    assert_eq!(made, Ok(false));
    let outcomes = office.state.store.read(|facts| facts.outcomes()).unwrap();
    assert!(outcomes.bad.unwrap().trouble.to_string().contains("set it again"));
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn an_old_backup_that_cannot_be_removed_is_told_until_it_can() {
    let (office, folder) = (Office::open(), Folder::new());
    let (mut administrator, _) = office.administrator();
    assert_eq!(administrator.get("/api/backups").expect(200).json["stay"], Value::Null);
    put(&mut administrator, &hourly(folder.path(), 1)).expect(200);
    let first = administrator.post("/api/backups/make", json!({})).expect(200).json;
    assert_eq!((&first["state"], &first["stay"]), (&json!("fine"), &Value::Null));
    // Something of a backup's name that no file is, as another program may leave.
    let name = first["good"]["file"].as_str().unwrap();
    let old = folder.path().join(name.replace("-20", "-19"));
    std::fs::create_dir(&old).unwrap();
    office.pass(MINUTE);
    let second = administrator.post("/api/backups/make", json!({})).expect(200).json;
    assert_eq!(second["state"], "fine", "the new one is good all the same");
    let stay = second["stay"].as_str().unwrap();
    assert!(stay.contains(old.file_name().unwrap().to_str().unwrap()), "{stay}");
    assert!(stay.contains("cannot be removed"), "{stay}");
    assert_eq!(administrator.get("/api/backups").expect(200).json["stay"], stay);
    std::fs::remove_dir(&old).unwrap();
    office.pass(MINUTE);
    let third = administrator.post("/api/backups/make", json!({})).expect(200).json;
    assert_eq!((&third["state"], &third["stay"]), (&json!("fine"), &Value::Null));
}
