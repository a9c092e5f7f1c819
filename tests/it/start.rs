//! What stands around a start: the store with its key, secrets and flags as other systems save and set them.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use linekey::store::Store;

use crate::boot::{ANY_PORT, PASSWORD, sign_in};
use crate::flags::one_sentence;
use crate::program::{Folder, Program, refused};

/// A data folder that an appliance lived in, which has ended.
fn lived_in(folder: &Folder) -> PathBuf {
    let program = Program::start(&[
        "--data",
        &folder.data(),
        "--http",
        ANY_PORT,
        "--admin-password",
        PASSWORD,
    ]);
    assert_eq!(sign_in(&program, "admin", PASSWORD).1, 200);
    program.signal("TERM");
    assert!(program.ended().0.success());
    PathBuf::from(folder.data())
}

#[test]
fn a_store_is_not_opened_with_another_stores_key() {
    let folder = Folder::new();
    let data = lived_in(&folder);
    let key = data.join("linekey.key");
    let own = fs::read(&key).unwrap();
    assert_eq!(own.len(), 32);
    fs::write(&key, [9; 32]).unwrap();
    let flags = [
        "--data",
        &folder.data(),
        "--http",
        ANY_PORT,
        "--admin-password",
        PASSWORD,
    ];
    one_sentence(&flags, &["linekey.key", "not the key of this store", "--factory-reset"]);
    fs::write(&key, own).unwrap();
    Program::start(&flags);
}

#[test]
fn beside_another_stores_key_no_access_is_erased() {
    let folder = Folder::new();
    let data = lived_in(&folder);
    let (key, store) = (data.join("linekey.key"), data.join("linekey.redb"));
    let sessions = || {
        let store = Store::open(&store).unwrap();
        store.read(|facts| facts.all_sessions()).unwrap().len()
    };
    assert_eq!(sessions(), 1);
    let own = fs::read(&key).unwrap();
    let reset = [
        "--data",
        &folder.data(),
        "--http",
        ANY_PORT,
        "--factory-reset=access",
        "--yes",
    ];
    fs::write(&key, [9; 32]).unwrap();
    one_sentence(&reset, &["linekey.key", "not the key of this store"]);
    fs::remove_file(&key).unwrap();
    one_sentence(&reset, &["linekey.key", "missing"]);
    assert_eq!(sessions(), 1, "nothing was carried out");
    fs::write(&key, own).unwrap();
    drop(Program::start(&reset));
    assert_eq!(sessions(), 0);
}

#[test]
fn a_store_of_before_learns_its_key_at_the_next_start() {
    let folder = Folder::new();
    let data = PathBuf::from(folder.data());
    fs::create_dir(&data).unwrap();
    drop(Store::open(&data.join("linekey.redb")).unwrap());
    fs::write(data.join("linekey.key"), [7; 32]).unwrap();
    let flags = ["--data", &folder.data(), "--http", ANY_PORT];
    drop(Program::start(&flags));
    fs::write(data.join("linekey.key"), [9; 32]).unwrap();
    one_sentence(&flags, &["not the key of this store"]);
}

