//! The start-up flags, and what is said of those that do not hold.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::boot::{ANY_PORT, PASSWORD, ask, sign_in};
use crate::program::{Folder, Program, command, refused};

/// Demands that a start ends with status 2 and one sentence that holds all of these words.
#[track_caller]
pub fn one_sentence(flags: &[&str], words: &[&str]) {
    let (status, said) = refused(flags, &[]);
    assert_eq!(status, 2, "{flags:?}: {said}");
    assert_eq!(said.lines().count(), 1, "{flags:?}: {said}");
    for word in words {
        assert!(said.contains(word), "{flags:?} should speak of {word}: {said}");
    }
}

#[test]
fn a_flag_that_it_does_not_know_ends_the_start() {
    one_sentence(&["--htpp", ANY_PORT], &["--htpp", "--help"]);
    one_sentence(&["serve"], &["serve"]);
    one_sentence(&["-x"], &["-x"]);
}

#[test]
fn a_value_that_does_not_hold_ends_the_start() {
    let folder = Folder::new();
    let data = folder.data();
    one_sentence(&["--data", &data, "--http", "8080"], &["--http", "8080"]);
    one_sentence(&["--data", &data, "--http", "localhost:http"], &["--http"]);
    one_sentence(&["--data", &data, "--http", "127.0.0.1:99999"], &["--http"]);
    one_sentence(&["--data", &data, "--http"], &["--http", "value"]);
    one_sentence(&["--data", &data, "--name", "not a name"], &["--name"]);
    one_sentence(&["--data", &data, "--clock", "sundial"], &["--clock", "sundial"]);
    one_sentence(&["--data", &data, "--time-server", "ntp://here"], &["--time-server"]);
    for servers in ["a b", "off,off", "time.example.org, off"] {
        one_sentence(&["--data", &data, "--time-server", servers], &["--time-server"]);
    }
    one_sentence(
        &["--data", &data, "--date-is", "9999-12-31T00:00:00Z"],
        &["--date-is", "2200-01-01"],
    );
    for date in ["yesterday", "2026-02-30", "1999-12-31"] {
        one_sentence(&["--data", &data, "--date-is", date], &["--date-is", date]);
    }
    one_sentence(&["--data", &data, "--name", "192.0.2.1"], &["--name"]);
    for origin in [
        "http://pbx.example.org",
        "https://pbx.example.org/sign-in",
        "https://192.0.2.1",
        "https://pbx.example.org:0",
    ] {
        one_sentence(
            &["--data", &data, "--origin", origin],
            &["--origin", "https://pbx.example.org"],
        );
    }
    // In capitals it is the same address: only the two names differ.
    for origin in ["https://pbx.example.org", "HTTPS://PBX.Example.org/"] {
        one_sentence(
            &["--data", &data, "--origin", origin, "--name", "pbx.example.com"],
            &["--origin", "--name", "two names"],
        );
    }
    one_sentence(&["--data", &data, "--http", "off"], &["--http", "--https"]);
    one_sentence(
        &["--data", &data, "--http", ANY_PORT, "--http", ANY_PORT],
        &["--http", "twice"],
    );
    one_sentence(
        &["--data", &data, "--http", ANY_PORT, "--https", ANY_PORT, "--hsts"],
        &["--hsts", "--tls-cert", "--tls-key"],
    );
    one_sentence(
        &["--data", &data, "--http", ANY_PORT, "--admin-username", "admin"],
        &["--admin-password-file"],
    );
    one_sentence(
        &["--data", &data, "--http", ANY_PORT, "--admin-password", ""],
        &["--admin-password"],
    );
}

#[test]
fn a_port_in_use_ends_the_start() {
    let folder = Folder::new();
    let taken = TcpListener::bind(ANY_PORT).unwrap();
    let address = taken.local_addr().unwrap().to_string();
    one_sentence(
        &["--data", &folder.data(), "--http", &address],
        &[&address, "another program", "--http"],
    );
}

#[test]
fn two_sources_of_a_one_time_password_end_the_start() {
    let folder = Folder::new();
    let file = folder.file("secret", PASSWORD);
    let flags = [
        "--data",
        &folder.data(),
        "--http",
        ANY_PORT,
        "--admin-password",
        PASSWORD,
        "--admin-password-file",
        &file,
    ];
    one_sentence(&flags, &["--admin-password", "--admin-password-file"]);
}

