//! Factory reset as a process: what it wants, what it leaves, and whom it waits for.

use std::process::Command;

use serde_json::{Value, json};

use crate::house::{PASSWORD, ask, wait_for};
use crate::killed::{lived_in, lived_in_where, traced};
use crate::program::{self, Program, Visitor, refused};

fn start(data: &str, more: &[&str]) -> Program {
    let mut flags = vec!["--data", data, "--http", "127.0.0.1:0"];
    flags.extend(more);
    Program::start(&flags)
}

/// Signs in by the one-time password that is printed: how many people there are.
fn people_after_signing_in_anew(program: &mut Program) -> usize {
    let (username, password) = program.printed_one_time();
    let mut visitor = Visitor::to(&program.url);
    let body = json!({ "username": username, "password": password });
    ask(program.port(), &mut visitor, "POST", "/api/sign-in/password", body).expect(200);
    let people = ask(program.port(), &mut visitor, "GET", "/api/people", Value::Null)
        .expect(200)
        .json;
    people["people"].as_array().unwrap().len()
}

#[test]
fn a_reset_wants_a_yes() {
    let (_folder, data) = lived_in();
    for wish in ["--factory-reset", "--factory-reset=access"] {
        let (status, said) = refused(&["--data", &data, "--http", "off", wish], &[]);
        assert_eq!(status, 2);
        assert!(said.contains("--yes") && said.lines().count() == 1, "{said}");
    }
    let (status, said) = refused(&["--data", &data, "--factory-reset=everything"], &[]);
    assert!(status == 2 && said.contains("everything"), "{said}");
    let kept = start(&data, &["--admin-password", PASSWORD]);
    drop(kept);
}

#[test]
fn a_full_reset_leaves_nothing_and_starts_anew() {
    let (folder, data) = lived_in();
    let file = |name: &str| folder.path().join("data").join(name);
    let key = std::fs::read(file("linekey.key")).unwrap();
    for of_an_earlier_version in ["linekey.redb.schema-1", "linekey.redb.unfinished", "linekey.new"] {
        std::fs::write(file(of_an_earlier_version), "people").unwrap();
    }
    // What is somebody else's stays, whatever it is.
    std::fs::write(file("price-list.new"), "tin cans").unwrap();
    std::fs::create_dir(file("photographs.new")).unwrap();
    let mut program = start(&data, &["--factory-reset", "--yes"]);
    assert_eq!(people_after_signing_in_anew(&mut program), 0);
    assert_ne!(std::fs::read(file("linekey.key")).unwrap(), key);
    let mut left: Vec<String> = std::fs::read_dir(folder.path().join("data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(
        left,
        ["linekey.key", "linekey.redb", "photographs.new", "price-list.new"]
    );
}

/// Every byte below the folder, file by file.
fn bytes_below(folder: &std::path::Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

#[test]
fn after_a_full_reset_no_byte_of_anybody_is_left_in_any_copy() {
    let (folder, data) = lived_in_where(|house| {
        let card = json!({ "extension": "102", "name": "Jo Vale", "email": "jo@example.org" });
        house.ask("POST", "/api/people", card).expect(201);
    });
    let passphrase = folder.file("passphrase", "quite a long passphrase");
    let backup = folder.path().join("office.backup").to_str().unwrap().to_owned();
    for errand in ["--backup", "--restore"] {
        let mut command = program::command();
        command.args([
            "--data",
            &data,
            errand,
            &backup,
            "--backup-passphrase-file",
            &passphrase,
            "--yes",
        ]);
        assert!(command.status().unwrap().success(), "{errand}");
    }
    let below = folder.path().join("data");
    let holds = |what: &[u8]| {
        let all = bytes_below(&below).into_iter();
        all.filter(|(_, bytes)| bytes.windows(what.len()).any(|part| part == what))
            .count()
    };
    let key = std::fs::read(below.join("linekey.key")).unwrap();
    let secrets: [&[u8]; 4] = [b"Mira", b"jo@example.org", b"Jo Vale", &key];
    for secret in secrets {
        assert!(holds(secret) >= 1, "{secret:?} is not even there before");
    }
    assert!(bytes_below(&below).len() > 2, "the restore keeps no copy");
    drop(start(&data, &["--factory-reset", "--yes"]));
    for secret in secrets {
        assert_eq!(holds(secret), 0, "{secret:?}");
    }
}

#[test]
fn a_reset_of_access_keeps_the_people_and_takes_every_administrators_way_in() {
    let (_folder, data) = lived_in();
    let mut program = start(&data, &["--factory-reset=access", "--yes"]);
    assert_eq!(people_after_signing_in_anew(&mut program), 1);
}

#[test]
fn a_store_in_use_is_not_erased() {
    let (_folder, data) = lived_in();
    let _running = start(&data, &[]);
    let (status, said) = refused(
        &["--data", &data, "--http", "127.0.0.1:0", "--factory-reset", "--yes"],
        &[],
    );
    assert!(status == 2 && said.contains("in use"), "{said}");
}

/// Stopped between its marker and the first file that it erases, as a slow disk would hold it up.
#[test]
fn a_start_that_comes_in_the_middle_of_a_reset_is_sent_away() {
    let (folder, data) = lived_in();
    let log = folder.path().join("strace.log");
    let reset = ["--data", &data, "--http", "127.0.0.1:0", "--factory-reset", "--yes"];
    let command = traced("?rename,?renameat,renameat2", "signal=STOP:when=1", &log, &reset);
    std::thread::scope(|scope| {
        let resetting = scope.spawn(move || Program::run(command));
        let stopped = wait_for("the marker", || {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            let line = said.lines().find(|line| line.ends_with("--- stopped by SIGSTOP ---"))?;
            line.split(' ').next().map(str::to_owned)
        });
        let mut other = program::command();
        other.args(["--data", &data, "--http", "127.0.0.1:0"]);
        let sent_away = Program::run(other).err();
        let went_on = Command::new("kill").args(["-CONT", &stopped]).status();
        assert!(went_on.unwrap().success());
        let mut program = resetting.join().unwrap().expect("the reset goes on");
        let (status, said) = sent_away.expect("there is one Linekey at a time");
        assert_eq!((status.code(), said), (Some(2), String::new()));
        assert_eq!(people_after_signing_in_anew(&mut program), 0);
    });
}
