//! Backups onto a stick that is pulled, plugged in, full or read-only: what is written lands on the stick or nowhere.
//!
//! The stick is a tmpfs in a mount namespace of its own, which goes with it. It takes root, unshare and mount.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use linekey::office::backup;
use linekey::rules::office::backup::Passphrase;
use serde_json::{Value, json};

use crate::apart::{Apart, place};
use crate::house::{House, PASSWORD, ask, wait_for};
use crate::program::{Folder, Program, Visitor};

const PASSPHRASE: &str = "four words on paper";
/// How often it is pulled while a backup is made.
const PULLED: u32 = 10;

#[test]
fn a_stick_that_is_pulled_plugged_in_full_or_read_only_is_told_and_the_cards_file_system_gets_nothing() {
    let tests = ["stick::comes_and_goes", "stick::plugged_in_before_the_next_start"];
    Apart::Mounts(Folder::new()).run("true", &tests);
}

/// A place to plug something in.
struct Stick(PathBuf);

impl Stick {
    fn of(name: &str) -> Self {
        let path = place().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn mount(&self, how: &str) {
        let run = Command::new("mount")
            .args(["-t", "tmpfs", "-o", how, "none"])
            .arg(&self.0)
            .status();
        assert!(run.unwrap().success());
    }

    fn unmount(&self) {
        assert!(
            Command::new("umount")
                .arg("-l")
                .arg(&self.0)
                .status()
                .unwrap()
                .success()
        );
    }

    fn names(&self) -> Vec<String> {
        let names = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> = names
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn opens(&self, name: &Value) {
        let file = std::fs::File::open(self.0.join(name.as_str().unwrap())).unwrap();
        backup::open(file, &Passphrase::typed(PASSPHRASE), |_, _| Ok(())).unwrap();
    }
}

fn set(house: &mut House, stick: &Stick) -> Value {
    let body = json!({ "folder": stick.0, "every_hours": 168, "keep": 50, "passphrase": PASSPHRASE });
    house.ask("PUT", "/api/backups", body).expect(200).json
}

/// Makes one now: how it stands then.
fn made(house: &mut House) -> Value {
    house.ask("POST", "/api/backups/make", Value::Null).expect(200).json
}

fn fails(house: &mut House, why: &str) -> Value {
    let now = made(house);
    assert_eq!(now["state"], "failed", "{now}");
    assert!(now["bad"]["said"].as_str().unwrap().contains(why), "{why}: {now}");
    now
}

#[test]
#[ignore = "runs with sticks of its own"]
fn comes_and_goes() {
    let mut house = House::open(&[]);
    let stick = Stick::of("stick");
    stick.mount("size=8m");
    let before = set(&mut house, &stick);
    assert_eq!(before["schedule"]["mount"], json!(stick.0));
    let first = made(&mut house);
    assert_eq!(first["state"], "fine", "{first}");
    stick.opens(&first["good"]["file"]);
    stick.unmount();
    let now = fails(&mut house, "the stick is not there");
    assert_eq!(now["good"], first["good"], "the last good one keeps its date");
    assert_eq!(stick.names(), [""; 0], "nothing went into the mount point");

    // Another one, plugged in after the start.
    stick.mount("size=8m");
    let now = made(&mut house);
    assert_eq!((&now["state"], stick.names().len()), (&json!("fine"), 1), "{now}");
    let good = now["good"].clone();
    // No room but for a part of a backup.
    let length = good["bytes"].as_u64().unwrap();
    std::fs::write(
        stick.0.join("filler"),
        vec![1; (8 << 20) - usize::try_from(length + length / 2).unwrap()],
    )
    .unwrap();
    let now = fails(&mut house, "the disk is full");
    assert_eq!(now["good"], good);
    assert_eq!(stick.names(), ["filler", good["file"].as_str().unwrap()]);
    stick.opens(&good["file"]);
    std::fs::remove_file(stick.0.join("filler")).unwrap();
    stick.mount("remount,ro");
    fails(&mut house, "read-only");
    stick.mount("remount,rw");
    assert_eq!(made(&mut house)["state"], "fine");
    pulled_again_and_again(&mut house, &stick);
}

/// Pulled in the middle, and at once plugged in again.
fn pulled_again_and_again(house: &mut House, stick: &Stick) {
    let (port, over) = (house.program.port(), AtomicBool::new(false));
    let mut other: Visitor = house.visitor();
    other.cookie = house.administrator.cookie.clone();
    std::thread::scope(|scope| {
        let maker = scope.spawn(|| {
            while !over.load(Ordering::SeqCst) {
                ask(port, &mut other, "POST", "/api/backups/make", Value::Null).expect(200);
            }
        });
        for round in 0..PULLED {
            wait_for("something on the stick", || (!stick.names().is_empty()).then_some(()));
            stick.unmount();
            assert_eq!(
                stick.names(),
                [""; 0],
                "round {round}: nothing is left in the mount point"
            );
            std::thread::yield_now();
            assert_eq!(stick.names(), [""; 0], "round {round}: nor comes there");
            stick.mount("size=8m");
        }
        over.store(true, Ordering::SeqCst);
        maker.join().unwrap();
    });
    let now = made(house);
    assert_eq!(now["state"], "fine", "{now}");
    stick.opens(&now["good"]["file"]);
    assert!(!stick.names().iter().any(|name| name.ends_with("unfinished")));
    stick.unmount();
    assert_eq!(stick.names(), [""; 0]);
}

#[test]
#[ignore = "runs with sticks of its own"]
fn plugged_in_before_the_next_start() {
    let stick = Stick::of("late");
    let mut house = House::open(&[]);
    // Set without the stick: it cannot be known that there is to be one.
    assert_eq!(set(&mut house, &stick)["schedule"]["mount"], Value::Null);
    stick.mount("size=8m");
    assert_eq!(
        made(&mut house)["schedule"]["mount"],
        json!(stick.0),
        "it is learnt from the first backup on it"
    );
    stick.unmount();
    fails(&mut house, "the stick is not there");
    assert_eq!(stick.names(), [""; 0]);
    // What is due is made soon after the start by itself.
    let House { program, folder, .. } = house;
    program.signal("TERM");
    assert!(program.ended().0.success());
    stick.mount("size=8m");
    set_back(&folder);
    let flags = [
        "--data",
        &folder.data(),
        "--http",
        "127.0.0.1:0",
        "--admin-password",
        PASSWORD,
    ];
    let program = Program::start(&flags);
    wait_for("a backup by itself", || {
        let there = stick.names().into_iter().find(|name| name.ends_with(".backup"));
        there.map(|name| stick.opens(&json!(name)))
    });
    drop(program);
    stick.unmount();
    assert_eq!(stick.names(), [""; 0]);
}

/// As if a week had gone by since the last good backup.
fn set_back(folder: &Folder) {
    use linekey::rules::change::{Change, OfficeChange};
    use linekey::rules::moment::{Moment, Reading};
    use linekey::rules::office::journal::Actor;
    use linekey::rules::time::{Date, Ttl};
    use linekey::rules::verdict::Verdict;
    let store = linekey::store::Store::open(&Path::new(&folder.data()).join("linekey.redb")).unwrap();
    let now = store.read(|facts| facts.newest()).unwrap().unwrap();
    let reading = Reading {
        date: now,
        known: true,
        running: now,
    };
    let turn = store.turn_now(Actor::APPLIANCE, Moment::new(reading, [1; 32]), |facts, _| {
        let outcomes = facts.outcomes()?;
        let mut good = outcomes.good.unwrap();
        good.at = Date(now.0 - Ttl::days(8).0);
        let changes = vec![Change::Office(OfficeChange::BackupMade(good, outcomes.mount, false))];
        Ok(Verdict::yes((), changes))
    });
    turn.unwrap().unwrap();
}
