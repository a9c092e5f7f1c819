//! A disk that is filled up and freed again and again while people work: nothing that was acknowledged is lost, every
//! answer is true, and everything goes on within two seconds of room. `LINEKEY_ROUNDS=100` for the hundred, which take
//! some minutes.
//!
//! The disk is a tmpfs of a mount namespace of its own, which goes with it. It takes root, unshare and mount.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::apart::{Apart, place, tmpfs};
use crate::authenticator::Authenticator;
use crate::house::{PASSWORD, ask};
use crate::program::{Folder, Heard, Program, Visitor};
use crate::wait::within;

const OCTETS: usize = 3 << 20;
const ROUNDS: u32 = 12;
/// People who are added and renamed at the same moment, each by a browser of their own.
const AT_WORK: u32 = 4;
/// Of so many that one browser added all are deleted again, so that the office never has its fill.
const ADDED_BY_ONE: usize = 300;
const BACK_WITHIN: Duration = Duration::from_secs(2);

const FULL: &str = "The appliance's disk is full.";
const NOTHING_CHANGED: &str = "Nothing was changed";
const LOOK: &str = "look whether the change was made";
const NOT_KNOWN: &str = "it is not known whether the change was made";

#[test]
fn a_disk_that_is_filled_and_freed_again_and_again_under_load_loses_nothing_acknowledged_and_every_answer_is_true() {
    Apart::Mounts(Folder::new()).run(&tmpfs(OCTETS), &["full::filled_and_freed"]);
}

#[test]
#[ignore = "runs on a disk that another test makes"]
#[expect(clippy::disallowed_methods, reason = "its caller says how often")]
fn filled_and_freed() {
    let disk = place();
    let data = disk.join("data").to_str().unwrap().to_owned();
    let flags = ["--data", &data, "--http", "127.0.0.1:0", "--admin-password", PASSWORD];
    let rounds = std::env::var("LINEKEY_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let program = Program::start(&flags);
    let office = Office::opened(&program);
    let over = AtomicBool::new(false);
    let tally = Tally::default();
    let workers: Vec<Worker> = (0..AT_WORK).map(|number| office.worker(number)).collect();
    let workers = std::thread::scope(|scope| {
        let at_work: Vec<_> = workers
            .into_iter()
            .map(|mut worker| {
                let (over, tally) = (&over, &tally);
                scope.spawn(move || {
                    while !over.load(Ordering::Relaxed) {
                        worker.change(tally);
                    }
                    worker
                })
            })
            .collect();
        let fate = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            (0..rounds).map(|_| office.round(&disk, &tally)).max().unwrap()
        }));
        over.store(true, Ordering::Relaxed);
        let workers: Vec<Worker> = at_work.into_iter().map(|worker| worker.join().unwrap()).collect();
        println!("{tally:?}; back after {:?} at most", fate.unwrap());
        workers
    });
    assert!(
        tally.refused.load(Ordering::Relaxed) + tally.not_known.load(Ordering::Relaxed) >= rounds,
        "{tally:?}"
    );
    assert!(tally.unhealthy.load(Ordering::Relaxed) > rounds / 2, "{tally:?}");
    office.look(&workers);
    drop(program);
    // What the file says after an end by force is what was answered.
    let program = Program::start(&flags);
    let office = Office {
        port: program.port(),
        ..office
    };
    office.look(&workers);
}

/// How the changes were answered.
#[derive(Debug, Default)]
struct Tally {
    done: AtomicU32,
    refused: AtomicU32,
    not_known: AtomicU32,
    /// Rounds in which `/healthz` said that nothing can be written.
    unhealthy: AtomicU32,
    /// When a change was last refused.
    last: Mutex<Option<Instant>>,
}

impl Tally {
    fn last(&self) -> MutexGuard<'_, Option<Instant>> {
        self.last.lock().unwrap()
    }
}

struct Office {
    port: u16,
    administrator: Visitor,
    authenticator: Authenticator,
}

