//! What a test leaves out on this machine, said where `.ci/run` counts it: every target says it by this file alone.

use std::io::Write;

/// Says in one line, `skipped: NAME: REASON`, that the test that runs leaves something out. It goes straight to the
/// standard error of the process: the harness keeps what `println!` and `eprintln!` write in a test that passes.
///
/// The name is the test's own, which the harness gives its thread; in a thread without a name it is the target's. A
/// reason of several lines becomes one.
pub fn left_out(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().filter(|name| *name != "main").map(str::to_owned);
    let name = test.unwrap_or_else(target);
    let name = name.rsplit("::").next().unwrap_or_default();
    let reason = reason.split_whitespace().collect::<Vec<&str>>().join(" ");
    // One write: lines of other threads stay whole.
    let line = format!("skipped: {name}: {reason}\n");
    std::io::stderr().write_all(line.as_bytes()).ok();
}

/// The target's name: the program's without its hash.
fn target() -> String {
    let program = std::env::current_exe().unwrap_or_default();
    let stem = program.file_stem().unwrap_or_default().to_string_lossy();
    stem.rsplit_once('-').map_or(&*stem, |(target, _)| target).to_owned()
}
