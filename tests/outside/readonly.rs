//! A start on a card that is read-only or full: who is signed in stays, the rest is told in a sentence, and as soon as
//! the card can be written all is well without another start (trouble D02).
//!
//! The card is a tmpfs of a mount namespace of its own, which goes with it. It takes root, unshare and mount.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::apart::{Apart, place, tmpfs};
use crate::authenticator::Authenticator;
use crate::house::{PASSWORD, ask, wait_for};
use crate::program::{Folder, Heard, Program, Visitor};

#[test]
fn a_start_on_a_card_that_is_read_only_or_full_serves_what_it_can_and_goes_on_once_it_can_be_written() {
    Apart::Mounts(Folder::new()).run(&tmpfs(3 << 20), &["readonly::started"]);
}

struct Card(PathBuf);

impl Card {
    fn remount(&self, how: &str) {
        let run = Command::new("mount")
            .args(["-o", &format!("remount,{how}")])
            .arg(&self.0)
            .status();
        assert!(run.unwrap().success(), "{how}");
    }

    fn fill(&self) -> PathBuf {
        let ballast = self.0.join("ballast");
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.create(true).append(true).open(&ballast).unwrap();
        while file.write_all(&[7; 512]).is_ok() {}
        ballast
    }
}

/// An administrator with a passkey, whom a start finds signed in.
struct Kept {
    flags: Vec<String>,
    port: u16,
    administrator: Visitor,
    key: Authenticator,
}

impl Kept {
    fn made(data: &Path) -> Self {
        let data = data.to_str().unwrap();
        let program = Program::start(&["--data", data, "--http", "127.0.0.1:0", "--admin-password", PASSWORD]);
        let port = program.port();
        let mut administrator = Visitor::to(&program.url);
        let key = Authenticator::new(&program.url, 0);
        let mut kept = Self {
            flags: ["--data", data, "--http", &format!("127.0.0.1:{port}")]
                .map(str::to_owned)
                .to_vec(),
            port,
            administrator: Visitor::to(&program.url),
            key,
        };
        let body = json!({ "username": "admin", "password": PASSWORD });
        ask(port, &mut administrator, "POST", "/api/sign-in/password", body).expect(200);
        let asked = ask(port, &mut administrator, "POST", "/api/me/passkeys/begin", json!({}))
            .expect(200)
            .json;
        let credential = kept.key.create(&asked["publicKey"]);
        let body = json!({ "ticket": asked["ticket"], "credential": credential });
        ask(port, &mut administrator, "POST", "/api/me/passkeys/finish", body).expect(201);
        kept.administrator = administrator;
        // Ends by force: the store is not closed.
        drop(program);
        kept
    }

    fn start(&self) -> Program {
        Program::start(&self.flags.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn sees(&mut self, path: &str) -> Heard {
        ask(self.port, &mut self.administrator, "GET", path, Value::Null)
    }

    /// A sign-in from a new browser; it must be answered within a second.
    #[expect(clippy::disallowed_methods, reason = "how long it takes is what is asked")]
    fn sign_in(&self) -> Heard {
        let mut visitor = Visitor::to(&self.administrator.origin);
        let asked = ask(self.port, &mut visitor, "POST", "/api/sign-in/passkey/begin", json!({}))
            .expect(200)
            .json;
        let body = json!({ "ticket": asked["ticket"], "credential": self.key.get(&asked["publicKey"]) });
        let began = Instant::now();
        let heard = ask(self.port, &mut visitor, "POST", "/api/sign-in/passkey/finish", body);
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        heard
    }

    fn stays(&mut self) {
        self.sees("/api/me").expect(200);
        self.sees("/api/people").expect(200);
        self.sees("/home").expect(200);
    }
}

/// A first start on a card that cannot be written shows a page, and is a first start like any other once it can.
fn starts_once_it_can(card: &Card, close: impl FnOnce(&Card), open: impl FnOnce(&Card)) {
    let folder = card.0.join("new");
    std::fs::create_dir(&folder).unwrap();
    close(card);
    let flags = ["--data", folder.to_str().unwrap(), "--http", "127.0.0.1:0"];
    let mut command = crate::program::command();
    let mut child = command
        .args(flags)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = || {
        let mut line = String::new();
        assert_ne!(out.read_line(&mut line).unwrap(), 0, "it ended");
        line
    };
    let said = line();
    assert!(said.starts_with("Linekey waits at http://"), "{said}");
    let url = said.split_whitespace().nth(3).unwrap().trim_end_matches(':').to_owned();
    let port = url.rsplit_once(':').unwrap().1.parse().unwrap();
    let page = ask(port, &mut Visitor::to(&url), "GET", "/", Value::Null).expect(503);
    assert!(page.body.contains("The card cannot be written"), "{}", page.body);
    let health = ask(port, &mut Visitor::to(&url), "GET", "/healthz", Value::Null).expect(503);
    assert_eq!(health.body, "unwritable\n");
    open(card);
    let ready = line();
    assert!(ready.starts_with("Linekey is ready at "), "{ready}");
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
#[ignore = "runs on a card that another test makes"]
fn started() {
    let card = Card(place());
    let mut kept = Kept::made(&card.0.join("data"));

    starts_once_it_can(&card, |card| card.remount("ro"), |card| card.remount("rw"));
    starts_once_it_can(
        &card,
        |card| drop(card.fill()),
        |card| std::fs::remove_file(card.0.join("ballast")).unwrap(),
    );

    card.remount("ro");
    let program = kept.start();
    for _ in 0..5 {
        kept.stays();
        kept.sees("/healthz").expect(503);
        let heard = kept.sign_in().expect(500);
        assert!(
            heard.json["message"].as_str().unwrap().contains("Nothing was changed"),
            "{}",
            heard.body
        );
    }
    // Told to stop, it ends well: nobody starts it again for that.
    program.signal("TERM");
    assert!(program.ended().0.success());
    let program = kept.start();
    kept.stays();
    card.remount("rw");
    wait_for("that it can be written", || {
        (kept.sees("/healthz").status == 200).then_some(())
    });
    kept.sign_in().expect(200);
    kept.stays();
    drop(program);

    let ballast = card.fill();
    let program = kept.start();
    kept.stays();
    let heard = kept.sign_in();
    println!("a sign-in after a start on a full card: {}", heard.status);
    assert!([200, 507].contains(&heard.status), "{} {}", heard.status, heard.body);
    if heard.status == 507 {
        kept.sees("/healthz").expect(503);
    }
    std::fs::remove_file(ballast).unwrap();
    wait_for("that it can be written", || {
        (kept.sees("/healthz").status == 200).then_some(())
    });
    kept.sign_in().expect(200);
    program.signal("TERM");
    assert!(program.ended().0.success());
}
