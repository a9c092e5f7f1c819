//! The built program as a process, and an HTTP client for its doors.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use smol::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::wait::found_within;

/// Longer than anything here takes on a slow machine under emulation; a test that waits for it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder of this test alone, gone with it.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "linekey-{}-{}",
            std::process::id(),
            NUMBER.fetch_add(1, Ordering::SeqCst)
        );
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A file in it with that content, by its path.
    pub fn file(&self, name: &str, content: &str) -> String {
        let path = self.0.join(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// `--data` for a store in it.
    pub fn data(&self) -> String {
        self.0.join("data").to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// The command that is tested: what `LINEKEY_UNDER_TEST` says (an emulator may come first), or the one that cargo
/// built. Without the environment's own flags.
#[expect(clippy::disallowed_methods, reason = "what is tested comes from outside")]
pub fn command() -> Command {
    let said = std::env::var("LINEKEY_UNDER_TEST").unwrap_or_else(|_| env!("CARGO_BIN_EXE_linekey").to_owned());
    let mut words = said.split_whitespace();
    let mut command = Command::new(words.next().unwrap());
    command.args(words);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LINEKEY_") {
            command.env_remove(name);
        }
    }
    command
}

/// A program that said it is ready. Killed when dropped.
pub struct Program {
    child: Child,
    /// Where it says people should go.
    pub url: String,
    out: BufReader<std::process::ChildStdout>,
}

impl Program {
    /// Starts it with these flags and waits until it is ready.
    pub fn start(flags: &[&str]) -> Self {
        Self::start_with(flags, &[])
    }

    /// The same, with these variables in its environment.
    pub fn start_with(flags: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = command();
        command.args(flags).envs(environment.iter().copied());
        Self::run(command).unwrap_or_else(|(status, line)| panic!("not ready: {line:?}, {status}"))
    }

    /// Runs that command until it says that it is ready; or what it ended with instead, and said first.
    pub fn run(mut command: Command) -> Result<Self, (ExitStatus, String)> {
        command.stdin(Stdio::null());
        Self::run_as_it_is(command)
    }

    /// The same for a command whose standard input is its own.
    pub fn run_as_it_is(mut command: Command) -> Result<Self, (ExitStatus, String)> {
        command.stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|why| panic!("{command:?} cannot be started: {why}"));
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("Linekey is ready at ").map(str::to_owned);
        match url {
            Some(url) => Ok(Self { child, url, out }),
            None => Err((child.wait().unwrap(), line)),
        }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The port that it chose.
    pub fn port(&self) -> u16 {
        self.url.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    /// Name and password of the one-time sign-in that it printed.
    pub fn printed_one_time(&mut self) -> (String, String) {
        let mut found = (None, None);
        while found.0.is_none() || found.1.is_none() {
            let mut line = String::new();
            assert_ne!(
                self.out.read_line(&mut line).unwrap(),
                0,
                "no one-time password is printed"
            );
            match line.split_whitespace().collect::<Vec<_>>()[..] {
                ["name", name] => found.0 = Some(name.to_owned()),
                ["password", password] => found.1 = Some(password.to_owned()),
                _ => {}
            }
        }
        (found.0.unwrap(), found.1.unwrap())
    }

    /// Sends it a signal by name.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for its end: what it ended with, after how long, and what else it printed.
    pub fn ended(mut self) -> (ExitStatus, Duration, String) {
        let (status, took) = waited(&mut self.child);
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        (status, took, rest)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Starts the program with flags that it cannot start with: its exit status and what it says on standard error.
pub fn refused(flags: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
    let mut command = command();
    command
        .args(flags)
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (status, _) = waited(&mut child);
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (status.code().unwrap_or(-1), said)
}

/// How it ended, and after how long. The standard library knows no waiting for a child with a limit.
#[expect(
    clippy::disallowed_methods,
    reason = "a process runs in real time, and how long its end takes is what is asked"
)]
fn waited(child: &mut Child) -> (ExitStatus, Duration) {
    let began = Instant::now();
    let Some(status) = found_within(PATIENCE, || child.try_wait().unwrap()) else {
        child.kill().ok();
        panic!("the program does not end");
    };
    (status, began.elapsed())
}

/// A browser that keeps its cookie and speaks HTTP/1.1, one connection for each request.
pub struct Visitor {
    /// `scheme://name:port`, as the address bar has it.
    pub origin: String,
    pub cookie: Option<String>,
    /// What else it says with each request: fields' names and values.
    pub fields: Vec<(&'static str, String)>,
}

pub struct Heard {
    pub status: u16,
    pub head: String,
    pub body: String,
    pub json: Value,
}

impl Heard {
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}\n{}", self.head, self.body);
        self
    }

    pub fn field(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

impl Visitor {
    pub fn to(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            cookie: None,
            fields: Vec::new(),
        }
    }

    /// One request over an open connection, which the server then closes.
    pub async fn ask(
        &mut self,
        line: impl AsyncRead + AsyncWrite + Unpin,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Heard {
        let heard = self.try_ask(line, method, path, body).await.unwrap();
        heard.unwrap_or_else(|heard| panic!("no answer: {heard:?}"))
    }

    /// The same where the server may die of it: what came of an answer.
    pub async fn try_ask(
        &mut self,
        mut line: impl AsyncRead + AsyncWrite + Unpin,
        method: &str,
        path: &str,
        body: &Value,
    ) -> std::io::Result<Result<Heard, String>> {
        let host = self.origin.split_once("://").unwrap().1;
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        if let Some(cookie) = &self.cookie {
            text += &format!("Cookie: {cookie}\r\n");
        }
        for (field, value) in &self.fields {
            text += &format!("{field}: {value}\r\n");
        }
        if method != "GET" {
            text += &format!("Origin: {}\r\nSec-Fetch-Site: same-origin\r\n", self.origin);
        }
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        if !body.is_empty() {
            text += &format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
        }
        line.write_all(format!("{text}\r\n{body}").as_bytes()).await?;
        line.flush().await?;
        let mut bytes = Vec::new();
        line.read_to_end(&mut bytes).await?;
        let heard = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = heard.split_once("\r\n\r\n") else {
            return Ok(Err(heard.into_owned()));
        };
        let heard = Heard {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
            json: serde_json::from_str(body).unwrap_or_default(),
        };
        if let Some(set) = heard.field("set-cookie") {
            let pair = set.split(';').next().unwrap();
            self.cookie = (!pair.ends_with('=')).then(|| pair.to_owned());
        }
        Ok(Ok(heard))
    }
}
