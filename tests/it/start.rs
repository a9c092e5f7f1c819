//! What stands around a start: the store with its key, files as other systems save them, the log, signals and limits.

use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use linekey::store::Store;
use rcgen::generate_simple_self_signed;

use crate::boot::{ANY_PORT, PASSWORD, sign_in};
use crate::flags::one_sentence;
use crate::program::{Folder, Program, command, refused};

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
    let cases: [(&str, &dyn Fn(&Path)); 6] = [
        ("missing", &|_| ()),
        ("missing or empty", &|path| fs::write(path, "").unwrap()),
        ("a link to a file that is not there", &|path| {
            symlink("/nowhere/linekey.redb", path).unwrap()
        }),
        ("no file", &|path| symlink("/dev/null", path).unwrap()),
        ("no file", &|path| fs::create_dir(path).unwrap()),
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
        if store.is_dir() {
            fs::remove_dir(&store).unwrap();
        }
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

/// Runs it with what it says on standard error in that file.
pub fn heard(flags: &[&str], environment: &[(&str, &str)], log: &Path) -> Program {
    let mut command = command();
    command
        .args(flags)
        .envs(environment.iter().copied())
        .stderr(File::create(log).unwrap());
    Program::run(command).unwrap()
}

/// Waits until the log holds these words.
fn until_said(log: &Path, words: &str) -> String {
    for _ in 0..600 {
        let said = fs::read_to_string(log).unwrap();
        if said.contains(words) {
            return said;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("{words:?} is never said: {}", fs::read_to_string(log).unwrap());
}

#[test]
fn sighup_reads_the_certificate_again_and_goes_on() {
    let folder = Folder::new();
    let log = folder.path().join("log");
    let paper = |name: &str| generate_simple_self_signed([name.to_owned()]).unwrap();
    let made = paper("localhost");
    let (cert, key) = (
        folder.file("c.pem", &made.cert.pem()),
        folder.file("k.pem", &made.signing_key.serialize_pem()),
    );
    let data = folder.data();
    let flags = [
        "--data",
        &data,
        "--http",
        "off",
        "--https",
        ANY_PORT,
        "--tls-cert",
        &cert,
        "--tls-key",
        &key,
    ];
    let program = heard(&flags, &[], &log);
    program.signal("HUP");
    let said = until_said(&log, "the certificate was read again");
    assert!(!said.contains("browsers refuse"), "{said}");
    let other = paper("other.test");
    folder.file("c.pem", &other.cert.pem());
    program.signal("HUP");
    until_said(&log, "stays in use");
    folder.file("k.pem", &other.signing_key.serialize_pem());
    program.signal("HUP");
    let said = until_said(&log, "is for other.test, not for localhost");
    assert!(said.contains("does not belong to the first certificate"), "{said}");
    program.signal("TERM");
    assert!(program.ended().0.success());
}

#[test]
fn sighup_without_a_certificate_ends_nothing() {
    let folder = Folder::new();
    let log = folder.path().join("log");
    let program = heard(&["--data", &folder.data(), "--http", ANY_PORT], &[], &log);
    program.signal("HUP");
    until_said(&log, "nothing to read again");
    assert_eq!(sign_in(&program, "nobody", "wrong wrong wrong").1, 401);
    program.signal("TERM");
    assert!(program.ended().0.success());
}

#[test]
fn the_log_has_levels_where_standard_error_is_the_journals() {
    let folder = Folder::new();
    let log = folder.path().join("log");
    let here = |log: &Path| {
        let found = fs::metadata(log).unwrap();
        format!("{}:{}", found.dev(), found.ino())
    };
    File::create(&log).unwrap();
    for (stream, begins) in [
        (here(&log), "<5>told to reload"),
        ("8:1".to_owned(), "linekey: told to reload"),
    ] {
        let data = folder.data();
        let program = heard(
            &["--data", &data, "--http", ANY_PORT],
            &[("JOURNAL_STREAM", &stream)],
            &log,
        );
        program.signal("HUP");
        let said = until_said(&log, "told to reload");
        assert!(said.lines().any(|line| line.starts_with(begins)), "{stream}: {said}");
    }
}

#[test]
fn a_limit_of_a_files_size_ends_the_start_with_a_sentence() {
    let folder = Folder::new();
    let under_test = command();
    assert!(
        under_test.get_args().next().is_none() || cfg!(not(target_arch = "x86_64")),
        "not under an emulator"
    );
    let mut limited = Command::new("bash");
    limited
        .args(["-c", "ulimit -f 64; exec \"$0\" \"$@\""])
        .arg(under_test.get_program());
    limited
        .args(["--data", &folder.data(), "--http", ANY_PORT])
        .stdin(Stdio::null());
    let ended = limited.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(
        said.lines().count() == 1 && said.contains("files of that size") && said.contains("linekey.redb"),
        "{said}"
    );
}
