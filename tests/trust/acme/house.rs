//! A running appliance under a public name, with an administrator who is signed in.

use std::time::Duration;

use serde_json::{Value, json};
use smol::net::TcpStream;

use super::ca::{Ca, Doors, free_port};
use crate::live::within;
use crate::program::{Folder, Heard, Program, Visitor, command};
use crate::world::{run, said, today};

pub(super) const NAME: &str = "pbx.example.com";
const PASSWORD: &str = "four words for one time";

pub(super) struct House {
    program: Option<Program>,
    pub(super) doors: Doors,
    administrator: Visitor,
    data: String,
    environment: Vec<(String, String)>,
    /// What it is called by a flag; none once it keeps its name.
    by_flag: Option<&'static str>,
}

pub(super) fn doors() -> Doors {
    Doors {
        phones: free_port(),
        plain: free_port(),
        secure: free_port(),
    }
}

impl House {
    pub(super) fn open(folder: &Folder, doors: Doors) -> Self {
        Self::open_with(folder, doors, &[])
    }

    pub(super) fn open_with(folder: &Folder, doors: Doors, environment: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment: Vec<_> = environment.iter().map(owned).collect();
        let data = folder.data();
        let mut house = Self {
            program: Some(started(&data, doors, Some(NAME), &environment)),
            doors,
            administrator: Visitor::to(&format!("http://{NAME}:{}", doors.plain)),
            data,
            environment,
            by_flag: Some(NAME),
        };
        house.sign_in();
        let set = json!({ "password": PASSWORD });
        house.ask("POST", "/api/me/password", set).expect(204);
        house
    }

    /// Anew, as sessions end when the clock is set ahead.
    pub(super) fn sign_in(&mut self) {
        let body = json!({ "username": "admin", "password": PASSWORD });
        self.ask("POST", "/api/sign-in/password", body).expect(200);
    }

    /// Kills it, and starts it again.
    pub(super) fn kill_and_start(&mut self) {
        // Dropped is killed.
        self.program = None;
        self.program = Some(started(&self.data, self.doors, self.by_flag, &self.environment));
    }

    /// Saves another name, to which people move over, and starts it under that.
    pub(super) fn move_to(&mut self, name: &str) {
        // A name that is given at the start is kept first, else the flag would outdo what is saved.
        self.ask("PATCH", "/api/settings", json!({ "name": NAME })).expect(200);
        let saved = json!({ "name": name, "moving": true });
        self.ask("PATCH", "/api/settings", saved).expect(200);
        self.by_flag = None;
        self.kill_and_start();
        self.administrator = Visitor::to(&format!("http://{name}:{}", self.doors.plain));
        self.sign_in();
    }

    /// Presses the button, and waits until that order has begun.
    pub(super) fn order_again(&mut self) {
        let before = self.acme()["tried"].clone();
        within(Duration::from_secs(5), "another second", || {
            today().0 > before.as_u64().unwrap()
        });
        self.ask("POST", "/api/acme/order", Value::Null).expect(200);
        within(Duration::from_secs(60), "the next order", || {
            self.acme()["tried"] != before
        });
    }

    pub(super) fn ask(&mut self, method: &str, path: &str, body: Value) -> Heard {
        smol::block_on(async {
            let line = TcpStream::connect(("127.0.0.1", self.doors.plain)).await.unwrap();
            self.administrator.ask(line, method, path, &body).await
        })
    }

    /// Chooses that CA, by that challenge.
    pub(super) fn choose(&mut self, ca: &Ca, challenge: &str, is_test: bool) -> Heard {
        self.ask(
            "PUT",
            "/api/acme",
            choice(&ca.directory(), &ca.root, challenge, is_test),
        )
    }

    /// Ends it as a service manager does: how long that took.
    pub(super) fn stop(mut self) -> Duration {
        let program = self.program.take().unwrap();
        program.signal("TERM");
        program.ended().1
    }

    /// How ACME fares.
    pub(super) fn acme(&mut self) -> Value {
        self.ask("GET", "/api/acme", Value::Null).expect(200).json
    }

    /// Waits until no order is under way and none is due at once; then how ACME fares.
    pub(super) fn settled(&mut self) -> Value {
        let mut last = Value::Null;
        within(Duration::from_secs(60), "the end of an order", || {
            last = self.acme();
            let is_done = last["tried"].is_u64() && last["under_way"] == false;
            is_done && last["next"].as_u64() > last["tried"].as_u64()
        });
        last
    }

    /// Where the certificate in use comes from.
    pub(super) fn source(&mut self) -> String {
        let settings = self.ask("GET", "/api/settings", Value::Null).expect(200).json;
        settings["certificate"]["source"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Issuer, serial number and names of the leaf that is served now.
    pub(super) fn leaf(&self) -> String {
        self.leaf_at(self.doors.secure, &["-servername", NAME])
    }

    /// The same, at that port to whoever says that.
    pub(super) fn leaf_at(&self, port: u16, more: &[&str]) -> String {
        let more = more.join(" ");
        let shown = "openssl x509 -noout -issuer -serial -ext subjectAltName";
        let script = format!("openssl s_client -connect 127.0.0.1:{port} {more} </dev/null 2>/dev/null | {shown}");
        run("sh", &["-c", &script])
            .map(|output| said(&output))
            .unwrap_or_default()
    }
}

fn started(data: &str, doors: Doors, name: Option<&str>, environment: &[(String, String)]) -> Program {
    let (http, https) = (
        format!("127.0.0.1:{}", doors.plain),
        format!("127.0.0.1:{}", doors.secure),
    );
    let mut start = command();
    start.args(["--data", data, "--http", &http, "--https", &https]);
    start.args(name.into_iter().flat_map(|name| ["--name", name]));
    start.args([
        "--admin-password",
        PASSWORD,
        "--sips",
        &format!("127.0.0.1:{}", doors.phones),
    ]);
    start.envs(environment.iter().map(|(name, value)| (name, value)));
    Program::run(start).unwrap_or_else(|(_, line)| panic!("not ready: {line}"))
}

/// What chooses that directory.
pub(super) fn choice(directory: &str, root: &str, challenge: &str, is_test: bool) -> Value {
    json!({
        "directory": directory, "is_test": is_test, "contact": "owner@example.com", "roots": root,
        "challenge": challenge, "is_strict": false, "terms_accepted": true,
    })
}
