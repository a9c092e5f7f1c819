//! A large office fits: on the disk, in the journal, on pages of lists.

use std::fs::OpenOptions;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use linekey::rules::change::{Change, LettersChange};
use redb::backends::FileBackend;
use serde_json::json;

use crate::office::Office;
use crate::program::Folder;
use crate::scale::{fill, write};

/// What the store takes of the disk, in bytes: holes take nothing.
fn takes(file: &Path) -> u64 {
    std::fs::metadata(file).unwrap().blocks() * 512
}

#[test]
fn a_thousand_people_and_a_full_journal_take_less_than_four_mebibytes_and_every_list_comes_in_pages() {
    let folder = Folder::new();
    let file = Path::new(&folder.data()).with_extension("redb");
    let disk = || {
        let mut options = OpenOptions::new();
        let opened = options.read(true).write(true).create(true).truncate(false).open(&file);
        FileBackend::new(opened.unwrap()).unwrap()
    };
    let office = Office::over(disk(), 1);
    let (mut administrator, _) = office.administrator();
    fill(&office, 1_000);
    write(&office, vec![Change::Letters(LettersChange::RelayRemoved); 10_000]);
    let page = administrator.get("/api/people").expect(200).json;
    assert_eq!(
        (page["people"].as_array().unwrap().len(), &page["next"]),
        (100, &json!("10099"))
    );
    let lines = administrator.get("/api/journal").expect(200).json["lines"].clone();
    assert_eq!(lines.as_array().unwrap().len(), 100);
    // While it grows redb doubles the file, and does not touch what it does not need.
    assert!(takes(&file) <= 4 << 20, "{} bytes while it is filled", takes(&file));
    drop(administrator);
    drop(office);
    let office = Office::over(disk(), 2);
    for _ in 0..100 {
        write(&office, vec![Change::Letters(LettersChange::RelayRemoved)]);
    }
    let length = std::fs::metadata(&file).unwrap().len();
    // Its length counts holes as well, and is rounded up as redb grows.
    assert!(length <= 9 << 19, "{length} bytes long after the next start");
    assert!(takes(&file) <= 4 << 20, "{} bytes after the next start", takes(&file));
}

#[test]
fn the_journal_keeps_its_newest_ten_thousand_lines() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    write(&office, vec![Change::Letters(LettersChange::RelayRemoved); 10_050]);
    administrator
        .post("/api/people", json!({ "extension": "101", "name": "Mira" }))
        .expect(201);
    let kept = office
        .state
        .store
        .read(|facts| facts.journal(None, usize::MAX, |_| true));
    let kept = kept.unwrap();
    assert_eq!(kept.len(), 10_000);
    let (newest, oldest) = (&kept[0], &kept[9_999]);
    assert_eq!((newest.1.event.as_str(), newest.0 - oldest.0), ("link-made", 9_999));
    assert_eq!(oldest.1.event, "mail-changed", "those of the first day went");
    let last = administrator
        .get(&format!("/api/journal?before={}", oldest.0 + 1))
        .expect(200)
        .json;
    assert_eq!(
        (last["lines"].as_array().unwrap().len(), &last["next"]),
        (1, &serde_json::Value::Null)
    );
}
