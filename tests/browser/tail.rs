//! The journal's live tail over lines that break, that are full, and that bring the same line twice.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use super::appliance::{Appliance, sign_in_by_password};
use super::driver::Browser;
use super::wait::let_pass;

/// The journal's page of an administrator, with its tail.
fn watching(appliance: &Appliance) -> Browser {
    let office = Browser::open();
    appliance.first_run(&office);
    office.stand_in_between();
    office.go(&appliance.page("/journal"));
    office.text("[data-event=signed-in]");
    office
}

/// Somebody whose sign-in is refused, from the same browser, without leaving the page.
fn guess(browser: &Browser) {
    let body = json!({ "username": "admin", "password": "certainly not", "public_computer": false }).to_string();
    let how = format!(
        "{{ method: 'POST', headers: {{ 'Content-Type': 'application/json' }}, body: {} }}",
        json!(body)
    );
    assert_eq!(
        browser.run(&format!(
            "return fetch('/api/sign-in/password', {how}).then(({{ status }}) => status)"
        )),
        401
    );
}

fn refused(browser: &Browser, lines: usize) {
    browser.until("the refused ones", || {
        (browser.count("[data-event=refused]") == lines).then_some(())
    });
}

#[test]
fn the_tail_goes_on_after_a_restart_and_after_a_proxy_that_stood_alone() {
    let mut appliance = Appliance::start();
    let office = watching(&appliance);
    appliance.restart_with(&[]);
    let stranger = Browser::open();
    stranger.go(&appliance.origin);
    sign_in_by_password(&stranger, "admin", "certainly not");
    stranger.is_told("not-signed-in");
    refused(&office, 1);
    // While the appliance starts again a proxy in front of it answers by itself.
    office.answers(&json!({ "/api/journal/live": [502, "bad-gateway"] }));
    appliance.restart_with(&[]);
    office.asks_twice("/api/journal/live");
    assert_eq!(office.run("return document.getElementById('live').checked"), true);
    assert_eq!(office.count("#tell:empty"), 1);
    office.answers(&json!({}));
    // What is forgotten at a restart is gone here too.
    refused(&office, 0);
    guess(&office);
    refused(&office, 1);
    assert_eq!(office.count("[role=log] #lines"), 1, "and it is read out");
}

#[test]
fn the_seventeenth_who_watches_is_told_so_and_may_come_later() {
    let appliance = Appliance::start();
    let office = Browser::open();
    appliance.first_run(&office);
    office.stand_in_between();
    let cookie = office.cookie("linekey").unwrap()["value"].as_str().unwrap().to_owned();
    let door = appliance.origin.replace("http://", "");
    let watch = || {
        let mut line = TcpStream::connect(&door).unwrap();
        let head = format!("GET /api/journal/live HTTP/1.1\r\nHost: {door}\r\nCookie: linekey={cookie}\r\n\r\n");
        line.write_all(head.as_bytes()).unwrap();
        let mut status = [0; 12];
        line.read_exact(&mut status).unwrap();
        assert_eq!(&status, b"HTTP/1.1 200");
        line
    };
    let mut watchers: Vec<TcpStream> = (0..16).map(|_| watch()).collect();
    office.go(&appliance.page("/journal"));
    office.is_told("tail-ended");
    assert_eq!(office.run("return document.getElementById('live').checked"), false);
    office.text("[data-event=signed-in]");
    watchers.pop();
    office.until("the place that is free", || {
        office.click("#live");
        let_pass(Duration::from_millis(500));
        office
            .run("return document.getElementById('live').checked")
            .as_bool()?
            .then_some(())
    });
    guess(&office);
    refused(&office, 1);
}

/// What the tail brings of refused sign-ins comes a second late.
const LATE: &str = "
const read = ReadableStreamDefaultReader.prototype.read;
ReadableStreamDefaultReader.prototype.read = async function () {
  const { done, value } = await read.call(this);
  if (typeof value === 'string' && value.includes('\"refused\":0')) {
    await new Promise((late) => setTimeout(late, 2000));
    window.late = true;
  }
  return { done, value };
};";

#[test]
fn a_line_that_comes_after_the_page_is_shown_once_and_two_alike_are_two() {
    let appliance = Appliance::start();
    let office = Browser::open();
    appliance.first_run(&office);
    office.on_every_page(LATE);
    office.go(&appliance.page("/journal"));
    office.text("[data-event=signed-in]");
    guess(&office);
    guess(&office);
    office.click("#filter button");
    refused(&office, 2);
    office.until("what comes late", || office.run("return window.late ?? null").as_bool());
    let_pass(Duration::from_millis(500));
    assert_eq!(office.count("[data-event=refused]"), 2);
    assert_eq!(office.complaints(), Vec::<String>::new());
}

#[test]
fn older_lines_are_shown_below_each_once_and_the_tail_stands_still() {
    let appliance = Appliance::start();
    let office = watching(&appliance);
    let add = "const how = (extension) => ({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: \
        JSON.stringify({ extension: `${extension}`, name: 'Somebody' }) });
         return (async () => \
         { for (let extension = 100; extension < 160; extension++) await fetch('/api/people', how(extension)) })()";
    office.run(add);
    office.go(&appliance.page("/journal"));
    office.until("a page", || (office.count("#lines li") == 100).then_some(()));
    office.click("#more");
    office.until("all of it", || (office.count("#more[hidden]") == 1).then_some(()));
    assert_eq!(office.run("return document.getElementById('live').checked"), false);
    let lines = office.count("#lines li");
    assert!(lines > 120, "{lines}");
    let different =
        office.run("return new Set([...document.querySelectorAll('#lines li')].map((line) => line.dataset.line)).size");
    assert_eq!(different, lines);
    let sorted = "const times = [...document.querySelectorAll('#lines time')].map((time) => time.dateTime);
         return times.every((time, line) => line === 0 || time <= times[line - 1])";
    assert_eq!(office.run(sorted), true, "newest first");
    assert!(office.text("#lines li:last-child").contains("admin"));
}
