//! Numbers for watchers: who gets them, that they tell of nobody, and that they write nothing (trouble D12).

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use linekey::http::edge::message::Method;
use serde_json::{Value, json};

use crate::disk::Disk;
use crate::left_out::left_out;
use crate::office::{Browser, Office, Reply, token_of};

fn scraped(office: &Office, authorization: Option<&str>) -> Reply {
    let mut watcher = office.browser_at("192.0.2.77".parse().unwrap());
    watcher.secure = true;
    let mut request = watcher.request(Method::GET, "/metrics", &Value::Null);
    if let Some(field) = authorization {
        request.set_field("authorization", field);
    }
    watcher.send(request)
}

/// Turns them on: what a watcher sends.
fn turned_on(administrator: &mut Browser<'_>) -> String {
    let opened = administrator.post("/api/metrics", json!({})).expect(201);
    format!("Bearer {}", opened.json["token"].as_str().unwrap())
}

fn text(office: &Office, token: &str) -> String {
    let reply = scraped(office, Some(token)).expect(200);
    assert_eq!(
        reply.field("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    String::from_utf8(reply.bytes).unwrap()
}

/// What tells series apart: each line without its number.
fn series(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.rsplit_once(' ').unwrap().0.to_owned()).collect()
}

fn number(text: &str, series: &str) -> u64 {
    let found = text
        .lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    found
        .unwrap_or_else(|| panic!("{series} is missing:\n{text}"))
        .parse()
        .unwrap()
}

#[test]
fn numbers_are_off_until_an_administrator_turns_them_on_and_are_for_the_newest_token_or_a_program_alone() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let guess = format!("Bearer {}", "A".repeat(43));
    for nothing in [None, Some(guess.as_str()), Some("Bearer x"), Some("Digest x")] {
        scraped(&office, nothing).expect(404);
    }
    assert_eq!(
        administrator.get("/api/metrics").expect(200).json,
        json!({ "on": false, "since": null })
    );
    let first = turned_on(&mut administrator);
    let second = turned_on(&mut administrator);
    assert_eq!(administrator.get("/api/metrics").expect(200).json["on"], json!(true));
    for wrong in [
        None,
        Some(guess.as_str()),
        Some(first.as_str()),
        Some("Bearer"),
        Some("Bearer x"),
    ] {
        let refused = scraped(&office, wrong).expect(401);
        assert_eq!(refused.field("www-authenticate"), Some("Bearer realm=\"Linekey\""));
    }
    scraped(&office, Some(&second)).expect(200);
    scraped(&office, Some(&second.replace("Bearer", "bearer"))).expect(200);
    // A session is no token.
    administrator.get("/metrics").expect(401);
    let opened = administrator
        .post("/api/administrators/admin/api", json!({}))
        .expect(201);
    let credentials = format!("admin:{}", opened.json["secret"].as_str().unwrap());
    let program = format!("Basic {}", data_encoding::BASE64.encode(credentials.as_bytes()));
    scraped(&office, Some(&program)).expect(200);
    scraped(&office, Some("Basic YWRtaW46eA==")).expect(401);
    administrator.delete("/api/metrics").expect(204);
    administrator.delete("/api/metrics").expect(404);
    scraped(&office, Some(&second)).expect(404);
    scraped(&office, Some(&program)).expect(404);
    // Nobody reads the token back, and the journal does not know it.
    let journal = String::from_utf8(administrator.get("/api/journal.csv").expect(200).bytes).unwrap();
    assert!(
        journal.contains("metrics-on") && journal.contains("metrics-off"),
        "{journal}"
    );
    assert!(!journal.contains(second.strip_prefix("Bearer ").unwrap()));
}

#[test]
fn a_token_is_not_taken_from_a_line_in_the_clear_but_on_the_machine_itself() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let token = turned_on(&mut administrator);
    for (address, status) in [("127.0.0.1", 200), ("192.0.2.77", 403)] {
        let mut watcher = office.browser_at(address.parse().unwrap());
        let mut request = watcher.request(Method::GET, "/metrics", &Value::Null);
        request.set_field("authorization", &token);
        watcher.send(request).expect(status);
    }
}

