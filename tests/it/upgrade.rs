//! A store that an older Linekey wrote.

use std::path::Path;
use std::time::Duration;

use linekey::rules::change::{Change, LettersChange};
use linekey::rules::id::{AccountId, Email, Username};
use linekey::rules::letters::language::Language;
use linekey::rules::letters::letter::{Content, Letter, LetterKind};
use linekey::rules::moment::{Fresh, Moment, Reading};
use linekey::rules::office::backup::{Recipe, Root, Sealer, Table};
use linekey::rules::office::journal::Actor;
use linekey::rules::office::settings::Phones;
use linekey::rules::people::account::Effort;
use linekey::rules::people::one_time::Slot;
use linekey::rules::people::session::By;
use linekey::rules::phones::device::DeviceId;
use linekey::rules::secret::SealKey;
use linekey::rules::time::Date;
use linekey::rules::verdict::Verdict;
use linekey::store::Store;
use redb::{Database, ReadableDatabase, TableDefinition};

use crate::program::{Folder, Program, command, refused};
use crate::wait::let_pass;

const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");

/// Schema 1, as version 0.1.0 wrote it before there were letters: sessions of 48 hours, and a name.
fn schema_1(path: &Path) {
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
        kind: LetterKind::Invite,
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

/// A store that the version of that schema really wrote (`stores/`): an administrator who came in by one-time password
/// and has a password, the people 101 and 102 with their links, and sessions of 48 hours, all by that version's HTTP
/// interface.
fn of_schema(schema: u32) -> (Folder, Store) {
    let folder = Folder::new();
    let path = folder.path().join("linekey.redb");
    let name = format!("tests/it/stores/schema-{schema}.redb");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(name), &path).unwrap();
    let store = Store::open(&path).unwrap();
    assert!(folder.path().join(format!("linekey.redb.schema-{schema}")).exists());
    (folder, store)
}

/// What every version's store has.
#[track_caller]
fn holds_what_it_held(store: &Store) {
    holds(store, true);
}

/// The same; but sessions and links only where they are `open`: a restore ends them.
#[track_caller]
fn holds(store: &Store, open: bool) {
    let found = store.read(|facts| {
        let people = facts.people_after(None, 10)?;
        let mira = people.first().expect("101 is there");
        assert_eq!(
            (mira.account.username(), mira.account.name.as_str()),
            ("101", "Mira Ünal")
        );
        assert_eq!(mira.account.email, Some(Email::parse("mira@example.org").unwrap()));
        assert_eq!(
            facts
                .account_by_username(&Username::from_typed("MIRA@example.org"))?
                .as_ref(),
            Some(&mira.account)
        );
        assert!(people.iter().all(|listed| listed.invited_until.is_some() == open));
        let administrators = facts.administrators()?;
        assert_eq!(administrators.len(), 1);
        assert!(administrators[0].password.is_some());
        let sessions = facts.sessions_of(administrators[0].id)?;
        let lengths: Vec<_> = sessions.iter().map(|one| (one.until - one.opened).0).collect();
        assert_eq!(lengths, vec![48 * 3600 * 15; usize::from(open)], "opened under 30 days");
        let one_time = facts.one_time(Slot::Flags)?.expect("its mark stays");
        assert!(one_time.spent && one_time.username.as_str() == "admin");
        let events: Vec<String> = facts
            .journal(None, 100, |_| true)?
            .into_iter()
            .map(|(_, line)| line.event)
            .collect();
        for event in [
            "one-time-used",
            "signed-in",
            "account-added",
            "link-made",
            "settings-changed",
            "password-set",
        ] {
            assert!(events.iter().any(|found| found == event), "{event} of {events:?}");
        }
        assert_eq!(facts.settings()?.session_hours, 48);
        Ok(people.len())
    });
    assert_eq!(found.unwrap(), 2);
}