impl Office {
    /// An administrator with a passkey and somebody for each worker to rename.
    fn opened(program: &Program) -> Self {
        let mut office = Self {
            port: program.port(),
            administrator: Visitor::to(&program.url),
            authenticator: Authenticator::new(&program.url, 0),
        };
        let body = json!({ "username": "admin", "password": PASSWORD });
        office.asks("POST", "/api/sign-in/password", body).expect(200);
        let asked = office
            .asks("POST", "/api/me/passkeys/begin", json!({}))
            .expect(200)
            .json;
        let credential = office.authenticator.create(&asked["publicKey"]);
        let body = json!({ "ticket": asked["ticket"], "credential": credential });
        office.asks("POST", "/api/me/passkeys/finish", body).expect(201);
        for number in 0..AT_WORK {
            let body = json!({ "extension": renamed(number), "name": "0" });
            office.asks("POST", "/api/people", body).expect(201);
        }
        office
    }

    fn asks(&mut self, method: &str, path: &str, body: Value) -> Heard {
        ask(self.port, &mut self.administrator, method, path, body)
    }

    fn sees(&self, path: &str) -> Heard {
        ask(self.port, &mut copy(&self.administrator), "GET", path, Value::Null)
    }

    fn worker(&self, number: u32) -> Worker {
        Worker {
            port: self.port,
            browser: copy(&self.administrator),
            number,
            turn: 0,
            name: vec!["0".to_owned()],
            people: BTreeMap::new(),
        }
    }

    /// Fills the disk, waits until changes are refused, looks at what must go on, makes room, and waits until changes
    /// are made again: after how long.
    #[expect(clippy::disallowed_methods, reason = "how long it really takes is what is asked")]
    fn round(&self, disk: &Path, tally: &Tally) -> Duration {
        let ballast = disk.join("ballast");
        let began = Instant::now();
        within(Duration::from_secs(60), "a full disk", || {
            fill(&ballast);
            tally.last().is_some_and(|last| last >= began)
        });
        self.goes_on();
        // A store that cannot be written says so; it may find room for a little within what it has.
        let unhealthy = self.sees("/healthz");
        if unhealthy.status != 200 {
            unhealthy.expect(503);
            tally.unhealthy.fetch_add(1, Ordering::Relaxed);
        }
        std::fs::remove_file(&ballast).unwrap();
        let room = Instant::now();
        let done = tally.done.load(Ordering::Relaxed);
        within(BACK_WITHIN, "it to be back", || {
            self.sees("/healthz").status == 200 && tally.done.load(Ordering::Relaxed) > done
        });
        room.elapsed()
    }

    /// What goes on though nothing can be written, and how a sign-in is answered.
    fn goes_on(&self) {
        self.sees("/auth/check?group=administrators").expect(204);
        self.sees("/api/people").expect(200);
        let mut visitor = Visitor::to(&self.administrator.origin);
        let mut tell = |path: &str, body: Value| ask(self.port, &mut visitor, "POST", path, body);
        let asked = tell("/api/sign-in/passkey/begin", json!({})).expect(200).json;
        let body = json!({ "ticket": asked["ticket"], "credential": self.authenticator.get(&asked["publicKey"]) });
        let heard = tell("/api/sign-in/passkey/finish", body);
        if heard.status == 200 {
            // There was a little room left.
            assert!(visitor.cookie.is_some());
            ask(self.port, &mut visitor, "GET", "/api/me", Value::Null).expect(200);
        } else {
            truth(&heard);
            assert_eq!(visitor.cookie, None);
        }
    }

    /// Everything that was acknowledged is there, and nothing that was refused.
    fn look(&self, workers: &[Worker]) {
        for worker in workers {
            let name = self.sees(&format!("/api/people/{}", renamed(worker.number)));
            let name = name.expect(200).json["name"].as_str().unwrap().to_owned();
            assert!(worker.name.contains(&name), "{name}: {:?}", worker.name);
            for (extension, there) in &worker.people {
                let status = self.sees(&format!("/api/people/{extension}")).status;
                let right = match there {
                    There::Yes => status == 200,
                    There::No => status == 404,
                    There::NotKnown => [200, 404].contains(&status),
                };
                assert!(right, "{extension}: {there:?}, but {status}");
            }
        }
    }
}

