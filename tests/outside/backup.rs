//! Backups of an office at work, and restores that are killed, or find no room.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use linekey::office::backup;
use linekey::rules::office::backup::Passphrase;
use linekey::rules::office::journal::JournalLine;
use linekey::store::Store;
use serde_json::{Value, json};

use crate::house::{House, ask};
use crate::killed::{
    AS_IT_WAS, CALLS, RENAMED, SYNCED, Seen, copy_of, lived_in, lived_in_where, seen_by_rescue, traced,
};
use crate::moods::with_passkey;
use crate::program::{self, Folder, Program, Visitor};
use crate::wait::let_pass;

const PASSPHRASE: &str = "a passphrase for the outside";

/// A backup of an office with two people, and the file with its passphrase.
fn of_two_people(into: &Folder) -> (String, String) {
    let (_folder, data) = lived_in_where(|house| {
        let second = json!({ "extension": "102", "name": "Jonas" });
        house.ask("POST", "/api/people", second).expect(201);
    });
    let secret = into.file("passphrase", PASSPHRASE);
    let file = into.path().join("office.backup").to_str().unwrap().to_owned();
    let mut command = program::command();
    command.args(["--data", &data, "--backup", &file, "--backup-passphrase-file", &secret]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    (file, secret)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn flags<'a>(data: &'a str, file: &'a str, secret: &'a str) -> [&'a str; 7] {
    let [restore, of, yes] = ["--restore", "--backup-passphrase-file", "--yes"];
    ["--data", data, restore, file, of, secret, yes]
}

/// How often a restore was killed at those calls, each time onto a copy of its own. The next start finds the office as
/// it was, or as the backup has it; once the restore came through, as the backup has it.
fn walk(calls: &str, data: &str, file: &str, secret: &str) -> u32 {
    for number in 1..300 {
        let copy = copy_of(data);
        let to = copy.data();
        let kill = format!("signal=KILL:when={number}");
        let mut command = traced(calls, &kill, Path::new("/dev/null"), &flags(&to, file, secret));
        let output = command.output().unwrap();
        let killed = output.status.signal() == Some(9);
        assert!(killed || output.status.success(), "{calls} {number}: {}", said(&output));
        let seen = seen_by_rescue(&to);
        assert!(
            seen == Seen(2, 1, 1) || killed && seen == AS_IT_WAS,
            "{seen:?} after a kill at {calls} {number}"
        );
        let aside = std::fs::read_dir(&to).unwrap();
        let mut aside = aside.map(|file| file.unwrap().file_name().into_string().unwrap());
        assert!(
            !aside.any(|name| name.starts_with("linekey.restore")),
            "the next start tidies up after a kill at {calls} {number}"
        );
        if !killed {
            return number - 1;
        }
    }
    panic!("a restore makes more calls of {calls} than that");
}

#[test]
fn a_restore_killed_at_any_step_is_undone_or_finished_by_the_next_start() {
    let folder = Folder::new();
    let (file, secret) = of_two_people(&folder);
    let (_folder, data) = lived_in();
    let (data, file, secret) = (&data, &file, &secret);
    std::thread::scope(|scope| {
        let walks = CALLS.map(|calls| (calls, scope.spawn(move || walk(calls, data, file, secret))));
        for (calls, walked) in walks {
            let deaths = walked.join().unwrap_or_else(|_| panic!("{calls}, see above"));
            assert!(
                deaths > 0 || ![RENAMED, SYNCED, "write"].contains(&calls),
                "never killed at {calls}"
            );
        }
    });
}

/// With files of 16 KiB at most, which is what a full disk looks like from within.
fn without_room(arguments: &[&str]) -> Output {
    let mut shell = Command::new("bash");
    shell.args(["-c", "ulimit -f 16; exec \"$@\"", "bash", env!("CARGO_BIN_EXE_linekey")]);
    shell.args(arguments).output().unwrap()
}

#[test]
fn without_room_a_backup_or_a_restore_says_so_and_leaves_what_was_there() {
    let folder = Folder::new();
    let (file, secret) = of_two_people(&folder);
    let (_folder, data) = lived_in();
    let output = without_room(&flags(&data, &file, &secret));
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("ulimit"), "{}", said(&output));
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 2);
    let before = std::fs::read(&file).unwrap();
    let output = without_room(&["--data", &data, "--backup", &file, "--backup-passphrase-file", &secret]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(said(&output).lines().count(), 1, "{}", said(&output));
    assert!(std::fs::read(&file).unwrap() == before, "the last good backup stays");
    let mut beside = std::fs::read_dir(folder.path()).unwrap();
    assert!(!beside.any(|file| file.unwrap().file_name().to_str().unwrap().ends_with(".unfinished")));
    assert_eq!(seen_by_rescue(&data), AS_IT_WAS);
}

