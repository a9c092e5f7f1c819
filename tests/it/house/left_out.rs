//! What tests leave out is counted: by `.ci/run`, in what they write past the harness.

use std::process::Command;

use super::{code, files_under, no_breach};
use crate::left_out::left_out;
use crate::program::Folder;

/// Makes this file's own test the one that leaves something out.
const INNER: &str = "LINEKEY_TEST_LEAVES_OUT";
const MYSELF: &str = "house::left_out::what_a_passing_test_leaves_out_is_found_where_it_is_counted";

/// What `.ci/run` looks for in its logs.
fn pattern() -> String {
    let script = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/run")).unwrap();
    let line = script.lines().find(|line| line.contains("'skipped: ")).unwrap();
    line.split('\'').nth(1).unwrap().to_owned()
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the test outside says that it is the inner one"
)]
fn what_a_passing_test_leaves_out_is_found_where_it_is_counted() {
    if std::env::var_os(INNER).is_some() {
        println!("skipped: nobody: the harness keeps this");
        left_out("the moon\nis not: installed");
        return;
    }
    let folder = Folder::new();
    let name = MYSELF.rsplit("::").next().unwrap();
    for threads in ["1", "2"] {
        let mut myself = Command::new(std::env::current_exe().unwrap());
        let run = myself
            .args(["--exact", MYSELF, "--test-threads", threads])
            .env(INNER, "1")
            .output()
            .unwrap();
        assert!(String::from_utf8_lossy(&run.stdout).contains("1 passed"), "{run:?}");
        let log = [run.stdout, run.stderr].concat();
        let log = folder.file("tests.log", std::str::from_utf8(&log).unwrap());
        let found = Command::new("grep").args(["-ohE", &pattern(), &log]).output().unwrap();
        let found = String::from_utf8(found.stdout).unwrap();
        assert_eq!(found, format!("skipped: {name}: the moon is not: installed\n"));
    }
}

#[test]
fn tests_leave_out_what_they_cannot_do_by_one_file() {
    let mut breaches = Vec::new();
    let homes = ["tests/it/house", "tests/it/left_out.rs", "tests/bench"];
    for file in files_under("tests") {
        if homes.iter().any(|home| file.path.starts_with(home)) {
            continue;
        }
        for (number, line) in code(&file) {
            if line.contains("\"skipped:") {
                breaches.push(format!("{}:{number}: {}", file.path.display(), line.trim()));
            }
        }
    }
    no_breach(
        "a test that leaves something out says so by tests/it/left_out.rs",
        &breaches,
    );
}
