//! The program as its owner starts and ends it: exit status, files, signals, restarts.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use smol::net::TcpStream;

use crate::authenticator::Authenticator;
use crate::flags::one_sentence;
use crate::program::{Folder, Heard, Program, Visitor};
use crate::wait::wait_for;

pub const ANY_PORT: &str = "127.0.0.1:0";
pub const PASSWORD: &str = "four words for one time";

pub fn ask(program: &Program, visitor: &mut Visitor, method: &str, path: &str, body: Value) -> Heard {
    smol::block_on(async {
        let line = TcpStream::connect(("127.0.0.1", program.port())).await.unwrap();
        visitor.ask(line, method, path, &body).await
    })
}

pub fn sign_in(program: &Program, username: &str, password: &str) -> (Visitor, u16) {
    let mut visitor = Visitor::to(&program.url);
    let body = json!({ "username": username, "password": password });
    let status = ask(program, &mut visitor, "POST", "/api/sign-in/password", body).status;
    (visitor, status)
}

#[test]
fn without_flags_it_prints_a_one_time_password_and_serves_localhost() {
    let folder = Folder::new();
    let mut program = Program::start(&["--data", &folder.data(), "--http", ANY_PORT]);
    assert!(program.url.starts_with("http://localhost:"), "{}", program.url);
    let (name, password) = program.printed_one_time();
    assert_eq!(name, "admin");
    assert_eq!(
        ask(&program, &mut Visitor::to(&program.url), "GET", "/healthz", Value::Null)
            .expect(200)
            .body,
        "ok\n"
    );
    let page = ask(&program, &mut Visitor::to(&program.url), "GET", "/", Value::Null).expect(200);
    assert!(
        page.field("content-security-policy")
            .unwrap()
            .starts_with("default-src 'none'"),
        "{}",
        page.head
    );
    assert!(
        page.field("strict-transport-security").is_none(),
        "not in the clear (RFC 6797): {}",
        page.head
    );
    let site = ask(
        &program,
        &mut Visitor::to(&program.url),
        "GET",
        "/api/site",
        Value::Null,
    )
    .expect(200)
    .json;
    assert_eq!(
        (&site["name"], &site["origin"]),
        (&json!("localhost"), &json!(program.url))
    );
    assert_eq!(sign_in(&program, &name, &password).1, 200);
    assert_eq!(sign_in(&program, &name, &password).1, 401);
}

#[test]
fn people_passkeys_and_sessions_survive_a_restart_and_a_spent_password_stays_spent() {
    let folder = Folder::new();
    let data = folder.data();
    let port = free_port();
    let flags = ["--data", &data, "--http", &port, "--admin-password", PASSWORD];
    let program = Program::start(&flags);
    let (mut visitor, status) = sign_in(&program, "admin", PASSWORD);
    assert_eq!(status, 200);
    let mut authenticator = Authenticator::new(&program.url, 0);
    add_passkey(&program, &mut visitor, &mut authenticator);
    add_mira(&program, &mut visitor);
    program.signal("TERM");
    assert!(program.ended().0.success());

    let program = Program::start(&flags);
    assert_eq!(
        ask(&program, &mut visitor, "GET", "/api/people/101", Value::Null)
            .expect(200)
            .json["name"],
        "Mira"
    );
    assert_eq!(sign_in(&program, "admin", PASSWORD).1, 401);
    sign_in_by_passkey(&program, &authenticator);
    program.signal("TERM");
    let (_, _, printed) = program.ended();
    assert!(
        printed.contains("was used before and signs nobody in") && !printed.contains(PASSWORD),
        "who starts with the same flags again is told why they do not help: {printed}"
    );
    let program = Program::start(&flags[..4]);
    program.signal("TERM");
    let (_, _, printed) = program.ended();
    assert!(
        !printed.contains("password"),
        "who has an administrator gets no one-time password: {printed}"
    );

    let program = Program::start(&[
        "--data",
        &data,
        "--http",
        &port,
        "--admin-password",
        "another five words this time",
    ]);
    assert_eq!(sign_in(&program, "admin", "another five words this time").1, 200);
    program.signal("TERM");
    let (_, _, printed) = program.ended();
    assert!(printed.contains("works once, with the name admin"), "{printed}");
}

