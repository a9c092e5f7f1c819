//! A mail server in the test's own hand, on a port of this machine: it answers as the test says, and keeps what it got.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What it answers to a line; `None`: what a friendly server answers. An empty text: it breaks off.
type Script = dyn Fn(&str) -> Option<String> + Send + Sync;

/// See the module.
pub struct Mailbox {
    pub port: u16,
    got: Arc<Mutex<Got>>,
}

#[derive(Default)]
struct Got {
    lines: Vec<String>,
    letters: Vec<String>,
}

impl Mailbox {
    /// One that takes everything.
    pub fn friendly() -> Self {
        Self::answering(|_| None)
    }

    /// One that answers to commands by that script; `.` is the end of a letter's text, and `` (nothing) the new caller.
    pub fn answering(script: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let got = Arc::<Mutex<Got>>::default();
        let (kept, script): (_, Arc<Script>) = (got.clone(), Arc::new(script));
        std::thread::spawn(move || {
            for caller in listener.incoming() {
                let (kept, script) = (kept.clone(), script.clone());
                // Whoever hangs up has said what they wanted to say.
                std::thread::spawn(move || serve(caller.unwrap(), &kept, &*script).ok());
            }
        });
        Self { port, got }
    }

    /// The letters that it took, whole.
    pub fn letters(&self) -> Vec<String> {
        self.got.lock().unwrap().letters.clone()
    }

    /// How often it heard a command that begins like that.
    pub fn heard(&self, command: &str) -> usize {
        let got = self.got.lock().unwrap();
        got.lines.iter().filter(|line| line.starts_with(command)).count()
    }
}

fn serve(mut caller: TcpStream, kept: &Mutex<Got>, script: &Script) -> std::io::Result<()> {
    let mut lines = BufReader::new(caller.try_clone()?).lines();
    let mut line = String::new();
    let mut text = String::new();
    loop {
        let usual = match line.get(..4).unwrap_or(&line) {
            "" => "220 mail.example.org",
            "EHLO" => "250 mail.example.org",
            "DATA" => "354 go on",
            "QUIT" => "221 2.0.0 goodbye",
            "." => "250 2.0.0 taken",
            _ => "250 OK",
        };
        let answer = script(&line).unwrap_or_else(|| usual.to_owned());
        if line == "." && answer.starts_with("250") {
            kept.lock().unwrap().letters.push(std::mem::take(&mut text));
        }
        if answer.is_empty() {
            return Ok(());
        }
        caller.write_all(format!("{answer}\r\n").as_bytes())?;
        if answer.starts_with("354") {
            text.clear();
            for said in lines.by_ref() {
                let said = said?;
                if said == "." {
                    break;
                }
                text += &format!("{said}\r\n");
            }
            line = ".".to_owned();
        } else {
            let Some(said) = lines.next() else { return Ok(()) };
            line = said?;
        }
        kept.lock().unwrap().lines.push(line.clone());
    }
}

/// A letter's head and its body, in which quoted-printable is undone as far as these tests read it.
pub fn read(letter: &str) -> (&str, String) {
    let (head, body) = letter.split_once("\r\n\r\n").unwrap();
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let number = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        match (first, after.get(..2).and_then(number)) {
            (b'=', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => bytes.push(*first),
        }
    }
    (head, String::from_utf8(bytes).unwrap())
}

/// The value of a field of a letter's head.
pub fn field<'a>(head: &'a str, name: &str) -> &'a str {
    let mut fields = head.lines().filter_map(|line| line.split_once(": "));
    let found = fields.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.unwrap_or_else(|| panic!("{name} is missing:\n{head}")).1
}
