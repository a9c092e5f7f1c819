//! What a running program hears and says: signals, its log, and the limits that the system sets it.

use std::cell::Cell;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use linekey::appliance::identity::own_files::OwnFiles;
use linekey::net::certificates::{Certificates, Judged};
use rcgen::generate_simple_self_signed;

use crate::boot::{ANY_PORT, sign_in};
use crate::office::Office;
use crate::program::{Folder, Program, command};
use crate::wait::{PATIENCE, found_within};

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
    let read = || fs::read_to_string(log).unwrap();
    found_within(PATIENCE, || Some(read()).filter(|said| said.contains(words)))
        .unwrap_or_else(|| panic!("{words:?} is never said: {}", read()))
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
    let said = until_said(&log, "stays in use: the certificate in");
    assert!(said.contains("is for other.test, not for localhost"), "{said}");
    assert!(said.contains("does not belong to the first certificate"), "{said}");
    program.signal("TERM");
    assert!(program.ended().0.success());
}

/// Version 1 names no host: browsers refuse it, and the log says so at the start and at a reload.
#[test]
fn a_certificate_of_version_1_is_called_that_at_the_start() {
    let folder = Folder::new();
    let log = folder.path().join("log");
    let request = "[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = localhost\n";
    let config = folder.file("old.cnf", request);
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (cert, key) = (path("old.crt"), path("old.key"));
    // Without extensions `openssl req` falls back to version 1, from release 3.4 on only where it is told to.
    let made = [&["-x509v1"][..], &[]].into_iter().any(|version| {
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
            .args([
                "-nodes", "-days", "30", "-config", &config, "-keyout", &key, "-out", &cert,
            ])
            .args(version)
            .output();
        made.expect("openssl is installed by tests/run").status.success()
    });
    assert!(made);
    let data = folder.data();
    let flags = ["--data", &data, "--http", ANY_PORT, "--https", ANY_PORT];
    let flags = [&flags[..], &["--tls-cert", &cert, "--tls-key", &key]].concat();
    let started = command()
        .args(&flags)
        .stdout(Stdio::null())
        .stderr(File::create(&log).unwrap())
        .spawn();
    let mut child = started.unwrap();
    let said = until_said(&log, "version 1");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said.contains(&cert), "{said}");
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

/// What renews the files need not tell.
#[test]
fn renewed_files_are_served_within_a_minute_by_themselves() {
    let (folder, office) = (Folder::new(), Office::open());
    let renew = || {
        let made = generate_simple_self_signed([office.state.site.name.to_string()]).unwrap();
        let certificate = folder.file("c.pem", &made.cert.pem());
        (certificate, folder.file("k.pem", &made.signing_key.serialize_pem()))
    };
    let (certificate, key) = renew();
    let files = Arc::new(OwnFiles {
        certificates: Certificates::open(Path::new(&certificate), Path::new(&key)).unwrap(),
        office: office.state.clone(),
        wants_strict: false,
        is_known: Arc::default(),
        told: std::sync::Mutex::default(),
    });
    renew();
    let paused = Cell::new(Duration::ZERO);
    let rounds = Cell::new(0);
    let pause = |time| {
        let is_over = rounds.replace(rounds.get() + 1) == 1;
        if !is_over {
            paused.set(paused.get() + time);
        }
        async move {
            if is_over {
                std::future::pending::<()>().await;
            }
        }
    };
    let looked = async {
        while rounds.get() < 2 {
            smol::future::yield_now().await;
        }
    };
    smol::block_on(smol::future::or(looked, files.clone().watch(pause)));
    assert_eq!(paused.get(), Duration::from_secs(60));
    let judged = Judged {
        name: office.state.site.name.as_str(),
        reading: (office.state.world.clock)(),
    };
    assert!(!files.certificates.reload(judged).unwrap(), "it was read by the look");
}
