//! An administrator's way back by letter, killed at every write and sync between the request and the sign-in.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use serde_json::{Value, json};
use smol::net::TcpStream;

use super::{AS_IT_WAS, DATA_SYNCED, WRITTEN, copy_of, doomed, lived_in_where, seen_by};
use crate::house::{ask, wait_for};
use crate::letters::{MailServer, link_and_code};
use crate::program::{Folder, Heard, Program, Visitor};

/// What stands in a letter that the owner uses.
#[derive(Clone, Copy, Debug, PartialEq)]
enum By {
    Link,
    Code,
}

/// How far somebody got before the program was dead.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Died {
    BeforeTheRequest,
    BeforeTheLetter,
    AtTheSignIn,
}

/// An office with a mail server, and the cookie of an administrator who can look on.
struct Before {
    _folder: Folder,
    data: String,
    cookie: Option<String>,
    letters: Receiver<Value>,
}

impl Before {
    fn new() -> Self {
        let (mut letters, mut cookie) = (None, None);
        let (folder, data) = lived_in_where(|house| {
            let server = MailServer::start(&house.folder, "none", "ok", None);
            house.ask("PUT", "/api/mail", server.relay("none")).expect(200);
            let card = json!({ "email": "owner@example.org" });
            house.ask("PATCH", "/api/administrators/admin", card).expect(200);
            cookie = house.administrator.cookie.clone();
            letters = Some(server.letters());
        });
        Self {
            _folder: folder,
            data,
            cookie,
            letters: letters.unwrap(),
        }
    }

    fn administrator(&self, program: &Program) -> Visitor {
        let mut visitor = Visitor::to(&program.url);
        visitor.cookie.clone_from(&self.cookie);
        visitor
    }

    /// The next letter's link and code; `None`, if the program is dead.
    fn letter(&self, program: &Program) -> Option<(String, String)> {
        loop {
            match self.letters.recv_timeout(Duration::from_millis(20)) {
                Ok(letter) => return Some(link_and_code(&letter)),
                Err(RecvTimeoutError::Timeout) if has_ended(program) => return None,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("the mail server is gone"),
            }
        }
    }

    /// Asks for a letter, and signs in by it. Links of letters that come are added to `links`.
    fn back(&self, program: &Program, by: By, links: &mut Vec<String>) -> Result<Visitor, Died> {
        let mut asking = Visitor::to(&program.url);
        let body = json!({ "username": "admin" });
        let asked = attempt(program, &mut asking, "POST", "/api/sign-in/recover", body);
        asked.ok_or(Died::BeforeTheRequest)?.expect(202);
        loop {
            let (link, code) = self.letter(program).ok_or(Died::BeforeTheLetter)?;
            let (path, body) = match by {
                By::Link => ("/api/sign-in/link", json!({ "token": link })),
                By::Code => ("/api/sign-in/code", json!({ "code": code })),
            };
            links.push(link);
            let heard = attempt(program, &mut asking, "POST", path, body).ok_or(Died::AtTheSignIn)?;
            // A letter of an earlier life of the office is no good.
            if heard.status == 200 {
                return Ok(asking);
            }
        }
    }
}

/// Whether nobody listens any more.
fn has_ended(program: &Program) -> bool {
    std::net::TcpStream::connect(("127.0.0.1", program.port())).is_err()
}

/// What is answered; `None`, if the program died instead.
fn attempt(program: &Program, visitor: &mut Visitor, method: &str, path: &str, body: Value) -> Option<Heard> {
    let heard = smol::block_on(async {
        let line = TcpStream::connect(("127.0.0.1", program.port())).await?;
        visitor.try_ask(line, method, path, &body).await
    });
    if let Ok(Ok(heard)) = heard {
        return Some(heard);
    }
    wait_for("the end of a program that does not answer", || {
        has_ended(program).then_some(())
    });
    None
}

/// How far each walker came whose program was killed at the first such call, the second, and so on.
fn walk(calls: &str, by: By) -> Vec<Died> {
    let before = Before::new();
    let mut deaths = Vec::new();
    for number in 1..300 {
        let copy = copy_of(&before.data);
        let (mut links, mut died) = (Vec::new(), Some(Died::BeforeTheRequest));
        if let Some(program) = doomed(calls, number, &copy.data(), &[]) {
            // The start's own calls are counted apart, on another thread. What is done here first brings this one up to
            // their number, so that none of those to come falls behind it.
            let mut administrator = before.administrator(&program);
            let alive = (0..6).all(|turn| {
                let card = json!({ "name": format!("The owner {turn}") });
                let path = "/api/administrators/admin";
                attempt(&program, &mut administrator, "PATCH", path, card).is_some()
            });
            if alive {
                let back = before.back(&program, by, &mut links);
                died = back.as_ref().err().copied();
                if let Ok(mut owner) = back {
                    in_order(&program, &mut owner, &links);
                }
            }
        }
        let Some(died) = died else { return deaths };
        deaths.push(died);
        let program = Program::start(&["--data", &copy.data(), "--http", "127.0.0.1:0"]);
        let mut owner = after(&before, &program, by, &mut links);
        in_order(&program, &mut owner, &links);
    }
    panic!("there is no end to {calls}");
}

/// The owner's way in after a start: by the letter of the link that there is, which came or comes; if there is none, by
/// another.
fn after(before: &Before, program: &Program, by: By, links: &mut Vec<String>) -> Visitor {
    let mut administrator = before.administrator(program);
    let path = "/api/administrators/admin";
    let account = ask(program.port(), &mut administrator, "GET", path, Value::Null)
        .expect(200)
        .json;
    if account["invited_until"].is_null() {
        return before.back(program, by, links).expect("nothing kills this one");
    }
    let mut tried = 0;
    wait_for("a letter for the link that there is", || {
        links.extend(before.letters.try_iter().map(|letter| link_and_code(&letter).0));
        let mut owner = Visitor::to(&program.url);
        let body = json!({ "token": links.get(tried)? });
        tried += 1;
        let heard = ask(program.port(), &mut owner, "POST", "/api/sign-in/link", body);
        (heard.status == 200).then_some(owner)
    })
}

/// Nothing else changed, and no link that there ever was works any more.
fn in_order(program: &Program, owner: &mut Visitor, links: &[String]) {
    assert_eq!(seen_by(program.port(), owner), AS_IT_WAS);
    for token in links {
        let mut stranger = Visitor::to(&program.url);
        let body = json!({ "token": token });
        ask(program.port(), &mut stranger, "POST", "/api/sign-in/link", body).expect(410);
    }
}

#[test]
fn an_administrators_way_back_by_letter_killed_at_any_write_or_sync_leads_back_after_the_next_start() {
    std::thread::scope(|scope| {
        let walks = [By::Link, By::Code]
            .map(|by| [WRITTEN, DATA_SYNCED].map(|calls| (by, calls, scope.spawn(move || walk(calls, by)))));
        for (by, calls, walked) in walks.into_iter().flatten() {
            let deaths = walked.join().unwrap_or_else(|_| panic!("{by:?}, {calls}: see above"));
            for moment in [Died::BeforeTheLetter, Died::AtTheSignIn] {
                assert!(
                    deaths.contains(&moment),
                    "{by:?}, {calls}: never {moment:?}, but {deaths:?}"
                );
            }
        }
    });
}