/// One browser's work: it adds people until there are many, deletes them, and renames one between each two.
struct Worker {
    port: u16,
    browser: Visitor,
    number: u32,
    turn: usize,
    /// What the one who is renamed may be called now: the name that was acknowledged last, and what is not known since.
    name: Vec<String>,
    people: BTreeMap<String, There>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum There {
    Yes,
    No,
    NotKnown,
}

impl Worker {
    fn change(&mut self, tally: &Tally) {
        self.turn += 1;
        let name = format!("{:060}", self.turn);
        let (path, body) = (format!("/api/people/{}", renamed(self.number)), json!({ "name": name }));
        match self.ask(tally, "PATCH", &path, body) {
            Fate::Done => self.name = vec![name.clone()],
            Fate::Refused => {}
            Fate::NotKnown => self.name.push(name.clone()),
            Fate::SoAlready => panic!("{path} is there"),
        }
        let place = self.turn % (2 * ADDED_BY_ONE);
        let extension = format!("9{}{:04}", self.number, place % ADDED_BY_ONE);
        let known = self.people.get(&extension).copied().unwrap_or(There::No);
        let adds = place < ADDED_BY_ONE;
        let fate = if adds {
            let email = format!("{extension}@a-long-name-of-a-domain.{name}.example.org");
            let card = json!({ "extension": extension, "name": name, "email": email });
            self.ask(tally, "POST", "/api/people", card)
        } else {
            self.ask(tally, "DELETE", &format!("/api/people/{extension}"), Value::Null)
        };
        let wanted = if adds { There::Yes } else { There::No };
        let there = match fate {
            Fate::Done => wanted,
            Fate::Refused => known,
            Fate::NotKnown => There::NotKnown,
            Fate::SoAlready => {
                assert!([wanted, There::NotKnown].contains(&known), "{extension} is {known:?}");
                wanted
            }
        };
        self.people.insert(extension, there);
    }

    /// What became of the change, by its answer.
    #[expect(clippy::disallowed_methods, reason = "the round waits for the next refusal")]
    fn ask(&mut self, tally: &Tally, method: &str, path: &str, body: Value) -> Fate {
        let heard = ask(self.port, &mut self.browser, method, path, body);
        let (fate, count) = match heard.status {
            200 | 201 | 204 => (Fate::Done, &tally.done),
            404 | 409 => return Fate::SoAlready,
            _ => match truth(&heard) {
                There::No => (Fate::Refused, &tally.refused),
                There::Yes | There::NotKnown => (Fate::NotKnown, &tally.not_known),
            },
        };
        if !matches!(fate, Fate::Done) {
            *tally.last() = Some(Instant::now());
        }
        count.fetch_add(1, Ordering::Relaxed);
        fate
    }
}

/// What became of a change.
enum Fate {
    Done,
    Refused,
    NotKnown,
    /// Who was to be added is there, or who was to be deleted is not.
    SoAlready,
}

/// What an answer of 507 says of the change, which must be one of our sentences.
fn truth(heard: &Heard) -> There {
    assert_eq!(heard.status, 507, "{}\n{}", heard.head, heard.body);
    let sentence = heard.json["message"]
        .as_str()
        .unwrap_or_else(|| panic!("{}", heard.body));
    let (nothing, look) = (
        sentence.contains(NOTHING_CHANGED),
        sentence.contains(LOOK) || sentence.contains(NOT_KNOWN),
    );
    assert!(sentence.starts_with(FULL) && nothing != look, "{sentence}");
    if nothing { There::No } else { There::NotKnown }
}

fn renamed(number: u32) -> String {
    format!("1{number:02}")
}

fn copy(visitor: &Visitor) -> Visitor {
    Visitor {
        origin: visitor.origin.clone(),
        cookie: visitor.cookie.clone(),
        fields: Vec::new(),
    }
}

/// Takes all room that there is.
fn fill(ballast: &Path) {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.create(true).append(true).open(ballast).unwrap();
    while file.write_all(&[7; 4096]).is_ok() {}
}
