//! A running appliance with an administrator who is signed in, and other programs beside it.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use smol::net::TcpStream;

use crate::program::{Folder, Heard, Program, Visitor};
pub use crate::wait::wait_for;

pub const PASSWORD: &str = "four words for one time";

pub struct House {
    pub program: Program,
    pub administrator: Visitor,
    pub folder: Folder,
}

impl House {
    pub fn open(more: &[&str]) -> Self {
        Self::open_with(more, &[])
    }

    /// The same, with these variables in its environment.
    pub fn open_with(more: &[&str], environment: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let data = folder.data();
        let mut flags = vec!["--data", &data, "--http", "127.0.0.1:0", "--admin-password", PASSWORD];
        flags.extend(more);
        let program = Program::start_with(&flags, environment);
        Self::entered(program, folder)
    }

    /// What was started with [`PASSWORD`], its administrator signed in.
    pub fn entered(program: Program, folder: Folder) -> Self {
        let administrator = Visitor::to(&program.url);
        let mut house = Self {
            program,
            administrator,
            folder,
        };
        let body = json!({ "username": "admin", "password": PASSWORD });
        house.ask("POST", "/api/sign-in/password", body).expect(200);
        house
    }

    /// As the administrator.
    pub fn ask(&mut self, method: &str, path: &str, body: Value) -> Heard {
        ask(self.program.port(), &mut self.administrator, method, path, body)
    }

    pub fn visitor(&self) -> Visitor {
        Visitor::to(&self.program.url)
    }
}

pub fn ask(port: u16, visitor: &mut Visitor, method: &str, path: &str, body: Value) -> Heard {
    smol::block_on(async {
        let line = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        visitor.ask(line, method, path, &body).await
    })
}

/// Somebody else's program, that says a line when it is ready. Killed when dropped.
pub struct Neighbour {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Neighbour {
    pub fn start(command: &mut Command) -> Self {
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child =
            spawned.unwrap_or_else(|why| panic!("{command:?} is missing; `bash tests/run` installs it: {why}"));
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out }
    }

    pub fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
