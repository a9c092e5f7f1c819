//! The reset button through the built program: a contact that a script plays takes the place of the kernel's, and the
//! program that begins anew is the built one.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitCode, Stdio};

use linekey::appliance::machine::Machine;
use linekey::appliance::panel::button::Contact;
use linekey::appliance::run_on;
use linekey::rules::office::button::Holds;
use linekey::rules::time::Tick;

use crate::killed::{AS_IT_WAS, REMOVED, RENAMED, Seen, copy_of, lived_in, seen_by_rescue};

const HOLDS: Holds = Holds {
    access: 10_000,
    all: 20_000,
};
const READY: &str = "Linekey is ready at";

/// A contact that a script plays, on a clock of its own: `held` (from the start), `wait` for a line on standard input,
/// `up` and `down` at a time in milliseconds (`12000:up`). At its end nothing happens any more.
struct Play {
    now: u64,
    is_pressed: bool,
    script: Vec<String>,
}

impl Contact for Play {
    fn now(&self) -> Tick {
        Tick(self.now)
    }

    fn is_pressed(&mut self) -> Result<bool, String> {
        Ok(self.is_pressed)
    }

    fn changed(&mut self, within_ms: Option<u64>) -> Result<Option<bool>, String> {
        let end = within_ms.map_or(u64::MAX, |within| self.now + within);
        loop {
            let Some(next) = self.script.first().cloned() else {
                if within_ms.is_some() {
                    self.now = end;
                    return Ok(None);
                }
                std::thread::park();
                continue;
            };
            if next == "wait" {
                let mut line = String::new();
                std::io::stdin().read_line(&mut line).unwrap();
                self.script.remove(0);
                continue;
            }
            let (at, level) = next.split_once(':').unwrap();
            let at: u64 = at.parse().unwrap();
            if at > end {
                self.now = end;
                return Ok(None);
            }
            self.script.remove(0);
            self.now = self.now.max(at);
            return Ok(Some(level == "down"));
        }
    }
}

/// The appliance itself, in a process of its own, where a test starts it by [`Board::start`].
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the test that starts it says so in the environment"
)]
fn the_appliance_itself() {
    let Ok(script) = std::env::var("BUTTON_SCRIPT") else {
        return;
    };
    let flags = std::env::var("BUTTON_FLAGS").unwrap();
    let mut script: Vec<String> = script
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let is_pressed = script.first().is_some_and(|word| word == "held");
    if is_pressed {
        script.remove(0);
    }
    let play = Play {
        now: 0,
        is_pressed,
        script,
    };
    let machine = Machine {
        button: Some((Box::new(play), HOLDS)),
        lights: PathBuf::from(std::env::var("BUTTON_LIGHTS").unwrap_or_default()),
        light: std::env::var("BUTTON_LIGHTS").ok().map(|_| "slate".to_owned()),
        program: PathBuf::from(env!("CARGO_BIN_EXE_linekey")),
        ..Machine::this()
    };
    let ended = run_on(machine, flags.split('\n').map(Into::into));
    assert_eq!(ended, ExitCode::SUCCESS);
}

/// A board whose button a script plays.
struct Board {
    child: Child,
    input: ChildStdin,
    out: BufReader<ChildStdout>,
    errors: BufReader<ChildStderr>,
    /// What it said on standard error, as far as it was read.
    said: String,
}

impl Board {
    fn start(data: &str, script: &str, more: &[(&str, &str)]) -> Self {
        Self::under(Command::new(std::env::current_exe().unwrap()), data, script, more)
    }