#[test]
fn a_store_that_schema_1_wrote_holds_what_it_held() {
    let (_folder, store) = of_schema(1);
    holds_what_it_held(&store);
    let settings = store.read(|facts| facts.settings()).unwrap();
    assert_eq!(
        (settings.invite_hours, settings.reset_minutes),
        (168, 60),
        "what schema 1 had not"
    );
}

/// That version's store has a mail server too, and a letter to 101 in its outbox: it opens with the key of that folder.
#[test]
fn a_store_that_schema_2_wrote_holds_what_it_held() {
    let (_folder, store) = of_schema(2);
    holds_what_it_held(&store);
    let relay = store
        .read(|facts| facts.relay())
        .unwrap()
        .expect("the mail server stays");
    assert_eq!((relay.server.as_str(), relay.port), ("127.0.0.1", 9));
    let letters = store.read(|facts| facts.letters()).unwrap();
    let [(_, letter)] = letters.as_slice() else {
        panic!("{letters:?}")
    };
    let key = SealKey::new(*include_bytes!("stores/schema-2.key"));
    let content = letter.open(&key).expect("it was sealed under that key");
    assert!(matches!(content, Content::Invite { name, .. } if name == "Mira Ünal"));
}

/// That version's store knows sessions without their passkey, no devices and no settings of phones.
#[test]
fn a_store_that_schema_3_wrote_holds_what_it_held() {
    let (_folder, store) = of_schema(3);
    holds_what_it_held(&store);
    let (settings, devices, letters, next) = store
        .read(|facts| {
            Ok((
                facts.settings()?,
                facts.devices()?,
                facts.letters()?,
                facts.next_device()?,
            ))
        })
        .unwrap();
    assert!(settings.people_set_sip_passwords, "was set then");
    assert_eq!(
        (settings.phones, devices, next),
        (Phones::default(), Vec::new(), DeviceId(1))
    );
    let owner = store.read(|facts| facts.administrators()).unwrap().remove(0);
    let [session] = &store.read(|facts| facts.sessions_of(owner.id)).unwrap()[..] else {
        panic!("one session")
    };
    assert_eq!(
        (session.by, session.proved_by, &session.passkey),
        (By::OneTime, By::OneTime, &None)
    );
    let [(_, letter)] = letters.as_slice() else {
        panic!("{letters:?}")
    };
    let key = SealKey::new(*include_bytes!("stores/schema-3.key"));
    let content = letter.open(&key).expect("it was sealed under that key");
    assert!(matches!(content, Content::Invite { name, .. } if name == "Mira Ünal"));
}

