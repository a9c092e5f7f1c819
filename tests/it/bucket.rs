//! Backups into a bucket of a real S3-compatible server, s3s-fs (`.ci/crate s3s-fs` makes it).

use std::sync::atomic::Ordering;
use std::time::{SystemTime, UNIX_EPOCH};

use linekey::http::edge::message::Method;
use linekey::office::backups;
use serde_json::{Value, json};

use crate::backup::opened;
use crate::bucket_server::{SECRET, Server, free_port};
use crate::office::{Browser, HOUR, MINUTE, Office, Reply};

const PASSPHRASE: &str = "four words on paper";

/// The server's clock is this machine's.
#[expect(clippy::disallowed_methods, reason = "a real server goes by the real time")]
fn real_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn set(bucket: Value, keep: u32) -> Value {
    json!({ "bucket": bucket, "every_hours": 1, "keep": keep, "passphrase": PASSPHRASE })
}

fn put(browser: &mut Browser<'_>, body: &Value) -> Reply {
    browser.send(browser.request(Method::PUT, "/api/backups", body))
}

fn by_itself(office: &Office) {
    smol::block_on(backups::make_if_due(&office.state)).unwrap();
}

fn at_the_right_time() -> Office {
    let office = Office::open();
    office.set_clock(real_now());
    office
}

#[test]
fn backups_go_into_the_bucket_are_fetched_back_and_opened_and_the_oldest_go() {
    let Some(server) = Server::start() else { return };
    let office = at_the_right_time();
    let (mut administrator, _) = office.administrator();
    let set = put(&mut administrator, &set(server.bucket(), 2)).expect(200).json;
    assert_eq!(set["state"], "first");
    assert_eq!(set["schedule"]["bucket"]["prefix"], "boards/ours/");
    assert!(!set.to_string().contains(SECRET), "{set}");
    assert_eq!(server.names(), [""; 0], "what it was tried with is gone");
    // Within what the server takes, several are due.
    let began = office.now();
    for minute in [0, 4, 8, 12] {
        office.set_clock(began + minute * 60);
        let made = smol::block_on(backups::make(
            &office.state,
            linekey::rules::office::journal::Actor::APPLIANCE,
        ));
        assert_eq!(
            made.unwrap(),
            Ok(true),
            "{:?}",
            office.state.store.read(|facts| facts.outcomes())
        );
    }
    let now = administrator.get("/api/backups").expect(200).json;
    assert_eq!(now["state"], "fine", "{now}");
    let names = server.names();
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(now["good"]["file"], json!(names[1]));
    let object = server.object(&names[1]);
    assert_eq!(now["good"]["bytes"], object.len());
    assert_eq!(opened(&object, PASSPHRASE).unwrap()["key"], [7; 32]);
}

#[test]
fn a_second_backup_of_one_second_leaves_the_first_as_it_is() {
    let Some(server) = Server::start() else { return };
    let office = at_the_right_time();
    let (mut administrator, _) = office.administrator();
    put(&mut administrator, &set(server.bucket(), 9)).expect(200);
    let make = || {
        let made = backups::make(&office.state, linekey::rules::office::journal::Actor::APPLIANCE);
        assert_eq!(smol::block_on(made).unwrap(), Ok(true));
    };
    make();
    let first = server.names();
    let before = server.object(&first[0]);
    make();
    let names = server.names();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(server.object(&first[0]) == before);
    assert!(
        names
            .iter()
            .all(|name| opened(&server.object(name), PASSPHRASE).is_ok())
    );
}

#[test]
fn a_clock_that_is_wrong_is_told_with_both_times_and_the_key_is_not_doubted() {
    let Some(server) = Server::start() else { return };
    for ahead in [16 * 60, -16 * 60] {
        let office = at_the_right_time();
        let (mut administrator, authenticator) = office.administrator();
        put(&mut administrator, &set(server.bucket(), 2)).expect(200);
        let wrong = real_now().checked_add_signed(ahead).unwrap();
        office.set_clock(wrong);
        for _ in 0..2 {
            by_itself(&office);
        }
        let now = administrator.get("/api/backups").expect(200).json;
        assert_eq!(now["state"], "failed", "{now}");
        let said = now["bad"]["said"].as_str().unwrap();
        let here = linekey::rules::time::Date(wrong).iso();
        assert!(said.contains(&here) && said.contains("clock"), "{said}");
        assert!(said.contains("The access key may well be right"), "{said}");
        let there: Vec<_> = said.split(' ').filter(|word| word.starts_with("20")).collect();
        assert_eq!(there.len(), 2, "{said}");
        // The same at save, which keeps nothing.
        administrator.prove_by_passkey(&authenticator).expect(200);
        let refused = put(&mut administrator, &set(server.bucket(), 9)).refused(422, "invalid");
        assert_eq!(refused.json["field"], "bucket");
        assert!(refused.json["message"].as_str().unwrap().contains(&here));
        // Set right, the next try goes well.
        office.set_clock(real_now());
        by_itself(&office);
        assert_eq!(administrator.get("/api/backups").expect(200).json["state"], "fine");
    }
}