#[test]
fn passkeys_of_an_earlier_name_are_no_way_in() {
    let folder = Folder::new();
    let data = folder.data();
    let port = free_port();
    let flags = ["--data", &data, "--http", &port];
    let with = |more: &[&'static str]| flags.iter().copied().chain(more.iter().copied()).collect::<Vec<_>>();
    let program = Program::start(&with(&["--admin-password", PASSWORD]));
    let (mut visitor, _) = sign_in(&program, "admin", PASSWORD);
    let mut authenticator = Authenticator::new(&program.url, 0);
    add_passkey(&program, &mut visitor, &mut authenticator);
    program.signal("TERM");
    assert!(program.ended().0.success());
    let mut renamed = Program::start(&with(&["--name", "pbx.test"]));
    let (username, _) = renamed.printed_one_time();
    assert_eq!(username, "admin");
    renamed.signal("TERM");
    assert!(renamed.ended().0.success());
    let back = Program::start(&flags);
    sign_in_by_passkey(&back, &authenticator);
}

#[test]
fn when_a_session_was_last_used_is_written_down_at_the_end() {
    let folder = Folder::new();
    let (data, port) = (folder.data(), free_port());
    let flags = |password| ["--data", &data, "--http", &port, "--admin-password", password].map(str::to_owned);
    let start = |password| {
        let flags = flags(password);
        Program::start(&flags.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let sessions = |program: &Program, visitor: &mut Visitor| {
        let list = ask(program, visitor, "GET", "/api/me/sessions", Value::Null).expect(200);
        list.json["sessions"].as_array().unwrap().clone()
    };
    let program = start(PASSWORD);
    let (mut visitor, _) = sign_in(&program, "admin", PASSWORD);
    // Until the clock has moved on: a sign-in itself is written at once.
    let used = wait_for("a later second", || {
        let session = sessions(&program, &mut visitor).remove(0);
        (session["last_used"] != session["opened"]).then_some(session)
    });
    program.signal("TERM");
    assert!(program.ended().0.success());

    let another = "another five words this time";
    let program = start(another);
    let (mut other, status) = sign_in(&program, "admin", another);
    assert_eq!(status, 200);
    let found = sessions(&program, &mut other);
    let found = found.iter().find(|session| session["id"] == used["id"]).unwrap();
    assert_eq!(
        (&found["last_used"], &found["current"]),
        (&used["last_used"], &json!(false))
    );
}

#[test]
fn a_printed_password_is_another_one_at_each_start_until_somebody_has_a_way_in() {
    let folder = Folder::new();
    let (data, port) = (folder.data(), free_port());
    let mut program = Program::start(&["--data", &data, "--http", &port]);
    let (_, first) = program.printed_one_time();
    program.signal("TERM");
    program.ended();
    let mut program = Program::start(&["--data", &data, "--http", &port]);
    let (name, second) = program.printed_one_time();
    assert_ne!(first, second);
    assert_eq!(sign_in(&program, &name, &first).1, 401);
    assert_eq!(sign_in(&program, &name, &second).1, 200);
}

#[test]
fn sigterm_ends_it_within_two_seconds_whoever_is_connected() {
    let folder = Folder::new();
    let program = Program::start(&["--data", &folder.data(), "--http", ANY_PORT]);
    let idle: Vec<_> = (0..4)
        .map(|_| std::net::TcpStream::connect(("127.0.0.1", program.port())).unwrap())
        .collect();
    let mut half = std::net::TcpStream::connect(("127.0.0.1", program.port())).unwrap();
    std::io::Write::write_all(
        &mut half,
        b"POST /api/sign-out HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n",
    )
    .unwrap();
    ask(&program, &mut Visitor::to(&program.url), "GET", "/healthz", Value::Null).expect(200);
    program.signal("TERM");
    let (status, took, _) = program.ended();
    assert_eq!(status.code(), Some(0), "{status}");
    assert!(took < Duration::from_secs(2), "{took:?}");
    drop((idle, half));
}

#[test]
fn sigint_ends_it_too() {
    let folder = Folder::new();
    let program = Program::start(&["--data", &folder.data(), "--http", ANY_PORT]);
    program.signal("INT");
    assert_eq!(program.ended().0.code(), Some(0));
}

#[test]
fn the_data_folder_is_for_this_user_alone() {
    let folder = Folder::new();
    let data = folder.data();
    let _program = Program::start(&["--data", &data, "--http", ANY_PORT]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(Path::new(&data)), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().unwrap().to_str().unwrap().to_owned());
    }
    names.sort();
    assert_eq!(names, ["linekey.key", "linekey.redb"]);
}

#[test]
fn a_second_one_on_the_same_store_is_refused() {
    let folder = Folder::new();
    let data = folder.data();
    let program = Program::start(&["--data", &data, "--http", ANY_PORT]);
    one_sentence(&["--data", &data, "--http", ANY_PORT], &["in use", "another Linekey"]);
    ask(&program, &mut Visitor::to(&program.url), "GET", "/healthz", Value::Null).expect(200);
}

#[test]
fn what_was_answered_is_there_after_a_kill() {
    let folder = Folder::new();
    let (data, port) = (folder.data(), free_port());
    let flags = ["--data", &data, "--http", &port, "--admin-password", PASSWORD];
    let program = Program::start(&flags);
    let (mut visitor, _) = sign_in(&program, "admin", PASSWORD);
    add_passkey(&program, &mut visitor, &mut Authenticator::new(&program.url, 0));
    add_mira(&program, &mut visitor);
    program.signal("KILL");
    assert_eq!(program.ended().0.signal(), Some(9));
    let program = Program::start(&flags);
    ask(&program, &mut visitor, "GET", "/api/people/101", Value::Null).expect(200);
    assert_eq!(sign_in(&program, "admin", PASSWORD).1, 401);
}

#[test]
fn a_first_start_that_was_cut_short_is_made_again() {
    let folder = Folder::new();
    let data = folder.data();
    fs::create_dir(&data).unwrap();
    // Store and key that were being made when the power went: no header yet, and half of the bytes.
    fs::write(Path::new(&data).join("linekey.new"), vec![0; 40_000]).unwrap();
    fs::write(Path::new(&data).join("linekey.new-key"), [7; 16]).unwrap();
    let mut program = Program::start(&["--data", &data, "--http", ANY_PORT]);
    let (name, password) = program.printed_one_time();
    assert_eq!(sign_in(&program, &name, &password).1, 200);
}

#[test]
fn a_store_whose_key_is_gone_is_not_given_another() {
    let folder = Folder::new();
    let data = folder.data();
    let program = Program::start(&["--data", &data, "--http", ANY_PORT]);
    program.signal("TERM");
    program.ended();
    let key = Path::new(&data).join("linekey.key");
    let bytes = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    one_sentence(&["--data", &data, "--http", ANY_PORT], &["linekey.key", "missing"]);
    fs::write(&key, &bytes[..31]).unwrap();
    one_sentence(&["--data", &data, "--http", ANY_PORT], &["linekey.key", "32 bytes"]);
    fs::write(&key, &bytes).unwrap();
    Program::start(&["--data", &data, "--http", ANY_PORT]);
}

#[test]
fn a_store_that_is_something_else_is_refused_in_a_sentence() {
    let folder = Folder::new();
    let data = folder.data();
    fs::create_dir(&data).unwrap();
    fs::write(Path::new(&data).join("linekey.key"), [7; 32]).unwrap();
    fs::write(
        Path::new(&data).join("linekey.redb"),
        "a shopping list, not a store\n".repeat(1000),
    )
    .unwrap();
    one_sentence(&["--data", &data, "--http", ANY_PORT], &["store"]);
}

fn add_mira(program: &Program, administrator: &mut Visitor) {
    let card = json!({ "extension": "101", "name": "Mira" });
    ask(program, administrator, "POST", "/api/people", card).expect(201);
}

fn add_passkey(program: &Program, visitor: &mut Visitor, authenticator: &mut Authenticator) {
    let asked = ask(program, visitor, "POST", "/api/me/passkeys/begin", json!({}))
        .expect(200)
        .json;
    let body = json!({ "ticket": asked["ticket"], "credential": authenticator.create(&asked["publicKey"]) });
    ask(program, visitor, "POST", "/api/me/passkeys/finish", body).expect(201);
}

fn sign_in_by_passkey(program: &Program, authenticator: &Authenticator) {
    let mut visitor = Visitor::to(&program.url);
    let asked = ask(program, &mut visitor, "POST", "/api/sign-in/passkey/begin", json!({}))
        .expect(200)
        .json;
    let body = json!({ "ticket": asked["ticket"], "credential": authenticator.get(&asked["publicKey"]) });
    ask(program, &mut visitor, "POST", "/api/sign-in/passkey/finish", body).expect(200);
}

/// An address that was free a moment ago: restarts need the same origin, and so the same port.
pub fn free_port() -> String {
    TcpListener::bind(ANY_PORT).unwrap().local_addr().unwrap().to_string()
}
