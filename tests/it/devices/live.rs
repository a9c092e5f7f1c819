//! The line as it changes: who may look on, what they see, and that it is bounded.

use std::pin::Pin;
use std::time::Duration;

use linekey::http::edge::message::Method;
use linekey::office::line::{BindingOnLine, Call, DeviceOnLine, Failing, LineState, Tested, Transport, WhyFailing};
use linekey::rules::id::Extension;
use linekey::rules::phones::device::DeviceId;
use linekey::rules::time::Date;
use serde_json::{Value, json};
use smol::future::FutureExt;
use smol::io::{AsyncRead, AsyncReadExt};

use super::{add, staffed};
use crate::office::{Browser, Office};

type Stream = Pin<Box<dyn AsyncRead + Send>>;

fn watch(office: &Office, browser: &mut Browser<'_>) -> Stream {
    let request = browser.request(Method::GET, "/api/devices/live", &Value::Null);
    office.stream(browser, request)
}

/// The next event, or none where nothing comes for three seconds.
fn next(stream: &mut Stream) -> Option<Value> {
    let mut buffer = vec![0; 64 * 1024];
    let read = async { stream.read(&mut buffer).await.unwrap() };
    let late = async {
        smol::Timer::after(Duration::from_secs(3)).await;
        0
    };
    let length = smol::block_on(read.or(late));
    let text = std::str::from_utf8(&buffer[..length]).unwrap();
    let data = text.strip_prefix("data: ")?.strip_suffix("\n\n").unwrap();
    Some(serde_json::from_str(data).unwrap())
}

fn line(device: u64, now: Date) -> LineState {
    let from = "192.0.2.30:5060".parse().unwrap();
    let extension = |text: &str| Extension::parse(text).ok();
    LineState {
        devices: vec![DeviceOnLine {
            busy: true,
            device: DeviceId(device),
            bindings: vec![BindingOnLine {
                from,
                transport: Transport::Tls,
                since: now,
                until: Date(now.0 + 3600),
            }],
            failing: Some(Failing {
                why: WhyFailing::WrongSecret,
                from,
                at: now,
                count: 3,
            }),
        }],
        calls: vec![Call {
            id: 7,
            from: extension("101"),
            to: extension("102"),
            answered: true,
            since: now,
        }],
    }
}

#[test]
fn whoever_looks_on_sees_the_line_at_once_and_each_change_of_it() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    let mut stream = watch(&office, &mut administrator);
    assert_eq!(
        next(&mut stream).unwrap(),
        json!({ "states": {}, "calls": [], "tested": null, "changed": false })
    );
    add(&mut administrator, json!({ "extension": "101" }));
    assert_eq!(next(&mut stream).unwrap()["changed"], true);
    let now = office.now();
    office.state.line.set(line(1, Date(now)));
    let told = next(&mut stream).unwrap();
    let state = json!({
        "registered": true,
        "bindings": [{ "address": "192.0.2.30", "port": 5060, "transport": "tls", "since": now, "until": now + 3600 }],
        "busy": true,
        "failing": { "why": "wrong-secret", "address": "192.0.2.30", "at": now, "count": 3 },
    });
    let calls = json!([{ "id": 7, "from": "101", "to": "102", "answered": true, "since": now }]);
    assert_eq!(
        told,
        json!({ "states": { "1": state }, "calls": calls, "tested": null, "changed": false })
    );
    let list = administrator.get("/api/devices").expect(200).json;
    assert_eq!((&list["devices"][0]["state"], &list["calls"]), (&state, &calls));
    office.state.line.set(line(1, Date(now)));
    assert_eq!(next(&mut stream), None, "the same again is no news");
}

#[test]
fn a_test_call_is_followed_until_it_is_decided_and_what_was_decided_stays() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    let mut stream = watch(&office, &mut administrator);
    next(&mut stream).unwrap();
    let line = &office.state.line;
    for (state, told) in [
        (Tested::Called, Some("called")),
        (Tested::Rings, Some("rings")),
        (Tested::Declined, Some("declined")),
        // Another phone of the same device goes on ringing, and is taken.
        (Tested::Rings, None),
        (Tested::Answered, Some("answered")),
        (Tested::Unanswered, None),
        (Tested::Called, Some("called")),
        (Tested::Unanswered, Some("unanswered")),
    ] {
        line.tests(DeviceId(1), state);
        let event = next(&mut stream).map(|event| event["tested"].clone());
        assert_eq!(
            event,
            told.map(|told| json!({ "device": 1, "state": told })),
            "{state:?}"
        );
    }
}

#[test]
fn it_ends_with_the_session_and_has_room_for_sixteen() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    let mut streams: Vec<Stream> = (0..16).map(|_| watch(&office, &mut administrator)).collect();
    administrator.get("/api/devices/live").refused(503, "busy");
    let mut stream = streams.pop().unwrap();
    next(&mut stream).unwrap();
    drop(streams);
    administrator.post("/api/sign-out", Value::Null).expect(204);
    office.state.line.set(line(1, Date(office.now())));
    assert_eq!(next(&mut stream), None, "nothing of it goes to who may not look on");
}

#[test]
fn a_commit_that_concerns_the_line_is_noticed_and_no_other() {
    let office = Office::open();
    let mut administrator = staffed(&office);
    let notices = office.state.store.notices();
    type Does = fn(&mut Browser<'_>);
    let concerns: [(Does, bool); 7] = [
        (|it| drop(add(it, json!({ "extension": "101" }))), true),
        (
            |it| drop(it.post("/api/devices/1/secret", json!({ "rotate": true })).expect(200)),
            true,
        ),
        (
            |it| drop(it.patch("/api/people/101", json!({ "extension": "103" })).expect(200)),
            true,
        ),
        (
            |it| drop(it.patch("/api/settings", json!({ "phones": true })).expect(200)),
            true,
        ),
        (
            |it| drop(it.post("/api/people/102/invite", json!({})).expect(201)),
            false,
        ),
        (
            |it| {
                drop(
                    it.post("/api/people", json!({ "extension": "104", "name": "Ada" }))
                        .expect(201),
                )
            },
            // Phones' keys name them.
            true,
        ),
        (|it| drop(it.delete("/api/people/103").expect(204)), true),
    ];
    for (place, (does, concerned)) in concerns.into_iter().enumerate() {
        let listener = notices.of_phones();
        does(&mut administrator);
        let rang = smol::block_on(smol::future::poll_once(listener)).is_some();
        assert_eq!(rang, concerned, "{place}");
    }
}
