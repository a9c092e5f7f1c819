//! Every way to rescue an appliance, killed as a process at every call by which it changes the disk.
//!
//! strace counts the calls of each kind, and of each thread, for itself. So each kind is a walk of its own: killed at
//! the first such call, the second, and on until a start comes through.

mod letter;

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use linekey::rules::change::{Change, OfficeChange};
use linekey::rules::moment::{Moment, Reading};
use linekey::rules::office::journal::Actor;
use linekey::rules::people::account::Effort;
use linekey::rules::time::Date;
use linekey::rules::verdict::Verdict;
use linekey::store::Store;
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::house::{House, ask};
use crate::program::{Folder, Program, Visitor};

pub const REMOVED: &str = "?unlink,unlinkat";
pub const RENAMED: &str = "?rename,?renameat,renameat2";
pub const SYNCED: &str = "fsync";
const DATA_SYNCED: &str = "fdatasync";
const WRITTEN: &str = "pwrite64";

/// All calls that change the disk. Of those that go together a machine has one.
pub const CALLS: [&str; 9] = [
    REMOVED,
    RENAMED,
    SYNCED,
    DATA_SYNCED,
    WRITTEN,
    "write",
    "ftruncate",
    "?open,openat",
    "?mkdir,mkdirat",
];

/// An appliance with an administrator who has a passkey and a range, and the person 101; it has ended. Its folder.
pub fn lived_in() -> (Folder, String) {
    lived_in_where(|_| {})
}

/// The same, where something else was done besides.
pub fn lived_in_where(more: impl FnOnce(&mut House)) -> (Folder, String) {
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
    more(&mut house);
    house.program.signal("TERM");
    let House { program, folder, .. } = house;
    assert!(program.ended().0.success());
    let data = folder.data();
    settle(&Path::new(&data).join("linekey.redb"));
    (folder, data)
}

/// Where password checks are tuned, a start has nothing to do beside its work.
fn settle(store: &Path) {
    let store = Store::open(store).unwrap();
    let newest = store.read(|facts| facts.newest()).unwrap();
    let reading = Reading {
        date: newest.unwrap(),
        known: true,
        running: Date(0),
    };
    let tuned = store.turn_now(Actor::APPLIANCE, Moment::new(reading, [0; 32]), |_, _| {
        let cheap = Effort { memory: 64, passes: 1 };
        Ok(Verdict::yes((), vec![Change::Office(OfficeChange::Tuned(cheap))]))
    });
    tuned.unwrap().unwrap();
}

/// The program under strace, which does that to it at such calls. Its process is the program's own.
pub fn traced(calls: &str, what: &str, log: &Path, flags: &[&str]) -> Command {
    let mut command = Command::new("strace");
    command.args(["-D", "-f", "-qq", "-o"]).arg(log);
    command.args(["-e", &format!("trace={calls}"), "-e", &format!("inject={calls}:{what}")]);
    command.arg(env!("CARGO_BIN_EXE_linekey")).args(flags);
    // One thread makes all turns, so that its calls are counted together.
    command.env("BLOCKING_MAX_THREADS", "1");
    command
}

/// Starts it so that the `number`th such call is its last; `None`, if that comes before it is ready.
fn doomed(calls: &str, number: u32, data: &str, wish: &[&str]) -> Option<Program> {
    let mut flags = vec!["--data", data, "--http", "127.0.0.1:0"];
    flags.extend(wish);
    let kill = format!("signal=KILL:when={number}");
    match Program::run(traced(calls, &kill, Path::new("/dev/null"), &flags)) {
        Ok(program) => Some(program),
        Err((status, line)) => {
            assert_eq!(status.signal(), Some(9), "{calls} {number}: {status} {line:?}");
            None
        }
    }
}

pub fn copy_of(data: &str) -> Folder {
    let copy = Folder::new();
    std::fs::create_dir_all(copy.data()).unwrap();
    for file in std::fs::read_dir(data).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), Path::new(&copy.data()).join(file.file_name())).unwrap();
    }
    copy
}

/// What an administrator who got in sees: how many people, and the passkeys and ranges of `admin`.
#[derive(Debug, PartialEq)]
pub struct Seen(pub usize, pub u64, pub usize);

pub const AS_IT_WAS: Seen = Seen(1, 1, 1);
const ANOTHER: [&str; 2] = ["--admin-password", "another one for this time"];

fn seen_by(port: u16, visitor: &mut Visitor) -> Seen {
    let mut look = |path: &str| ask(port, visitor, "GET", path, Value::Null).expect(200).json;
    let people = look("/api/people")["people"].as_array().unwrap().len();
    let administrator = look("/api/administrators/admin");
    let passkeys = administrator["passkeys"].as_u64().unwrap();
    Seen(people, passkeys, administrator["ranges"].as_array().unwrap().len())
}

/// What the next start's one-time password shows.
pub fn seen_by_rescue(data: &str) -> Seen {
    let [flag, password] = ANOTHER;
    let program = Program::start(&["--data", data, "--http", "127.0.0.1:0", flag, password]);
    let mut visitor = Visitor::to(&program.url);
    let body = json!({ "username": "admin", "password": password });
    ask(program.port(), &mut visitor, "POST", "/api/sign-in/password", body).expect(200);
    seen_by(program.port(), &mut visitor)
}

/// How often such a start was killed at those calls, each time on a copy of its own. The next start gets in by a
/// one-time password and sees the office as it was or as it should become; once it came through, as it should.
fn walk(calls: &str, data: &str, wish: &[&str], meant: &Seen) -> u32 {
    for number in 1..300 {
        let copy = copy_of(data);
        let through = doomed(calls, number, &copy.data(), wish);
        let killed = through.is_none();
        drop(through);
        let seen = seen_by_rescue(&copy.data());
        assert!(
            seen == *meant || killed && seen == AS_IT_WAS,
            "{seen:?} after a kill at {calls} {number}"
        );
        if !killed {
            return number - 1;
        }
    }
    panic!("{wish:?} makes more calls of {calls} than that");
}

/// Walks all kinds of calls beside each other, of which these must be among its steps.
fn killed_at_every_step(wish: &[&str], meant: &Seen, steps: &[&str]) {
    let (_folder, data) = lived_in();
    let data = &data;
    std::thread::scope(|scope| {
        let walks = CALLS.map(|calls| (calls, scope.spawn(move || walk(calls, data, wish, meant))));
        for (calls, walked) in walks {
            let deaths = walked.join().unwrap_or_else(|_| panic!("{wish:?}: {calls}, see above"));
            assert!(
                deaths > 0 || !steps.contains(&calls),
                "{wish:?} was never killed at {calls}"
            );
        }
    });
}

#[test]
fn a_full_reset_killed_at_any_step_is_undone_or_finished_by_the_next_start() {
    let steps = [REMOVED, RENAMED, SYNCED, DATA_SYNCED, WRITTEN];
    killed_at_every_step(&["--factory-reset", "--yes"], &Seen(0, 0, 0), &steps);
}

#[test]
fn a_reset_of_access_killed_at_any_step_is_undone_or_whole() {
    killed_at_every_step(
        &["--factory-reset=access", "--yes"],
        &Seen(1, 0, 0),
        &[DATA_SYNCED, WRITTEN],
    );
}

#[test]
fn a_rescue_by_one_time_password_killed_at_any_step_costs_nothing_and_works_at_the_next_start() {
    killed_at_every_step(&ANOTHER, &AS_IT_WAS, &[DATA_SYNCED, WRITTEN]);
}
