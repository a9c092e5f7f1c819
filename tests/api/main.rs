//! The running program against its own description, by schemathesis: as a stranger, a person and an administrator it
//! sends what the description allows and what it does not, and demands that no answer is a server's error or
//! undescribed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "in a test a panic is the report; the module is shared with other binaries, which use all of it"
)]

#[path = "../it/program.rs"]
mod program;
#[path = "../it/wait.rs"]
mod wait;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use program::{Folder, Heard, Program, Visitor};
use serde_json::{Value, json};
use smol::net::TcpStream;

const PASSWORD: &str = "four words for one time";
/// A run takes about half a minute, on a busy machine several; one that takes so many seconds hangs.
const LONGEST: &str = "300";

/// Schemathesis puts what it reads in answers into later calls, so these may end the session that it comes with. They
/// are made when all others have been.
const PARTING: [&str; 5] = [
    "POST /api/sign-out",
    "DELETE /api/me/sessions/{id}",
    "DELETE /api/administrators/{name}",
    "DELETE /api/administrators/{name}/sessions",
    "DELETE /api/administrators/{name}/sessions/{id}",
];
/// For an administrator: streams that never end, and a way to send letters to servers that were made up. The tests of
/// the office have them all.
const LEFT_OUT: [&str; 3] = ["GET /api/journal/live", "GET /api/devices/live", "PUT /api/mail"];

/// A running office with somebody in it for the examples of the description to find, and its administrator.
struct Office {
    program: Program,
    administrator: Visitor,
    folder: Folder,
}

impl Office {
    fn open() -> Self {
        let folder = Folder::new();
        let data = folder.data();
        let flags = ["--data", &data, "--http", "127.0.0.1:0", "--admin-password", PASSWORD];
        let program = Program::start(&flags);
        let administrator = Visitor::to(&program.url);
        let mut office = Self {
            program,
            administrator,
            folder,
        };
        let credentials = json!({ "username": "admin", "password": PASSWORD });
        office
            .by_administrator("POST", "/api/sign-in/password", &credentials)
            .expect(200);
        // Nobody listens there: letters wait, and a test letter is refused at once.
        let mail = json!({ "server": "127.0.0.1", "port": 9, "security": "none", "sender": "pbx@example.org" });
        office.by_administrator("PUT", "/api/mail", &mail).expect(200);
        for extension in ["21", "22", "23"] {
            let card = json!({ "extension": extension, "name": "Mira Example" });
            office.by_administrator("POST", "/api/people", &card).expect(201);
        }
        let card = json!({ "username": "office", "name": "The office", "email": "office@example.org" });
        office
            .by_administrator("POST", "/api/administrators", &card)
            .expect(201);
        office
    }

    fn by_administrator(&mut self, method: &str, path: &str, body: &Value) -> Heard {
        asked(self.program.port(), &mut self.administrator, method, path, body)
    }

    /// Somebody new, who follows the link.
    fn person(&mut self) -> Visitor {
        let card = json!({ "extension": "101", "name": "Ada Example" });
        let added = self.by_administrator("POST", "/api/people", &card).expect(201);
        let link = added.json["invite"]["link"].as_str().unwrap();
        let token = link.split_once('#').unwrap().1;
        let mut person = Visitor::to(&self.program.url);
        let port = self.program.port();
        asked(
            port,
            &mut person,
            "POST",
            "/api/sign-in/link",
            &json!({ "token": token }),
        )
        .expect(200);
        person
    }

    /// Runs schemathesis: all calls but those to leave out; for somebody signed in, those that may end the session
    /// last.
    fn examine(&self, by: &mut Visitor, left_out: &[&str]) {
        let cookie = by.cookie.clone();
        if cookie.is_none() {
            self.run(None, &except(left_out));
        } else {
            self.run(cookie.as_deref(), &except(&[left_out, &PARTING].concat()));
            // Else it was a stranger's run, from somewhere on.
            asked(self.program.port(), by, "GET", "/api/me", &Value::Null).expect(200);
            self.run(
                cookie.as_deref(),
                &PARTING.map(|name| ["--include-name", name]).concat(),
            );
        }
        let mut anybody = Visitor::to(&self.program.url);
        asked(self.program.port(), &mut anybody, "GET", "/healthz", &Value::Null).expect(200);
    }

    fn run(&self, cookie: Option<&str>, calls: &[&str]) {
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new("timeout");
        command
            .current_dir(self.folder.path())
            .arg(LONGEST)
            .arg(installed("schemathesis"))
            .arg("--config-file")
            .arg(home.join("tests/api/schemathesis.toml"))
            .args(["run", "--no-color", &format!("{}/api/openapi.json", self.program.url)])
            .args(calls);
        if let Some(cookie) = cookie {
            let header = format!("Cookie: {cookie}");
            command.args(["--header", &header, "--generation-with-security-parameters", "false"]);
        }
        succeeds(&mut command, "schemathesis found something");
    }
}

/// Somebody else's program, by its path; it is installed if it is not there.
fn installed(program: &str) -> PathBuf {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let install = home.join("tests/api/install");
    succeeds(&mut Command::new(install), &format!("{program} cannot be installed"));
    home.join("target/schemathesis/bin").join(program)
}

fn except<'a>(calls: &[&'a str]) -> Vec<&'a str> {
    calls.iter().flat_map(|name| ["--exclude-name", *name]).collect()
}

fn asked(port: u16, by: &mut Visitor, method: &str, path: &str, body: &Value) -> Heard {
    smol::block_on(async {
        let line = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        by.ask(line, method, path, body).await
    })
}

/// Shows what it said, and demands that it succeeds.
#[track_caller]
fn succeeds(command: &mut Command, otherwise: &str) {
    let outcome = command.output().unwrap_or_else(|why| panic!("{otherwise}: {why}"));
    let said = [outcome.stdout, outcome.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    println!("{}", said.join("\n"));
    assert!(outcome.status.success(), "{otherwise}: {}", outcome.status);
}

/// One at a time: each keeps more than one processor busy.
static TURN: Mutex<()> = Mutex::new(());

/// By the OpenAPI Initiative's own meta-schema, and what it cannot say: references, path parameters, defaults.
#[test]
fn the_description_is_openapi_3_1() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let office = Office::open();
    let mut anybody = Visitor::to(&office.program.url);
    let port = office.program.port();
    let document = asked(port, &mut anybody, "GET", "/api/openapi.json", &Value::Null).expect(200);
    assert_eq!(
        document.json["openapi"].as_str().map(|version| &version[..4]),
        Some("3.1.")
    );
    let file = office.folder.file("openapi.json", &document.body);
    let mut validator = Command::new(installed("openapi-spec-validator"));
    validator.args(["--schema", "3.1", "--validation-errors", "all", &file]);
    succeeds(&mut validator, "the description is not as OpenAPI has it");
}

#[test]
fn a_stranger_meets_no_answer_that_is_not_described() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let office = Office::open();
    office.examine(&mut Visitor::to(&office.program.url), &[]);
}

#[test]
fn a_person_meets_no_answer_that_is_not_described() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut office = Office::open();
    let mut person = office.person();
    office.examine(&mut person, &[]);
}

#[test]
fn an_administrator_meets_no_answer_that_is_not_described() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut office = Office::open();
    let mut administrator = std::mem::replace(&mut office.administrator, Visitor::to(&office.program.url));
    office.examine(&mut administrator, &LEFT_OUT);
}
