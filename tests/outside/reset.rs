//! Factory reset as a process, killed at every step that it takes on the disk.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::house::{House, PASSWORD, ask};
use crate::program::{Folder, Program, Visitor, refused};

/// An appliance with an administrator who has a passkey and a range, and the person 101; it has ended. Its folder.
fn lived_in() -> (Folder, String) {
    let mut house = House::open(&[]);
    let asked = house.ask("POST", "/api/me/passkeys/begin", json!({})).expect(200).json;
    let credential = Authenticator::new(&house.program.url, 0).create(&asked["publicKey"]);
    let made = json!({ "ticket": asked["ticket"], "credential": credential });
    house.ask("POST", "/api/me/passkeys/finish", made).expect(201);
    house
        .ask(
            "PATCH",
            "/api/administrators/admin",
            json!({ "ranges": ["127.0.0.0/8"] }),
        )
        .expect(200);
    house
        .ask("POST", "/api/people", json!({ "extension": "101", "name": "Mira" }))
        .expect(201);
    house.program.signal("TERM");
    let House { program, folder, .. } = house;
    assert!(program.ended().0.success());
    let data = folder.data();
    (folder, data)
}

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

/// Starts under strace, which kills it at the `number`th of the calls that change the disk. Whether it was killed.
fn killed_at(number: usize, wish: &[&str], data: &str) -> bool {
    let calls = "unlink,unlinkat,rename,renameat,renameat2,fsync,fdatasync,openat,pwrite64,write,ftruncate,mkdir";
    let kill = format!("inject={calls}:signal=KILL:when={number}");
    let mut command = Command::new("strace");
    command
        .args([
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            &kill,
            env!("CARGO_BIN_EXE_linekey"),
        ])
        .args(["--data", data, "--http", "127.0.0.1:0"])
        .args(wish);
    // A door that cannot be opened ends a start that came so far, with status 2.
    command
        .args(["--https", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let status = command
        .status()
        .unwrap_or_else(|why| panic!("strace is missing; `bash tests/run` installs it: {why}"));
    status.code() != Some(2)
}

/// What an administrator who got in sees: how many people, and the passkeys and ranges of `admin`.
#[derive(Debug, PartialEq)]
struct Seen(usize, u64, usize);

const AS_IT_WAS: Seen = Seen(1, 1, 1);

/// Cuts such a start short at every step, each on a copy of its own; the next start gets in by a one-time password and sees
/// the office as it was or as it should become (`meant`).
fn killed_at_every_step(wish: &[&str], then: &[&str], meant: &[Seen]) {
    let (folder, _) = lived_in();
    let mut deaths = 0;
    for number in 1..400 {
        let copy = Folder::new();
        let data = copy.data();
        let from = folder.path().join("data");
        std::fs::create_dir_all(&data).unwrap();
        for file in std::fs::read_dir(from).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), copy.path().join("data").join(file.file_name())).unwrap();
        }
        let killed = killed_at(number, wish, &data);
        deaths += usize::from(killed);
        let program = start(&data, then);
        let seen = seen_by_rescue(&program, then[1]);
        assert!(
            meant.contains(&seen) || killed && seen == AS_IT_WAS,
            "{seen:?} after a kill at {number}"
        );
        program.signal("KILL");
        if !killed {
            assert!(deaths > 10, "only {deaths} steps were met");
            return;
        }
    }
    panic!("{wish:?} takes more steps than that");
}

fn seen_by_rescue(program: &Program, password: &str) -> Seen {
    let mut visitor = Visitor::to(&program.url);
    let body = json!({ "username": "admin", "password": password });
    let sign_in = "/api/sign-in/password";
    ask(program.port(), &mut visitor, "POST", sign_in, body.clone()).expect(200);
    ask(program.port(), &mut Visitor::to(&program.url), "POST", sign_in, body).expect(401);
    let mut look = |path: &str| {
        ask(program.port(), &mut visitor, "GET", path, Value::Null)
            .expect(200)
            .json
    };
    let people = look("/api/people")["people"].as_array().unwrap().len();
    let administrator = look("/api/administrators/admin");
    let passkeys = administrator["passkeys"].as_u64().unwrap();
    Seen(people, passkeys, administrator["ranges"].as_array().unwrap().len())
}

const ANOTHER: [&str; 2] = ["--admin-password", "another one for this time"];

#[test]
fn a_full_reset_killed_at_any_step_is_undone_or_finished_by_the_next_start() {
    killed_at_every_step(&["--factory-reset", "--yes"], &ANOTHER, &[Seen(0, 0, 0)]);
}

#[test]
fn a_reset_of_access_killed_at_any_step_is_undone_or_whole() {
    killed_at_every_step(&["--factory-reset=access", "--yes"], &ANOTHER, &[Seen(1, 0, 0)]);
}

#[test]
fn a_rescue_by_one_time_password_killed_at_any_step_costs_nothing_and_works_at_the_next_start() {
    killed_at_every_step(&ANOTHER, &ANOTHER, &[AS_IT_WAS]);
}