/// The file that the page would save.
fn download(port: u16, visitor: &Visitor) -> Vec<u8> {
    let body = json!({ "passphrase": PASSPHRASE }).to_string();
    let (host, cookie) = (
        visitor.origin.split_once("://").unwrap().1,
        visitor.cookie.as_ref().unwrap(),
    );
    let mut line = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let head = format!(
        "POST /api/backup HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nCookie: {cookie}\r\nOrigin: {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        visitor.origin,
        body.len()
    );
    line.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    assert!(
        answer.starts_with(b"HTTP/1.1 200 "),
        "{:?}",
        String::from_utf8_lossy(&answer[..end])
    );
    answer.split_off(end)
}

/// What a backup holds of what was acknowledged: extensions in their order, and how often somebody signed in by
/// passkey.
fn held(file: &[u8], folder: &Folder) -> (Vec<String>, usize) {
    let path = folder.path().join("taken-apart.redb");
    let mut store = std::fs::File::create(&path).unwrap();
    backup::open(file, &Passphrase::typed(PASSPHRASE), |part, bytes| match part {
        backup::STORE => store.write_all(bytes),
        _ => Ok(()),
    })
    .unwrap();
    let store = Store::open(&path).unwrap();
    let by_passkey = |line: &JournalLine| line.event == "signed-in" && line.about.ends_with(": passkey");
    let (listed, signed_in) = store
        .read(|facts| {
            let lines = facts.journal(None, usize::MAX, by_passkey)?;
            Ok((facts.people_after(None, usize::MAX)?, lines.len()))
        })
        .unwrap();
    let people = listed.iter().map(|person| person.account.username().to_owned());
    (people.filter(|username| username != "120").collect(), signed_in)
}

