//! A spare as a second process: it copies, takes over by its page or by the flag, is killed meanwhile; and the board
//! before it.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Output, Stdio};

use serde_json::{Value, json};
use smol::io::{AsyncReadExt, AsyncWriteExt};
use smol::net::TcpStream;

use crate::bucket_server::{ACCESS, SECRET, Server};
use crate::house::{House, wait_for};
use crate::killed::{CALLS, RENAMED, SYNCED, Seen, copy_of, lived_in_where, seen_by_rescue, traced};
use crate::program::{self, Folder, Program};

pub const PASSPHRASE: &str = "four words on paper";

/// A board that serves no office. Killed when dropped.
pub struct Closed {
    pub child: Child,
    out: BufReader<ChildStdout>,
    /// Where its page is; empty for one that says none.
    url: String,
    code: String,
}

impl Closed {
    fn start(flags: &[&str], says: &str) -> Self {
        let mut command = program::command();
        command.args(flags).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut closed = Self {
            child,
            out,
            url: String::new(),
            code: String::new(),
        };
        let line = closed.line();
        let url = line
            .strip_prefix(says)
            .unwrap_or_else(|| panic!("{line:?} is not {says:?}"));
        url.trim().clone_into(&mut closed.url);
        closed
    }

    /// A spare, and the code that it prints.
    pub fn spare(flags: &[&str]) -> Self {
        let mut spare = Self::start(flags, "Linekey stands by at ");
        while spare.code.is_empty() {
            if let Some(code) = spare.line().trim().strip_prefix("code") {
                code.trim().clone_into(&mut spare.code);
            }
        }
        spare
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        assert_ne!(self.out.read_line(&mut line).unwrap(), 0, "it ended");
        line
    }

    fn hear(&self, request: &str) -> String {
        let authority = self.url.strip_prefix("http://").unwrap();
        let text = request.replace("HOST", authority);
        smol::block_on(async {
            let mut line = TcpStream::connect(authority).await.unwrap();
            line.write_all(text.as_bytes()).await.unwrap();
            let mut heard = Vec::new();
            line.read_to_end(&mut heard).await.unwrap();
            String::from_utf8(heard).unwrap()
        })
    }

    pub fn get(&self, path: &str) -> String {
        self.hear(&format!(
            "GET {path} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"
        ))
    }

    fn press(&self, code: &str) -> String {
        let body = format!("code={code}");
        self.hear(&format!(
            "POST /take-over HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}",
            body.len()
        ))
    }

