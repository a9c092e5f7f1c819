//! A store that an older Linekey wrote.

use linekey::rules::change::{Change, LettersChange};
use linekey::rules::id::{AccountId, Email};
use linekey::rules::letters::language::Language;
use linekey::rules::letters::letter::{Kind, Letter};
use linekey::rules::moment::{Fresh, Moment, Reading};
use linekey::rules::office::journal::Actor;
use linekey::rules::secret::SealKey;
use linekey::rules::time::Date;
use linekey::rules::verdict::Verdict;
use linekey::store::Store;
use redb::{Database, ReadableDatabase, TableDefinition};

use crate::program::{Folder, Program};

const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");

/// Schema 1, as version 0.1.0 wrote it before there were letters: sessions of 48 hours, and a name.
fn schema_1(path: &std::path::Path) {
    let database = Database::create(path).unwrap();
    let turn = database.begin_write().unwrap();
    {
        let mut meta = turn.open_table(META).unwrap();
        meta.insert("schema", 1_u32.to_le_bytes().as_slice()).unwrap();
        // Postcard: 48, some name of 9 bytes.
        meta.insert("settings", [&[48, 1, 9], b"localhost".as_slice()].concat().as_slice())
            .unwrap();
    }
    turn.commit().unwrap();
}

#[test]
fn a_store_of_schema_1_is_copied_aside_and_keeps_what_was_set() {
    let folder = Folder::new();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    let path = data.join("linekey.redb");
    schema_1(&path);
    std::fs::write(data.join("linekey.key"), [7; 32]).unwrap();
    let before = std::fs::read(&path).unwrap();
    let program = Program::start(&["--data", data.to_str().unwrap(), "--http", "127.0.0.1:0"]);
    program.signal("TERM");
    assert!(program.ended().0.success());
    let aside = data.join("linekey.redb.schema-1");
    let old = Database::open(&aside).unwrap();
    let kept = old
        .begin_read()
        .unwrap()
        .open_table(META)
        .unwrap()
        .get("schema")
        .unwrap()
        .unwrap()
        .value()
        .to_vec();
    assert_eq!(kept, 1_u32.to_le_bytes());
    assert_eq!(
        std::fs::metadata(&aside).unwrap().len(),
        u64::try_from(before.len()).unwrap()
    );
    let settings = Store::open(&path).unwrap().read(|facts| facts.settings()).unwrap();
    assert_eq!((settings.session_hours, settings.invite_hours), (48, 168));
    assert_eq!(settings.name.unwrap().as_str(), "localhost");
}

/// Schema 2 had no languages; all else is as it was.
#[test]
fn a_store_of_schema_2_keeps_its_letters_and_learns_languages() {
    let folder = Folder::new();
    let path = folder.path().join("linekey.redb");
    let store = || Store::open(&path).unwrap();
    let write = |change: Change| {
        let reading = Reading {
            date: Date(1_795_420_800),
            known: true,
            running: Date(0),
        };
        let moment = Moment::new(reading, [1; 32]);
        let turn = store().turn_now(Actor::APPLIANCE, moment, |_, _| Ok(Verdict::yes((), vec![change])));
        turn.unwrap().unwrap();
    };
    let letter = Letter {
        to: Email::parse("mira@example.org").unwrap(),
        about: AccountId(1),
        kind: Kind::Invite,
        queued: Date(1_795_420_800),
        next: Date(1_795_420_800),
        tries: 0,
        said: None,
        given_up: false,
        content: SealKey::new([7; 32]).seal("letter", b"", b"", &mut Fresh::seeded([1; 32])),
    };
    write(Change::Letters(LettersChange::LetterQueued(letter.clone())));
    let database = Database::open(&path).unwrap();
    let turn = database.begin_write().unwrap();
    let languages: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("languages");
    assert!(turn.delete_table(languages).unwrap());
    turn.open_table(META)
        .unwrap()
        .insert("schema", 2_u32.to_le_bytes().as_slice())
        .unwrap();
    turn.commit().unwrap();
    drop(database);
    let kept = store().read(|facts| Ok((facts.letters()?, facts.language(AccountId(1))?)));
    assert_eq!(kept.unwrap(), (vec![(0, letter)], None));
    write(Change::Letters(LettersChange::LanguageLearnt(
        AccountId(1),
        Language::French,
    )));
    let learnt = store().read(|facts| facts.language(AccountId(1)));
    assert_eq!(learnt.unwrap(), Some(Language::French));
    assert!(folder.path().join("linekey.redb.schema-2").exists());
}

#[test]
fn a_board_is_measured_once_and_its_password_checks_stay_within_the_memory() {
    let folder = Folder::new();
    let data = folder.data();
    let flags = ["--data", data.as_str(), "--http", "127.0.0.1:0"];
    let path = std::path::Path::new(&data).join("linekey.redb");
    let found_after = |seconds| {
        let program = Program::start(&flags);
        // It measures beside its work, so the end of it is not seen from outside.
        std::thread::sleep(std::time::Duration::from_secs(seconds));
        program.signal("TERM");
        assert!(program.ended().0.success());
        Store::open(&path).unwrap().read(|facts| facts.effort()).unwrap()
    };
    // As long as a busy machine needs.
    let effort = [2, 4, 8, 16, 32].into_iter().find_map(found_after).expect("measured");
    assert!(
        effort.memory <= 16 * 1024 && effort.memory >= 2 * 1024 && effort.passes >= 2,
        "{effort:?}"
    );
    assert_eq!(found_after(2), Some(effort), "what was measured stays");
}
