//! Killed while it renews its leaf, makes a new office CA, or changes its name: the next start is the old one or the
//! new one, never a mixture.
//!
//! strace counts the calls of each kind, and of each thread, for itself. So each kind is a walk of its own: killed at
//! the first such call, the second, and on until it comes through.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use smol::net::TcpStream;

use super::elsewhere::of_schema_3;
use super::lasting::{Owner, PASSWORD};
use super::live::{House, clock, has_faketime};
use super::program::{Folder, Program, command};
use super::world::run;

/// The calls that change the disk.
const CALLS: [&str; 4] = ["fsync", "fdatasync", "pwrite64", "?rename,?renameat,renameat2"];
const OLD: &str = "linekey.test";
const NEW: &str = "office.test";

/// A start of an appliance that was lived in.
struct Start<'a> {
    data: String,
    flags: &'a [&'a str],
    environment: Vec<(&'a str, &'a str)>,
}

impl Start<'_> {
    fn arguments(&self, data: &str, plain: u16) -> Vec<String> {
        let http = format!("127.0.0.1:{plain}");
        let first = ["--data", data, "--http", &http, "--https", "127.0.0.1:0"];
        let all = first.iter().chain(self.flags);
        all.map(|word| (*word).to_owned()).collect()
    }

    /// A start that nothing disturbs.
    fn whole(&self, data: &str) -> House {
        let plain = free_port();
        let mut start = command();
        start.args(self.arguments(data, plain));
        start.envs(self.environment.iter().copied());
        let program = Program::run(start).unwrap_or_else(|(_, line)| panic!("not ready: {line}"));
        House { program, plain }
    }

    /// Whether it came through a start whose `number`th such call is its last.
    fn doomed(&self, data: &str, calls: &str, number: u32) -> bool {
        let built = command();
        let mut start = Command::new("strace");
        start.args(["-D", "-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
        start.args(["-e", &format!("inject={calls}:signal=KILL:when={number}")]);
        // One thread makes all turns, so that its calls are counted together.
        let alone = ("BLOCKING_MAX_THREADS", "1");
        for (name, value) in self.environment.iter().chain([&alone]) {
            start.args(["-E", &format!("{name}={value}")]);
        }
        start.arg(built.get_program()).args(built.get_args());
        start.args(self.arguments(data, free_port()));
        Program::run(start).is_ok()
    }

    /// Killed at every step, each time on a copy of its own. What the start after it shows is judged, and stays.
    fn is_killed_at_every_step(&self, judge: impl Fn(&House, &str) + Sync) {
        let judge = &judge;
        let deaths: u32 = std::thread::scope(|scope| {
            let walks = CALLS.map(|calls| scope.spawn(move || self.walk(calls, judge)));
            walks.into_iter().map(|walk| walk.join().expect("see above")).sum()
        });
        assert!(deaths > 3, "it was killed {deaths} times alone");
    }

    fn walk(&self, calls: &str, judge: &(impl Fn(&House, &str) + Sync)) -> u32 {
        for number in 1..300 {
            let copy = copy_of(&self.data);
            let came_through = self.doomed(&copy.data(), calls, number);
            let house = self.whole(&copy.data());
            let after = format!("killed at {calls} {number}");
            judge(&house, &after);
            let shown = (house.body("/trust/linekey.crt"), house.leaf());
            drop(house);
            let house = self.whole(&copy.data());
            assert_eq!((house.body("/trust/linekey.crt"), house.leaf()), shown, "{after}");
            if came_through {
                println!("{calls}: killed {} times", number - 1);
                return number - 1;
            }
        }
        panic!("there is no end to {calls}");
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn copy_of(data: &str) -> Folder {
    let copy = Folder::new();
    std::fs::create_dir_all(copy.data()).unwrap();
    for file in std::fs::read_dir(data).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), Path::new(&copy.data()).join(file.file_name())).unwrap();
    }
    copy
}

fn ended(house: House) {
    let House { program, .. } = house;
    program.signal("TERM");
    assert!(program.ended().0.success());
}

/// Whether the CA that it hands out signed what it shows under that name, `days` from now.
fn is_whole(house: &House, name: &str, days: u64, after: &str) {
    let folder = Folder::new();
    let file = house.authority(&folder);
    let then = super::world::today().0 + days * 86_400;
    let told = house.handshake(&file, &["-attime", &then.to_string(), "-verify_hostname", name]);
    let told = told.unwrap();
    assert!(told.contains("Verification: OK"), "{after}: {told}");
}

fn can_be_killed() -> bool {
    run("strace", &["-V"]).is_some() && run("openssl", &["version"]).is_some()
}

#[test]
fn a_renewal_of_the_leaf_killed_at_any_step_leaves_the_ca_and_a_leaf_of_it() {
    if !can_be_killed() || !has_faketime() {
        return;
    }
    let folder = Folder::new();
    let file = folder.file("clock", "+0d");
    let start = Start {
        data: folder.data(),
        flags: &["--name", OLD],
        environment: clock(&file).to_vec(),
    };
    let house = start.whole(&start.data);
    let (authority, leaf) = (house.body("/trust/linekey.crt"), house.leaf().unwrap());
    ended(house);
    std::fs::write(&file, "+266d").unwrap();
    start.is_killed_at_every_step(|house, after| {
        assert_eq!(house.body("/trust/linekey.crt"), authority, "{after}");
        assert_ne!(house.leaf().unwrap(), leaf, "{after}");
        is_whole(house, OLD, 266, after);
    });
}