/// Of so many backups each is opened.
const ROUNDS: usize = 200;
/// From the beginning of one sign-in to that of the next: 20 in a second.
const PACE: Duration = Duration::from_millis(50);

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the caller says how many rounds, and sign-ins come at a pace"
)]
fn a_backup_of_an_office_at_work_holds_all_that_was_acknowledged_before_and_nothing_out_of_order() {
    let rounds = std::env::var("LINEKEY_ROUNDS").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let mut house = House::open(&[]);
    let folder = Folder::new();
    let into = folder.path().join("into");
    std::fs::create_dir(&into).unwrap();
    let set = json!({ "folder": into, "every_hours": 168, "keep": 3, "passphrase": PASSPHRASE });
    house.ask("PUT", "/api/backups", set).expect(200);
    let phone = with_passkey(&mut house);
    let (acknowledged, signed_in, over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let port = house.program.port();
    let mut adding = house.visitor();
    adding.cookie = house.administrator.cookie.clone();
    let signing_in = house.program.url.clone();
    std::thread::scope(|scope| {
        let adder = scope.spawn(|| {
            for number in 1001..2900 {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                let begun = Instant::now();
                let person = json!({ "extension": number.to_string(), "name": "Somebody" });
                ask(port, &mut adding, "POST", "/api/people", person).expect(201);
                acknowledged.store(number - 1000, Ordering::SeqCst);
                // Few enough for all rounds.
                let_pass((PACE * 2).saturating_sub(begun.elapsed()));
            }
        });
        let signer = scope.spawn(|| {
            while !over.load(Ordering::SeqCst) {
                let begun = Instant::now();
                let mut browser = Visitor::to(&signing_in);
                let asked = ask(port, &mut browser, "POST", "/api/sign-in/passkey/begin", json!({})).expect(200);
                let credential = phone.get(&asked.json["publicKey"]);
                let said = json!({ "ticket": asked.json["ticket"], "credential": credential });
                ask(port, &mut browser, "POST", "/api/sign-in/passkey/finish", said).expect(200);
                signed_in.fetch_add(1, Ordering::SeqCst);
                let_pass(PACE.saturating_sub(begun.elapsed()));
            }
        });
        for round in 0..rounds {
            let before = [&acknowledged, &signed_in].map(|count| count.load(Ordering::SeqCst));
            let file = if round % 2 == 0 {
                download(port, &house.administrator)
            } else {
                let made = house.ask("POST", "/api/backups/make", Value::Null).expect(200).json;
                assert_eq!(made["state"], "fine", "{made}");
                std::fs::read(into.join(made["good"]["file"].as_str().unwrap())).unwrap()
            };
            let after = [&acknowledged, &signed_in].map(|count| count.load(Ordering::SeqCst));
            let (found, times) = held(&file, &folder);
            let prefix: Vec<String> = (1001..).take(found.len()).map(|number| number.to_string()).collect();
            assert_eq!(found, prefix);
            for (found, (before, after)) in [found.len(), times].into_iter().zip(before.into_iter().zip(after)) {
                assert!(
                    (before..=after + 1).contains(&found),
                    "round {round}: {before} {found} {after}"
                );
            }
        }
        over.store(true, Ordering::SeqCst);
        adder.join().unwrap();
        signer.join().unwrap();
    });
    let counts = [&acknowledged, &signed_in].map(|count| count.load(Ordering::SeqCst));
    println!(
        "{rounds} backups while {} people came and somebody signed in {} times",
        counts[0], counts[1]
    );
    assert!(
        counts.iter().all(|count| *count > 20),
        "the office was at work: {counts:?}"
    );
    house.ask("GET", "/api/me", Value::Null).expect(200);
}

#[test]
fn a_cookie_of_before_opens_nothing_on_the_board_that_was_restored_and_the_journal_says_why() {
    let mut house = House::open(&[]);
    let phone = with_passkey(&mut house);
    let cookie = house.administrator.cookie.clone();
    let House { program, folder, .. } = house;
    program.signal("TERM");
    assert!(program.ended().0.success());
    let secret = folder.file("passphrase", PASSPHRASE);
    let file = folder.path().join("office.backup").to_str().unwrap().to_owned();
    let mut command = program::command();
    let data = folder.data();
    command.args(["--data", &data, "--backup", &file, "--backup-passphrase-file", &secret]);
    assert!(command.output().unwrap().status.success());
    let there = Folder::new();
    let mut command = program::command();
    command.args(flags(&there.data(), &file, &secret));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let address = format!("127.0.0.1:{}", phone.origin.rsplit_once(':').unwrap().1);
    let board = Program::start(&["--data", &there.data(), "--http", &address]);
    let mut administrator = Visitor::to(&board.url);
    administrator.cookie = cookie;
    ask(board.port(), &mut administrator, "GET", "/api/me", Value::Null).expect(401);
    let mut browser = Visitor::to(&board.url);
    let asked = ask(
        board.port(),
        &mut browser,
        "POST",
        "/api/sign-in/passkey/begin",
        json!({}),
    )
    .expect(200);
    let answer = json!({ "ticket": asked.json["ticket"], "credential": phone.get(&asked.json["publicKey"]) });
    ask(
        board.port(),
        &mut browser,
        "POST",
        "/api/sign-in/passkey/finish",
        answer,
    )
    .expect(200);
    board.signal("TERM");
    assert!(board.ended().0.success());
    let store = Store::open(&Path::new(&there.data()).join("linekey.redb")).unwrap();
    let restored = store.read(|facts| facts.journal(None, usize::MAX, |line| line.event == "restored"));
    assert_eq!(restored.unwrap().len(), 1);
}