#[test]
fn a_folder_in_the_place_of_a_file_ends_the_start_and_is_called_one() {
    let folder = Folder::new();
    let (data, file) = (folder.data(), folder.file("file", "nothing"));
    let there = folder.path().to_str().unwrap();
    let serving = ["--data", &data, "--http", ANY_PORT, "--https", ANY_PORT];
    for flags in [
        &["--tls-cert", there, "--tls-key", &file][..],
        &["--admin-password-file", there],
        &["--backup", &format!("{file}.backup"), "--backup-passphrase-file", there],
        &["--restore", there, "--backup-passphrase-file", &file],
        &["--standby", there, "--backup-passphrase-file", there],
    ] {
        let flags = [&serving[..], flags].concat();
        let (status, said) = refused(&flags, &[]);
        assert!(status == 2 && said.contains("it is a folder"), "{flags:?}: {said}");
    }
}

#[test]
fn a_missing_file_ends_the_start_and_is_named() {
    let folder = Folder::new();
    let (data, certificate) = (folder.data(), folder.file("cert.pem", "nothing"));
    let missing = folder.path().join("missing").to_str().unwrap().to_owned();
    one_sentence(
        &[
            "--data",
            &data,
            "--http",
            ANY_PORT,
            "--https",
            ANY_PORT,
            "--tls-cert",
            &missing,
            "--tls-key",
            &missing,
        ],
        &[&missing],
    );
    one_sentence(
        &[
            "--data",
            &data,
            "--http",
            ANY_PORT,
            "--https",
            ANY_PORT,
            "--tls-cert",
            &certificate,
            "--tls-key",
            &missing,
        ],
        &[&certificate],
    );
    one_sentence(
        &[
            "--data",
            &data,
            "--http",
            ANY_PORT,
            "--https",
            ANY_PORT,
            "--tls-cert",
            &certificate,
        ],
        &["--tls-key"],
    );
    one_sentence(
        &["--data", &data, "--http", ANY_PORT, "--admin-password-file", &missing],
        &[&missing],
    );
    let under_a_file = format!("{certificate}/data");
    one_sentence(&["--data", &under_a_file, "--http", ANY_PORT], &[&under_a_file]);
}

#[test]
fn help_lists_every_flag_and_version_names_the_board() {
    let help = command().arg("--help").output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    assert!(help.status.success());
    for flag in [
        "--data",
        "--origin",
        "--http",
        "--https",
        "--name",
        "--tls-cert",
        "--tls-key",
        "--admin-username",
        "--admin-password-from",
    ] {
        assert!(text.contains(flag), "{flag} in {text}");
    }
    let version = String::from_utf8(command().arg("--version").output().unwrap().stdout).unwrap();
    assert_eq!(version, concat!("linekey ", env!("CARGO_PKG_VERSION"), " (dev)\n"));
}

/// Whoever reads the first lines alone closes the pipe; a full disk is told.
#[test]
fn what_is_printed_where_nobody_reads_ends_without_a_panic() {
    for flag in ["--help", "--version"] {
        let mut reader = Command::new("true").stdin(Stdio::piped()).spawn().unwrap();
        let closed = reader.stdin.take().unwrap();
        reader.wait().unwrap();
        let ended = command().arg(flag).stdout(closed).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!((ended.status.code(), said.as_str()), (Some(0), ""), "{flag}");

        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ended = command().arg(flag).stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(2), "{flag}: {said}");
        assert!(said.contains("standard output cannot be written"), "{flag}: {said}");

        // What is wrong is told nobody where standard error is full too.
        let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ended = command().arg(flag).stdout(full()).stderr(full()).status().unwrap();
        assert_eq!(ended.code(), Some(2), "{flag}");
    }
}