#[test]
fn while_the_date_is_not_known_the_bucket_is_left_alone_and_that_is_said() {
    let Some(server) = Server::start() else { return };
    let office = at_the_right_time();
    let (mut administrator, _) = office.administrator();
    put(&mut administrator, &set(server.bucket(), 2)).expect(200);
    office.lose_the_date();
    by_itself(&office);
    assert_eq!(administrator.get("/api/backups").expect(200).json["state"], "no-date");
    put(&mut administrator, &set(server.bucket(), 3)).refused(503, "no-date");
    assert_eq!(server.names(), [""; 0]);
}

#[test]
fn each_thing_that_is_wrong_with_a_bucket_has_its_sentence_at_save_and_nothing_is_kept() {
    let Some(server) = Server::start() else { return };
    let office = at_the_right_time();
    let (mut administrator, _) = office.administrator();
    let mut said = |name: &str, value: Value| {
        let mut bucket = server.bucket();
        bucket[name] = value;
        let reply = put(&mut administrator, &set(bucket, 2)).refused(422, "invalid");
        reply.json["message"].as_str().unwrap().to_owned()
    };
    for (name, value, words) in [
        ("access_key", json!("SOMEBODY"), "access key"),
        ("secret", json!("another"), "secret does not belong"),
        ("name", json!("nowhere"), "no such bucket"),
        ("name", json!("a b"), "one word each"),
        ("prefix", json!("../up"), "one word each"),
        (
            "endpoint",
            json!(format!("http://127.0.0.1:{}", free_port())),
            "cannot be reached",
        ),
        (
            "endpoint",
            json!(format!("https://127.0.0.1:{}", server.port)),
            "not trusted",
        ),
        ("endpoint", json!("http://s3.example.org"), "begins with https://"),
        ("endpoint", json!("https://s3.example.org/x"), "begins with https://"),
        ("secret", Value::Null, "Type the secret"),
    ] {
        let said = said(name, value.clone());
        assert!(said.contains(words), "{name} {value}: {said}");
    }
    assert_eq!(administrator.get("/api/backups").expect(200).json["state"], "off");
    let mut both = set(server.bucket(), 2);
    both["folder"] = json!("/tmp");
    put(&mut administrator, &both).refused(422, "invalid");
}

#[test]
fn a_secret_that_is_kept_goes_to_no_other_server() {
    let Some(server) = Server::start() else { return };
    let office = at_the_right_time();
    let (mut administrator, _) = office.administrator();
    put(&mut administrator, &set(server.bucket(), 2)).expect(200);
    let mut again = server.bucket();
    again.as_object_mut().unwrap().remove("secret");
    put(&mut administrator, &set(again.clone(), 3)).expect(200);
    again["endpoint"] = json!(format!("http://127.0.0.1:{}", free_port()));
    let said = put(&mut administrator, &set(again, 3)).refused(422, "invalid");
    assert!(said.json["message"].as_str().unwrap().contains("Type the secret"));
}

#[test]
fn a_server_that_is_gone_is_told_and_the_last_good_one_keeps_its_date() {
    let Some(server) = Server::start() else { return };
    let office = at_the_right_time();
    let (mut administrator, _) = office.administrator();
    put(&mut administrator, &set(server.bucket(), 2)).expect(200);
    by_itself(&office);
    let good = administrator.get("/api/backups").expect(200).json["good"].clone();
    assert!(good.is_object());
    drop(server);
    office.pass(HOUR + MINUTE);
    by_itself(&office);
    let now = administrator.get("/api/backups").expect(200).json;
    assert_eq!((&now["state"], &now["good"]), (&json!("failed"), &good));
    assert_eq!(now["bad"]["said"], "the bucket's server cannot be reached");
}

#[test]
fn an_upload_that_outlives_its_signature_is_signed_anew_once_and_no_clock_is_blamed() {
    let Some(server) = Server::start() else { return };
    let office = at_the_right_time();
    let (mut administrator, _) = office.administrator();
    put(&mut administrator, &set(server.bucket(), 2)).expect(200);
    // The date is asked for by the look for the mark, for its answer that there is none, by the list, and by the
    // upload.
    office.hand.signed_late.store(4, Ordering::SeqCst);
    by_itself(&office);
    assert!(office.hand.signed_late.load(Ordering::SeqCst) < 0, "it was late");
    let now = administrator.get("/api/backups").expect(200).json;
    assert_eq!(now["state"], "fine", "{now}");
    assert_eq!(server.names().len(), 1);
}
