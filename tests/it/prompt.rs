//! Ctrl-C and its kin at the passphrase's prompt: the terminal shows again what is typed.

use std::process::Command;

use crate::left_out::left_out;
use crate::program::{Folder, Program};

/// What the terminal's end of it says: the exit status, and whether it hid and shows what is typed.
fn ended_by(how: &str) -> Option<String> {
    let folder = Folder::new();
    let data = folder.data();
    let program = Program::start(&["--data", &data, "--http", "127.0.0.1:0"]);
    program.signal("TERM");
    assert!(program.ended().0.success());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/prompt.py");
    let file = folder.path().join("office.backup");
    let run = Command::new("/usr/bin/python3")
        .args([script, how, env!("CARGO_BIN_EXE_linekey"), "--data", &data, "--backup"])
        .arg(&file)
        .output();
    let Ok(run) = run else {
        left_out("a terminal of one's own takes python3");
        return None;
    };
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(!file.exists());
    Some(String::from_utf8(run.stdout).unwrap())
}

#[test]
fn a_prompt_that_is_left_by_ctrl_c_leaves_a_terminal_that_shows_what_is_typed() {
    for (how, status) in [("KEYS", 130), ("SIGTERM", 143), ("SIGHUP", 129)] {
        if let Some(said) = ended_by(how) {
            assert_eq!(said.trim(), format!("{status} hidden shown"), "{how}");
        }
    }
}