#[test]
fn numbers_tell_of_no_person_and_have_as_many_series_after_ten_thousand_strangers_as_before() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let relay = json!({
        "server": "relay.example.net", "port": 465, "security": "tls",
        "username": "relay-user", "password": "relay-password-7", "sender": "pbx@example.org",
    });
    let request = administrator.request(Method::PUT, "/api/mail", &relay);
    administrator.send(request).expect(200);
    let token = turned_on(&mut administrator);
    let before = text(&office, &token);
    let (mut mira, _) = office.person(&mut administrator, "4711", 1);
    let invite = administrator.post("/api/people/4711/invite", json!({})).expect(201);
    let link = token_of(&invite.json);
    office.browser().sign_in_by_link(&link).expect(200);
    office.browser().sign_in_by_link(&link).expect(410);
    mira.get("/api/me").expect(200);
    let mut words = vec![
        "4711".to_owned(),
        "Person".to_owned(),
        "relay".to_owned(),
        "localhost".to_owned(),
        link,
    ];
    for number in 0..1000 {
        let name = format!("guess-{number}");
        let mut stranger = office.browser_at(format!("198.51.100.{}", number % 250).parse().unwrap());
        let tried = stranger.sign_in_by_password(&name, "not the right words");
        assert!([401, 429].contains(&tried.status), "{tried:?}");
        words.push(name);
    }
    let methods = [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH];
    for number in 0..10_000_usize {
        let path = format!("/api/invite/secret-path-{number}");
        let mut stranger = office.browser();
        let request = stranger.request(methods[number % methods.len()].clone(), &path, &Value::Null);
        stranger.send(request).expect(404);
    }
    let after = text(&office, &token);
    assert_eq!(series(&after), series(&before));
    words.extend(["secret-path", "198.51.100", "192.0.2", "127.0.0.1", "example", "admin"].map(str::to_owned));
    words.push(token.strip_prefix("Bearer ").unwrap().to_owned());
    let told: Vec<&String> = words.iter().filter(|word| after.contains(word.as_str())).collect();
    assert!(told.is_empty(), "{told:?}:\n{after}");
    // They count what happened all the same.
    assert_eq!(number(&after, "linekey_sign_ins_total{way=\"link\"}"), 2);
    assert_eq!(number(&after, "linekey_refused_sign_ins_total{way=\"link\"}"), 1);
    assert_eq!(number(&after, "linekey_refused_sign_ins_total{way=\"password\"}"), 1000);
    assert_eq!(number(&after, "linekey_refusals_total{reason=\"link-spent\"}"), 1);
    let refused = ["not-signed-in", "wait", "busy"]
        .map(|reason| number(&after, &format!("linekey_refusals_total{{reason=\"{reason}\"}}")));
    assert_eq!(refused.iter().sum::<u64>(), 1000);
    assert_eq!(number(&after, "linekey_records{kind=\"accounts\"}"), 2);
    assert_eq!(number(&after, "linekey_clock_known"), 1);
    assert!(number(&after, "process_resident_memory_bytes") > 1 << 20);
    assert!(number(&after, "linekey_commits_total") > number(&before, "linekey_commits_total"));
}

#[test]
fn reading_the_numbers_writes_nothing_not_even_by_a_program() {
    let disk = Disk::empty();
    let office = Office::over(disk.clone(), 0);
    let (mut administrator, _) = office.administrator();
    let token = turned_on(&mut administrator);
    let opened = administrator
        .post("/api/administrators/admin/api", json!({}))
        .expect(201);
    let credentials = format!("admin:{}", opened.json["secret"].as_str().unwrap());
    let program = format!("Basic {}", data_encoding::BASE64.encode(credentials.as_bytes()));
    office.state.write_down().unwrap();
    let before = (disk.octets(), disk.syncs());
    for _ in 0..100 {
        scraped(&office, Some(&token)).expect(200);
        scraped(&office, Some(&program)).expect(200);
        scraped(&office, None).expect(401);
    }
    office.state.write_down().unwrap();
    assert_eq!((disk.octets(), disk.syncs()), before);
}

/// The least of many: what a request takes where nothing else is in its way.
#[expect(clippy::disallowed_methods, reason = "how long it takes is what is asked")]
fn took(office: &Office, authorization: Option<&str>) -> Duration {
    let one = || {
        let began = Instant::now();
        scraped(office, authorization);
        began.elapsed()
    };
    (0..300).map(|_| one()).min().unwrap()
}

#[test]
fn how_long_a_refusal_takes_does_not_tell_whether_numbers_are_on_or_a_token_was_near() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let guess = format!("Bearer {}", "A".repeat(43));
    let off = [took(&office, None), took(&office, Some(&guess))];
    let token = turned_on(&mut administrator);
    // Right but for its last letters.
    let near = format!("{}AAA", token.get(..token.len() - 3).unwrap());
    let on = [
        took(&office, None),
        took(&office, Some(&guess)),
        took(&office, Some(&near)),
    ];
    let all: Vec<Duration> = off.into_iter().chain(on).collect();
    let (least, most) = (all.iter().min().unwrap(), all.iter().max().unwrap());
    println!("off {off:?}, on {on:?}");
    assert!(*most < *least * 2 + Duration::from_micros(200), "{all:?}");
}

#[test]
fn promtool_finds_nothing_to_say_about_the_numbers() {
    let office = Office::open();
    let (mut administrator, _) = office.administrator();
    let token = turned_on(&mut administrator);
    let text = text(&office, &token);
    let mut promtool = Command::new("promtool");
    promtool
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let Ok(mut child) = promtool.spawn() else {
        left_out("Debian's package prometheus is missing");
        return;
    };
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), text.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let said = [done.stdout, done.stderr].concat();
    assert!(
        done.status.success() && said.is_empty(),
        "{}\n{text}",
        String::from_utf8_lossy(&said)
    );
}
