//! What the built program writes to its disk, as the kernel counts it: sign-ins cost a little, and an office in which
//! nobody signs in writes nothing, whatever strangers send. `LINEKEY_FLASH_S=3600` watches it for an hour.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::house::{House, ask};
use crate::left_out::left_out;

const PEOPLE: u32 = 30;
const SECONDS: u64 = 15;
/// Bytes of a day (the bar), of which thirty sign-ins are the most.
const A_DAY: u64 = 5 << 20;

/// Bytes that the process had written to disks (proc(5), `/proc/PID/io`).
fn written(house: &House) -> u64 {
    let io = std::fs::read_to_string(format!("/proc/{}/io", house.program.id())).unwrap();
    let line = io.lines().find_map(|line| line.strip_prefix("write_bytes: "));
    line.unwrap().parse().unwrap()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "how long it is watched, its caller says")]
fn an_office_of_thirty_writes_a_little_when_they_sign_in_and_nothing_while_nobody_does() {
    let mut house = House::open(&[]);
    let before_all = written(&house);
    let links: Vec<String> = (0..PEOPLE)
        .map(|number| {
            let extension = (100 + number).to_string();
            let card = json!({ "extension": extension, "name": format!("Person {extension}") });
            let added = house.ask("POST", "/api/people", card).expect(201).json;
            for kind in ["phone", "app"] {
                let device = json!({ "kind": kind, "label": format!("{kind} of {extension}") });
                let path = format!("/api/people/{extension}/devices");
                house.ask("POST", &path, device).expect(201);
            }
            let link = added["invite"]["link"].as_str().unwrap().to_owned();
            link.split_once('#').unwrap().1.to_owned()
        })
        .collect();
    let made = written(&house);
    if made == before_all {
        left_out("the kernel does not count what is written below the folder of tests");
        return;
    }
    let port = house.program.port();
    for link in &links {
        let mut visitor = house.visitor();
        ask(
            port,
            &mut visitor,
            "POST",
            "/api/sign-in/link",
            json!({ "token": link }),
        )
        .expect(200);
    }
    let signed_in = written(&house);
    let seconds = std::env::var("LINEKEY_FLASH_S").map_or(SECONDS, |said| said.parse().unwrap());
    let (began, mut asked) = (Instant::now(), 0_u32);
    while began.elapsed() < Duration::from_secs(seconds) {
        let mut stranger = house.visitor();
        ask(
            port,
            &mut stranger,
            "POST",
            "/api/sign-in/link",
            json!({ "token": "A".repeat(43) }),
        );
        ask(port, &mut stranger, "GET", "/metrics", Value::Null).expect(404);
        ask(port, &mut stranger, "GET", "/healthz", Value::Null).expect(200);
        asked += 3;
    }
    let idle = written(&house) - signed_in;
    println!(
        "30 people and 60 devices made: {} bytes; 30 sign-ins: {} bytes; {seconds} s with {asked} requests of \
            strangers: {idle} bytes",
        made - before_all,
        signed_in - made
    );
    assert!(signed_in - made <= A_DAY);
    assert_eq!(idle, 0);
}