/// A start under the old name, with an administrator's password.
fn under_the_old_name(folder: &Folder) -> Start<'static> {
    Start {
        data: folder.data(),
        flags: &["--name", OLD, "--admin-password", PASSWORD],
        environment: Vec::new(),
    }
}

#[test]
fn a_new_office_ca_killed_at_any_step_is_one_ca_with_its_leaf_in_the_end() {
    if !can_be_killed() {
        return;
    }
    let folder = Folder::new();
    let start = under_the_old_name(&folder);
    let house = start.whole(&start.data);
    let authority = house.body("/trust/linekey.crt");
    Owner::of(&house)
        .ask("DELETE", "/api/authority", &Value::Null)
        .expect(204);
    ended(house);
    start.is_killed_at_every_step(|house, after| {
        assert_ne!(house.body("/trust/linekey.crt"), authority, "{after}");
        is_whole(house, OLD, 0, after);
    });
}

/// An appliance that keeps the old name, and an administrator's password; it has ended.
fn named() -> (Folder, Vec<u8>) {
    let folder = Folder::new();
    let start = under_the_old_name(&folder);
    let house = start.whole(&start.data);
    let mut owner = Owner::of(&house);
    let set = json!({ "password": PASSWORD });
    owner.ask("POST", "/api/me/password", &set).expect(204);
    owner.ask("PATCH", "/api/settings", &json!({ "name": OLD })).expect(200);
    let authority = house.body("/trust/linekey.crt");
    ended(house);
    (folder, authority)
}

fn by_its_own_name(folder: &Folder) -> Start<'static> {
    Start {
        data: folder.data(),
        flags: &[],
        environment: Vec::new(),
    }
}

#[test]
fn the_first_start_under_another_name_killed_at_any_step_has_a_ca_and_a_leaf_for_both_names() {
    if !can_be_killed() {
        return;
    }
    let (folder, authority) = named();
    let start = by_its_own_name(&folder);
    let house = start.whole(&start.data);
    let saved = json!({ "name": NEW, "moving": true });
    Owner::of(&house).ask("PATCH", "/api/settings", &saved).expect(200);
    ended(house);
    start.is_killed_at_every_step(|house, after| {
        assert!(
            house.program.url.starts_with(&format!("https://{NEW}:")),
            "{after}: {}",
            house.program.url
        );
        assert_ne!(
            house.body("/trust/linekey.crt"),
            authority,
            "the old one is bound to {OLD}"
        );
        for name in [OLD, NEW] {
            is_whole(house, name, 0, after);
        }
    });
}

/// strace that has taken hold of a running program.
fn held(program: &Program, calls: &str, number: u32) -> Child {
    let mut hold = Command::new("strace");
    hold.args(["-f", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
    hold.args(["-e", &format!("inject={calls}:signal=KILL:when={number}")]);
    hold.args(["-p", &program.id().to_string()]);
    let mut held = hold.stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(held.stderr.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(line.contains("attached"), "{line}");
    held
}

#[test]
fn a_change_of_name_killed_at_any_step_is_the_old_name_or_the_new_one_and_never_a_mixture() {
    if !can_be_killed() {
        return;
    }
    let (folder, authority) = named();
    let start = by_its_own_name(&folder);
    for calls in ["fsync", "fdatasync", "pwrite64"] {
        for number in 1..100 {
            let copy = copy_of(&start.data);
            let house = start.whole(&copy.data());
            let mut owner = Owner::of(&house);
            let mut held = held(&house.program, calls, number);
            let saved = json!({ "name": NEW, "moving": true });
            let heard = smol::block_on(async {
                let line = TcpStream::connect(("127.0.0.1", house.plain)).await?;
                owner.visitor.try_ask(line, "PATCH", "/api/settings", &saved).await
            });
            let is_saved = matches!(&heard, Ok(Ok(heard)) if heard.status == 200);
            held.kill().unwrap();
            held.wait().unwrap();
            drop(house);
            let after = format!("killed at {calls} {number}");
            let house = start.whole(&copy.data());
            let is_new = house.program.url.starts_with(&format!("https://{NEW}:"));
            assert!(is_new || !is_saved, "{after}: what was acknowledged is lost");
            let other = if is_new { NEW } else { OLD };
            is_whole(&house, OLD, 0, &after);
            is_whole(&house, other, 0, &after);
            let is_same = house.body("/trust/linekey.crt") == authority;
            assert_eq!(is_same, !is_new, "{after}: {}", house.program.url);
            if is_saved {
                println!("{calls}: killed {} times", number - 1);
                assert!(calls == "fsync" || number > 1, "a change of name makes no {calls}");
                break;
            }
        }
    }
}

/// Whose passwords of that time are spent takes another one.
const ANOTHER: &str = "another five words of today";
/// How many people the store of schema 3 has.
const SCHEMA_3_PEOPLE: usize = 2;

/// D08: a store that schema 3 wrote, brought up to date by this start.
#[test]
fn an_upgrade_killed_at_any_step_is_whole_at_the_next_start_with_one_ca() {
    if !can_be_killed() {
        return;
    }
    let folder = of_schema_3();
    let start = Start {
        data: folder.data(),
        flags: &["--name", OLD, "--admin-password", ANOTHER],
        environment: Vec::new(),
    };
    start.is_killed_at_every_step(|house, after| {
        is_whole(house, OLD, 0, after);
        let people = Owner::with(house, ANOTHER).ask("GET", "/api/people", &Value::Null);
        let people = people.expect(200).json["people"].clone();
        assert_eq!(
            people.as_array().map(Vec::len),
            Some(SCHEMA_3_PEOPLE),
            "{after}: {people}"
        );
    });
}