    pub fn look_now(&self) {
        let sent = std::process::Command::new("kill")
            .args(["-HUP", &self.child.id().to_string()])
            .status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Closed {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Makes a backup whose name differs from that one.
pub fn backed_up(house: &mut House, before: &str) -> String {
    wait_for("another second", || {
        let made = house.ask("POST", "/api/backups/make", Value::Null).expect(200).json;
        assert_eq!(made["state"], "fine", "{made}");
        let file = made["good"]["file"].as_str().unwrap().to_owned();
        (file != before).then_some(file)
    })
}

pub fn set(house: &mut House, mut place: Value) {
    for (name, value) in [
        ("keep", json!(3)),
        ("every_hours", json!(24)),
        ("passphrase", json!(PASSPHRASE)),
    ] {
        place[name] = value;
    }
    house.ask("PUT", "/api/backups", place).expect(200);
}

fn add(house: &mut House, extension: &str) {
    let card = json!({ "extension": extension, "name": format!("Person {extension}") });
    house.ask("POST", "/api/people", card).expect(201);
}

/// The day and minute in a backup's name, as the page has it.
fn taken(file: &str) -> String {
    let (_, time) = file.rsplit_once("-20").unwrap();
    format!("20{} {}:{} UTC", &time[..8], &time[9..11], &time[11..13])
}

/// Runs it to its end.
fn errand(flags: &[&str]) -> Output {
    program::command().args(flags).stdin(Stdio::null()).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

fn stopped(house: House) -> Folder {
    house.program.signal("TERM");
    let House { program, folder, .. } = house;
    assert!(program.ended().0.success());
    folder
}

#[test]
fn a_spare_copies_shows_its_age_takes_over_by_its_code_and_the_board_before_it_refuses() {
    let (place, secret) = (Folder::new(), Folder::new());
    let passphrase = secret.file("passphrase", PASSPHRASE);
    let mut house = House::open(&[]);
    let shared = place.path().to_str().unwrap();
    set(&mut house, json!({ "folder": shared }));
    let first = backed_up(&mut house, "");
    let second_board = Folder::new();
    let data = second_board.data();
    let flags = [
        ["--data", &data, "--http", "127.0.0.1:0"],
        ["--standby", shared, "--backup-passphrase-file", &passphrase],
    ]
    .concat();
    let mut spare = Closed::spare(&flags);
    wait_for("the copy on the page", || {
        spare.get("/").contains(&taken(&first)).then_some(())
    });
    for (path, words) in [
        ("/", "This is the spare"),
        ("/api/me", "This is the spare"),
        ("/healthz", "\nstandby\n"),
    ] {
        let heard = spare.get(path);
        assert!(
            heard.starts_with("HTTP/1.1 503 ") && heard.contains(words),
            "{path}: {heard}"
        );
    }
    add(&mut house, "101");
    let second = backed_up(&mut house, &first);
    spare.look_now();
    let copy = Path::new(&data).join("linekey.spare");
    let newest = std::fs::read(place.path().join(&second)).unwrap();
    wait_for("the newer copy", || {
        (std::fs::read(&copy).unwrap() == newest).then_some(())
    });
    // Told after the last backup: lost.
    add(&mut house, "102");
    assert!(spare.press("0000-0000-0000-0000").contains("That is not the code"));
    let code = spare.code.clone();
    assert!(spare.press(&code).contains("takes over"));
    let ready = wait_for("the board that it becomes", || {
        let line = spare.line();
        line.strip_prefix("Linekey is ready at ")
            .map(|url| url.trim().to_owned())
    });
    spare.url = ready;
    assert!(spare.get("/healthz").starts_with("HTTP/1.1 200 "));
    drop(spare);
    // The board before it backs nothing up any more.
    let made = house.ask("POST", "/api/backups/make", Value::Null).expect(200).json;
    assert_eq!(
        (&made["good"]["file"], &made["state"]),
        (&json!(second), &json!("failed")),
        "{made}"
    );
    assert!(
        made["bad"]["said"]
            .as_str()
            .unwrap()
            .contains("another board took over"),
        "{made}"
    );
    let old = stopped(house);
    let old_data = old.data();
    let of_old = ["--data", &old_data, "--http", "127.0.0.1:0"];
    drop(Closed::start(&of_old, "Linekey was replaced: "));
    assert_eq!(seen_by_rescue(&data), Seen(1, 0, 0));
    // One deliberate flag makes it the board again, and the other one refuses then.
    let again = errand(&[&of_old[..], &["--take-over"]].concat());
    assert!(again.status.success(), "{}", said(&again));
    assert_eq!(seen_by_rescue(&old_data), Seen(2, 0, 0));
    let plain = ["--data", &data, "--http", "127.0.0.1:0"];
    drop(Closed::start(&plain, "Linekey was replaced: "));
    // And with the flags that it had, it is the spare again.
    drop(Closed::spare(&flags));
}

#[test]
fn a_board_that_runs_sees_soon_that_it_was_replaced_and_stops_serving_though_no_backup_is_due() {
    let (place, secret) = (Folder::new(), Folder::new());
    let passphrase = secret.file("passphrase", PASSPHRASE);
    let shared = place.path().to_str().unwrap();
    let mut house = House::open(&[]);
    set(&mut house, json!({ "folder": shared }));
    // In a later second than it was set.
    let first = backed_up(&mut house, "");
    backed_up(&mut house, &first);
    let old = stopped(house);
    let old_data = old.data();
    let mut running = Closed::start(&["--data", &old_data, "--http", "127.0.0.1:0"], "Linekey is ready at ");
    let board = Folder::new();
    let (data, standby) = (
        board.data(),
        ["--standby", shared, "--backup-passphrase-file", &passphrase],
    );
    let taken = errand(&[&["--data", &data, "--take-over"], &standby[..]].concat());
    assert!(taken.status.success(), "{}", said(&taken));
    let new = Program::start(&["--data", &data, "--http", "127.0.0.1:0"]);
    wait_for("its mark", || {
        let mut names = std::fs::read_dir(place.path()).unwrap();
        names
            .any(|file| file.unwrap().file_name().to_str().unwrap().ends_with("-board"))
            .then_some(())
    });
    // No backup is due for a day.
    while !running.line().starts_with("Linekey was replaced: ") {}
    drop(new);
}

#[test]
fn a_running_boards_folder_makes_no_spare_and_a_spare_without_a_copy_takes_nothing_over() {
    let (place, secret) = (Folder::new(), Folder::new());
    let passphrase = secret.file("passphrase", PASSPHRASE);
    let shared = place.path().to_str().unwrap();
    let old = stopped(House::open(&[]));
    let data = old.data();
    let standby = ["--standby", shared, "--backup-passphrase-file", &passphrase];
    let refused = errand(&[&["--data", &data, "--http", "127.0.0.1:0"], &standby[..]].concat());
    assert!(
        said(&refused).contains("whose board was not replaced"),
        "{}",
        said(&refused)
    );
    let empty = Folder::new();
    let refused = errand(&[&["--data", &empty.data(), "--take-over"], &standby[..]].concat());
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        said(&refused).contains("no copy yet: there is no backup yet"),
        "{}",
        said(&refused)
    );
    let spare = Closed::spare(&[&["--data", &empty.data(), "--http", "127.0.0.1:0"], &standby[..]].concat());
    let page = spare.get("/");
    assert!(page.contains("<p >There is no copy here yet."), "{page}");
    assert!(page.contains("<dl class=\"pairs\" hidden>"), "{page}");
    let refused = errand(&["--data", &data, "--take-over"]);
    assert!(said(&refused).contains("was not replaced"), "{}", said(&refused));
}

#[test]
fn a_spare_of_a_bucket_takes_over_by_the_flag_and_a_board_whose_bucket_is_gone_keeps_serving() {
    let Some(server) = Server::start() else { return };
    let secret = Folder::new();
    let passphrase = secret.file("passphrase", PASSPHRASE);
    let key = secret.file("key", &format!("{ACCESS}\n{SECRET}\n"));
    let mut house = House::open(&[]);
    set(&mut house, json!({ "bucket": server.bucket() }));
    add(&mut house, "101");
    backed_up(&mut house, "");
    let (board, address) = (
        Folder::new(),
        format!("http://127.0.0.1:{}/office/boards/ours", server.port),
    );
    let data = board.data();
    let standby = [
        "--standby",
        &address,
        "--bucket-key-file",
        &key,
        "--backup-passphrase-file",
        &passphrase,
    ];
    let taken = errand(&[&["--data", &data, "--take-over"], &standby[..]].concat());
    assert!(taken.status.success(), "{}", said(&taken));
    assert_eq!(seen_by_rescue(&data), Seen(1, 0, 0));
    assert!(
        server.names().iter().any(|name| name.ends_with("-board")),
        "{:?}",
        server.names()
    );
    let twice = errand(&[&["--data", &data, "--take-over"], &standby[..]].concat());
    assert!(said(&twice).contains("took over already"), "{}", said(&twice));
    let old = stopped(house);
    let old_data = old.data();
    let of_old = ["--data", &old_data, "--http", "127.0.0.1:0"];
    drop(server);
    // Nobody says that it was replaced.
    drop(Program::start(&of_old));
}

/// How often a take-over was killed at those calls, each time on copies of their own. The next start finds no office,
/// or the one that was taken over, and then its mark lies beside the backups; once it came through, that one.
fn walk(calls: &str, data: &str, place: &Path, secret: &str) -> u32 {
    for number in 1..300 {
        let (copy, shared) = (copy_of(data), Folder::new());
        for file in std::fs::read_dir(place).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), shared.path().join(file.file_name())).unwrap();
        }
        let (to, at) = (copy.data(), shared.path().to_str().unwrap());
        let kill = format!("signal=KILL:when={number}");
        let flags = [
            "--data",
            &to,
            "--standby",
            at,
            "--backup-passphrase-file",
            secret,
            "--take-over",
        ];
        let output = traced(calls, &kill, Path::new("/dev/null"), &flags).output().unwrap();
        let killed = output.status.signal() == Some(9);
        assert!(killed || output.status.success(), "{calls} {number}: {}", said(&output));
        let seen = seen_by_rescue(&to);
        assert!(
            seen == Seen(1, 1, 1) || killed && seen == Seen(0, 0, 0),
            "{seen:?} after a kill at {calls} {number}"
        );
        let mut names = std::fs::read_dir(shared.path()).unwrap();
        let marked = names.any(|file| file.unwrap().file_name().to_str().unwrap().ends_with("-board"));
        assert_eq!(marked, seen == Seen(1, 1, 1), "after a kill at {calls} {number}");
        if !killed {
            return number - 1;
        }
    }
    panic!("a take-over makes more calls of {calls} than that");
}

#[test]
fn a_take_over_killed_at_any_step_is_undone_or_finished_by_the_next_start_and_leaves_its_mark() {
    let (place, secret) = (Folder::new(), Folder::new());
    let passphrase = secret.file("passphrase", PASSPHRASE);
    let (_folder, _) = lived_in_where(|house| {
        set(house, json!({ "folder": place.path() }));
        backed_up(house, "");
    });
    let board = Folder::new();
    std::fs::create_dir_all(board.data()).unwrap();
    let (data, place, passphrase) = (&board.data(), place.path(), passphrase.as_str());
    std::thread::scope(|scope| {
        let walks = CALLS.map(|calls| (calls, scope.spawn(move || walk(calls, data, place, passphrase))));
        for (calls, walked) in walks {
            let deaths = walked.join().unwrap_or_else(|_| panic!("{calls}, see above"));
            assert!(
                deaths > 0 || ![RENAMED, SYNCED, "write"].contains(&calls),
                "never killed at {calls}"
            );
        }
    });
}