#[test]
fn a_board_is_measured_once_and_its_password_checks_stay_within_the_memory() {
    let folder = Folder::new();
    let data = folder.data();
    let flags = ["--data", data.as_str(), "--http", "127.0.0.1:0"];
    let path = Path::new(&data).join("linekey.redb");
    let found_after = |seconds| {
        let program = Program::start(&flags);
        // It measures beside its work, so the end of it is not seen from outside.
        let_pass(Duration::from_secs(seconds));
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

/// Gives a store another schema.
fn say_schema(path: &Path, schema: u32) {
    let database = Database::open(path).unwrap();
    let turn = database.begin_write().unwrap();
    let mut meta = turn.open_table(META).unwrap();
    meta.insert("schema", schema.to_le_bytes().as_slice()).unwrap();
    drop(meta);
    turn.commit().unwrap();
}

fn said_schema(path: &Path) -> Vec<u8> {
    let database = Database::open(path).unwrap();
    let meta = database.begin_read().unwrap().open_table(META).unwrap();
    meta.get("schema").unwrap().unwrap().value().to_vec()
}

#[test]
fn a_store_of_a_newer_linekey_is_refused_and_stays_as_it_is() {
    let folder = Folder::new();
    let data = folder.data();
    let flags = ["--data", data.as_str(), "--http", "127.0.0.1:0"];
    drop(Program::start(&flags));
    let path = Path::new(&data).join("linekey.redb");
    say_schema(&path, 99);
    let (status, said) = refused(&flags, &[]);
    assert_eq!(status, 2);
    assert!(
        said.contains("newer Linekey (schema 99") && said.lines().count() == 1,
        "{said}"
    );
    assert_eq!(said_schema(&path), 99_u32.to_le_bytes());
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 2, "no copy is made of it");
}

#[test]
fn where_there_is_no_room_for_its_copy_an_older_store_stays_as_it_is() {
    let folder = Folder::new();
    let data = folder.data();
    std::fs::create_dir_all(&data).unwrap();
    let path = Path::new(&data).join("linekey.redb");
    std::fs::write(&path, include_bytes!("stores/schema-2.redb")).unwrap();
    std::fs::write(format!("{data}/linekey.key"), include_bytes!("stores/schema-2.key")).unwrap();
    // In the way of the copy, so that it is never made.
    std::fs::create_dir(format!("{data}/linekey.redb.unfinished")).unwrap();
    let flags = ["--data", data.as_str(), "--http", "127.0.0.1:0"];
    let (status, said) = refused(&flags, &[]);
    assert!(status == 2 && said.lines().count() == 1, "{said}");
    assert_eq!(
        said_schema(&path),
        2_u32.to_le_bytes(),
        "the old program still opens it"
    );
    std::fs::remove_dir(format!("{data}/linekey.redb.unfinished")).unwrap();
    drop(Program::start(&flags));
    assert_eq!(said_schema(&path.with_extension("redb.schema-2")), 2_u32.to_le_bytes());
}

/// A backup of that store and key.
fn backup_of(store: &[u8], key: [u8; 32]) -> Vec<u8> {
    let recipe = Recipe {
        effort: Effort { memory: 8, passes: 1 },
        salt: [3; 16],
    };
    let root = linekey::office::passwords::argon2id(b"twelve chars", &recipe.salt, recipe.effort).unwrap();
    let (mut sealer, mut file) = Sealer::new(&recipe, &Root::new(root), &[6; 16]);
    let lengths = [("key", key.len()), ("store", store.len())];
    let table = Table(lengths.map(|(name, length)| (name.to_owned(), length as u64)).to_vec());
    let content = [table.bytes().as_slice(), &key, store].concat();
    let mut chunks = content.chunks(64 * 1024).peekable();
    while let Some(chunk) = chunks.next() {
        let mut chunk = chunk.to_vec();
        sealer.seal(&mut chunk, chunks.peek().is_none());
        file.extend(chunk);
    }
    file
}

#[test]
fn a_backup_of_an_older_store_is_restored_and_brought_up_to_date_and_one_of_a_newer_is_refused() {
    let folder = Folder::new();
    let data = folder.data();
    let secret = folder.file("passphrase", "twelve chars");
    let (old, key) = (
        include_bytes!("stores/schema-2.redb"),
        *include_bytes!("stores/schema-2.key"),
    );
    let newer = folder.path().join("newer.redb");
    std::fs::write(&newer, old).unwrap();
    say_schema(&newer, 99);
    let restore = |name: &str, file: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, file).unwrap();
        let mut run = command();
        run.args([
            "--data",
            &data,
            "--backup-passphrase-file",
            &secret,
            "--yes",
            "--restore",
        ]);
        run.arg(path).output().unwrap()
    };
    let refused = restore("newer", &backup_of(&std::fs::read(&newer).unwrap(), key));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        said.contains("newer Linekey (schema 99") && said.lines().count() == 1,
        "{said}"
    );
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 0);
    assert!(restore("old", &backup_of(old, key)).status.success());
    drop(Program::start(&["--data", &data, "--http", "127.0.0.1:0"]));
    assert!(Path::new(&data).join("linekey.redb.schema-2").exists());
    holds(&Store::open(&Path::new(&data).join("linekey.redb")).unwrap(), false);
}