#[test]
fn too_few_files_are_told_with_what_to_do() {
    let folder = Folder::new();
    let mut limited = Command::new("sh");
    let here = command();
    let program = here.get_program().to_owned();
    limited.args(["-c", r#"ulimit -n 12; exec "$0" "$@""#]).arg(program);
    limited.args(["--data", &folder.data(), "--http", ANY_PORT, "--no-time-server"]);
    let ended = limited.output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(said.contains("ulimit -n") && !said.contains("os error"), "{said}");
}

/// `--time-server` counts, whatever the page has set: the interface says so.
#[test]
fn the_interface_says_whom_the_flags_tell_to_ask() {
    for (flags, expected) in [
        (
            &["--time-server", "192.0.2.7, Time.example.org."][..],
            json!(["192.0.2.7", "time.example.org"]),
        ),
        (&["--time-server", "off"], json!([])),
        (&["--no-time-server"], json!([])),
        (&[], Value::Null),
    ] {
        let folder = Folder::new();
        let data = folder.data();
        let mut all = vec!["--data", &data, "--http", ANY_PORT];
        all.extend(flags);
        let mut program = Program::start(&all);
        let (name, password) = program.printed_one_time();
        let (mut visitor, status) = sign_in(&program, &name, &password);
        assert_eq!(status, 200, "{flags:?}");
        let clock = ask(&program, &mut visitor, "GET", "/api/clock", Value::Null).expect(200);
        let clock: Value = serde_json::from_str(&clock.body).unwrap();
        assert_eq!(clock["time_servers_by_flag"], expected, "{flags:?}");
        assert_eq!(clock["time_servers"][0], "0.pool.ntp.org", "{flags:?}");
    }
}

#[test]
fn a_one_time_password_comes_from_flag_file_machine_or_environment() {
    let secret = "from a file on this machine";
    let keeper = Folder::new();
    let file = keeper.file("secret", &format!("  {secret} \nsecond line\n"));
    let machine_id = fs::read_to_string("/etc/machine-id")
        .unwrap_or_default()
        .trim()
        .to_owned();
    type Case<'a> = (Vec<&'a str>, Vec<(&'a str, &'a str)>, &'a str, &'a str);
    let mut cases: Vec<Case<'_>> = vec![
        (
            vec!["--admin-username", "boss", "--admin-password", PASSWORD],
            vec![],
            "boss",
            PASSWORD,
        ),
        (vec!["--admin-password-file", &file], vec![], "admin", secret),
        (vec!["--admin-password-from", &file], vec![], "admin", secret),
        (
            vec![],
            vec![("LINEKEY_ADMIN_USERNAME", "boss"), ("LINEKEY_ADMIN_PASSWORD", PASSWORD)],
            "boss",
            PASSWORD,
        ),
        (vec![], vec![("LINEKEY_ADMIN_PASSWORD_FILE", &file)], "admin", secret),
        (
            vec!["--admin-password", PASSWORD],
            vec![("LINEKEY_ADMIN_PASSWORD", "another")],
            "admin",
            PASSWORD,
        ),
        (
            vec!["--admin-password-file", &file],
            vec![("LINEKEY_ADMIN_PASSWORD", "another")],
            "admin",
            secret,
        ),
    ];
    if !machine_id.is_empty() {
        cases.push((
            vec!["--admin-password-from", "machine-id"],
            vec![],
            "admin",
            &machine_id,
        ));
    }
    for (flags, environment, username, password) in cases {
        let folder = Folder::new();
        let data = folder.data();
        let mut all = vec!["--data", data.as_str(), "--http", ANY_PORT];
        all.extend(&flags);
        let program = Program::start_with(&all, &environment);
        assert_eq!(
            sign_in(&program, username, password).1,
            200,
            "{flags:?} {environment:?}"
        );
        program.signal("TERM");
        let (_, _, printed) = program.ended();
        assert!(
            !printed.contains(password),
            "{flags:?}: a given password is not repeated: {printed}"
        );
    }
}

#[test]
fn every_flag_can_be_set_in_the_environment() {
    let folder = Folder::new();
    let environment = [
        ("LINEKEY_DATA", folder.data()),
        ("LINEKEY_HTTP", ANY_PORT.to_owned()),
        ("LINEKEY_NAME", "line.test".into()),
    ];
    let environment: Vec<(&str, &str)> = environment
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let program = Program::start_with(&[], &environment);
    assert!(program.url.starts_with("http://line.test:"), "{}", program.url);
    assert!(Path::new(&folder.data()).join("linekey.redb").exists());
}
