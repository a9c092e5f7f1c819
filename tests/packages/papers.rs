//! The unit and the manual page, as their own checkers read them.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::machine::{has, root};
use crate::program::{Folder, command};

#[test]
fn the_unit_is_sound_and_exposes_little() {
    if !has("systemd-analyze") {
        return;
    }
    let folder = Folder::new();
    let unit = std::fs::read_to_string(root().join("board/service/linekey.service")).unwrap();
    let program = command().get_program().to_str().unwrap().to_owned();
    let unit = folder.file("linekey.service", &unit.replace("/usr/bin/linekey", &program));
    // Its manual page is not installed here.
    let verified = Command::new("systemd-analyze")
        .args(["verify", "--man=no", &unit])
        .output()
        .unwrap();
    assert!(verified.status.success() && verified.stderr.is_empty(), "{verified:?}");
    let judged = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--threshold=20", &unit])
        .output()
        .unwrap();
    assert!(judged.status.success(), "{}", String::from_utf8_lossy(&judged.stdout));
}

#[test]
fn the_manual_page_says_of_every_flag_what_help_says() {
    if !has("man") {
        return;
    }
    let folder = Folder::new();
    let help = String::from_utf8(command().arg("--help").output().unwrap().stdout).unwrap();
    let mut made = Command::new(root().join("board/service/man"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    made.stdin.take().unwrap().write_all(help.as_bytes()).unwrap();
    let page = String::from_utf8(made.wait_with_output().unwrap().stdout).unwrap();
    let page = folder.file("linekey.8", &page);
    let shown = Command::new("man")
        .args(["--warnings", "--no-hyphenation", "--no-justification", "-l", &page])
        .env("LC_ALL", "C.UTF-8")
        .env("MANWIDTH", "400")
        .output()
        .unwrap();
    assert!(
        shown.status.success() && shown.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&shown.stderr)
    );
    let shown = String::from_utf8(shown.stdout).unwrap();
    let mut flags = 0;
    for line in help.lines().filter_map(|line| line.strip_prefix("  --")) {
        let (flag, does) = line.split_once("  ").unwrap_or((line, ""));
        let (flag, does) = (format!("--{}", flag.trim()), does.trim());
        // A short flag has its words on its own line, a long one on the next.
        let mut lines = shown
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        let beside = format!("{flag} {does}");
        let found = lines.find(|line| *line == flag || *line == beside);
        let found = found.unwrap_or_else(|| panic!("{flag} is not in the manual page:\n{shown}"));
        assert!(found == beside || lines.next().as_deref() == Some(does), "{flag}");
        flags += 1;
    }
    assert!(flags > 20, "{help}");
}