#[test]
fn whatever_stands_in_the_stores_place_beside_a_key_is_no_new_start() {
    let pipe = |path: &Path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    type Put<'a> = &'a dyn Fn(&Path);
    let cases: [(&str, Put<'_>); 6] = [
        ("missing", &|_| ()),
        ("missing or empty", &|path| fs::write(path, "").unwrap()),
        ("a link to a file that is not there", &|path| {
            symlink("/nowhere/linekey.redb", path).unwrap()
        }),
        ("no file", &|path| symlink("/dev/null", path).unwrap()),
        ("is a folder", &|path| fs::create_dir(path).unwrap()),
        ("no file", &pipe),
    ];
    for (words, put) in cases {
        let folder = Folder::new();
        let data = lived_in(&folder);
        let store = data.join("linekey.redb");
        fs::remove_file(&store).unwrap();
        put(&store);
        let flags = ["--data", &folder.data(), "--http", ANY_PORT];
        one_sentence(&flags, &["linekey.redb", words, "--factory-reset"]);
        assert!(data.join("linekey.key").exists());
        let mut anew = Program::start(&[&flags[..], &["--factory-reset", "--yes"]].concat());
        anew.printed_one_time();
    }
}

#[test]
fn a_key_that_is_no_file_or_a_lonely_copy_of_a_store_is_no_new_start_either() {
    let folder = Folder::new();
    let data = PathBuf::from(folder.data());
    fs::create_dir(&data).unwrap();
    let flags = ["--data", &folder.data(), "--http", ANY_PORT];
    let key = data.join("linekey.key");
    symlink("/dev/zero", &key).unwrap();
    one_sentence(&flags, &["linekey.key", "no file"]);
    fs::remove_file(&key).unwrap();
    fs::write(&key, "").unwrap();
    one_sentence(&flags, &["linekey.key", "32 bytes"]);
    fs::remove_file(&key).unwrap();
    fs::write(data.join("linekey.redb.schema-1"), "people").unwrap();
    one_sentence(&flags, &["linekey.redb.schema-1", "--factory-reset"]);
}

#[test]
fn a_store_that_is_damaged_or_none_names_its_path_and_the_ways_out() {
    let folder = Folder::new();
    let data = lived_in(&folder);
    let store = data.join("linekey.redb");
    let whole = fs::read(&store).unwrap();
    let flags = ["--data", &folder.data(), "--http", ANY_PORT];
    let foreign = folder.path().join("foreign.redb");
    let table: redb::TableDefinition<'_, u64, u64> = redb::TableDefinition::new("songs");
    let database = redb::Database::create(&foreign).unwrap();
    let turn = database.begin_write().unwrap();
    turn.open_table(table).unwrap().insert(1, 2).unwrap();
    turn.commit().unwrap();
    drop(database);
    let bare = folder.path().join("bare.redb");
    drop(redb::Database::create(&bare).unwrap());
    let zeroed: Vec<u8> = [vec![0; 4096], whole[4096..].to_vec()].concat();
    for bytes in [
        b"PK\x03\x04 no database".to_vec(),
        vec![0; 8192],
        zeroed,
        whole[..100].to_vec(),
        whole[..5000].to_vec(),
        whole[..whole.len() / 2].to_vec(),
        fs::read(&foreign).unwrap(),
        fs::read(&bare).unwrap(),
    ] {
        fs::write(&store, &bytes).unwrap();
        one_sentence(
            &flags,
            &[
                store.to_str().unwrap(),
                "is damaged, or no store",
                "--restore FILE",
                "--factory-reset",
            ],
        );
        assert_eq!(fs::read(&store).unwrap().len(), bytes.len(), "it is left as it is");
    }
    fs::write(&store, whole).unwrap();
    drop(Program::start(&flags));
}

#[test]
fn an_empty_store_or_an_owners_copy_alone_is_no_empty_folder() {
    let flags = |folder: &Folder| {
        [
            "--data".to_owned(),
            folder.data(),
            "--http".to_owned(),
            ANY_PORT.to_owned(),
        ]
    };
    for (name, content) in [
        ("linekey.redb", ""),
        ("linekey.redb.1", "people"),
        ("linekey.redb.bak", "people"),
        ("Linekey (copy).redb", "people"),
        ("linekey.key.old", "key"),
        ("linekey.redb.before-restore-1", "people"),
    ] {
        let folder = Folder::new();
        let data = PathBuf::from(folder.data());
        fs::create_dir(&data).unwrap();
        fs::write(data.join(name), content).unwrap();
        let flags = flags(&folder);
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        one_sentence(&flags, &[name, "--restore FILE", "--factory-reset"]);
        let mut anew = Program::start(&[&flags[..], &["--factory-reset", "--yes"]].concat());
        anew.printed_one_time();
    }
}

/// The store is in its place, and its key still aside.
#[test]
fn a_first_start_that_was_cut_short_before_its_last_step_is_finished_with_its_own_key_alone() {
    let folder = Folder::new();
    let data = lived_in(&folder);
    let (key, aside) = (data.join("linekey.key"), data.join("linekey.new-key"));
    let flags = ["--data", &folder.data(), "--http", ANY_PORT];
    let own = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    fs::write(&aside, [9; 32]).unwrap();
    one_sentence(&flags, &["linekey.key", "missing"]);
    fs::write(&aside, &own).unwrap();
    drop(Program::start(&flags));
    assert_eq!(fs::read(&key).unwrap(), own);
    assert!(!aside.exists());
}

#[test]
fn spent_flags_are_armed_again_while_nobody_can_administer_and_the_console_says_so() {
    let folder = Folder::new();
    lived_in(&folder);
    let flags = [
        "--data",
        &folder.data(),
        "--http",
        ANY_PORT,
        "--admin-password",
        PASSWORD,
    ];
    for _ in 0..2 {
        let program = Program::start(&flags);
        assert_eq!(sign_in(&program, "admin", PASSWORD).1, 200);
        assert_eq!(sign_in(&program, "admin", PASSWORD).1, 401, "once a start");
        program.signal("TERM");
        let said = program.ended().2;
        assert!(
            said.contains("Nobody can administer it") && said.contains("works once more, with the name admin"),
            "{said}"
        );
        assert!(!said.contains(PASSWORD), "{said}");
    }
}

#[test]
fn a_secret_is_read_as_windows_saves_it() {
    let utf16 = |mark: u16, bytes: fn(u16) -> [u8; 2]| {
        let text = format!("\r\n{PASSWORD}\r\nnotes\r\n");
        std::iter::once(mark)
            .chain(text.encode_utf16().collect::<Vec<_>>())
            .flat_map(bytes)
            .collect::<Vec<u8>>()
    };
    for saved in [
        format!("\u{feff}{PASSWORD}\r\n").into_bytes(),
        format!("\r\n \r\n  {PASSWORD}\t\r\nnotes").into_bytes(),
        utf16(0xfeff, u16::to_le_bytes),
        utf16(0xfeff, u16::to_be_bytes),
    ] {
        let folder = Folder::new();
        let file = folder.path().join("secret.txt");
        fs::write(&file, &saved).unwrap();
        let flags = [
            "--data",
            &folder.data(),
            "--http",
            ANY_PORT,
            "--admin-password-file",
            file.to_str().unwrap(),
        ];
        let program = Program::start(&flags);
        assert_eq!(sign_in(&program, "admin", PASSWORD).1, 200, "{saved:?}");
    }
}

#[test]
fn a_secret_from_what_is_no_file_or_says_nothing_is_refused_at_once() {
    let folder = Folder::new();
    let pipe = folder.path().join("pipe").to_str().unwrap().to_owned();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let blank = folder.file("blank", "\r\n\r\n");
    let long = folder.file("long", &"x".repeat(70_000));
    let latin = folder.path().join("latin").to_str().unwrap().to_owned();
    fs::write(&latin, b"gr\xfc\xdfe aus dem b\xfcro").unwrap();
    for (path, words) in [
        (pipe.as_str(), "FIFO"),
        ("/dev/zero", "device"),
        ("/", "folder"),
        (&blank, "empty"),
        (&long, "65536 bytes"),
        (&latin, "UTF-8"),
        ("/nowhere/secret", "no such file"),
    ] {
        for flag in ["--admin-password-file", "--admin-password-from"] {
            one_sentence(
                &["--data", &folder.data(), "--http", ANY_PORT, flag, path],
                &[path, words],
            );
        }
    }
    assert!(!Path::new(&folder.data()).exists(), "nothing was begun");
}

#[test]
fn an_empty_variable_is_unset_and_switches_take_true_and_false() {
    let folder = Folder::new();
    let data = folder.data();
    let flags = ["--data", data.as_str(), "--http", ANY_PORT];
    let unset = [
        "NAME",
        "ORIGIN",
        "HTTPS",
        "TLS_CERT",
        "TLS_KEY",
        "ADMIN_USERNAME",
        "ADMIN_PASSWORD",
        "FACTORY_RESET",
        "YES",
    ];
    let unset = unset.map(|name| format!("LINEKEY_{name}"));
    let unset: Vec<_> = unset.iter().map(|name| (name.as_str(), "")).collect();
    drop(Program::start_with(&flags, &unset));
    let no = [
        ("LINEKEY_NO_TIME_SERVER", "false"),
        ("LINEKEY_FACTORY_RESET", "False"),
        ("LINEKEY_YES", "off"),
    ];
    drop(Program::start_with(&flags, &no));
    drop(Program::start_with(
        &flags,
        &[("LINEKEY_NO_TIME_SERVER", "TRUE"), ("LINEKEY_YES", "true")],
    ));
    let (status, said) = refused(&flags, &[("LINEKEY_YES", "perhaps")]);
    assert!(
        status == 2 && said.contains("--yes") && said.contains("true or false"),
        "{said}"
    );
    // The same word, and its question is asked.
    let (status, said) = refused(&flags, &[("LINEKEY_FACTORY_RESET", "true")]);
    assert!(status == 2 && said.contains("--yes"), "{said}");
}

#[test]
fn a_name_that_people_mistake_has_a_sentence_of_its_own() {
    let folder = Folder::new();
    let data = folder.data();
    for (name, words) in [
        ("my_pbx.example.org", "underscore"),
        ("büro.example.org", "xn--"),
        ("pbx.example.org:8443", "port"),
        ("https://pbx.example.org", "https://"),
        ("pbx.example.org/", "slash"),
    ] {
        one_sentence(
            &["--data", &data, "--http", ANY_PORT, "--name", name],
            &["--name", words, name],
        );
    }
    let program = Program::start(&[
        "--data",
        &data,
        "--http",
        ANY_PORT,
        "--origin",
        "https://pbx.example.org/",
    ]);
    assert_eq!(program.url, "https://pbx.example.org");
}