    /// The same, under whatever that command is.
    fn under(mut command: Command, data: &str, script: &str, more: &[(&str, &str)]) -> Self {
        let flags = ["--data", data, "--http", "127.0.0.1:0"].join("\n");
        command
            .args(["button::the_appliance_itself", "--exact", "--nocapture"])
            .envs([
                ("BUTTON_SCRIPT", script),
                ("BUTTON_FLAGS", &flags),
                ("BLOCKING_MAX_THREADS", "1"),
            ])
            .envs(more.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        Self {
            input: child.stdin.take().unwrap(),
            out: BufReader::new(child.stdout.take().unwrap()),
            errors: BufReader::new(child.stderr.take().unwrap()),
            said: String::new(),
            child,
        }
    }

    /// Whether it says that it is ready, or ends without.
    fn is_ready(&mut self) -> bool {
        let mut line = String::new();
        loop {
            line.clear();
            match self.out.read_line(&mut line) {
                Ok(0) | Err(_) => return false,
                Ok(_) if line.contains(READY) => return true,
                Ok(_) => {}
            }
        }
    }

    /// Waits until it says that on standard error, or ends.
    fn says(&mut self, words: &str) {
        while !self.said.contains(words) && self.errors.read_line(&mut self.said).unwrap() > 0 {}
    }

    /// Ends it: what it said on standard error.
    fn ended(mut self) -> String {
        self.child.kill().ok();
        self.child.wait().unwrap();
        self.errors.read_to_string(&mut self.said).unwrap();
        self.said
    }
}

fn after(script: &str, starts: u32) -> (Seen, String) {
    let (_folder, data) = lived_in();
    let mut board = Board::start(&data, script, &[]);
    for _ in 0..starts {
        assert!(board.is_ready(), "{}", board.ended());
    }
    let said = board.ended();
    (seen_by_rescue(&data), said)
}

#[test]
fn held_at_power_on_it_resets_access_and_longer_everything() {
    assert_eq!(after("held 12000:up", 1).0, Seen(1, 0, 0));
    assert_eq!(after("held 23000:up", 1).0, Seen(0, 0, 0));
    assert_eq!(after("held 9000:up", 1).0, AS_IT_WAS);
}

#[test]
fn held_while_it_runs_it_ends_begins_anew_and_has_done_the_same() {
    assert_eq!(after("1000:down 12000:up", 2).0, Seen(1, 0, 0));
    assert_eq!(after("1000:down 23000:up", 2).0, Seen(0, 0, 0));
    assert_eq!(after("1000:down 9000:up", 1).0, AS_IT_WAS);
}

#[test]
fn a_button_that_is_stuck_or_chatters_is_told_of_once_and_resets_nothing() {
    let edges: Vec<String> = (0..200)
        .map(|edge| format!("{}:{}", 100 + edge * 40, ["down", "up"][edge % 2]))
        .collect();
    for (script, words) in [("held", "is stuck"), (&edges.join(" "), "chatters")] {
        let (_folder, data) = lived_in();
        let mut board = Board::start(&data, script, &[]);
        assert!(board.is_ready(), "{}", board.ended());
        board.says(words);
        let said = board.ended();
        assert_eq!(
            (seen_by_rescue(&data), said.matches(words).count()),
            (AS_IT_WAS, 1),
            "{said}"
        );
    }
}

#[test]
fn a_store_that_cannot_be_read_is_erased_by_the_button_and_never_taken_for_a_first_start() {
    let (_folder, data) = lived_in();
    std::fs::write(Path::new(&data).join("linekey.redb"), "no store at all").unwrap();
    let mut board = Board::start(&data, "", &[]);
    assert!(!board.is_ready(), "a store that cannot be read is served");
    drop(board.ended());
    let mut board = Board::start(&data, "held 23000:up", &[]);
    assert!(board.is_ready(), "{}", board.ended());
    drop(board.ended());
    assert_eq!(seen_by_rescue(&data), Seen(0, 0, 0));
}

#[test]
fn the_light_follows_the_button_and_then_the_appliance() {
    let (folder, data) = lived_in();
    let lights = folder.path().join("leds");
    let light = lights.join("slate");
    std::fs::create_dir_all(&light).unwrap();
    for file in ["trigger", "brightness", "max_brightness", "delay_on", "delay_off"] {
        std::fs::write(light.join(file), "").unwrap();
    }
    let read = |file: &str| std::fs::read_to_string(light.join(file)).unwrap();
    let lights = [("BUTTON_LIGHTS", lights.to_str().unwrap())];
    let mut board = Board::start(&data, "held wait 5000:up", &lights);
    let waiting = || read("delay_off") == "500";
    crate::house::wait_for("the light", || waiting().then_some(()));
    assert_eq!(
        (read("trigger"), read("delay_on")),
        ("timer".to_owned(), "500".to_owned())
    );
    board.input.write_all(b"\n").unwrap();
    assert!(board.is_ready());
    crate::house::wait_for("the light", || (read("trigger") == "none").then_some(()));
    assert_eq!(read("brightness"), "1");
    drop(board.ended());
}

/// Kills it at every such call, each time on a copy of its own: the next start finds the office as it was, or as it
/// should become.
fn killed_at_every_step(script: &str, starts: u32, meant: &Seen) {
    let (_folder, data) = lived_in();
    for calls in [REMOVED, RENAMED, "fdatasync", "pwrite64"] {
        for number in 1.. {
            assert!(number < 100, "{script:?} makes more calls of {calls} than that");
            let copy = copy_of(&data);
            let mut strace = Command::new("strace");
            strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
            strace.args(["-e", &format!("inject={calls}:signal=KILL:when={number}")]);
            strace.arg(std::env::current_exe().unwrap());
            let mut board = Board::under(strace, &copy.data(), script, &[]);
            let through = (0..starts).all(|_| board.is_ready());
            finish(board);
            let seen = seen_by_rescue(&copy.data());
            let whole = seen == *meant || !through && seen == AS_IT_WAS;
            assert!(whole, "{seen:?} after a kill at {calls} {number}");
            if through {
                break;
            }
        }
    }
}

/// Ends it and what strace started.
fn finish(mut board: Board) {
    let own = format!("/proc/{0}/task/{0}/children", board.child.id());
    for child in std::fs::read_to_string(own).unwrap_or_default().split_whitespace() {
        let kill = Command::new("kill")
            .args(["-KILL", child])
            .stderr(Stdio::null())
            .status();
        drop(kill);
    }
    board.child.wait().ok();
}

#[test]
fn a_reset_by_the_button_of_a_running_appliance_killed_at_any_step_is_undone_or_finished() {
    killed_at_every_step("1000:down 23000:up", 2, &Seen(0, 0, 0));
}

#[test]
fn a_reset_of_access_by_the_button_killed_at_any_step_is_undone_or_whole() {
    killed_at_every_step("1000:down 12000:up", 2, &Seen(1, 0, 0));
}
