//! Rows of backups that are made by themselves.

use linekey::rules::change::{Change, OfficeChange};
use linekey::rules::office::difference::Difference;
use linekey::rules::office::schedule::bucket::Bucket;
use linekey::rules::office::schedule::{Bad, BucketTrouble, Good, Lock, Schedule, Trouble, When};
use linekey::rules::office::tenure::{BoardMark, Tenure};
use linekey::rules::people::account::Effort;
use linekey::rules::time::Date;
use linekey::store::Store;

use super::dump::rows;
use super::{NOW, sealed, write};
use crate::program::Folder;

fn schedule(when: When) -> Schedule {
    Schedule {
        folder: "/media/stick".to_owned(),
        when,
        keep: 14,
        lock: Lock {
            effort: Effort {
                memory: 7168,
                passes: 10,
            },
            salt: [0x91; 16],
            root: sealed(b"root"),
        },
        since: NOW,
    }
}

fn failed(trouble: Trouble) -> OfficeChange {
    let at = Date(NOW.0 + 2);
    OfficeChange::BackupFailed(Bad { at, trouble })
}

fn bucket() -> Bucket {
    Bucket {
        endpoint: "https://s3.example.org".to_owned(),
        name: "office".to_owned(),
        region: "us-east-1".to_owned(),
        access_key: "AK".to_owned(),
        secret: sealed(b"secret"),
        prefix: "linekey/".to_owned(),
    }
}

fn tenure() -> Tenure {
    Tenure {
        number: 2,
        board: [0xc1; 16],
        since: NOW,
        was_spare: true,
        told: true,
        folder: Some("/media/nas".to_owned()),
        replaced: Some(BoardMark {
            number: 3,
            board: [0xc2; 16],
            at: Date(NOW.0 + 3),
        }),
    }
}

pub fn changes() -> [OfficeChange; 5] {
    let good = Good {
        at: Date(NOW.0 + 1),
        file: "linekey-1.backup".to_owned(),
        bytes: 300,
    };
    let mount = Some("/media".to_owned());
    [
        OfficeChange::ScheduleSet(schedule(When::Daily(150)), mount.clone(), Difference::default()),
        OfficeChange::BackupMade(good, mount, true),
        failed(Trouble::Other("odd".to_owned())),
        OfficeChange::BucketSet(Some(bucket())),
        OfficeChange::TenureChanged(tenure()),
    ]
}

/// The rows that a change leaves in an empty store, without the keys that every store has.
fn left_by(change: OfficeChange) -> String {
    let folder = Folder::new();
    let path = folder.path().join("linekey.redb");
    write(&Store::open(&path).unwrap(), vec![Change::Office(change)], "192.0.2.1");
    let text = rows(&path);
    // `backups` and `backups-made`.
    let ours = text.lines().filter(|line| line.starts_with("6261636b757073"));
    ours.map(|line| line.split_once(' ').unwrap().1)
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn every_form_of_a_backups_row_has_the_bytes_of_schema_4() {
    let forms = [
        (Trouble::Absent, "00"),
        (Trouble::Broken("ab".to_owned()), "01026162"),
        (Trouble::Denied, "02"),
        (Trouble::Full, "03"),
        (Trouble::Missing, "04"),
        (Trouble::Other("ab".to_owned()), "05026162"),
        (Trouble::ReadOnly, "06"),
        (Trouble::Sealed, "07"),
        (
            Trouble::Bucket(BucketTrouble::Clock {
                here: Date(1),
                there: Date(2),
            }),
            "08000102",
        ),
        (Trouble::Replaced, "09"),
        (BucketTrouble::Cut.into(), "0801"),
        (BucketTrouble::Denied.into(), "0802"),
        (BucketTrouble::Expired.into(), "0803"),
        (BucketTrouble::Gone.into(), "0804"),
        (BucketTrouble::Key.into(), "0805"),
        (BucketTrouble::NoBucket.into(), "0806"),
        (BucketTrouble::NoServer.into(), "0807"),
        (BucketTrouble::Secret.into(), "0808"),
        (BucketTrouble::Status(500).into(), "0809f403"),
        (BucketTrouble::Untrusted.into(), "080a"),
        (BucketTrouble::Unreachable.into(), "080b"),
    ];
    for (trouble, bytes) in forms {
        // No mount, nothing good, something bad: NOW and 2 seconds as a varint.
        assert_eq!(left_by(failed(trouble)), format!("00000182e58fd806{bytes}01"));
    }
    let hourly = left_by(OfficeChange::ScheduleSet(
        schedule(When::Hours(6)),
        None,
        Difference::default(),
    ));
    assert!(hourly.contains("2f6d656469612f737469636b01060e80380a"), "{hourly}");
}
